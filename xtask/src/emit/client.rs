//! The client: a method for each operation, which takes required values, a type for its call, and a
//! setter for each optional argument.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Modules;
use super::limits;
use super::text::{call, code, docs, import, literal, literals};
use super::types::{In, rust};
use upvest_description::ir::{Api, Arg, COMMON, Encoding, Location, Operation, Success};

/// All files of the client.
pub(super) fn modules(api: &Api) -> Modules {
    let mut tags: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &api.operations {
        tags.entry(&operation.module).or_default().push(operation);
    }
    let mut modules = Modules::new();
    for (name, operations) in &tags {
        modules.insert((*name).to_owned(), module(api, operations));
    }
    modules.insert(COMMON.to_owned(), common(api));
    let names: Vec<&String> = modules.keys().collect();
    let mut root: String = names.iter().map(|name| format!("mod {name};\n")).collect();
    root.push_str("\npub use common::*;\n\n");
    let calls = listed(&tags, Operation::call);
    let constants = listed(&tags, Operation::constant);
    root.push_str(&format!(
        "/// One call per operation. The methods of [`Client`](crate::Client) return them.\n\
         pub mod calls {{\n{calls}}}\n\n\
         /// One constant per operation: what the description says about it besides its types.\n\
         pub mod operations {{\n{constants}}}\n"
    ));
    modules.insert("mod".to_owned(), root);
    modules
}

/// The re-exports of each module.
fn listed(tags: &BTreeMap<&str, Vec<&Operation>>, name: fn(&Operation) -> String) -> String {
    let mut out = String::new();
    for (module, operations) in tags {
        let names: Vec<String> = operations.iter().map(|one| name(one)).collect();
        for line in import(&format!("super::{module}"), &names).lines() {
            let line = line.replacen("use ", "pub use ", 1);
            out.push_str(&format!("    {line}\n"));
        }
    }
    out
}

/// The operations of one tag.
fn module(api: &Api, operations: &[&Operation]) -> String {
    let mut body = String::new();
    for operation in operations {
        body.push_str(&info(api, operation));
    }
    body.push_str("impl Client {\n");
    let methods: Vec<String> = operations.iter().map(|one| method(api, one)).collect();
    body.push_str(&methods.join("\n"));
    body.push_str("}\n\n");
    for operation in operations {
        body.push_str(&declaration(api, operation));
    }
    for operation in operations {
        body.push_str(&setters(api, operation));
    }
    for operation in operations {
        if let Some(paging) = &operation.paging {
            let page = &api.def(paging.page).name;
            let item = rust(api, &paging.item, In::Client);
            body.push_str(&format!(
                "\npaged! {{ {} -> models::{page}, {item} }}\n",
                operation.call()
            ));
        }
    }
    format!("{}{body}", imports(operations, &body))
}

fn imports(operations: &[&Operation], body: &str) -> String {
    let mut runtime = BTreeSet::from(["Call", "Client", "OperationInfo", "operation"]);
    for arg in operations.iter().flat_map(|operation| &operation.args) {
        runtime.insert(if arg.required {
            "Argument"
        } else {
            "OptionalArgument"
        });
    }
    if operations
        .iter()
        .any(|operation| operation.paging.is_some())
    {
        runtime.insert("paged");
    }
    let names: Vec<String> = runtime.into_iter().map(str::to_owned).collect();
    let runtime = import("crate::runtime", &names);
    let models = match body.contains("models::") {
        true => "use upvest_models as models;\n",
        false => "",
    };
    format!("{models}{runtime}\n")
}

/// What all modules share: the table of operations, and what the runtime needs to know about pages.
fn common(api: &Api) -> String {
    let mut pages: BTreeMap<&str, String> = BTreeMap::new();
    for paging in api.operations.iter().filter_map(|one| one.paging.as_ref()) {
        let page = &api.def(paging.page).name;
        let item = rust(api, &paging.item, In::Client);
        let meta = ["offset", "limit", "total_count"].into_iter();
        let told: String = meta
            .filter_map(|wire| Some((wire, paging.told(wire)?)))
            .map(|(wire, name)| format!(", {wire}: meta.{name}"))
            .collect();
        pages.insert(
            page,
            format!("\npage! {{ models::{page} => {item}{told} }}\n"),
        );
    }
    let constants: String = api
        .operations
        .iter()
        .map(|one| format!("    &super::{}::{},\n", one.module, one.constant()))
        .collect();
    let (page, models) = match pages.is_empty() {
        true => ("OperationInfo", ""),
        false => ("{OperationInfo, page}", "use upvest_models as models;\n"),
    };
    let pages: String = pages.into_values().collect();
    format!(
        "use crate::runtime::{page};\n{models}\n\
         /// The version of the API description that this client was generated from.\n\
         pub const API_DESCRIPTION_VERSION: &str = {};\n\n\
         /// Every operation of the API, in the order of the description.\n\
         pub static OPERATIONS: &[&OperationInfo] = &[\n{constants}];\n{pages}",
        literal(&api.version)
    )
}

