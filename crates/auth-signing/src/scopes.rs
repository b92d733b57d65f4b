use std::fmt;
use std::sync::Arc;

/// A set of OAuth scopes, such as `positions:read`: sorted, without duplicates, cheap to clone.
///
/// Scopes are open strings: the API keeps adding new ones. Put a set into the extensions of a
/// request to say what its access token must allow; [`TokenLayer`](crate::TokenLayer) reads it
/// there. Text with spaces is read as several scopes, as OAuth writes them.
///
/// ```
/// use upvest_auth_signing::Scopes;
///
/// let scopes: Scopes = ["users:read", "accounts:read", "users:read"].into_iter().collect();
/// assert_eq!(scopes.to_string(), "accounts:read users:read");
///
/// let mut request = http::Request::new(bytes::Bytes::new());
/// request.extensions_mut().insert(scopes);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scopes(Arc<str>);

impl Scopes {
    /// The set of these scopes.
    pub fn new<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Self {
        scopes.into_iter().collect()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in sorted order, each once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|member| member == scope)
    }

    /// The scopes of this set that are not in `others`.
    pub(crate) fn without(&self, others: &Self) -> Self {
        Self::new(self.iter().filter(|scope| !others.contains(scope)))
    }

    /// The scopes separated by single spaces, as OAuth sends them; empty for the empty set.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The empty set.
impl Default for Scopes {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let scopes: Vec<S> = scopes.into_iter().collect();
        let mut names: Vec<&str> = scopes
            .iter()
            .flat_map(|scope| scope.as_ref().split_whitespace())
            .collect();
        names.sort_unstable();
        names.dedup();
        Self(names.join(" ").into())
    }
}

/// The scopes in a text that separates them by spaces.
impl From<&str> for Scopes {
    fn from(text: &str) -> Self {
        Self::new([text])
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
