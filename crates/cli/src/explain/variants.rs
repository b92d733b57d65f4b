//! Bases as they come out of common mistakes.

use percent_encoding::percent_decode_str;

use super::cause::Cause;
use super::signed::Signed;
use super::{Case, encoding};

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

    fn value(&self, name: &str) -> Option<&str> {
        let line = self.lines.iter().find(|(one, _)| one == name);
        line.map(|(_, value)| value.as_str())
    }
}

/// Each mistake with the bases that it may lead to.
pub(super) fn of(case: &Case<'_>, base: &Base) -> Vec<(Cause, Vec<u8>)> {
    let mut all = Vec::new();
    for (cause, texts) in writing(base).into_iter().chain(values(case, base)) {
        all.extend(texts.into_iter().map(|text| (cause.clone(), text)));
    }
    all
}

/// Mistakes in how the base is written.
fn writing(base: &Base) -> Vec<(Cause, Vec<Vec<u8>>)> {
    let mut mistakes = vec![
        (
            Cause::new(
                "names-unquoted",
                "the names of components stand without quotes in the base, as in version 6",
                "write `\"@method\": POST`, quotes included",
            ),
            vec![base.with(|base| base.is_quoted = !base.is_quoted)],
        ),
        (
            Cause::new(
                "trailing-newline",
                "the base ends with a newline",
                "join the lines with newlines, and add none after the last",
            ),
            vec![
                base.with(|base| base.end = "\n"),
                base.with(|base| (base.separator, base.end) = ("\r\n", "\r\n")),
            ],
        ),
        (
            Cause::new(
                "line-ends",
                "the lines of the base end with CR LF",
                "join them with a single LF, on Windows too",
            ),
            vec![base.with(|base| base.separator = "\r\n")],
        ),
        (
            Cause::new(
                "params-missing",
                "the base has no line `\"@signature-params\"`",
                "end the base with it",
            ),
            vec![
                base.with(|base| base.has_params = false),
                base.with(|base| (base.has_params, base.end) = (false, "\n")),
            ],
        ),
        (
            Cause::new(
                "params-with-label",
                "the line `\"@signature-params\"` has the label `sig1=` in it",
                "put in what follows after the label",
            ),
            vec![base.with(|base| base.params.insert_str(0, "sig1="))],
        ),
        (
            Cause::new(
                "params-respelled",
                "the line `\"@signature-params\"` is spelled in another way than signature-input",
                "use one text for both",
            ),
            vec![
                base.with(|base| base.params = base.params.replace("; ", ";")),
                base.with(|base| base.params = base.params.replace(';', "; ")),
                base.with(|base| base.params = base.params.replace('"', "")),
            ],
        ),
        (
            Cause::new(
                "order",
                "the lines of the base are in another order than signature-input lists them",
                "list the components in the order of the lines",
            ),
            vec![
                base.with(|base| base.lines.sort()),
                base.with(|base| base.lines.reverse()),
            ],
        ),
        (
            Cause::new(
                "names-case",
                "the names of headers in the base are not in lower case",
                "write them in lower case",
            ),
            vec![base.with(|base| {
                base.lines
                    .iter_mut()
                    .for_each(|(name, _)| *name = title_case(name))
            })],
        ),
    ];
    let text = base.text();
    mistakes.push((
        Cause::new(
            "hashed-twice",
            "a digest of the base was signed, not the base",
            "hand the base itself to the function that signs: it hashes by itself",
        ),
        vec![
            encoding::sha_512(&text),
            encoding::hex(&encoding::sha_512(&text)).into_bytes(),
        ],
    ));
    mistakes
}