fn info(api: &Api, operation: &Operation) -> String {
    let Operation {
        id,
        method,
        path,
        tag,
        scopes,
        takes_idempotency_key,
        deprecated,
        ..
    } = operation;
    format!(
        "/// {}\npub static {}: OperationInfo = OperationInfo {{\n    id: {},\n    \
         method: http::Method::{method},\n    path: {},\n    tag: {},\n    scopes: &[{}],\n    \
         takes_idempotency_key: {takes_idempotency_key},\n    deprecated: {deprecated},\n    limits: &[{}],\n}};\n\n",
        code(&format!("{method} {path}")),
        operation.constant(),
        literal(id),
        literal(path),
        literal(tag),
        literals(scopes),
        limits::arguments(api, operation)
    )
}

/// The method of the client, which takes required values.
fn method(api: &Api, operation: &Operation) -> String {
    let mut out = docs("    ", &method_docs(operation));
    if operation.deprecated {
        let note = match &operation.replacement {
            Some(replacement) => format!("call `{replacement}` instead"),
            None => "the description of the API deprecates it and names no replacement".to_owned(),
        };
        out.push_str(&format!("    #[deprecated = {}]\n", literal(&note)));
    }
    let name = operation.call();
    let mut parameters = vec!["&self".to_owned()];
    let mut steps = String::new();
    for arg in operation.args.iter().filter(|arg| arg.required) {
        let ty = rust(api, &arg.ty, In::Client);
        parameters.push(format!("{}: impl Argument<{ty}>", arg.name));
        steps.push_str(&format!("        call.{};\n", step(arg)));
    }
    if let Some(body) = &operation.body {
        let ty = rust(api, &body.ty, In::Client);
        parameters.push(format!("body: impl Into<{ty}>"));
        let write = match body.encoding {
            Encoding::Json => "json",
            Encoding::Form => "form",
        };
        steps.push_str(&format!("        call.{write}::<{ty}>(body);\n"));
    }
    let tail = format!(" -> {name} {{");
    out.push_str(&call(
        "    ",
        &format!("pub fn {}", operation.name),
        &parameters,
        &tail,
    ));
    let new = format!("Call::new(self, &{})", operation.constant());
    match steps.is_empty() {
        true => out.push_str(&format!("        {name}({new})\n    }}\n")),
        false => out.push_str(&format!(
            "        let mut call = {new};\n{steps}        {name}(call)\n    }}\n"
        )),
    }
    out
}

/// How the call takes an argument.
fn step(arg: &Arg) -> String {
    let method = match arg.location {
        Location::Path => "path",
        Location::Query if arg.joined => "query_joined",
        Location::Query => "query",
        Location::Header => "header",
    };
    format!("{method}({}, {})", literal(&arg.wire), arg.name)
}

fn method_docs(operation: &Operation) -> String {
    let scopes: Vec<String> = operation.scopes.iter().map(|one| code(one)).collect();
    let scopes = match scopes.as_slice() {
        [] => String::new(),
        [scope] => format!("\n\nTakes a token with the scope {scope}."),
        several => format!(
            "\n\nTakes a token with one of the scopes {}.",
            several.join(", ")
        ),
    };
    let file = match &operation.file {
        Some(media_type) => format!(
            "\n\n[`file`]({}::file) on the call asks for a file instead of JSON: {}.",
            operation.call(),
            code(media_type)
        ),
        None => String::new(),
    };
    let required = operation.args.iter().filter(|arg| arg.required);
    let mut arguments: Vec<String> = required
        .map(|arg| {
            let docs = arg.docs.as_deref().unwrap_or("Not described.");
            let lines: Vec<&str> = docs.split_whitespace().collect();
            format!("- `{}`: {}", arg.name, lines.join(" "))
        })
        .collect();
    if operation.body.is_some() {
        arguments.push("- `body`: The body of the request.".to_owned());
    }
    let gap = if arguments.is_empty() { "" } else { "\n\n" };
    let text = operation.docs.trim();
    let stop = match text.is_empty() || text.ends_with(['.', '!', '?', ':', '`']) {
        true => "",
        false => ".",
    };
    format!("{text}{stop}{file}{scopes}{gap}{}", arguments.join("\n"))
}

fn declaration(api: &Api, operation: &Operation) -> String {
    let answer = match &operation.success {
        Success::Json(ty) => format!("Json<{}>", rust(api, ty, In::Client)),
        Success::Empty => "Empty".to_owned(),
        Success::File(media_type) => file(media_type),
    };
    let instead = operation.file.as_deref().map(file);
    let instead = instead.map_or(String::new(), |file| format!(" or {file}"));
    format!(
        "operation! {{ {}, {} -> {answer}{instead} }}\n",
        operation.call(),
        operation.name
    )
}

fn file(media_type: &str) -> String {
    format!("File({})", literal(media_type))
}

/// A setter for each optional argument.
fn setters(api: &Api, operation: &Operation) -> String {
    let optional = operation.args.iter().filter(|arg| !arg.required);
    let setters: Vec<String> = optional
        .map(|arg| {
            let ty = rust(api, &arg.ty, In::Client);
            let mut out = docs("    ", arg.docs.as_deref().unwrap_or_default());
            let parameters = [
                "mut self".to_owned(),
                format!("{}: impl OptionalArgument<{ty}, K>", arg.name),
            ];
            let head = format!("pub fn {}<K>", arg.name);
            out.push_str(&call("    ", &head, &parameters, " -> Self {"));
            out.push_str(&format!(
                "        self.0.{};\n        self\n    }}\n",
                step(arg)
            ));
            out
        })
        .collect();
    match setters.is_empty() {
        true => String::new(),
        false => format!("\nimpl {} {{\n{}}}\n", operation.call(), setters.join("\n")),
    }
}
