//! Signature Version 4 for the one kind of request that KMS accepts: `POST /` with JSON.
//!
//! The steps are those of "Signing AWS API requests" in AWS's documentation. As path and query are
//! always the same, nothing has to be put into canonical form.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use upvest_auth_signing::SignerError;
use zeroize::Zeroizing;

use super::AwsCredentials;

const JSON: &str = "application/x-amz-json-1.1";
const SERVICE: &str = "kms";

/// All header fields of a request except `host`, which is signed, and set by the transport.
pub(super) fn headers(
    credentials: &AwsCredentials,
    region: &str,
    url: &Url,
    action: &str,
    body: &str,
    now: SystemTime,
) -> Result<HeaderMap, SignerError> {
    let now = DateTime::<Utc>::from(now)
        .format("%Y%m%dT%H%M%SZ")
        .to_string();
    let mut fields = vec![
        ("content-type", JSON.to_owned()),
        ("host", host(url)),
        ("x-amz-date", now.clone()),
    ];
    if let Some(token) = &credentials.session_token {
        fields.push(("x-amz-security-token", token.to_string()));
    }
    fields.push(("x-amz-target", format!("TrentService.{action}")));

    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = fields
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let request = format!("POST\n/\n\n{lines}\n{names}\n{}", hash(body));
    let scope = format!("{}/{region}/{SERVICE}/aws4_request", &now[..8]);
    let signature = signature(&credentials.secret_access_key, &now, &scope, &request);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        credentials.access_key_id
    );

    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let value = match name {
            "host" => continue,
            "content-type" => HeaderValue::from_static(JSON),
            _ => header(&value)?,
        };
        match name {
            "content-type" => headers.insert(CONTENT_TYPE, value),
            name => headers.insert(HeaderName::from_static(name), value),
        };
    }
    headers.insert(AUTHORIZATION, header(&authorization)?);
    Ok(headers)
}

/// The value of `host` as the transport sends it.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn header(value: &str) -> Result<HeaderValue, SignerError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        SignerError::failed("the credentials have characters that no header can carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The signature over a canonical request, in hexadecimal.
fn signature(secret: &str, now: &str, scope: &str, request: &str) -> String {
    let message = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", hash(request));
    let first = Zeroizing::new(format!("AWS4{secret}"));
    let mut key = Zeroizing::new(first.as_bytes().to_vec());
    for part in scope.split('/') {
        key = Zeroizing::new(authenticate(&key, part).to_vec());
    }
    hex(&authenticate(&key, &message))
}

/// The HMAC-SHA-256 of a text.
fn authenticate(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of AWS's documentation: `ListUsers` of IAM.
    #[test]
    fn the_example_of_the_documentation() {
        let request = "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
            content-type:application/x-www-form-urlencoded; charset=utf-8\n\
            host:iam.amazonaws.com\n\
            x-amz-date:20150830T123600Z\n\n\
            content-type;host;x-amz-date\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            hash(request),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
        let signature = signature(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "20150830T123600Z",
            "20150830/us-east-1/iam/aws4_request",
            request,
        );
        assert_eq!(
            signature,
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
