//! Where the API is.

use std::fmt;

use url::{Host, Url};

use super::Error;

/// The address that paths are appended to: https, or plain http on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    #[cfg_attr(not(feature = "transport"), allow(dead_code))]
    is_loopback: bool,
}

impl BaseUrl {
    /// Plain http is also accepted for the hosts in `insecure`.
    pub(super) fn parse(text: &str, insecure: &[String]) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::configuration(format!("the base URL {text:?} {reason}"));
        let url = Url::parse(text).map_err(|error| wrong(&format!("is not a URL: {error}")))?;
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(domain)) => domain == "localhost",
            None => return Err(wrong("has no host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback || url.host_str().is_some_and(|host| names(insecure, host)) => {}
            "http" => {
                return Err(wrong(
                    "would send the token in clear: use https, or `allow_insecure_host` if that is meant",
                ));
            }
            _ => return Err(wrong("is neither https nor http")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The text is not quoted: it holds a password.
            return Err(Error::configuration(
                "the base URL must not contain a user or password".to_owned(),
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment: leave it out"));
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            is_loopback,
        })
    }

    /// Whether it is `https`.
    #[cfg(feature = "transport")]
    pub(super) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether it is on this machine, where no proxy is wanted.
    #[cfg(feature = "transport")]
    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

fn names(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|named| named.eq_ignore_ascii_case(host))
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_spoken_to_anyone_and_http_to_this_machine() {
        for (text, expected) in [
            ("https://sandbox.upvest.co", "https://sandbox.upvest.co"),
            ("https://sandbox.upvest.co/", "https://sandbox.upvest.co"),
            (
                "https://proxy.example/upvest/",
                "https://proxy.example/upvest",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:1", "http://localhost:1"),
            // The target that is sent is the one that is signed: no segment is left that the
            // transport would remove.
            ("https://a.example/x/../y/./%2e/z/", "https://a.example/y/z"),
        ] {
            assert_eq!(BaseUrl::parse(text, &[]).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn http_is_spoken_to_a_host_that_is_named_and_to_no_other() {
        let named = ["sandbox".to_owned()];
        for text in ["http://sandbox:8080", "http://SANDBOX/x"] {
            assert!(BaseUrl::parse(text, &named).is_ok(), "{text}");
        }
        for text in [
            "http://sandbox.example",
            "http://a.sandbox",
            "ftp://sandbox",
        ] {
            assert!(BaseUrl::parse(text, &named).is_err(), "{text}");
        }
    }

    #[test]
    fn what_would_leak_or_mean_nothing_is_refused() {
        for (text, reason) in [
            ("http://sandbox.upvest.co", "in clear"),
            ("http://10.0.0.1", "in clear"),
            ("http://localhost.example", "in clear"),
            ("ftp://127.0.0.1", "neither https nor http"),
            ("sandbox.upvest.co", "is not a URL"),
            ("https://", "is not a URL"),
            ("https://a.example/?x=1", "query"),
            ("https://a.example/#x", "fragment"),
        ] {
            let error = BaseUrl::parse(text, &[]).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
        for secret in ["user:hush", "hush", ":hush"] {
            let error = BaseUrl::parse(&format!("https://{secret}@a.example"), &[]).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("user or password") && !shown.contains("hush"),
                "{shown}"
            );
        }
    }

    #[test]
    #[cfg(feature = "transport")]
    fn the_transport_knows_about_https_and_this_machine() {
        for (text, is_https, is_loopback) in [
            ("https://a.example", true, false),
            ("https://127.0.0.1", true, true),
            ("http://[::1]", false, true),
            ("http://localhost", false, true),
            ("http://sandbox", false, false),
        ] {
            let url = BaseUrl::parse(text, &["sandbox".to_owned()]).unwrap();
            assert_eq!(
                (url.is_https(), url.is_loopback()),
                (is_https, is_loopback),
                "{text}"
            );
        }
    }
}
