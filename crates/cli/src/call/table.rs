//! Rows and columns of an answer.

use serde_json::Value;
use upvest_http::Excerpt;

/// How wide a column may be, in characters.
const WIDEST: usize = 60;

/// A table of an answer: of the items of a list, or of one value.
pub(super) fn write(value: &Value, columns: &[String]) -> String {
    let rows = rows(value);
    let columns = columns_of(&rows, columns);
    if columns.is_empty() {
        return String::new();
    }
    let shown = |text: String| Excerpt::new(&text).limit(WIDEST).to_string();
    let heads = columns.iter().map(|column| column.to_uppercase());
    let mut lines: Vec<Vec<String>> = vec![heads.collect()];
    for row in rows {
        let cells = columns.iter().map(|column| shown(cell(row, column)));
        lines.push(cells.collect());
    }
    let width = |place: usize| {
        let cells = lines
            .iter()
            .map(|line: &Vec<String>| line[place].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// The items of a list, or the one value.
pub(super) fn rows(value: &Value) -> Vec<&Value> {
    match (&value["data"], value) {
        (Value::Array(items), _) | (_, Value::Array(items)) => items.iter().collect(),
        _ => vec![value],
    }
}

/// The columns that were named, or every field that holds neither a list nor an object.
pub(super) fn columns_of(rows: &[&Value], named: &[String]) -> Vec<String> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let mut columns: Vec<String> = Vec::new();
    for (name, value) in rows.iter().filter_map(|row| row.as_object()).flatten() {
        if !value.is_object() && !value.is_array() && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

/// The named columns that no row has; empty if there are no rows.
pub(super) fn unknown<'c>(value: &Value, columns: &'c [String]) -> Vec<&'c str> {
    let rows = rows(value);
    let is_unknown =
        |column: &&String| !rows.is_empty() && rows.iter().all(|row| at(row, column).is_none());
    let unknown = columns.iter().filter(is_unknown);
    unknown.map(String::as_str).collect()
}

/// The value at `a.b.0`.
fn at<'v>(row: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(row, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    })
}

/// The value at `a.b.0` as text; nothing if there is none.
pub(super) fn cell(row: &Value, path: &str) -> String {
    match at(row, path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_has_the_columns_that_were_asked_for() {
        let list = json!({"data": [
            {"id": "a", "user": {"id": 7}, "note": "x\u{1b}[31m"},
            {"id": "bcd", "note": null, "more": true},
        ]});
        let columns = ["id", "user.id"].map(str::to_owned);
        assert_eq!(write(&list, &columns), "ID   USER.ID\na    7\nbcd\n");
        assert_eq!(
            write(&list, &[]),
            "ID   NOTE         MORE\na    x\\u{1b}[31m\nbcd               true\n"
        );
        let none = json!({"data": []});
        assert_eq!(write(&none, &columns), "ID  USER.ID\n");
        assert_eq!(write(&none, &[]), "");
    }

    #[test]
    fn columns_that_are_nowhere_are_found() {
        let list = json!({"data": [{"id": "a", "user": {"id": 7}}, {"id": "b", "note": null}]});
        let columns = ["id", "user.id", "note", "user.name", "ids"].map(str::to_owned);
        assert_eq!(unknown(&list, &columns), ["user.name", "ids"]);
        assert!(unknown(&json!({"data": []}), &columns).is_empty());
    }
}
