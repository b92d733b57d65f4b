//! Checks all names before anything is written: no name is reserved or used twice, and Rust allows
//! each of them. An error gives the place, and the action of the overlay that corrects it.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Fault, Pointer, Result};
use crate::ir::{Api, Def, EVENT, Operation, TypeKind, shape};
use crate::names::{UNKNOWN, is_identifier};

/// Names that generated files import or rely on.
const TYPES: &[&str] = &[
    "Argument",
    "AsRef",
    "BTreeMap",
    "Box",
    "Clone",
    "Copy",
    "DateTime",
    "Debug",
    "Decimal",
    "Default",
    "Deserialize",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Given",
    "Hash",
    "Into",
    "Iterator",
    "Maybe",
    "NaiveDate",
    "None",
    "Ok",
    "Option",
    "Optional",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Personal",
    "Result",
    "Secret",
    "Self",
    "Send",
    "Serialize",
    "Shape",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "UnknownEvent",
    "Unset",
    "Utc",
    "Uuid",
    "Value",
    "Vec",
    EVENT,
];

/// The same for the client, whose calls are types too.
const CALLS: &[&str] = &[
    "Argument",
    "Box",
    "Call",
    "Client",
    "Clone",
    "Debug",
    "Default",
    "Err",
    "Error",
    "From",
    "Future",
    "Into",
    "IntoFuture",
    "Iterator",
    "None",
    "Ok",
    "OperationInfo",
    "Option",
    "OptionalArgument",
    "Result",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "Vec",
];

/// Checks all names.
///
/// # Errors
/// At the first name that is not allowed.
pub(super) fn all(api: &Api) -> Result<()> {
    types(api)?;
    for def in &api.defs {
        members(api, &def.name, &def.kind, def.pointer())?;
    }
    operations(api)?;
    events(api)
}

/// Refuses a name.
fn refuse(what: &str, name: &str, why: &str, action: &str, at: &Pointer) -> Error {
    let called = match name.is_empty() {
        true => format!("{what} has no letter or digit to make a name of"),
        false => format!("{what} would be called `{name}`, {why}"),
    };
    Error::new(called, "give it another name")
        .with_fault(Fault::Undecided(action.to_owned()))
        .at(at)
}

/// Names of one kind that may not be used twice.
#[derive(Default)]
struct Taken<'a>(HashMap<&'a str, String>);

impl<'a> Taken<'a> {
    fn take(&mut self, what: &str, name: &'a str, action: &str, at: &Pointer) -> Result<()> {
        if !is_identifier(name) {
            let why = "which is not a name that Rust allows";
            return Err(refuse(what, name, why, action, at));
        }
        match self.0.insert(name, format!("{what} at {at}")) {
            None => Ok(()),
            Some(other) => {
                let why = format!("as {other} already is");
                Err(refuse(what, name, &why, action, at))
            }
        }
    }
}

fn types(api: &Api) -> Result<()> {
    let action = "x-rust-name: AnotherName";
    let builders: Vec<(String, &Def)> = api
        .defs
        .iter()
        .filter_map(|def| Some((def.builder()?, def)))
        .collect();
    let mut taken = Taken::default();
    for def in &api.defs {
        if TYPES.contains(&def.name.as_str()) {
            let why = "a name that the generated code needs itself";
            return Err(refuse("this schema", &def.name, why, action, def.pointer()));
        }
        let is_step = def
            .name
            .strip_prefix("Set")
            .is_some_and(|rest| rest.parse::<u32>().is_ok());
        if is_step || def.name == "SetterKind" {
            let why = "a name that the generated code needs itself";
            return Err(refuse("this schema", &def.name, why, action, def.pointer()));
        }
        taken.take("this schema", &def.name, action, def.pointer())?;
    }
    for (builder, def) in &builders {
        taken.take("the builder of this schema", builder, action, def.pointer())?;
    }
    for module in api.operations.iter().map(|one| (&one.module, &one.pointer)) {
        if !is_identifier(module.0) {
            let what = "the module of the first tag";
            let action = "tags: [Another Name]";
            return Err(refuse(what, module.0, "which cannot be", action, module.1));
        }
    }
    for webhook in &api.webhooks {
        if !is_identifier(&webhook.module) {
            let what = "the module of the first tag";
            let action = "tags: [Another Name]";
            return Err(refuse(
                what,
                &webhook.module,
                "which cannot be",
                action,
                &webhook.pointer,
            ));
        }
    }
    Ok(())
}

