use std::ops::Range;

use http::header::{HOST, HeaderName};
use http::{HeaderMap, Request, Uri};

use super::{Message, SignatureVersion};

/// The signature base of a request (RFC 9421 section 2.5) by version 15 of the API's rules: the text
/// that is signed. [`SignatureVersion::signature_base`] has it for both versions.
///
/// One line per component, `"name": value`, in the order given, then the line
/// `"@signature-params": ` with `params`, which is the value of the signature's member in
/// `signature-input`: the list of the same components and its parameters. Lines are joined with
/// single line feeds; none follows the last.
///
/// Components are lower-case header field names and `@method`, `@path`, `@query`, `@authority`:
///
/// * `@path` and `@query` are as they stand in the request, with their percent-encoding untouched;
///   an empty path is `/`. `@query` begins with `?`; a request without a query, or with an empty
///   one, has no such component (in RFC 9421 it would be a lone `?`).
/// * `@authority` is the host and port of the URI, or else of the one `host` header, in lower case
///   and without the default port of the scheme. The API does not ask for it.
/// * The value of a header field is trimmed of spaces and tabs; several lines of one field are
///   joined with `, `.
///
/// ```
/// use upvest_auth_signing::signature_base;
///
/// let request = http::Request::get("https://sandbox.upvest.co/users?limit=5")
///     .header("accept", "application/json")
///     .body(())?;
/// let base = signature_base(
///     &request,
///     ["@method", "@path", "@query", "accept"],
///     r#"("@method" "@path" "@query" "accept");created=1633529659"#,
/// )?;
/// assert_eq!(
///     base,
///     r#""@method": GET
/// "@path": /users
/// "@query": ?limit=5
/// "accept": application/json
/// "@signature-params": ("@method" "@path" "@query" "accept");created=1633529659"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When a component is unknown, is not in the request, or has a value with bytes other than visible
/// ASCII and spaces, which would not reach the other side unchanged.
pub fn signature_base<B, I>(
    request: &Request<B>,
    components: I,
    params: &str,
) -> Result<String, ComponentError>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    SignatureVersion::V15.signature_base(request, components, params)
}

impl SignatureVersion {
    /// The signature base of a request by the rules of this version; see [`signature_base()`].
    ///
    /// ```
    /// use upvest_auth_signing::SignatureVersion;
    ///
    /// let request = http::Request::post("/webhooks").body(())?;
    /// let params = r#"("@method" "@path");created=1633529659"#;
    /// let base = SignatureVersion::V6.signature_base(&request, ["@method", "@path"], params)?;
    /// assert_eq!(
    ///     base,
    ///     r#"@method: POST
    /// @path: /webhooks
    /// @signature-params: ("@method" "@path");created=1633529659"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`signature_base()`].
    pub fn signature_base<B, I>(
        self,
        request: &Request<B>,
        components: I,
        params: &str,
    ) -> Result<String, ComponentError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let message = Message {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            body: &[],
        };
        let mut base = Vec::with_capacity(1024);
        for component in components {
            push_line(&mut base, self, message, component.as_ref())?;
        }
        push_params(&mut base, self, params.as_bytes());
        Ok(String::from_utf8(base).expect("values are ASCII and the rest is text"))
    }
}

/// Where the name and the value of a component stand in the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

/// Adds the line of a component to the base.
pub(super) fn push_line(
    base: &mut Vec<u8>,
    version: SignatureVersion,
    message: Message<'_>,
    name: &str,
) -> Result<Place, ComponentError> {
    let start = base.len() + version.quote().len();
    push_name(base, version, name);
    let value = base.len();
    push_value(base, message, name)?;
    let place = Place {
        name: start..start + name.len(),
        value: value..base.len(),
    };
    base.push(b'\n');
    Ok(place)
}

/// The value of a component.
pub(super) fn component(message: Message<'_>, name: &str) -> Result<String, ComponentError> {
    let mut value = Vec::new();
    push_value(&mut value, message, name)?;
    Ok(String::from_utf8(value).expect("values are ASCII"))
}

