//! The mistakes in a base, in words.

use crate::explain::cause::Cause;

/// Ids, what was done, and what to do.
const WORDS: [(&str, &str, &str); 21] = [
    (
        "names-unquoted",
        "the names of components stand without quotes in the base, as in version 6",
        "write `\"@method\": POST`, quotes included",
    ),
    (
        "trailing-newline",
        "the base ends with a newline",
        "join the lines with newlines, and add none after the last",
    ),
    (
        "line-ends",
        "the lines of the base end with CR LF",
        "join them with a single LF, on Windows too",
    ),
    (
        "params-missing",
        "the base has no line `\"@signature-params\"`",
        "end the base with it",
    ),
    (
        "params-with-label",
        "the line `\"@signature-params\"` contains the label `sig1=`",
        "put in only what follows the label",
    ),
    (
        "params-respelled",
        "the line `\"@signature-params\"` is spelled differently from signature-input",
        "use one text for both",
    ),
    (
        "order",
        "the lines of the base are not in the order in which signature-input lists them",
        "list the components in the order of the lines",
    ),
    (
        "names-case",
        "the names of headers in the base are not in lower case",
        "write them in lower case",
    ),
    (
        "hashed-twice",
        "a digest of the base was signed, not the base",
        "hand the base itself to the function that signs: it hashes by itself",
    ),
    (
        "content-type-charset",
        "content-type was signed with a charset other than the one that was sent",
        "sign the header as the HTTP client sends it: many add a charset, or take it away",
    ),
    (
        "path-decoded",
        "@path was signed percent-decoded",
        "sign the path as it stands in the request",
    ),
    (
        "path-with-query",
        "@path was signed with the query",
        "the path ends before the `?`",
    ),
    (
        "path-whole-address",
        "@path was signed with scheme and host",
        "sign the path alone",
    ),
    (
        "path-slash",
        "@path was signed with one slash more or less at its end than was sent",
        "sign the path as it stands in the request",
    ),
    (
        "path-prefix",
        "@path was signed without the first part of the path, which a gateway or base address adds",
        "sign the path that the API gets",
    ),
    (
        "query-form",
        "@query was signed without its `?`, or percent-decoded",
        "sign the query as it stands in the request, with the `?`",
    ),
    (
        "query-order",
        "@query was signed in another order, or without its values",
        "sign the query as it is sent",
    ),
    (
        "method-case",
        "@method was signed in lower case",
        "write it in upper case",
    ),
    (
        "authorization-form",
        "authorization was signed without `Bearer`, or with it in lower case",
        "sign the value of the header as it is sent",
    ),
    (
        "accept-changed",
        "accept was signed as something else: the HTTP client sent its own",
        "set `accept` yourself before signing",
    ),
    (
        "length-in-characters",
        "content-length was signed as the number of characters",
        "count the bytes of the body as it is sent, in UTF-8",
    ),
];

/// The mistake with this id.
pub(super) fn cause(id: &'static str) -> Cause {
    let words = WORDS.iter().find(|(one, ..)| *one == id);
    let (_, what, help) = words.copied().unwrap_or((id, id, ""));
    Cause::new(id, what, help)
}
