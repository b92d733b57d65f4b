//! Mistakes, in words.

/// A mistake, and what to do about it.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// Its id, for programs.
    pub(super) id: &'static str,
    pub(super) what: String,
    pub(super) help: String,
}

impl Cause {
    pub(super) fn new(id: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            id,
            what: what.into(),
            help: help.into(),
        }
    }

    pub(super) fn not_covered(component: &str) -> Self {
        let id = match component {
            "authorization" => "authorization-not-covered",
            "content-digest" | "digest" => "digest-not-covered",
            "@query" => "query-not-covered",
            _ => "not-covered",
        };
        Self::new(
            id,
            format!("the signature does not cover `{component}`"),
            format!(
                "add \"{component}\" to the components of signature-input, and its line to the base"
            ),
        )
    }

    pub(super) fn absent(component: &str, is_there: bool) -> Self {
        if is_there {
            return Self::new(
                "not-ascii",
                format!("the value of `{component}` has bytes other than visible ASCII"),
                "send such values percent-encoded, or not at all",
            );
        }
        match component {
            "@query" => Self::new(
                "query-covered-but-absent",
                "the signature covers `@query`, but the request has no query",
                "leave \"@query\" out when there is no query: version 15 has no line for an empty one",
            ),
            _ => Self::new(
                "covered-but-absent",
                format!("the signature covers `{component}`, but the request does not have it"),
                "send every header that is signed, and let nothing on the way remove one",
            ),
        }
    }
}
