//! Mistakes about the body: its digest and its length.

use serde_json::Value;
use upvest_auth_signing::{SignatureVersion, content_digest, digest};

use super::case::Case;
use super::cause::Cause;
use super::encoding;

/// What is wrong with digest and length. A body that was not seen is not judged.
pub(super) fn causes(case: &Case<'_>) -> Vec<Cause> {
    if !case.capture.has_body {
        return Vec::new();
    }
    [wrong_digest(case), wrong_length(case)]
        .into_iter()
        .flatten()
        .collect()
}

fn wrong_digest(case: &Case<'_>) -> Option<Cause> {
    let body = case.capture.request.body();
    let (name, right) = match case.version {
        SignatureVersion::V15 => ("content-digest", content_digest(body)),
        _ => ("digest", digest(body)),
    };
    let other = if name == "digest" {
        "content-digest"
    } else {
        "digest"
    };
    let Some(claimed) = case.capture.header(name) else {
        return (!body.is_empty() && case.capture.header(other).is_some()).then(|| {
            Cause::new(
                "digest-header",
                format!("the digest is in the header `{other}`, which belongs to another version"),
                format!("version {} uses `{name}`", case.version),
            )
        });
    };
    if claimed == right {
        return match body.is_empty() {
            true => Some(Cause::new(
                "digest-of-nothing",
                format!("there is a `{name}`, but no body"),
                "leave digest, content-type and content-length out when there is no body",
            )),
            false => None,
        };
    }
    if body.is_empty() {
        return Some(Cause::new(
            "body-lost",
            "the headers describe a body, but there is none",
            "see whether the body was sent: a redirect or a proxy may have dropped it",
        ));
    }
    Some(form(case.version, &claimed, body).unwrap_or_else(|| content(case, &claimed, &right)))
}

/// A digest that is right, but written wrongly.
fn form(version: SignatureVersion, claimed: &str, body: &[u8]) -> Option<Cause> {
    let (algorithm, value) = claimed.split_once('=')?;
    let is_15 = version == SignatureVersion::V15;
    let bytes = encoding::base64(value.trim_matches(':'));
    let is_512 = bytes.as_deref() == Some(&encoding::sha_512(body));
    let is_256 = bytes == encoding::base64(digest(body).split_once('=')?.1);
    let is_hex = value
        .trim_matches(':')
        .eq_ignore_ascii_case(&encoding::hex(&encoding::sha_512(body)));
    if is_15 && is_256 {
        return Some(Cause::new(
            "digest-algorithm",
            "the digest is made with SHA-256",
            "version 15 uses SHA-512: `content-digest: sha-512=:BASE64:`",
        ));
    }
    if is_hex {
        return Some(Cause::new(
            "digest-hex",
            "the digest is written in hexadecimal",
            "write its bytes in base64: `content-digest: sha-512=:BASE64:`",
        ));
    }
    (is_15 && is_512).then(|| {
        Cause::new(
            "digest-form",
            format!("the digest is right, but not written as `sha-512=:BASE64:` (it begins {algorithm}=)"),
            "write the algorithm in lower case, the standard alphabet of base64 with padding, and colons around it",
        )
    })
}

/// A digest of other bytes.
fn content(case: &Case<'_>, claimed: &str, right: &str) -> Cause {
    let body = case.capture.request.body();
    let of = |bytes: &[u8]| match case.version {
        SignatureVersion::V15 => content_digest(bytes),
        _ => digest(bytes),
    };
    if claimed == of(b"") {
        return Cause::new(
            "digest-of-empty",
            "the digest is that of an empty body",
            "make it from the bytes that are sent, after they are written",
        );
    }
    let trimmed = body.trim_ascii_end();
    let longer = [body.as_ref(), b"\n"].concat();
    if trimmed.len() != body.len() && claimed == of(trimmed) || claimed == of(&longer) {
        return Cause::new(
            "body-newline",
            "the body was signed with one newline more or less at its end than was sent",
            "sign the bytes that are sent (curl: `--data-binary`, not `-d @file`)",
        );
    }
    if rewritten(body).iter().any(|other| claimed == of(other)) {
        return Cause::new(
            "body-rewritten",
            "the body was serialized again after it was signed: the same JSON in other bytes",
            "serialize the JSON once, sign those bytes, and send the same (not with `json=` of the HTTP client)",
        );
    }
    Cause::new(
        "body-changed",
        "the body is not the one that was signed: its digest differs",
        format!("send the bytes that were signed; the digest of those that were sent is {right}"),
    )
}

/// The same JSON in the forms that libraries write.
fn rewritten(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let compact = value.to_string();
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let spaced = |text: &Value| {
        let mut out = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut out, Spaced);
        let _ = serde::Serialize::serialize(text, &mut writer);
        out
    };
    let mut pretty4 = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut pretty4, formatter);
    let _ = serde::Serialize::serialize(&value, &mut writer);
    vec![
        compact.into_bytes(),
        sorted.to_string().into_bytes(),
        format!("{value:#}").into_bytes(),
        pretty4,
        spaced(&value),
        spaced(&sorted),
    ]
}

/// JSON as Python writes it: with a space after commas and colons.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        self.begin_array_value(writer, first)
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
    ) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

fn wrong_length(case: &Case<'_>) -> Option<Cause> {
    let body = case.capture.request.body();
    let declared = case.capture.declared_length()?;
    if declared == body.len() {
        return None;
    }
    let characters = std::str::from_utf8(body).map(|text| text.chars().count());
    if characters == Ok(declared) {
        return Some(Cause::new(
            "length-in-characters",
            format!(
                "content-length is {declared}, which counts characters; the body has {} bytes",
                body.len()
            ),
            "count the bytes of the body as it is sent, in UTF-8",
        ));
    }
    Some(Cause::new(
        "length",
        format!(
            "content-length is {declared}, but the body has {} bytes",
            body.len()
        ),
        "count the bytes of the body as it is sent",
    ))
}
