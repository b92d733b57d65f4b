//! Where deliveries may go.

use http::uri::{PathAndQuery, Scheme, Uri};
use serde_json::{Map, Value};

/// How far deliveries may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the loopback interface.
    #[default]
    Loopback,
    /// To every host.
    Network,
}

/// Says what is wrong with the URL of a subscription or of a change, if anything is. The rest is as
/// the description has it.
pub(super) fn check(fields: &Map<String, Value>, reach: Reach) -> Result<(), String> {
    let url = fields.get("url").and_then(Value::as_str);
    url.map_or(Ok(()), |url| Target::read(url, reach).map(drop))
}

/// Where deliveries go.
pub(super) struct Target {
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// Host and port as a `host` header has them.
    pub(super) authority: String,
    pub(super) path: PathAndQuery,
}

impl Target {
    pub(super) fn read(url: &str, reach: Reach) -> Result<Self, String> {
        let uri: Uri = url
            .parse()
            .map_err(|error| format!("url is {url:?}, which is not a URL: {error}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(format!("url is {url:?}; expected http:// and a host"));
        };
        let host = authority.host().trim_matches(['[', ']']);
        let is_in_reach = reach == Reach::Network || is_loopback(host);
        if *scheme != Scheme::HTTP || !is_in_reach || authority.as_str().contains('@') {
            return Err(format!(
                "url is {url:?}; this sandbox uses only the loopback interface, and no TLS: expected http:// and 127.0.0.1, [::1] or localhost"
            ));
        }
        Ok(Self {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: authority.to_string(),
            path: uri
                .path_and_query()
                .cloned()
                .unwrap_or(PathAndQuery::from_static("/")),
        })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_on_the_loopback_interface_without_tls() {
        for (url, host, port, path) in [
            (
                "http://127.0.0.1:8080/hooks?a=b",
                "127.0.0.1",
                8080,
                "/hooks?a=b",
            ),
            ("http://127.9.9.9", "127.9.9.9", 80, "/"),
            ("http://[::1]:81/", "::1", 81, "/"),
            ("HTTP://LocalHost/a", "LocalHost", 80, "/a"),
        ] {
            let target =
                Target::read(url, Reach::Loopback).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((target.host.as_str(), target.port), (host, port));
            assert_eq!(target.path.as_str(), path);
        }
        for url in [
            "",
            "/hooks",
            "127.0.0.1:80",
            "https://127.0.0.1/",
            "ftp://127.0.0.1/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "http://user@localhost/",
            "http://a b/",
        ] {
            assert!(Target::read(url, Reach::Loopback).is_err(), "{url}");
        }
    }

    #[test]
    fn on_a_network_every_host_is_in_reach_without_tls() {
        for url in ["http://10.0.0.1/", "http://receiver:8080/hooks"] {
            assert!(Target::read(url, Reach::Network).is_ok(), "{url}");
        }
        for url in ["https://receiver/", "http://user@receiver/"] {
            assert!(Target::read(url, Reach::Network).is_err(), "{url}");
        }
    }
}
