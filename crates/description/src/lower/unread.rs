//! Members of a document that are not used. They are reported, wherever they stand.

use serde_json::Value;

use crate::ir::LeftOut;
use crate::read::cursor::Cursor;
use crate::read::walk::{self, Object};

/// Members that have no counterpart in the client. `false` means the same as no such member.
const WITHOUT_EFFECT: &[&str] = &[
    "allowEmptyValue",
    "allowReserved",
    "callbacks",
    "encoding",
    "links",
    "servers",
];

/// Members that hold no object, and are read in other places.
fn known(object: Object) -> &'static [&'static str] {
    match object {
        Object::Document => &["info", "openapi", "security", "servers", "tags"],
        Object::Components => &["examples", "securitySchemes"],
        Object::Operation => &["deprecated", "operationId", "security", "tags"],
        Object::Parameter => &["deprecated", "explode", "in", "name", "required", "style"],
        Object::Response => &["required"],
        // What is not known in a schema is refused where the schema is read.
        _ => &[],
    }
}

/// All of them, in the order of the document.
pub(super) fn find(root: &Cursor<'_>) -> Vec<LeftOut> {
    let mut found = Vec::new();
    walk::members(root, &mut |object, owner, member, name| {
        let is_schema = matches!(object, Object::Schema | Object::Variant);
        let says_nothing = member.value() == &Value::Bool(false);
        let reason = match name {
            "$ref" => return,
            _ if says_nothing || walk::is_words(name) || name.starts_with("x-") => return,
            _ if owner.get("$ref").is_some() => "OpenAPI 3.0 ignores what is beside a `$ref`",
            _ if is_schema || known(object).contains(&name) => return,
            _ if WITHOUT_EFFECT.contains(&name) => "the client has nothing like it",
            _ if object.member(name).is_some() => return,
            _ => "OpenAPI 3.0 has no such member here",
        };
        found.push(LeftOut {
            pointer: member.pointer().clone(),
            reason: reason.to_owned(),
        });
    });
    found
}
