//! The body of a response on its way.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

use super::BoxError;

/// The body of a response as it passes through [layers](crate::ServiceLayer): complete, or still
/// arriving. It is made of bytes or text with `From`, and of any other body with
/// [`wrap`](Self::wrap).
#[derive(Default)]
pub struct Body(Inner);

enum Inner {
    Whole(Bytes),
    Coming(UnsyncBoxBody<Bytes, BoxError>),
}

impl Default for Inner {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    /// Makes a body that reads another body. A [`Body`] stays as it is.
    pub fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let mut body = Some(body);
        let same = (&mut body as &mut dyn Any).downcast_mut::<Option<Self>>();
        if let Some(body) = same.and_then(Option::take) {
            return body;
        }
        let body = body.expect("it was not taken");
        Self(Inner::Coming(body.map_err(Into::into).boxed_unsync()))
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Inner::Whole(bytes.into()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Inner::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Inner::Coming(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(bytes) => bytes.is_empty(),
            Inner::Coming(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Coming(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;
    use http_body_util::Full;

    use super::*;

    #[tokio::test]
    async fn a_body_says_how_long_it_is_and_when_it_ends() {
        let wrapped = Body::wrap(Full::new(Bytes::from_static(b"text")));
        for mut body in [Body::from("text"), wrapped] {
            assert_eq!(body.size_hint().exact(), Some(4));
            assert!(!body.is_end_stream());
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), "text");
            assert_eq!(body.size_hint().exact(), Some(0));
            assert!(body.is_end_stream());
            assert!(body.frame().await.is_none());
        }
        assert!(Body::default().is_end_stream());
    }

    #[test]
    fn a_body_that_is_wrapped_again_stays_whole() {
        let body = Body::wrap(Body::from("text"));
        assert!(matches!(body.0, Inner::Whole(bytes) if bytes == "text"));
    }

    #[test]
    fn nothing_of_a_body_is_shown() {
        assert_eq!(format!("{:?}", Body::from("text")), "Body { .. }");
    }
}
