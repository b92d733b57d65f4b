//! Who may use the proxy. Web pages of strangers reach loopback addresses, too: by a name that leads there,
//! or without being able to read what is answered.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};

/// Why a request is refused; nothing if it is not.
pub(super) fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let host = headers.get(HOST).and_then(text);
    if !host.is_some_and(is_here) {
        return Some("the header host names another machine");
    }
    let origin = headers.get(ORIGIN);
    let is_ours = |origin: &str| {
        let authority = origin
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        is_here(authority)
    };
    match origin {
        Some(origin) if !text(origin).is_some_and(is_ours) => {
            Some("the header origin names a web page of another machine")
        }
        _ => None,
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// Whether a host, with or without a port, is this machine.
fn is_here(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_use_it() {
        let refused = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            refusal(&headers).is_some()
        };
        for host in [
            "127.0.0.1:3000",
            "localhost:3000",
            "[::1]:3000",
            "localhost",
        ] {
            assert!(!refused(host, None), "{host}");
            assert!(!refused(host, Some("http://localhost:8080")), "{host}");
        }
        for host in [
            "evil.example:3000",
            "127.0.0.1.evil.example",
            "127.0.0.1:3000.evil.example",
            "",
        ] {
            assert!(refused(host, None), "{host}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "",
        ] {
            assert!(refused("localhost", Some(origin)), "{origin}");
        }
        assert!(refusal(&HeaderMap::new()).is_some());
    }
}
