//! A place in the description: a value that knows its JSON pointer.

use serde_json::{Map, Value};

use crate::error::{Error, Fault, Pointer, Result};

/// A value of the document together with its pointer. References are followed by
/// [`Cursor::resolved`], and the pointer follows with them: it always names a real place.
#[derive(Clone, Debug)]
pub struct Cursor<'d> {
    root: &'d Value,
    value: &'d Value,
    pointer: Pointer,
}

impl<'d> Cursor<'d> {
    /// The cursor at the root of a document.
    pub fn of(root: &'d Value) -> Self {
        Self {
            root,
            value: root,
            pointer: Pointer::root(),
        }
    }

    /// The place in the document that a pointer names, if it exists.
    pub fn find(&self, pointer: &Pointer) -> Option<Self> {
        let value = self.root.pointer(pointer.as_str())?;
        Some(Self {
            root: self.root,
            value,
            pointer: pointer.clone(),
        })
    }

    /// The value at this place.
    pub fn value(&self) -> &'d Value {
        self.value
    }

    /// Where this place is.
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// The member of this name, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| self.step(key, value))
    }

    /// The member of that name.
    ///
    /// # Errors
    /// When it is missing.
    pub fn require(&self, key: &str) -> Result<Self> {
        self.get(key)
            .ok_or_else(|| self.error(format!("`{key}` is missing"), format!("add `{key}`")))
    }

    /// The members of an object, in the order of the document.
    ///
    /// # Errors
    /// When this is not an object.
    pub fn entries(&self) -> Result<Vec<(&'d str, Self)>> {
        let object = self.object()?;
        Ok(object
            .iter()
            .map(|(key, value)| (key.as_str(), self.step(key, value)))
            .collect())
    }

    /// The members of an object that may be missing.
    ///
    /// # Errors
    /// When the member exists and is not an object.
    pub fn entries_of(&self, key: &str) -> Result<Vec<(&'d str, Self)>> {
        self.get(key)
            .map_or(Ok(Vec::new()), |member| member.entries())
    }

    /// The members of an object or the elements of an array. Any other value has no children.
    pub fn children(&self) -> Vec<Self> {
        match self.value {
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| self.step(key, value))
                .collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| self.step(index, value))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The elements of an array that may be missing.
    ///
    /// # Errors
    /// When the member exists and is not an array.
    pub fn items_of(&self, key: &str) -> Result<Vec<Self>> {
        let Some(array) = self.get(key) else {
            return Ok(Vec::new());
        };
        match array.value {
            Value::Array(_) => Ok(array.children()),
            _ => Err(array.error("an array is expected here", "write a list")),
        }
    }

    /// This value as an object.
    ///
    /// # Errors
    /// When it is something else.
    pub fn object(&self) -> Result<&'d Map<String, Value>> {
        self.value
            .as_object()
            .ok_or_else(|| self.error("an object is expected here", "write a mapping"))
    }

    /// This value as a string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn str(&self) -> Result<&'d str> {
        self.value.as_str().ok_or_else(|| {
            self.error(
                format!("a string is expected here, {} was found", self.value),
                "write a string, in quotes if YAML reads it as something else",
            )
        })
    }

    /// The member of that name as a string, if it is there.
    ///
    /// # Errors
    /// When the member exists and is not a string.
    pub fn str_of(&self, key: &str) -> Result<Option<&'d str>> {
        self.get(key).map(|member| member.str()).transpose()
    }

    /// Whether the member of that name is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// This place, or the one that its `$ref` names.
    ///
    /// # Errors
    /// When the reference leads out of the document, to a place that does not exist, or in a
    /// circle.
    pub fn resolved(&self) -> Result<Self> {
        const LONGEST_CHAIN: usize = 16;
        let mut place = self.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = place.str_of("$ref")? else {
                return Ok(place);
            };
            place = place.follow(reference)?;
        }
        Err(self.error("this `$ref` goes in a circle", "break the circle"))
    }

    fn follow(&self, reference: &str) -> Result<Self> {
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(self.error(
                format!("`$ref: {reference}` leads out of the document"),
                "bundle the description into one document first",
            ));
        };
        let found = Pointer::from_reference(pointer).and_then(|pointer| self.find(&pointer));
        found.ok_or_else(|| {
            self.error(
                format!("`$ref: {reference}` points to nothing"),
                "add what it names, or correct the reference",
            )
        })
    }

    /// Makes an error at this place.
    pub fn error(&self, reason: impl Into<String>, help: impl Into<String>) -> Error {
        Error::new(reason, help).at(&self.pointer)
    }

    /// Makes an error that says that a construct is not supported.
    pub fn unsupported(&self, construct: &str) -> Error {
        let reason = format!("{construct} is not supported");
        self.error(reason, "describe it in another way")
            .with_fault(Fault::Unsupported)
    }

    fn step(&self, key: impl std::fmt::Display, value: &'d Value) -> Self {
        Self {
            root: self.root,
            value,
            pointer: self.pointer.join(key),
        }
    }
}
