//! The formats of a captured request.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Request, Uri};
use serde_json::Value;

use super::capture::Capture;
use crate::failure::Failure;

/// Reads HTTP text, the output of `curl -v`, or an HTTP archive.
///
/// # Errors
///
/// When the text contains no request.
pub(super) fn read(text: &[u8]) -> Result<Capture, Failure> {
    // Before a request line, empty lines mean nothing (RFC 9112, section 2.2).
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return Err(nothing("it is empty"));
    }
    let start = String::from_utf8_lossy(text);
    if start.starts_with('{') && start.contains("\"entries\"") {
        return archive(&start);
    }
    if start
        .lines()
        .any(|line| line.starts_with("> ") && line.contains(" HTTP/"))
    {
        return curl(&start);
    }
    http_text(text)
}

fn nothing(what: &str) -> Failure {
    Failure::usage(format!("there is no request in the input: {what}"))
        .help("give HTTP text as it was sent, the output of `curl -v`, or an HTTP archive (HAR)")
}

/// A request line, headers, an empty line, and the body as it is.
fn http_text(text: &[u8]) -> Result<Capture, Failure> {
    let split = |text: &[u8], end: &[u8]| {
        let place = text.windows(end.len()).position(|window| window == end)?;
        Some((place, place + end.len()))
    };
    let ends = [split(text, b"\r\n\r\n"), split(text, b"\n\n")];
    let end = ends.into_iter().flatten().min();
    let (head, body) = match end {
        Some((head, body)) => (&text[..head], &text[body..]),
        None => (text, &b""[..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let request = lines.next().unwrap_or_default();
    let mut capture = parts(request, lines.filter_map(header))?;
    capture.set_body(body.to_vec());
    without_last_newline(&mut capture);
    capture.time = capture
        .header("date")
        .and_then(|date| httpdate::parse_http_date(&date).ok());
    Ok(capture)
}

/// Editors end a file with a newline that was not sent: the length in the headers does
/// not count it.
fn without_last_newline(capture: &mut Capture) {
    let body = capture.request.body().clone();
    let declared = capture.declared_length().unwrap_or(0);
    if declared < body.len() && body[declared..].iter().all(|byte| b"\r\n".contains(byte)) {
        *capture.request.body_mut() = body.slice(..declared);
    }
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

/// The last request among the lines that begin with `>`, and the time of its answer.
fn curl(text: &str) -> Result<Capture, Failure> {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    let begins = |line: &&str| line.starts_with("> ") && line.contains(" HTTP/");
    let start = lines.iter().rposition(begins).unwrap_or_default();
    let request = lines[start].trim_start_matches("> ");
    let sent = lines[start + 1..]
        .iter()
        .filter_map(|line| line.strip_prefix("> "));
    let mut capture = parts(request, sent.filter_map(header))?;
    let answer = lines[start..]
        .iter()
        .filter_map(|line| header(line.strip_prefix("< ")?));
    capture.time = answer
        .filter(|(name, _)| name.eq_ignore_ascii_case("date"))
        .find_map(|(_, date)| httpdate::parse_http_date(&date).ok());
    let length = capture.declared_length().unwrap_or(0);
    let digest = capture
        .header("content-digest")
        .or(capture.header("digest"));
    capture.has_body = length == 0 && digest.is_none();
    Ok(capture)
}

/// The last request that is signed, or the last one, of an archive.
fn archive(text: &str) -> Result<Capture, Failure> {
    let archive: Value =
        serde_json::from_str(text).map_err(|error| nothing(&format!("it is not JSON: {error}")))?;
    let entries = archive["log"]["entries"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let is_signed = |entry: &&Value| {
        let mut headers = pairs(&entry["request"]["headers"]);
        headers.any(|(name, _)| name.eq_ignore_ascii_case("signature-input"))
    };
    let entry = entries.iter().rev().find(is_signed).or(entries.last());
    let entry = entry.ok_or_else(|| nothing("the archive is empty"))?;
    let request = &entry["request"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = format!(
        "{} {} HTTP/1.1",
        text(&request["method"]),
        text(&request["url"])
    );
    let headers = pairs(&request["headers"]).filter(|(name, _)| !name.starts_with(':'));
    let mut capture = parts(&line, headers)?;
    let data = &request["postData"];
    let body = match data["encoding"] == "base64" {
        true => STANDARD.decode(text(&data["text"])).unwrap_or_default(),
        false => text(&data["text"]).into_bytes(),
    };
    capture.set_body(body);
    let mut answer = pairs(&entry["response"]["headers"]);
    let date = answer.find(|(name, _)| name.eq_ignore_ascii_case("date"));
    capture.time = date.and_then(|(_, date)| httpdate::parse_http_date(&date).ok());
    Ok(capture)
}

fn pairs(headers: &Value) -> impl Iterator<Item = (String, String)> {
    let headers = headers.as_array().into_iter().flatten();
    headers.filter_map(|one| {
        Some((
            one["name"].as_str()?.to_owned(),
            one["value"].as_str()?.to_owned(),
        ))
    })
}

fn parts(line: &str, headers: impl Iterator<Item = (String, String)>) -> Result<Capture, Failure> {
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(nothing(&format!("{line:?} is not a request line")));
    };
    let method = http::Method::from_bytes(method.as_bytes())
        .map_err(|_| nothing(&format!("{method:?} is not a method")))?;
    let target: Uri = target
        .parse()
        .map_err(|_| nothing(&format!("{target:?} is not a request target")))?;
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method;
    *request.uri_mut() = target;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    Ok(Capture {
        request,
        has_body: false,
        time: None::<SystemTime>,
    })
}
