//! What users of the generated code can name, one item a line, in an order in which two versions can be
//! compared.

use std::collections::BTreeMap;

use super::files::{CLIENT, Files, MODELS, SURFACE};
use super::types::{In, derived, of_field, rust, traits};
use super::{reference, table};
use upvest_description::ir::{Api, Def, DefId, EVENT, Id, Operation, Struct, Success, TypeKind};

/// The items of a surface, by their path.
pub type Surface = BTreeMap<String, String>;

/// The files of both surfaces, the table of operations, and the chapter of the book about them.
pub fn files(api: &Api) -> Files {
    let file = |generated: &str, name: &str, what: &str, text: &str| {
        let directory = generated.trim_end_matches("/src/generated");
        let head = format!("# {what}. Written by `{SURFACE}`, reviewed like code.\n");
        (format!("{directory}/{name}.txt").into(), head + text)
    };
    let lines = |surface: Surface| {
        surface
            .values()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let names = "What users can name of the generated code";
    let operations = "All operations and events";
    Files::from([
        file(MODELS, "surface", names, &lines(models(api))),
        file(CLIENT, "surface", names, &lines(client(api))),
        file(CLIENT, "operations", operations, &table::operations(api)),
        (reference::FILE.into(), reference::chapter(api)),
    ])
}

/// The items of the models.
pub fn models(api: &Api) -> Surface {
    let mut surface = Surface::new();
    for (id, def) in api.ids() {
        of_def(api, id, def, &mut surface);
    }
    for event in api.webhooks.iter().filter_map(|one| one.event.as_ref()) {
        let path = format!("{EVENT}::{}", event.variant);
        let line = format!("pub {path}({})", api.def(event.def).name);
        surface.insert(path, line);
    }
    surface
}

fn of_def(api: &Api, id: DefId, def: &Def, surface: &mut Surface) {
    let name = &def.name;
    let mut add = |path: String, line: String| drop(surface.insert(path, line));
    let traits = derived(traits(api, id));
    match &def.kind {
        TypeKind::Struct(structure) => of_struct(api, def, structure, &traits, &mut add),
        TypeKind::Enum(values) => {
            add(name.clone(), format!("pub open enum {name}"));
            for value in values {
                let path = format!("{name}::{}", value.name);
                add(path.clone(), format!("pub {path} = {:?}", value.wire));
            }
        }
        TypeKind::Union(union) => {
            add(name.clone(), format!("pub union {name}: {traits}"));
            for variant in union.variants.iter().map(|id| &api.def(*id).name) {
                let path = format!("{name}::{variant}");
                add(path.clone(), format!("pub {path}({variant})"));
            }
        }
        TypeKind::Id(Id::Uuid) => add(name.clone(), format!("pub id {name}(Uuid)")),
        TypeKind::Id(Id::Text) => add(name.clone(), format!("pub id {name}(String)")),
    }
    if def.usage.read && matches!(def.kind, TypeKind::Struct(_) | TypeKind::Union(_)) {
        let path = format!("{name}::example");
        add(path.clone(), format!("pub fn {path}()"));
    }
}

/// A struct with its fields, and its constructor or builder.
fn of_struct(
    api: &Api,
    def: &Def,
    structure: &Struct,
    traits: &str,
    add: &mut impl FnMut(String, String),
) {
    let name = &def.name;
    add(name.clone(), format!("pub struct {name}: {traits}"));
    for field in &structure.fields {
        let path = format!("{name}.{}", field.name);
        let line = format!("pub {path}: {}", of_field(api, field, In::Models));
        add(path, line);
    }
    if let Some((rest, ty)) = &structure.rest {
        let path = format!("{name}.{rest}");
        let line = format!(
            "pub {path}: BTreeMap<String, {}>",
            rust(api, ty, In::Models)
        );
        add(path, line);
    }
    let required = structure.fields.iter().filter(|one| one.is_asked_for());
    let required: Vec<String> = required
        .map(|one| format!("{}: {}", one.name, of_field(api, one, In::Models)))
        .collect();
    match def.builder() {
        Some(builder) => {
            let path = format!("{name}::builder");
            let line = format!("pub fn {path}() -> {builder} {{{}}}", required.join(", "));
            add(path, line);
        }
        None if def.usage.sent => {
            let path = format!("{name}::new");
            add(
                path.clone(),
                format!("pub fn {path}({})", required.join(", ")),
            );
        }
        None => {}
    }
}

/// The items of the client.
pub fn client(api: &Api) -> Surface {
    let mut surface = Surface::new();
    for operation in &api.operations {
        let path = format!("Client::{}", operation.name);
        surface.insert(path, method(api, operation));
        let constant = operation.constant();
        let path = format!("operations::{constant}");
        surface.insert(path.clone(), format!("pub static {path}: OperationInfo"));
        let call = operation.call();
        for arg in operation.args.iter().filter(|arg| !arg.required) {
            let path = format!("calls::{call}::{}", arg.name);
            let line = format!("pub fn {path}({})", rust(api, &arg.ty, In::Client));
            surface.insert(path, line);
        }
        if operation.file.is_some() {
            let path = format!("calls::{call}::file");
            surface.insert(path.clone(), format!("pub fn {path}() -> File"));
        }
        if let Some(paging) = &operation.paging {
            let path = format!("calls::{call}::stream");
            let item = rust(api, &paging.item, In::Client);
            surface.insert(path.clone(), format!("pub fn {path}() -> {item}"));
        }
    }
    surface
}

fn method(api: &Api, operation: &Operation) -> String {
    let required = operation.args.iter().filter(|arg| arg.required);
    let mut parameters: Vec<String> = required
        .map(|arg| format!("{}: {}", arg.name, rust(api, &arg.ty, In::Client)))
        .collect();
    if let Some(body) = &operation.body {
        parameters.push(format!("body: {}", rust(api, &body.ty, In::Client)));
    }
    let answer = match &operation.success {
        Success::Json(ty) => rust(api, ty, In::Client),
        Success::Empty => "()".to_owned(),
        Success::File(_) => "File".to_owned(),
    };
    let deprecated = if operation.deprecated {
        "#[deprecated] "
    } else {
        ""
    };
    format!(
        "{deprecated}pub fn Client::{}({}) -> calls::{}: {answer}",
        operation.name,
        parameters.join(", "),
        operation.call()
    )
}