/// Mistakes in what stands in the lines.
fn values(case: &Case<'_>, base: &Base) -> Vec<(Cause, Vec<Vec<u8>>)> {
    let own = |name| base.value(name).unwrap_or_default().to_owned();
    let with = |name: &str, values: Vec<String>| base.with_values(name, &values);
    let (path, query) = (own("@path"), own("@query"));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let kind = own("content-type");
    let plain = kind.split(';').next().unwrap_or_default().trim().to_owned();
    let charset = [
        "; charset=utf-8",
        ";charset=utf-8",
        "; charset=UTF-8",
        ";charset=UTF-8",
    ];
    let token = own("authorization");
    let bare = token.split_once(' ').map_or("", |(_, token)| token);
    vec![
        (
            Cause::new(
                "content-type-charset",
                "content-type was signed with another charset than was sent",
                "sign the header as the HTTP client sends it: many add a charset, or take it away",
            ),
            with(
                "content-type",
                charset
                    .map(|end| format!("{plain}{end}"))
                    .into_iter()
                    .chain([plain.clone()])
                    .collect(),
            ),
        ),
        (
            Cause::new(
                "path-decoded",
                "@path was signed with its percent-encoding taken off",
                "sign the path as it stands in the request",
            ),
            with("@path", vec![decoded(&path)]),
        ),
        (
            Cause::new(
                "path-with-query",
                "@path was signed with the query",
                "the path ends before the `?`",
            ),
            with(
                "@path",
                vec![
                    format!("{path}{query}"),
                    format!(
                        "{path}?{}",
                        case.capture.request.uri().query().unwrap_or_default()
                    ),
                ],
            ),
        ),
        (
            Cause::new(
                "path-whole-address",
                "@path was signed with scheme and host",
                "sign the path alone",
            ),
            with("@path", addresses(case, &path)),
        ),
        (
            Cause::new(
                "path-slash",
                "@path was signed with another slash at its end",
                "sign the path as it stands in the request",
            ),
            with(
                "@path",
                vec![format!("{path}/"), path.trim_end_matches('/').to_owned()],
            ),
        ),
        (
            Cause::new(
                "path-prefix",
                "@path was signed without the first part of the path, which a gateway or base address adds",
                "sign the path that the API gets",
            ),
            with("@path", suffixes(&path)),
        ),
        (
            Cause::new(
                "query-form",
                "@query was signed without its `?`, or with its percent-encoding taken off",
                "sign the query as it stands in the request, with the `?`",
            ),
            with(
                "@query",
                vec![
                    query.trim_start_matches('?').to_owned(),
                    decoded(&query),
                    query.replace("%20", "+"),
                    query.replace('+', "%20"),
                ],
            ),
        ),
        (
            Cause::new(
                "query-order",
                "@query was signed in another order, or without its values",
                "sign the query as it is sent",
            ),
            with(
                "@query",
                vec![sorted(&query), "?".to_owned(), String::new()],
            ),
        ),
        (
            Cause::new(
                "method-case",
                "@method was signed in lower case",
                "write it in upper case",
            ),
            with("@method", vec![own("@method").to_lowercase()]),
        ),
        (
            Cause::new(
                "authorization-form",
                "authorization was signed without `Bearer`, or with it in lower case",
                "sign the value of the header as it is sent",
            ),
            with(
                "authorization",
                vec![
                    bare.to_owned(),
                    format!("bearer {bare}"),
                    format!("Bearer  {bare}"),
                ],
            ),
        ),
        (
            Cause::new(
                "accept-changed",
                "accept was signed as something else: the HTTP client sent its own",
                "set `accept` yourself before signing",
            ),
            with(
                "accept",
                [
                    "application/json",
                    "*/*",
                    "application/json, text/plain, */*",
                    "",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
        ),
        (
            Cause::new(
                "length-in-characters",
                "content-length was signed as the number of characters",
                "count the bytes of the body as it is sent, in UTF-8",
            ),
            with("content-length", characters(case)),
        ),
    ]
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

fn characters(case: &Case<'_>) -> Vec<String> {
    let body = String::from_utf8_lossy(case.capture.request.body());
    vec![body.chars().count().to_string()]
}

fn title_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
