//! All operations and events, with everything that users notice, for review.

use std::fmt::{self, Write};

use super::types::{In, rust};
use upvest_description::ir::{Api, Operation, Success};

/// The table as text.
pub(super) fn operations(api: &Api) -> String {
    let mut table = String::new();
    for operation in &api.operations {
        // Writing to a `String` cannot fail.
        let _ = of_operation(&mut table, api, operation);
    }
    for webhook in &api.webhooks {
        let event = rust(api, &webhook.ty, In::Models);
        let _ = writeln!(table, "{}: webhook {:?}", webhook.id, webhook.name);
        let _ = writeln!(table, "  event       {event}");
    }
    table
}

fn of_operation(table: &mut String, api: &Api, operation: &Operation) -> fmt::Result {
    let (id, method, path) = (&operation.id, &operation.method, &operation.path);
    writeln!(table, "{id}: {method} {path}")?;
    writeln!(table, "  method      {}", operation.name)?;
    writeln!(table, "  tag         {}", operation.tag)?;
    writeln!(table, "  scopes      {}", operation.scopes.join(", "))?;
    writeln!(table, "  idempotent  {}", operation.takes_idempotency_key)?;
    writeln!(table, "  deprecated  {}", operation.deprecated)?;
    for arg in &operation.args {
        let (wire, location, required) = (&arg.wire, arg.location, arg.required);
        writeln!(
            table,
            "  parameter   {wire} in {location:?}, required: {required}"
        )?;
    }
    if let Some(body) = &operation.body {
        let ty = rust(api, &body.ty, In::Models);
        writeln!(table, "  body        {:?} of {ty}", body.encoding)?;
    }
    match &operation.success {
        Success::Json(ty) => writeln!(table, "  answer      {}", rust(api, ty, In::Models)),
        Success::File(media) => writeln!(table, "  answer      a file ({media})"),
        Success::Empty => Ok(()),
    }?;
    match &operation.file {
        Some(media) => writeln!(table, "  also        a file ({media})"),
        None => Ok(()),
    }
}
