//! Bases as they come out of common mistakes.

mod words;

use percent_encoding::percent_decode_str;

use super::case::Case;
use super::cause::Cause;
use super::encoding;
use super::signed::Signed;

/// A signature base, and how it is written.
#[derive(Clone)]
pub(super) struct Base {
    lines: Vec<(String, String)>,
    params: String,
    /// Whether the names of components stand in quotes.
    is_quoted: bool,
    has_params: bool,
    separator: &'static str,
    end: &'static str,
}

impl Base {
    /// As it has to be.
    pub(super) fn new(signed: &Signed, is_quoted: bool) -> Self {
        Self {
            lines: signed.lines.clone(),
            params: signed.params.clone(),
            is_quoted,
            has_params: true,
            separator: "\n",
            end: "",
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let quote = if self.is_quoted { "\"" } else { "" };
        let line = |(name, value): &(String, String)| format!("{quote}{name}{quote}: {value}");
        let mut lines: Vec<String> = self.lines.iter().map(line).collect();
        if self.has_params {
            lines.push(format!("{quote}@signature-params{quote}: {}", self.params));
        }
        let mut text = lines.join(self.separator);
        text.push_str(self.end);
        text.into_bytes()
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut other = self.clone();
        change(&mut other);
        other.text()
    }

    /// With other values of one line, where it is among the lines.
    fn with_values(&self, name: &str, values: &[String]) -> Vec<Vec<u8>> {
        let place = self.lines.iter().position(|(one, _)| one == name);
        let texts = place.map(|place| {
            let with = |value: &String| self.with(|base| base.lines[place].1.clone_from(value));
            values.iter().map(with).collect()
        });
        texts.unwrap_or_default()
    }

    /// The value of a line; empty if there is none.
    fn own(&self, name: &str) -> String {
        let mut lines = self.lines.iter();
        let line = lines.find(|(one, _)| one == name);
        line.map_or_else(String::new, |(_, value)| value.clone())
    }

    fn name_in_title_case(&mut self) {
        for (name, _) in &mut self.lines {
            *name = title_case(name);
        }
    }
}

/// Each mistake with the bases that it may lead to.
pub(super) fn of(case: &Case<'_>, base: &Base) -> Vec<(Cause, Vec<u8>)> {
    let all = [
        writing(base),
        paths(case, base),
        queries(base),
        headers(case, base),
    ];
    let mut tried = Vec::new();
    for (id, texts) in all.into_iter().flatten() {
        tried.extend(texts.into_iter().map(|text| (words::cause(id), text)));
    }
    tried
}

/// A mistake, and the bases that it may lead to.
type Mistake = (&'static str, Vec<Vec<u8>>);

/// Mistakes in how the base is written.
fn writing(base: &Base) -> Vec<Mistake> {
    let text = base.text();
    let hash = encoding::sha_512(&text);
    let hex = encoding::hex(&hash).into_bytes();
    let end = |end| base.with(|base| base.end = end);
    let params = |from, to| base.with(|base| base.params = base.params.replace(from, to));
    vec![
        (
            "names-unquoted",
            vec![base.with(|base| base.is_quoted = !base.is_quoted)],
        ),
        (
            "trailing-newline",
            vec![
                end("\n"),
                base.with(|base| (base.separator, base.end) = ("\r\n", "\r\n")),
            ],
        ),
        ("line-ends", vec![base.with(|base| base.separator = "\r\n")]),
        (
            "params-missing",
            vec![
                base.with(|base| base.has_params = false),
                base.with(|base| (base.has_params, base.end) = (false, "\n")),
            ],
        ),
        (
            "params-with-label",
            vec![base.with(|base| base.params.insert_str(0, "sig1="))],
        ),
        (
            "params-respelled",
            vec![params("; ", ";"), params(";", "; "), params("\"", "")],
        ),
        (
            "order",
            vec![
                base.with(|base| base.lines.sort()),
                base.with(|base| base.lines.reverse()),
            ],
        ),
        ("names-case", vec![base.with(Base::name_in_title_case)]),
        ("hashed-twice", vec![hash, hex]),
    ]
}

/// Mistakes in the line of the path, and in that of the method.
fn paths(case: &Case<'_>, base: &Base) -> Vec<Mistake> {
    let path = base.own("@path");
    let query = case.capture.request.uri().query().unwrap_or_default();
    let with = |values: &[String]| base.with_values("@path", values);
    let slash = [format!("{path}/"), path.trim_end_matches('/').to_owned()];
    let method = base.own("@method").to_lowercase();
    vec![
        ("path-decoded", with(&[decoded(&path)])),
        ("path-with-query", with(&[format!("{path}?{query}")])),
        ("path-whole-address", with(&addresses(case, &path))),
        ("path-slash", with(&slash)),
        ("path-prefix", with(&suffixes(&path))),
        ("method-case", base.with_values("@method", &[method])),
    ]
}

/// Mistakes in the line of the query.
fn queries(base: &Base) -> Vec<Mistake> {
    let query = base.own("@query");
    let with = |values: &[String]| base.with_values("@query", values);
    let forms = [
        query.trim_start_matches('?').to_owned(),
        decoded(&query),
        query.replace("%20", "+"),
        query.replace('+', "%20"),
    ];
    let orders = [sorted(&query), "?".to_owned(), String::new()];
    vec![("query-form", with(&forms)), ("query-order", with(&orders))]
}

/// Mistakes in the lines of headers.
fn headers(case: &Case<'_>, base: &Base) -> Vec<Mistake> {
    let kind = base.own("content-type");
    let plain = kind.split(';').next().unwrap_or_default().trim();
    let kinds = [
        "",
        "; charset=utf-8",
        ";charset=utf-8",
        "; charset=UTF-8",
        ";charset=UTF-8",
    ];
    let kinds = kinds.map(|end| format!("{plain}{end}"));
    let token = base.own("authorization");
    let bare = token.split_once(' ').map_or("", |(_, token)| token);
    let tokens = [
        bare.to_owned(),
        format!("bearer {bare}"),
        format!("Bearer  {bare}"),
    ];
    let accepted = [
        "application/json",
        "*/*",
        "application/json, text/plain, */*",
        "",
    ];
    let accepted = accepted.map(str::to_owned);
    let with = |name: &str, values: &[String]| base.with_values(name, values);
    vec![
        ("content-type-charset", with("content-type", &kinds)),
        ("authorization-form", with("authorization", &tokens)),
        ("accept-changed", with("accept", &accepted)),
        (
            "length-in-characters",
            with("content-length", &[characters(case)]),
        ),
    ]
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn addresses(case: &Case<'_>, path: &str) -> Vec<String> {
    let host = case.capture.header("host");
    let host = host.or_else(|| Some(case.capture.request.uri().authority()?.to_string()));
    let host = host.unwrap_or_default();
    let query = case
        .capture
        .request
        .uri()
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    vec![
        format!("https://{host}{path}"),
        format!("https://{host}{path}{query}"),
        format!("http://{host}{path}"),
        format!("{host}{path}"),
    ]
}

/// What is left of a path without its first parts.
fn suffixes(path: &str) -> Vec<String> {
    let starts = path.match_indices('/').skip(1);
    starts.map(|(start, _)| path[start..].to_owned()).collect()
}

fn sorted(query: &str) -> String {
    let mut fields: Vec<&str> = query.trim_start_matches('?').split('&').collect();
    fields.sort_unstable();
    format!("?{}", fields.join("&"))
}

fn characters(case: &Case<'_>) -> String {
    let body = String::from_utf8_lossy(case.capture.request.body());
    body.chars().count().to_string()
}

fn title_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
