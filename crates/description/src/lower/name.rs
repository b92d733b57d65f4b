//! The possible name of a schema, before it is known whether it is a type.

use crate::names;

/// The name of a schema if it turns out to be a type: its own word, after as many words of what it
/// belongs to as make it unambiguous.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// Outermost first.
    words: Vec<String>,
    /// The least number of words.
    pub(super) least: usize,
}

impl Name {
    /// A name that stands by itself.
    pub(super) fn of(word: impl Into<String>) -> Self {
        Self {
            words: vec![word.into()],
            least: 1,
        }
    }

    /// What the named thing belongs to.
    #[must_use]
    pub(super) fn in_parent(mut self, parent: impl Into<String>) -> Self {
        self.words.insert(0, parent.into());
        self
    }

    /// The word of the thing itself.
    pub(super) fn last(&self) -> &str {
        self.words.last().map_or("", String::as_str)
    }

    pub(super) fn property(&self, property: &str) -> Self {
        let (word, is_generic) = names::property_name(property);
        let mut words = self.words.clone();
        words.push(word);
        Self {
            words,
            least: if is_generic { self.least + 1 } else { 1 },
        }
    }

    pub(super) fn item(&self) -> Self {
        self.with_last(names::singular)
    }

    /// What is an id, or what it is the id of: `OrderId` makes `OrderRef`.
    pub(super) fn id_or_object(&self) -> Self {
        self.with_last(|last| format!("{}Ref", last.strip_suffix("Id").unwrap_or(last)))
    }

    /// A variant by the one value that distinguishes it from the others, or by its number.
    pub(super) fn variant(&self, tag: Option<&str>, index: usize) -> Self {
        self.with_last(|last| match tag.and_then(names::variant_name) {
            Some(tag) => format!("{tag}{last}"),
            None => format!("{last}{}{}", names::VARIANT, index + 1),
        })
    }

    fn with_last(&self, change: impl FnOnce(&str) -> String) -> Self {
        let mut name = self.clone();
        if let Some(last) = name.words.last_mut() {
            *last = change(last);
        }
        name
    }

    /// The name with this many words, if there are as many. A word is left out if the name so far
    /// ends with it.
    pub(super) fn with_words(&self, count: usize) -> Option<String> {
        let start = self.words.len().checked_sub(count)?;
        let (last, before) = self.words[start..].split_last()?;
        let mut name = String::new();
        for word in before {
            if !name.ends_with(word.as_str()) {
                name.push_str(word);
            }
        }
        name.push_str(last);
        Some(name)
    }
}