/// Adds the last line to the base.
pub(super) fn push_params(base: &mut Vec<u8>, version: SignatureVersion, params: &[u8]) {
    push_name(base, version, "@signature-params");
    base.extend_from_slice(params);
}

fn push_name(base: &mut Vec<u8>, version: SignatureVersion, name: &str) {
    let quote = version.quote().as_bytes();
    base.extend_from_slice(quote);
    base.extend_from_slice(name.as_bytes());
    base.extend_from_slice(quote);
    base.extend_from_slice(b": ");
}

/// Adds the value of a component, which must be visible ASCII and spaces.
fn push_value(base: &mut Vec<u8>, message: Message<'_>, name: &str) -> Result<(), ComponentError> {
    let start = base.len();
    let found = match name {
        "@method" => {
            base.extend_from_slice(message.method.as_str().as_bytes());
            true
        }
        "@path" => {
            base.extend_from_slice(message.uri.path().as_bytes());
            true
        }
        "@query" => push_query(base, message.uri),
        "@authority" => push_authority(base, message),
        name => {
            let field = HeaderName::from_lowercase(name.as_bytes()).map_err(|_| {
                ComponentError::Unknown {
                    name: name.to_owned(),
                }
            })?;
            push_field(base, message.headers, &field)
        }
    };
    if !found {
        return Err(ComponentError::Missing {
            name: name.to_owned(),
        });
    }
    if !base[start..].iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(ComponentError::NotAscii {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// Why the value of a component cannot be determined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The component is neither a lower-case field name nor one of the derived components known.
    #[error(
        "unknown component `{name}`; expected a lower-case header name, @method, @path, @query or @authority"
    )]
    Unknown {
        /// The component.
        name: String,
    },
    /// The request has no such header, query or authority.
    #[error("the request has no component `{name}`")]
    Missing {
        /// The component.
        name: String,
    },
    /// The value has bytes other than visible ASCII and spaces.
    #[error("the value of `{name}` has bytes other than visible ASCII and spaces")]
    NotAscii {
        /// The component.
        name: String,
    },
}

/// The query without its `?`; `None` if it is missing or empty.
pub(super) fn query(uri: &Uri) -> Option<&str> {
    uri.query().filter(|query| !query.is_empty())
}

/// A field's lines, trimmed and joined, as in the base.
pub(super) fn field_value(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    push_field(&mut value, headers, name).then_some(value)
}

fn push_query(base: &mut Vec<u8>, uri: &Uri) -> bool {
    let Some(query) = query(uri) else {
        return false;
    };
    base.push(b'?');
    base.extend_from_slice(query.as_bytes());
    true
}

fn push_field(base: &mut Vec<u8>, headers: &HeaderMap, name: &HeaderName) -> bool {
    let mut lines = headers.get_all(name).iter();
    let Some(first) = lines.next() else {
        return false;
    };
    base.extend_from_slice(first.as_bytes().trim_ascii());
    for line in lines {
        base.extend_from_slice(b", ");
        base.extend_from_slice(line.as_bytes().trim_ascii());
    }
    true
}

fn push_authority(base: &mut Vec<u8>, message: Message<'_>) -> bool {
    let uri = message.uri;
    let authority = match uri.authority() {
        Some(authority) => authority.as_str().as_bytes(),
        None => {
            let mut hosts = message.headers.get_all(HOST).iter();
            let (Some(host), None) = (hosts.next(), hosts.next()) else {
                return false;
            };
            host.as_bytes().trim_ascii()
        }
    };
    let host_and_port = match authority.iter().rposition(|&byte| byte == b'@') {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let default_port: &[u8] = match uri.scheme_str() {
        Some("https") => b":443",
        Some("http") => b":80",
        _ => b"",
    };
    let host = host_and_port
        .strip_suffix(default_port)
        .unwrap_or(host_and_port);
    base.extend(host.iter().map(u8::to_ascii_lowercase));
    true
}
