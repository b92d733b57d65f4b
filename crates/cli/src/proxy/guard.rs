//! Who may use the proxy. Web pages of strangers can reach it as well: by a name that resolves to its address, or
//! without being able to read the answer.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};

/// The names and addresses by which requests may come.
#[derive(Debug)]
pub(super) struct Guard {
    /// Hosts without ports, in lower case.
    hosts: Vec<String>,
}

impl Guard {
    /// Allows this machine, and these hosts beside it.
    pub(super) fn new(hosts: &[String]) -> Self {
        let hosts = hosts.iter().map(|host| without_port(host));
        Self {
            hosts: hosts.map(str::to_ascii_lowercase).collect(),
        }
    }

    /// Why a request is refused that arrived at an address of this machine; nothing if it is not.
    ///
    /// A request names its host and, if a web page sends it, its origin. Either has to be this machine, the
    /// address at which the request arrived, or an allowed host: the name of a stranger that resolves to
    /// this machine is refused.
    pub(super) fn refusal(&self, headers: &HeaderMap, arrived_at: IpAddr) -> Option<&'static str> {
        let is_allowed = |authority: &str| self.allows(authority, arrived_at);
        let host = headers.get(HOST).and_then(text);
        if !host.is_some_and(is_allowed) {
            return Some(
                "the header host names another machine: `--allow-host NAME` allows a name",
            );
        }
        let is_ours = |origin: &str| {
            let authority = origin.split_once("://");
            is_allowed(authority.map_or("", |(_, authority)| authority))
        };
        match headers.get(ORIGIN) {
            Some(origin) if !text(origin).is_some_and(is_ours) => {
                Some("the header origin names a web page of another machine")
            }
            _ => None,
        }
    }

    fn allows(&self, authority: &str, arrived_at: IpAddr) -> bool {
        let host = without_port(authority).to_ascii_lowercase();
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        is_here || address == Some(arrived_at.to_canonical()) || self.hosts.contains(&host)
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(host: &str, origin: Option<&str>, arrived_at: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a host"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("an origin"));
        }
        let arrived_at = arrived_at.parse().expect("an address");
        let guard = Guard::new(&["Dev.Example".to_owned(), "box:3000".to_owned()]);
        guard.refusal(&headers, arrived_at).is_some()
    }

    #[test]
    fn this_machine_may_use_it() {
        let hosts = [
            "127.0.0.1:3000",
            "localhost:3000",
            "[::1]:3000",
            "localhost",
        ];
        for host in hosts {
            assert!(!is_refused(host, None, "127.0.0.1"), "{host}");
            let page = Some("http://localhost:8080");
            assert!(!is_refused(host, page, "127.0.0.1"), "{host}");
        }
    }

    #[test]
    fn names_and_pages_of_strangers_are_refused() {
        for arrived_at in ["127.0.0.1", "192.0.2.7"] {
            for host in [
                "evil.example:3000",
                "127.0.0.1.evil.example",
                "127.0.0.1:3000.evil.example",
                "192.0.2.8:3000",
                "dev.example.evil.example",
                "",
            ] {
                assert!(is_refused(host, None, arrived_at), "{host}");
            }
            for origin in [
                "https://evil.example",
                "null",
                "http://localhost.evil.example",
                "http://192.0.2.8:3000",
                "",
            ] {
                assert!(
                    is_refused("localhost", Some(origin), arrived_at),
                    "{origin}"
                );
            }
        }
        let nothing = HeaderMap::new();
        let here = IpAddr::from([127, 0, 0, 1]);
        assert!(Guard::new(&[]).refusal(&nothing, here).is_some());
    }

    #[test]
    fn other_machines_name_the_address_or_an_allowed_host() {
        for (host, arrived_at) in [
            ("192.0.2.7:3000", "192.0.2.7"),
            ("192.0.2.7", "::ffff:192.0.2.7"),
            ("[2001:db8::7]:3000", "2001:db8::7"),
            ("dev.example:3000", "192.0.2.7"),
            ("DEV.example", "192.0.2.7"),
            ("box", "192.0.2.7"),
        ] {
            assert!(!is_refused(host, None, arrived_at), "{host}");
            let page = format!("http://{host}");
            assert!(!is_refused(host, Some(&page), arrived_at), "{page}");
        }
    }
}
