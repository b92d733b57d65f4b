//! What every generated operation is made of.

/// Declares the call of an operation: the type that a method of [`Client`](crate::Client) returns.
///
/// Its methods are `#[inline]`, so that the code of a call is compiled where the call is sent, and
/// calls that a program does not use cost it no compile time.
///
/// ```text
/// operation! { RetrieveWebhook, retrieve_webhook -> Json<models::Webhook> }
/// operation! { DeleteWebhook, delete_webhook -> Empty }
/// operation! { DownloadReport, download_report -> File("application/pdf") }
/// operation! { RetrieveReport, retrieve_report -> Json<models::Report> or File("application/pdf") }
/// ```
macro_rules! operation {
    ($name:ident, $method:ident -> Json<$value:ty>) => {
        $crate::runtime::operation!(@ $name, $method, $value, json_answer());
    };
    ($name:ident, $method:ident -> Json<$value:ty> or File($media_type:literal)) => {
        $crate::runtime::operation!($name, $method -> Json<$value>);

        impl $name {
            #[doc = concat!("Asks for a file (`", $media_type, "`) in place of data.")]
            #[inline]
            pub fn file(self) -> $crate::FileCall {
                $crate::FileCall::new(self.0, $media_type)
            }
        }
    };
    ($name:ident, $method:ident -> Empty) => {
        $crate::runtime::operation!(@ $name, $method, (), empty_answer());
    };
    ($name:ident, $method:ident -> File($media_type:literal)) => {
        $crate::runtime::operation!(@ $name, $method, $crate::File, file_answer($media_type));
    };
    (@ $name:ident, $method:ident, $value:ty, $read:ident($($media_type:literal)?)) => {
        #[doc = concat!("A call of [`Client::", stringify!($method), "`], to be sent.")]
        #[derive(Clone, Debug)]
        #[must_use = "nothing is called before `send` or `.await`"]
        pub struct $name($crate::runtime::Call);

        impl $name {
            /// Sends the call. `.await` on the call itself does the same.
            ///
            /// # Errors
            /// When an argument did not convert, when the API cannot be reached, and when it
            /// answers with anything but success: see [`Error`](crate::Error).
            #[inline]
            pub async fn send(self) -> Result<$crate::Response<$value>, $crate::Error> {
                self.0.$read($($media_type)?).await
            }
        }

        impl $crate::runtime::Operation for $name {
            #[inline]
            fn call(&mut self) -> &mut $crate::runtime::Call {
                &mut self.0
            }
        }

        impl IntoFuture for $name {
            type Output = Result<$crate::Response<$value>, $crate::Error>;
            type IntoFuture = $crate::runtime::Sending<$value>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

/// Gives the call of a list the methods that go through all its pages.
///
/// ```text
/// paged! { ListWebhooks -> models::Webhooks, models::Webhook }
/// ```
#[allow(unused_macros)] // Not every description has lists.
macro_rules! paged {
    ($name:ident -> $page:ty, $item:ty) => {
        impl $name {
            /// All pages from `offset` on, each fetched when it is read. The last page is the one
            /// that is empty, is shorter than the limit, or reaches the total count.
            #[inline]
            pub fn pages(self) -> $crate::Listing<$crate::Response<$page>> {
                $crate::runtime::pages(self.0)
            }

            /// The items of all [`pages`](Self::pages).
            #[inline]
            pub fn stream(self) -> $crate::Listing<$item> {
                $crate::runtime::items::<$page>(self.0)
            }
        }
    };
}

/// Says what a page is: an object whose `data` are the items.
///
/// ```text
/// page! { models::Webhooks => models::Webhook, limit: meta.limit, total_count: meta.total_count }
/// ```
#[allow(unused_macros)] // Not every description has lists.
macro_rules! page {
    ($page:ty => $item:ty
        $(, offset: $($offset:ident).+)?
        $(, limit: $($limit:ident).+)?
        $(, total_count: $($total_count:ident).+)?
    ) => {
        impl $crate::Page for $page {
            type Item = $item;

            #[inline]
            fn items(&self) -> &[$item] {
                &self.data
            }

            #[inline]
            fn into_items(self) -> Vec<$item> {
                self.data
            }
            $(
                #[inline]
                fn offset(&self) -> Option<i64> {
                    self.$($offset).+.into()
                }
            )?
            $(
                #[inline]
                fn limit(&self) -> Option<i64> {
                    self.$($limit).+.into()
                }
            )?
            $(
                #[inline]
                fn total_count(&self) -> Option<i64> {
                    self.$($total_count).+.into()
                }
            )?
        }
    };
}

pub(crate) use operation;
#[allow(unused_imports)]
pub(crate) use {page, paged};