fn members(api: &Api, of: &str, kind: &TypeKind, at: &Pointer) -> Result<()> {
    let mut taken = Taken::default();
    match kind {
        TypeKind::Struct(structure) => {
            for field in &structure.fields {
                let what = format!("the property `{}`", field.wire);
                taken.take(
                    &what,
                    &field.name,
                    "x-rust-field: another_name",
                    &field.pointer,
                )?;
            }
            structure.rest.iter().try_for_each(|(name, _)| {
                taken.take(
                    "what further properties go to",
                    name,
                    "x-rust-field: another_name",
                    at,
                )
            })
        }
        TypeKind::Enum(values) => values.iter().try_for_each(|value| {
            let what = format!("the value `{}` of the enum `{of}`", value.wire);
            let action = format!("x-rust-values: {{{:?}: AnotherName}}", value.wire);
            if value.name == UNKNOWN {
                return Err(refuse(
                    &what,
                    UNKNOWN,
                    "which is for all other values",
                    &action,
                    at,
                ));
            }
            taken.take(&what, &value.name, &action, at)
        }),
        TypeKind::Union(union) => {
            for variant in union.variants.iter().map(|id| api.def(*id)) {
                if variant.name == UNKNOWN {
                    let action = "x-rust-name: AnotherName";
                    let why = "which is for all other variants";
                    let at = variant.pointer();
                    return Err(refuse("this variant", UNKNOWN, why, action, at));
                }
            }
            variants(api, union, at)
        }
        TypeKind::Id(_) => Ok(()),
    }
}

/// Every value has to find its variant.
fn variants(api: &Api, union: &crate::ir::Union, at: &Pointer) -> Result<()> {
    let shapes = shape::shapes(api, union);
    for (index, one) in shapes.iter().enumerate() {
        let other = shapes[..index].iter().position(|other| one.is_like(other));
        if let Some(other) = other.filter(|_| !union.in_order) {
            let objects = union.objects(api);
            let name = |index: usize| &api.def(objects[index]).name;
            return Err(Error::new(
                format!(
                    "nothing tells `{}` from `{}`: there are values that fit both",
                    name(index),
                    name(other)
                ),
                "say by an `enum` of one value, or by `required`, which is which",
            )
            .with_fault(Fault::Undecided("x-rust-variants: in order".to_owned()))
            .at(at));
        }
    }
    Ok(())
}

fn operations(api: &Api) -> Result<()> {
    let action = "x-rust-name: another_name";
    let mut methods = Taken::default();
    let mut values: BTreeMap<String, &Operation> = BTreeMap::new();
    for operation in &api.operations {
        let what = format!("the operation `{}`", operation.id);
        methods.take(&what, &operation.name, action, &operation.pointer)?;
        let call = operation.call();
        if CALLS.contains(&call.as_str()) || !is_identifier(&call) {
            let why = "a name that the generated code needs itself";
            return Err(refuse(&what, &call, why, action, &operation.pointer));
        }
        // A call and the constant of an operation are both values.
        for value in [call, operation.constant()] {
            if let Some(other) = values.insert(value.clone(), operation) {
                let why = format!("as something of the operation `{}` already is", other.id);
                return Err(refuse(&what, &value, &why, action, &operation.pointer));
            }
        }
        let mut arguments = Taken::default();
        for arg in &operation.args {
            let what = format!("the parameter `{}` of `{}`", arg.wire, operation.id);
            arguments.take(&what, &arg.name, action, &arg.pointer)?;
        }
    }
    Ok(())
}

/// Every event has its own variant, and every value of `type` has one event.
fn events(api: &Api) -> Result<()> {
    let action = "x-rust-name: AnotherEvent";
    let mut known: BTreeMap<&str, &crate::ir::Event> = BTreeMap::new();
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    for webhook in &api.webhooks {
        let Some(event) = &webhook.event else {
            continue;
        };
        // Webhooks that deliver the same are one variant.
        if known.values().any(|other| other.def == event.def) {
            continue;
        }
        for value in &event.types {
            if let Some(other) = types.insert(value, &webhook.name) {
                return Err(Error::new(
                    format!("an event of the type `{value}` may be one of `{other}`, too"),
                    "list each value of `type` at one webhook alone",
                )
                .at(&webhook.pointer));
            }
        }
        if event.variant == UNKNOWN || known.insert(&event.variant, event).is_some() {
            let what = format!("the variant of `{EVENT}` for it");
            let why = "which is taken";
            return Err(refuse(&what, &event.variant, why, action, &webhook.pointer));
        }
    }
    Ok(())
}
