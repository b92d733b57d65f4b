use http::header::{HOST, HeaderName};
use http::{Request, Uri};

/// The signature base of a request (RFC 9421 section 2.5): the text that is signed.
///
/// One line per component, `"name": value`, in the order given, then the line
/// `"@signature-params": ` with `params`, which is the value of the signature's member in
/// `signature-input`: the list of the same components and its parameters. Lines are joined with
/// single line feeds; none follows the last.
///
/// Components are lower-case header field names and `@method`, `@path`, `@query`, `@authority`:
///
/// * `@path` and `@query` are as they stand in the request, percent-encoding untouched; an empty
///   path is `/`. `@query` begins with `?`; a request without a query, or with an empty one, has
///   no such component (unlike RFC 9421, where it would be a lone `?`).
/// * `@authority` is the host and port of the URI, or else of the `host` header, in lower case
///   and without the default port of the scheme. The API does not ask for it.
/// * The value of a header field is trimmed of blanks and tabs; several lines of one field are
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
/// When a component is not one of these, is not in the request, or has a value with bytes other
/// than visible ASCII and blanks, which would not reach the other side unchanged.
pub fn signature_base<B, I>(
    request: &Request<B>,
    components: I,
    params: &str,
) -> Result<String, ComponentError>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let mut base = String::with_capacity(1024);
    for component in components {
        let name = component.as_ref();
        base.push('"');
        base.push_str(name);
        base.push_str("\": ");
        let start = base.len();
        push_value(&mut base, request, name)?;
        if !base.as_bytes()[start..]
            .iter()
            .all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(ComponentError::NotAscii {
                name: name.to_owned(),
            });
        }
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(params);
    Ok(base)
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
    /// The value has bytes other than visible ASCII and blanks.
    #[error("the value of `{name}` has bytes other than visible ASCII and blanks")]
    NotAscii {
        /// The component.
        name: String,
    },
}

/// The query with its `?`, unless there is none or it is empty.
pub(super) fn query(uri: &Uri) -> Option<&str> {
    uri.query().filter(|query| !query.is_empty())
}

/// A field's lines, trimmed and joined, as in the base.
pub(super) fn field_value<B>(request: &Request<B>, name: &HeaderName) -> Option<Vec<u8>> {
    let mut lines = request.headers().get_all(name).iter();
    let mut value = lines.next()?.as_bytes().trim_ascii().to_vec();
    for line in lines {
        value.extend_from_slice(b", ");
        value.extend_from_slice(line.as_bytes().trim_ascii());
    }
    Some(value)
}

fn push_value<B>(
    base: &mut String,
    request: &Request<B>,
    name: &str,
) -> Result<(), ComponentError> {
    let missing = || ComponentError::Missing {
        name: name.to_owned(),
    };
    let unknown = || ComponentError::Unknown {
        name: name.to_owned(),
    };
    match name {
        "@method" => base.push_str(request.method().as_str()),
        "@path" => base.push_str(request.uri().path()),
        "@query" => {
            base.push('?');
            base.push_str(query(request.uri()).ok_or_else(missing)?);
        }
        "@authority" => base.push_str(&authority(request).ok_or_else(missing)?),
        name => {
            let field = HeaderName::from_lowercase(name.as_bytes()).map_err(|_| unknown())?;
            let value = field_value(request, &field).ok_or_else(missing)?;
            base.push_str(
                std::str::from_utf8(&value).map_err(|_| ComponentError::NotAscii {
                    name: name.to_owned(),
                })?,
            );
        }
    }
    Ok(())
}

fn authority<B>(request: &Request<B>) -> Option<String> {
    let uri = request.uri();
    let authority = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => request.headers().get(HOST)?.to_str().ok()?.trim(),
    };
    let host_and_port = authority
        .rsplit('@')
        .next()
        .unwrap_or(authority)
        .to_ascii_lowercase();
    let default_port = match uri.scheme_str() {
        Some("https") => ":443",
        Some("http") => ":80",
        _ => return Some(host_and_port),
    };
    Some(match host_and_port.strip_suffix(default_port) {
        Some(host) => host.to_owned(),
        None => host_and_port,
    })
}
