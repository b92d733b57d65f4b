//! The client: progenitor's builders, with the runtime of `upvest-client` behind them.
//!
//! progenitor decides what a call looks like to the caller: one builder per operation, one setter
//! per parameter. What happens on `send` is not its affair here: the values go to
//! `runtime::Call`, which knows from the `OperationInfo` how the request is made.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprStruct, Ident, ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, LitStr, Path,
    parse_quote,
};

use super::paths::Shortener;
use super::source::{self, Part};
use super::{models, openapi};
use crate::description::{Description, Encoding, IDEMPOTENCY_KEY, Location, Operation, Success};
use crate::error::{Error, Result};
use crate::names;
use crate::types::{Type, referred};

/// The operations of one tag, as a file.
pub(super) fn module(
    description: &Description,
    operations: &[&Operation],
    builders: &BTreeMap<String, Builder>,
) -> Result<String> {
    let mut shortener = Shortener::for_client();
    let mut written = Vec::new();
    let mut methods = Vec::new();
    let mut infos = Vec::new();
    let mut streams = false;
    for operation in operations {
        let builder = builders.get(&builder_name(operation)).ok_or_else(|| {
            Error::new(
                format!("progenitor wrote no builder for `{}`", operation.id),
                "see whether its operation id is a name that Rust allows",
            )
        })?;
        let mut builder = builder.clone();
        builder.finish(operation)?;
        if let Some(list) = List::of(description, operation) {
            builder.methods.items.extend(list.methods());
            streams = true;
        }
        shortener.visit_item_struct_mut(&mut builder.definition);
        shortener.visit_item_impl_mut(&mut builder.methods);
        let Builder {
            definition,
            methods: setters,
        } = builder;
        written.push(Part::Items(quote!(#definition)));
        written.push(Part::Items(quote!(#setters)));
        methods.push(method(operation));
        infos.push(info(operation));
    }
    let imports = shortener.imports();
    let models = operations.iter().any(|operation| uses_models(operation));
    let models = models.then(|| {
        quote!(
            use upvest_models as models;
        )
    });
    let arguments = operations
        .iter()
        .any(|one| !one.parameters.is_empty() || one.body.is_some());
    let runtime = arguments.then(|| quote!(self,));
    let streams = streams.then(|| {
        quote!(
            use futures_util::Stream;
        )
    });
    let mut parts = vec![Part::Items(quote! {
        use std::time::Duration;
        #streams
        #imports
        #models
        use crate::runtime::{#runtime Client, Error, OperationInfo, Options, Response, RetryPolicy};
    })];
    parts.extend(infos.into_iter().map(Part::Items));
    parts.push(Part::Items(quote!(impl Client { #(#methods)* })));
    parts.append(&mut written);
    source::file(description, parts)
}

/// What all modules share: the table of operations.
pub(super) fn common(description: &Description) -> Result<String> {
    let operations = description.operations.iter().map(|operation| {
        let module = format_ident!("{}", names::module_name(&operation.tag));
        let constant = format_ident!("{}", names::constant_name(&operation.id));
        quote!(&super::#module::#constant)
    });
    let version = &description.version;
    let pages: BTreeMap<&str, TokenStream> = description
        .operations
        .iter()
        .filter_map(|operation| List::of(description, operation))
        .map(|list| (list.page, list.page()))
        .collect();
    let page = (!pages.is_empty()).then(|| quote!(, Page));
    let models = page.is_some().then(|| {
        quote!(
            use upvest_models as models;
        )
    });
    let mut parts = vec![
        quote!(use crate::runtime::{OperationInfo #page}; #models),
        quote! {
            #[doc = " The version of the API description that this client was generated from."]
            pub const API_DESCRIPTION_VERSION: &str = #version;
        },
        quote! {
            #[doc = " Every operation of the API, in the order of the description."]
            pub static OPERATIONS: &[&OperationInfo] = &[#(#operations),*];
        },
    ];
    parts.extend(pages.into_values());
    source::file(description, parts.into_iter().map(Part::Items).collect())
}

/// An operation that answers a list page by page, in an envelope of `meta` and `data`.
struct List<'d> {
    page: &'d str,
    item: &'d str,
    /// The fields of `meta` that may be read, and whether each is always there.
    meta: &'d Type,
}

impl<'d> List<'d> {
    fn of(description: &'d Description, operation: &'d Operation) -> Option<Self> {
        let Success::Json(schema) = &operation.success else {
            return None;
        };
        let find = |name: &str| description.types().find(|kind| kind.name == name);
        let page = find(referred(schema)?)?;
        let always =
            |kind: &Type, field: &str| kind.fields.get(field).is_some_and(|field| field.required);
        let is_list = operation.is_paged && always(page, "data") && always(page, "meta");
        let properties = &page.schema["properties"];
        let item = referred(properties["data"].get("items")?)?;
        let meta = find(referred(&properties["meta"])?)?;
        is_list.then_some(Self {
            page: &page.name,
            item,
            meta,
        })
    }

    /// The methods of the builder that go through all pages.
    fn methods(&self) -> [ImplItem; 2] {
        let page = format_ident!("{}", self.page);
        let item = format_ident!("{}", self.item);
        [
            parse_quote! {
                #[doc = " All pages from `offset` on, each fetched when it is asked for, until one is empty,"]
                #[doc = " short, or reaches the total count."]
                pub fn pages(self) -> impl Stream<Item = Result<Response<models::#page>, Error>> + Send + 'a {
                    let start = runtime::number(&self.offset).unwrap_or(0);
                    let limit = runtime::number(&self.limit);
                    runtime::pages(start, limit, move |offset| {
                        let mut call = self.clone();
                        if offset > start {
                            call.offset = runtime::offset(offset);
                        }
                        call.send()
                    })
                }
            },
            parse_quote! {
                #[doc = " The items of all [`pages`](Self::pages)."]
                pub fn stream(self) -> impl Stream<Item = Result<models::#item, Error>> + Send + 'a {
                    runtime::items(self.pages())
                }
            },
        ]
    }

    /// What the runtime has to know of a page.
    fn page(&self) -> TokenStream {
        let page = format_ident!("{}", self.page);
        let item = format_ident!("{}", self.item);
        let meta = |field: &str| {
            let name = format_ident!("{field}");
            match self.meta.fields.get(field) {
                Some(known) if known.required => quote!(Some(self.meta.#name)),
                Some(_) => quote!(self.meta.#name),
                None => quote!(None),
            }
        };
        let (limit, total_count) = (meta("limit"), meta("total_count"));
        quote! {
            impl Page for models::#page {
                type Item = models::#item;

                fn count(&self) -> usize { self.data.len() }

                fn limit(&self) -> Option<i64> { #limit }

                fn total_count(&self) -> Option<i64> { #total_count }

                fn into_items(self) -> Vec<Self::Item> { self.data }
            }
        }
    }
}

/// Runs progenitor over the operations.
pub(super) fn builders(description: &Description) -> Result<BTreeMap<String, Builder>> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_map_type("::std::collections::BTreeMap");
    for kind in description.types() {
        let path = models::path_for_client(kind);
        let traits = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(&kind.name, path, traits.into_iter());
    }
    let tokens = Generator::new(&settings)
        .generate_tokens(&openapi::of_operations(description)?)
        .map_err(|error| super::refused(description, error))?;
    let file: syn::File =
        syn::parse2(tokens).map_err(|error| super::refused(description, error))?;

    check_no_types(&file)?;
    let mut structs = BTreeMap::new();
    let mut impls = BTreeMap::new();
    for item in module_items(file.items, "builder") {
        match item {
            Item::Struct(item) => drop(structs.insert(item.ident.to_string(), item)),
            Item::Impl(item) => drop(impls.insert(self_name(&item), item)),
            Item::Use(_) => {}
            other => return Err(super::unexpected(&quote!(#other))),
        }
    }
    Ok(structs
        .into_iter()
        .filter_map(|(name, definition)| {
            let methods = impls.remove(&name)?;
            Some((
                name,
                Builder {
                    definition,
                    methods,
                },
            ))
        })
        .collect())
}

/// Everything that was inline has become a type of the models, so none is left here.
fn check_no_types(file: &syn::File) -> Result<()> {
    let types = module_items(file.items.clone(), "types");
    match types
        .iter()
        .find(|item| !matches!(item, Item::Mod(module) if module.ident == "error"))
    {
        Some(left) => Err(super::unexpected(&quote!(#left))),
        None => Ok(()),
    }
}

fn module_items(items: Vec<Item>, name: &str) -> Vec<Item> {
    items
        .into_iter()
        .find_map(|item| match item {
            Item::Mod(module) if module.ident == name => module.content.map(|(_, items)| items),
            _ => None,
        })
        .unwrap_or_default()
}

fn self_name(item: &ItemImpl) -> String {
    match &*item.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
    .unwrap_or_default()
}

/// A builder as progenitor wrote it.
#[derive(Clone)]
pub(super) struct Builder {
    definition: ItemStruct,
    methods: ItemImpl,
}

impl Builder {
    /// Points it at the runtime, and documents it.
    fn finish(&mut self, operation: &Operation) -> Result<()> {
        check_arguments(operation)?;
        let mut names = ClientNames;
        names.visit_item_struct_mut(&mut self.definition);
        names.visit_item_impl_mut(&mut self.methods);

        let docs = format!("A call of [`Client::{}`], to be sent.", operation.id);
        let docs = source::docs(&docs);
        self.definition.attrs = source::attributes(quote! {
            #docs
            #[derive(Clone, Debug)]
            #[must_use = "nothing is called before `send`"]
        });

        let syn::Fields::Named(named) = &mut self.definition.fields else {
            let definition = &self.definition;
            return Err(super::unexpected(&quote!(#definition)));
        };
        named.named.push(parse_quote!(options: Options));
        let mut fields = Vec::new();
        for field in &self.definition.fields {
            let Some(name) = &field.ident else {
                return Err(super::unexpected(&quote!(#field)));
            };
            let rust = &field.ty;
            let is_optional = quote!(#rust)
                .to_string()
                .replace(' ', "")
                .starts_with("Result<Option<");
            fields.push((name.clone(), is_optional));
        }
        for item in &mut self.methods.items {
            let ImplItem::Fn(function) = item else {
                return Err(super::unexpected(&quote!(#item)));
            };
            match function.sig.ident.to_string().as_str() {
                "new" => {
                    function.vis = parse_quote!(pub(crate));
                    function.attrs.clear();
                    Beginning.visit_impl_item_fn_mut(function);
                }
                "send" => send(function, operation, &fields)?,
                _ => setter(function, operation, &fields)?,
            }
        }
        let before_send = self.methods.items.len().saturating_sub(1);
        self.methods
            .items
            .splice(before_send..before_send, options());
        Ok(())
    }
}

/// The names that every builder has use for itself.
const TAKEN: &[&str] = &[
    "client", "new", "options", "pages", "retries", "send", "stream", "timeout",
];

/// Refuses arguments whose name is taken.
fn check_arguments(operation: &Operation) -> Result<()> {
    for parameter in &operation.parameters {
        let name = argument_name(&parameter.name);
        if TAKEN.contains(&name.as_str()) {
            return Err(Error::new(
                format!(
                    "the parameter `{}` of `{}` would be called `{name}`, which every builder has \
                     for itself",
                    parameter.name, operation.id
                ),
                "leave it out with an action of the overlay, or give what the builders have \
                 another name in xtask/src/generate/client.rs",
            ));
        }
    }
    Ok(())
}

/// The methods of any builder that set how its call is made.
fn options() -> [ImplItem; 2] {
    [
        parse_quote! {
            #[doc = " How this call is retried, whatever the client says."]
            pub fn retries(mut self, policy: RetryPolicy) -> Self {
                self.options.retries = Some(policy);
                self
            }
        },
        parse_quote! {
            #[doc = " How long this call may take as a whole, whatever the client says: tokens, retries and the"]
            #[doc = " waits between them included."]
            pub fn timeout(mut self, timeout: Duration) -> Self {
                self.options.timeout = Some(timeout);
                self
            }
        },
    ]
}

/// A setter takes whatever converts, and remembers why it did not.
fn setter(
    function: &mut ImplItemFn,
    operation: &Operation,
    fields: &[(Ident, bool)],
) -> Result<()> {
    let name = function.sig.ident.clone();
    let Some((_, is_optional)) = fields.iter().find(|(field, _)| *field == name) else {
        return Err(super::unexpected(&quote!(#function)));
    };
    let convert = if *is_optional {
        format_ident!("optional_argument")
    } else {
        format_ident!("argument")
    };
    let text = name.to_string();
    function.block = parse_quote!({
        self.#name = runtime::#convert(#text, value);
        self
    });
    let Some(clause) = &mut function.sig.generics.where_clause else {
        return Err(super::unexpected(&quote!(#function)));
    };
    clause
        .predicates
        .push(parse_quote!(V::Error: std::fmt::Display));
    let docs = operation
        .parameters
        .iter()
        .find(|parameter| argument_name(&parameter.name) == text)
        .and_then(|parameter| parameter.docs.as_deref())
        .unwrap_or(if text == "body" { "What is sent." } else { "" });
    function.attrs = source::attributes(source::docs(&source::sentence(docs)));
    Ok(())
}

/// `send` hands everything to the runtime.
fn send(function: &mut ImplItemFn, operation: &Operation, fields: &[(Ident, bool)]) -> Result<()> {
    let fields = fields.iter().map(|(name, _)| name);
    let constant = format_ident!("{}", names::constant_name(&operation.id));
    let mut steps = TokenStream::new();
    for parameter in &operation.parameters {
        let name = &parameter.name;
        let argument = format_ident!("{}", argument_name(name));
        let step = match (parameter.location, parameter.required) {
            (Location::Header, _) if name.eq_ignore_ascii_case(IDEMPOTENCY_KEY) => {
                quote!(.idempotency_key(#argument))
            }
            (Location::Path, _) => quote!(.path(#name, #argument)),
            (Location::Query, true) => quote!(.query(#name, #argument.map(Some))),
            (Location::Query, false) => quote!(.query(#name, #argument)),
            (Location::Header, true) => quote!(.header(#name, #argument.map(Some))),
            (Location::Header, false) => quote!(.header(#name, #argument)),
        };
        steps.extend(step);
    }
    match operation.body.as_ref().map(|body| body.encoding) {
        Some(Encoding::Json) => steps.extend(quote!(.json(body))),
        Some(Encoding::Form) => steps.extend(quote!(.form(body))),
        None => {}
    }
    let finish = match operation.success {
        Success::Json(_) => quote!(.send_for_json().await),
        Success::Empty => quote!(.send_for_nothing().await),
        Success::Bytes => quote!(.send_for_bytes().await),
    };
    let answer = match answer(function) {
        Some(answer) if operation.success != Success::Bytes => answer,
        Some(_) => parse_quote!(bytes::Bytes),
        None => return Err(super::unexpected(&quote!(#function))),
    };
    function.sig.output = parse_quote!(-> Result<Response<#answer>, Error>);
    let block: Block = parse_quote!({
        let Self { #(#fields),* } = self;
        client.call(&#constant, options) #steps #finish
    });
    function.block = block;
    let docs = format!(
        "Sends `{} {}`.\n\n# Errors\nWhen an argument is missing or did not convert, when the call \
         does not get through, and when the API answers with anything but success: see [`Error`].",
        operation.method.to_uppercase(),
        operation.path,
    );
    function.attrs = source::attributes(source::docs(&docs));
    Ok(())
}

/// `T` of `Result<ResponseValue<T>, _>`.
fn answer(function: &ImplItemFn) -> Option<syn::Type> {
    let syn::ReturnType::Type(_, output) = &function.sig.output else {
        return None;
    };
    first_argument(&first_argument(output)?)
}

fn first_argument(kind: &syn::Type) -> Option<syn::Type> {
    let syn::Type::Path(path) = kind else {
        return None;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(first) => Some(first.clone()),
        _ => None,
    }
}

fn method(operation: &Operation) -> TokenStream {
    let name = format_ident!("{}", operation.id);
    let builder = format_ident!("{}", builder_name(operation));
    let scopes: Vec<String> = operation
        .scopes
        .iter()
        .map(|scope| format!("`{scope}`"))
        .collect();
    let scopes = match scopes.as_slice() {
        [] => String::new(),
        [scope] => format!("\n\nTakes a token with the scope {scope}."),
        several => format!(
            "\n\nTakes a token with one of the scopes {}.",
            several.join(", ")
        ),
    };
    let docs = source::docs(&format!("{}{scopes}", source::sentence(&operation.docs)));
    let deprecated = operation.deprecated.then(|| {
        let note = match &operation.replacement {
            Some(replacement) => format!("call `{replacement}` instead"),
            None => "the description of the API says so, and names no replacement".to_owned(),
        };
        quote!(#[deprecated = #note])
    });
    quote! {
        #docs
        #deprecated
        pub fn #name(&self) -> #builder<'_> {
            #builder::new(self)
        }
    }
}

fn info(operation: &Operation) -> TokenStream {
    let Operation {
        id,
        method,
        path,
        tag,
        scopes,
        takes_idempotency_key,
        deprecated,
        ..
    } = operation;
    let constant = format_ident!("{}", names::constant_name(id));
    let method = format_ident!("{}", method.to_uppercase());
    let docs = format!(" `{} {path}`", method);
    quote! {
        #[doc = #docs]
        pub static #constant: OperationInfo = OperationInfo {
            id: #id,
            method: http::Method::#method,
            path: #path,
            tag: #tag,
            scopes: &[#(#scopes),*],
            takes_idempotency_key: #takes_idempotency_key,
            deprecated: #deprecated,
        };
    }
}

fn uses_models(operation: &Operation) -> bool {
    let in_answer = matches!(&operation.success, Success::Json(schema) if mentions_type(schema));
    let in_body = operation
        .body
        .as_ref()
        .is_some_and(|body| mentions_type(&body.schema));
    in_answer
        || in_body
        || operation
            .parameters
            .iter()
            .any(|one| mentions_type(&one.schema))
}

fn mentions_type(schema: &serde_json::Value) -> bool {
    schema.to_string().contains("\"$ref\"")
}

/// The builder of an operation: `retrieve_cash_balance` has `RetrieveCashBalance`.
pub(super) fn builder_name(operation: &Operation) -> String {
    names::type_name(&operation.id)
}

/// The argument for a parameter: `idempotency-key` is `idempotency_key`, and `type` is `type_`.
fn argument_name(parameter: &str) -> String {
    let name = names::module_name(parameter);
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => name,
        Err(_) => format!("{name}_"),
    }
}

/// Names as they are in the module of the client.
struct ClientNames;

impl VisitMut for ClientNames {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if path.segments.len() == 2 && path.segments[0].ident == "super" {
            *path = path.segments[1].ident.clone().into();
        } else if path.segments.len() == 2 && path.segments[0].ident == "models" {
            path.leading_colon = None;
        }
    }

    fn visit_expr_struct_mut(&mut self, structure: &mut ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, structure);
        for field in &mut structure.fields {
            if let (syn::Member::Named(name), Expr::Path(value)) = (&field.member, &field.expr)
                && value.path.is_ident(name)
            {
                field.colon_token = None;
            }
        }
    }
}

/// What a builder begins with: no options, and required arguments that say that they are not set.
struct Beginning;

impl VisitMut for Beginning {
    fn visit_expr_struct_mut(&mut self, structure: &mut ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, structure);
        structure
            .fields
            .push(parse_quote!(options: Options::default()));
    }

    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        if let Some(argument) = literal.value().strip_suffix(" was not initialized") {
            *literal = LitStr::new(&format!("`{argument}` is not set"), literal.span());
        }
    }
}
