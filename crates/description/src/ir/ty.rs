//! The types of values.

/// One of the types of an [`Api`](super::Api).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefId(pub usize);

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number of 32 bits.
    I32,
    /// A whole number.
    I64,
    /// A JSON number, read as floating point.
    F64,
    /// A decimal number that is a JSON number.
    DecimalNumber,
    /// A decimal number in a string.
    Decimal,
    /// A day.
    Date,
    /// A point in time.
    DateTime,
    /// A UUID.
    Uuid,
    /// Text that is never shown.
    Secret,
    /// A value without a type, and the reason.
    Json(&'static str),
    /// A list.
    List(Box<Ty>),
    /// An object whose members are all of one type.
    Map(Box<Ty>),
    /// A value in a list or map that may be null.
    Nullable(Box<Ty>),
    /// A text of some type, or an empty string, which stands for no value.
    OrEmpty(Box<Ty>),
    /// A value of a type that may contain this one again, so it is stored on the heap.
    Boxed(Box<Ty>),
    /// One of the types of the API.
    Def(DefId),
}

impl Ty {
    /// A list of these.
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// The type of the API that this is or contains, without lists and maps around it.
    pub fn def(&self) -> Option<DefId> {
        match self {
            Self::Def(id) => Some(*id),
            Self::Boxed(inner) => inner.def(),
            _ => None,
        }
    }

    /// The innermost type, without lists, maps, `null` and empty strings around it.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::List(inner)
            | Self::Map(inner)
            | Self::Nullable(inner)
            | Self::OrEmpty(inner)
            | Self::Boxed(inner) => inner.innermost(),
            other => other,
        }
    }

    /// The same type with each type of the API in it replaced.
    #[must_use]
    pub fn map(&self, change: &impl Fn(DefId) -> Self) -> Self {
        match self {
            Self::Def(id) => change(*id),
            Self::List(inner) => Self::List(Box::new(inner.map(change))),
            Self::Map(inner) => Self::Map(Box::new(inner.map(change))),
            Self::Nullable(inner) => Self::Nullable(Box::new(inner.map(change))),
            Self::OrEmpty(inner) => Self::OrEmpty(Box::new(inner.map(change))),
            Self::Boxed(inner) => Self::Boxed(Box::new(inner.map(change))),
            other => other.clone(),
        }
    }

    /// Whether it contains decimals or empty strings, which need an adapter for serde.
    pub fn needs_adapter(&self) -> bool {
        match self {
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.needs_adapter(),
            other => matches!(
                other,
                Self::Decimal | Self::DecimalNumber | Self::OrEmpty(_)
            ),
        }
    }
}
