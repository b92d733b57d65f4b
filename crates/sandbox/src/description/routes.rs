//! Which operation a request is for.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

use super::document::Description;
use super::operation::Operation;

/// The values of the parameters in a path.
pub(crate) type Parameters = BTreeMap<String, String>;

/// What a path leads to.
pub(crate) enum Route {
    Operation(&'static Operation, Parameters),
    /// Only operations of these methods.
    OtherMethods(Vec<&'static Method>),
    Nothing,
}

impl Description {
    /// The operation for a method and a path. `HEAD` is answered as `GET` is, without the body.
    pub(crate) fn route(&'static self, method: &Method, path: &str) -> Route {
        let method = match *method {
            Method::HEAD => &Method::GET,
            _ => method,
        };
        let mut there: Vec<(&Operation, Parameters)> = self
            .operations
            .iter()
            .filter_map(|operation| Some((operation, parameters(&operation.path, path)?)))
            .collect();
        // `/portfolios/orders` is meant before `/portfolios/{id}`.
        there.sort_by_key(|(_, parameters)| parameters.len());
        let methods = there.iter().map(|(operation, _)| &operation.method);
        let methods: Vec<&Method> = methods.collect();
        let found = there
            .into_iter()
            .find(|(operation, _)| operation.method == method);
        match found {
            Some((operation, parameters)) => Route::Operation(operation, parameters),
            None if methods.is_empty() => Route::Nothing,
            None => Route::OtherMethods(methods),
        }
    }
}

/// The parameters in `path`, if it is one of `template`.
fn parameters(template: &str, path: &str) -> Option<Parameters> {
    let mut parameters = Parameters::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let found = segments.next()?;
        let name = expected
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) => {
                let value = percent_decode_str(found).decode_utf8_lossy();
                parameters.insert(name.to_owned(), value.into_owned());
            }
            None if expected == found => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::description;

    #[test]
    fn every_operation_is_found_at_its_own_path() {
        for operation in &description().operations {
            let route = description().route(&operation.method, &operation.path);
            let Route::Operation(found, _) = route else {
                panic!("{} is not found", operation.id);
            };
            assert_eq!(found.id, operation.id);
        }
    }

    #[test]
    fn parameters_are_decoded_and_paths_taken_whole() {
        let found = parameters("/users/{user_id}/checks", "/users/a%2Fb/checks").unwrap();
        assert_eq!(found["user_id"], "a/b");
        for path in [
            "/users/1",
            "/users/1/checks/2",
            "/users/1/check",
            "users/1/checks",
        ] {
            assert!(
                parameters("/users/{user_id}/checks", path).is_none(),
                "{path}"
            );
        }
    }
}
