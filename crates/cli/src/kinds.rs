//! Types and categories of events, as people name them.

use upvest_sandbox::event_types;

use crate::near::nearest;

/// Whether the API has an event of this type or category.
pub(crate) fn is_known(kind: &str) -> bool {
    let types = event_types();
    types
        .iter()
        .any(|one| *one == kind || category(one) == kind)
}

/// What somebody may have meant by a type or category that the API does not have.
pub(crate) fn advice(kind: &str) -> String {
    let types = event_types();
    let of_category = |name: &str| -> Vec<&str> {
        let those = types.iter().filter(|one| category(one) == name);
        those.copied().collect()
    };
    if let Some(near) = nearest(kind, types.iter().copied()) {
        return format!("is it `{near}`?");
    }
    let mut categories: Vec<&str> = types.iter().map(|one| category(one)).collect();
    categories.sort_unstable();
    categories.dedup();
    match nearest(category(kind), categories.iter().copied()) {
        Some(near) => format!("there are {}", of_category(near).join(", ")),
        None => format!("there are events of {}", categories.join(", ")),
    }
}

fn category(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_found_by_what_is_like_it() {
        assert!(is_known("ORDER.FILLED") && is_known("ORDER") && !is_known("ORDER.FILLD"));
        assert_eq!(advice("order.filld"), "is it `ORDER.FILLED`?");
        for word in ["ORDER", "ORDERS", "ORDER.UNHEARD_OF"] {
            let advice = advice(word);
            assert!(
                advice.starts_with("there are ORDER.CANCELLED, "),
                "{advice}"
            );
            assert!(!advice.contains("USER"), "{advice}");
        }
        let all = advice("X");
        assert!(all.contains("ACCOUNT, ") && !all.contains('.'), "{all}");
    }
}
