//! Filters in the language of jq.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter as Compiled, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;
use upvest_http::Excerpt;

use crate::failure::Failure;

/// A filter, ready to run.
pub(super) struct Filter(Compiled<data::JustLut<Val>>);

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// When the text is not a filter of jq.
    pub(super) fn new(code: &str) -> Result<Self, Failure> {
        let definitions = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let functions = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs());
        let wrong = |what: &str| {
            Failure::usage(format!("the filter {code:?} {what}")).help("see the manual of jq")
        };
        let arena = Arena::default();
        let program = File { code, path: () };
        let modules = Loader::new(definitions).load(&arena, program);
        let modules = modules.map_err(|_| wrong("cannot be read"))?;
        let compiled = Compiler::default().with_funs(functions).compile(modules);
        compiled.map(Self).map_err(|errors| {
            let names = errors.iter().flat_map(|(_, errors)| errors);
            let names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
            wrong(&format!("uses {}, which is not defined", names.join(", ")))
        })
    }

    /// What the filter makes of a value: a line for each value, texts without quotes.
    ///
    /// # Errors
    ///
    /// When the filter fails.
    pub(super) fn run(&self, value: &Value) -> Result<String, Failure> {
        let text = value.to_string();
        let input = read::parse_single(text.as_bytes());
        let input = input.map_err(|error| Failure::usage(format!("the answer: {error}")))?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut lines = String::new();
        for value in self.0.id.run((context, input)).map(unwrap_valr) {
            let value = value.map_err(|error| failed(&error.to_string()))?;
            match value {
                Val::TStr(text) => lines.push_str(&String::from_utf8_lossy(&text)),
                other => lines.push_str(&other.to_string()),
            }
            lines.push('\n');
        }
        Ok(lines)
    }
}

/// The error quotes the input of the filter, which may be long or confidential.
fn failed(error: &str) -> Failure {
    Failure::usage(format!("the filter failed: {}", Excerpt::new(error)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_is_run() {
        let value = json!({"data": [{"id": "a", "n": 1.50}, {"id": "b", "n": 2}]});
        let run = |code: &str| Filter::new(code).and_then(|filter| filter.run(&value));
        assert_eq!(run(".data[].id").expect("it runs"), "a\nb\n");
        assert_eq!(
            run("[.data[] | select(.n > 1.7)] | length").expect("it runs"),
            "1\n"
        );
        assert!(run(".data[").is_err());
        assert!(run("nothing").is_err());
        assert!(run(".data.id").is_err());
    }
}
