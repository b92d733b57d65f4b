//! Which operation a request is for.

use http::Method;
use upvest::OperationInfo;

/// The operation with this method and a template that fits the path. A template with fewer parameters is
/// preferred: `/users/checks` is not a user.
pub(super) fn of(method: &Method, path: &str) -> Option<&'static OperationInfo> {
    let operations = upvest::OPERATIONS.iter().copied();
    operations
        .filter(|one| one.method == *method && fits(one.path, path))
        .min_by_key(|one| one.path.matches('{').count())
}

fn fits(template: &str, path: &str) -> bool {
    let mut parts = path.trim_end_matches('/').split('/');
    let all = template.split('/').all(|part| match parts.next() {
        Some(found) if part.starts_with('{') => !found.is_empty(),
        found => found == Some(part),
    });
    all && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_path() {
        for info in upvest::OPERATIONS {
            let path = info.path.replace(['{', '}'], "");
            let found = of(&info.method, &path).map(|one| one.id);
            assert_eq!(found, Some(info.id), "{path}");
        }
        assert!(of(&Method::GET, "/").is_none());
        assert!(of(&Method::GET, "/webhooks/a/b/c").is_none());
        assert!(of(&Method::TRACE, "/webhooks").is_none());
        assert!(of(&Method::GET, "/webhooks//").is_some_and(|one| one.path == "/webhooks"));
    }
}
