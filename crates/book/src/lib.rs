//! The chapters of `docs/` and the front page: `cargo test --doc -p upvest-book` compiles their examples,
//! and runs those that need no network.
//!
//! A test compares this list with `docs/SUMMARY.md`.

#![forbid(unsafe_code)]

/// Makes a module of each chapter, so that its examples are tests.
macro_rules! chapters {
    ($($name:ident = $file:literal;)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($file)]
            mod $name {}
        )*
    };
}

chapters! {
    front_page = "../../../README.md";
    calls = "../../../docs/calls.md";
    errors = "../../../docs/errors.md";
    getting_started = "../../../docs/getting-started.md";
    inbox = "../../../docs/inbox.md";
    keys = "../../../docs/keys.md";
    lists_and_files = "../../../docs/lists-and-files.md";
    many_tenants = "../../../docs/many-tenants.md";
    introduction = "../../../docs/introduction.md";
    money = "../../../docs/money.md";
    observability = "../../../docs/observability.md";
    performance = "../../../docs/performance.md";
    reference = "../../../docs/reference.md";
    security = "../../../docs/security.md";
    testing = "../../../docs/testing.md";
    updating = "../../../docs/updating.md";
    webhooks = "../../../docs/webhooks.md";
}
