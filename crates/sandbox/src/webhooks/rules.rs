//! What a subscription may look like.

use http::uri::{PathAndQuery, Scheme, Uri};
use upvest_models::{CreateWebhookRequest, UpdateWebhookRequest, WebhookConfig, WebhookType};

const MAX_TITLE_CHARS: usize = 100;
const MAX_URL_CHARS: usize = 1000;
const MAX_PACKAGE_SIZES: std::ops::RangeInclusive<i64> = 100..=1_048_576;

/// Says what is wrong with a new subscription, if anything is.
pub(crate) fn check_new(request: &CreateWebhookRequest) -> Result<(), String> {
    check_title(&request.title)?;
    Target::read(&request.url)?;
    request.type_.as_deref().map_or(Ok(()), check_types)?;
    request.config.as_ref().map_or(Ok(()), check_config)
}

/// Says what is wrong with a change, if anything is.
pub(crate) fn check_change(request: &UpdateWebhookRequest) -> Result<(), String> {
    request.title.as_deref().map_or(Ok(()), check_title)?;
    if let Some(url) = &request.url {
        Target::read(url)?;
    }
    request.type_.as_deref().map_or(Ok(()), check_types)?;
    request.config.as_ref().map_or(Ok(()), check_config)
}

fn check_title(title: &str) -> Result<(), String> {
    match title.chars().count() {
        0..=MAX_TITLE_CHARS => Ok(()),
        count => Err(format!(
            "title has {count} characters; {MAX_TITLE_CHARS} are allowed"
        )),
    }
}

fn check_types(types: &[WebhookType]) -> Result<(), String> {
    let unknown = types
        .iter()
        .find(|one| matches!(one, WebhookType::Unknown(_)));
    unknown.map_or(Ok(()), |one| {
        Err(format!("type names {:?}, which is none", one.as_str()))
    })
}

fn check_config(config: &WebhookConfig) -> Result<(), String> {
    if let Some(delay) = &config.delay
        && !is_delay(delay)
    {
        return Err(format!(
            "config.delay is {delay:?}; expected a number from 1 to 99 and `s` or `m`"
        ));
    }
    if let Some(size) = config.max_package_size
        && !MAX_PACKAGE_SIZES.contains(&size)
    {
        return Err(format!(
            "config.max_package_size is {size}; expected {} to {}",
            MAX_PACKAGE_SIZES.start(),
            MAX_PACKAGE_SIZES.end()
        ));
    }
    Ok(())
}

/// `^[1-9][0-9]?[sm]$`
fn is_delay(delay: &str) -> bool {
    matches!(
        delay.as_bytes(),
        [b'1'..=b'9', b's' | b'm'] | [b'1'..=b'9', b'0'..=b'9', b's' | b'm']
    )
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
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let count = url.chars().count();
        if count > MAX_URL_CHARS {
            return Err(format!(
                "url has {count} characters; {MAX_URL_CHARS} are allowed"
            ));
        }
        let uri: Uri = url
            .parse()
            .map_err(|error| format!("url is {url:?}, which is no URL: {error}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(format!("url is {url:?}; expected http:// and a host"));
        };
        let host = authority.host().trim_matches(['[', ']']);
        if *scheme != Scheme::HTTP || !is_loopback(host) || authority.as_str().contains('@') {
            return Err(format!(
                "url is {url:?}; this sandbox stays on the loopback interface and speaks no TLS: \
                 expected http:// and 127.0.0.1, [::1] or localhost"
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
    fn delays_are_one_to_two_digits_and_a_unit() {
        for delay in ["1s", "99m", "30s", "10m"] {
            assert!(is_delay(delay), "{delay}");
        }
        for delay in ["", "s", "0s", "05s", "100s", "5", "5h", "5S", " 5s", "5s "] {
            assert!(!is_delay(delay), "{delay}");
        }
    }

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
            let target = Target::read(url).unwrap_or_else(|error| panic!("{error}"));
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
            assert!(Target::read(url).is_err(), "{url}");
        }
    }
}
