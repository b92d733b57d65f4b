//! Comma-separated values (RFC 4180).

use serde_json::Value;

use super::table::{cell, columns_of, rows};

/// A line of names, and a line for each item of a list, or for one value.
pub(super) fn write(value: &Value, columns: &[String]) -> String {
    let rows = rows(value);
    let columns = columns_of(&rows, columns);
    if columns.is_empty() {
        return String::new();
    }
    let mut text = line(columns.iter().cloned());
    for row in rows {
        text.push_str(&line(columns.iter().map(|column| cell(row, column))));
    }
    text
}

fn line(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(|value| quoted(&value)).collect();
    format!("{}\r\n", values.join(","))
}

fn quoted(value: &str) -> String {
    match value.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_special_is_quoted() {
        let list = json!({"data": [{"a": "x,\"y\"", "b": 1.50}, {"a": "line\nline"}]});
        assert_eq!(
            write(&list, &[]),
            "a,b\r\n\"x,\"\"y\"\"\",1.5\r\n\"line\nline\",\r\n"
        );
        assert_eq!(write(&json!({"data": []}), &[]), "");
    }
}
