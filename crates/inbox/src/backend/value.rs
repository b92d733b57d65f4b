use upvest_models::Uuid;

/// A parameter of a statement.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    Int(Option<i64>),
    Uuid(Option<Uuid>),
    Text(Option<&'a str>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Uuid> for Value<'_> {
    fn from(value: Uuid) -> Self {
        Self::Uuid(Some(value))
    }
}

impl From<Option<Uuid>> for Value<'_> {
    fn from(value: Option<Uuid>) -> Self {
        Self::Uuid(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

/// What a statement returned.
#[derive(Debug, Default)]
pub struct Answer {
    pub rows: Vec<Row>,
    pub affected: u64,
}

/// A row, column by column.
#[derive(Debug)]
pub struct Row(Vec<Cell>);

#[derive(Debug)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Uuid(Uuid),
    Text(String),
}

impl Row {
    /// The number in this column, if there is one.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Cell::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The UUID in this column, if there is one.
    pub fn uuid(&self, column: usize) -> Option<Uuid> {
        match self.0.get(column) {
            Some(Cell::Uuid(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text in this column, if there is one.
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.0.get(column) {
            Some(Cell::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// The cells of a row, whose types are read by `$decode` from the name of the type.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn cells<R, F>(row: &R, mut decode: F) -> sqlx::Result<Row>
where
    R: sqlx::Row,
    F: FnMut(&R, usize, &str) -> sqlx::Result<Cell>,
    usize: sqlx::ColumnIndex<R>,
{
    use sqlx::{TypeInfo, ValueRef};

    let cell = |column| {
        let value = row.try_get_raw(column)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let type_ = value.type_info().name().to_owned();
        decode(row, column, &type_)
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}
