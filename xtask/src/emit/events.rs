//! The enum of all events of webhooks, and how an event finds its variant: by its `type`.

use super::text::{block, code, docs, in_macro, literal, literals};
use super::types::{Imports, derived, traits};
use upvest_description::ir::{Api, EVENT, Event, Ty, Webhook};

/// The module of the enum, unless there are no events.
pub(super) const MODULE: &str = "webhook_event";

/// The enum as a file, if there are events.
pub(super) fn module(api: &Api) -> Option<String> {
    let mut events: Vec<(&Webhook, &Event)> = Vec::new();
    for webhook in &api.webhooks {
        if let Some(event) = &webhook.event {
            // Webhooks that deliver the same are one variant.
            if !events.iter().any(|(_, known)| known.def == event.def) {
                events.push((webhook, event));
            }
        }
    }
    if events.is_empty() {
        return None;
    }
    let mut imports = Imports::default();
    for path in [
        "chrono::DateTime",
        "chrono::Utc",
        "serde::Deserialize",
        "uuid::Uuid",
        "crate::event",
        "crate::event::UnknownEvent",
        "crate::union::variants",
    ] {
        imports.path(path);
    }
    for (_, event) in &events {
        imports.def(api, event.def, MODULE);
    }
    Some(format!(
        "{}\n{}{}{}\n{}\n",
        imports.write(),
        definition(api, &events),
        methods(api, &events),
        READING.replace("EVENT", EVENT),
        variants(api, &events).trim_end()
    ))
}

fn definition(api: &Api, events: &[(&Webhook, &Event)]) -> String {
    let all = events.iter().map(|(_, event)| traits(api, event.def));
    let common = all.fold(traits(api, events[0].1.def), |one, other| {
        super::types::Traits {
            eq: one.eq && other.eq,
            hash: one.hash && other.hash,
        }
    });
    let mut out = format!(
        "/// An event of any webhook. Its `type` decides which variant it is.\n\
         ///\n\
         /// The API may add types. An event of a type that this version does not know is kept unchanged, as\n\
         /// `Unknown`.\n\
         #[derive(Clone, Debug, {})]\n\
         #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema), schemars(untagged))]\n\
         #[non_exhaustive]\n\
         pub enum {EVENT} {{\n",
        derived(common)
    );
    for (webhook, event) in events {
        let types: Vec<String> = event.types.iter().map(|one| code(one)).collect();
        let name = webhook.name.replace(['[', ']', '`'], " ");
        out.push_str(&docs(
            "    ",
            &format!("An event of the webhook \"{name}\": {}", types.join(", ")),
        ));
        out.push_str(&format!(
            "    {}({}),\n",
            event.variant,
            api.def(event.def).name
        ));
    }
    out.push_str(
        "    /// An event whose type this version does not know.\n    Unknown(UnknownEvent),\n}\n\n",
    );
    out
}

/// What all events have in common: what it is, the method, its type, the property, and the field of an
/// event that is not known.
const COMMON: &[[&str; 5]] = &[
    [
        "The id of the event. It stays the same when the event is delivered again.",
        "id",
        "Uuid",
        "id",
        "event.id",
    ],
    [
        "The time at which the event happened.",
        "created_at",
        "DateTime<Utc>",
        "created_at",
        "event.created_at",
    ],
    [
        "The type of the event, as its `type` says.",
        "event_type",
        "&str",
        "type",
        "&event.type_",
    ],
    [
        "The id of the webhook subscription that the delivery belongs to. `None` if an event of an unknown \
         type does not say.",
        "webhook_id",
        "Option<Uuid>",
        "webhook_id",
        "event.webhook_id",
    ],
];

/// A property of an event, as the method for it returns it.
fn value(api: &Api, event: &Event, wire: &str) -> String {
    let field = api
        .structure(&Ty::Def(event.def))
        .and_then(|(_, structure)| structure.field(wire));
    let Some(field) = field else {
        return String::new();
    };
    let value = format!("event.{}", field.name);
    let value = match field.ty {
        Ty::Def(_) if wire == "type" => format!("{value}.as_str()"),
        Ty::Def(_) => format!("{value}.into()"),
        _ => value,
    };
    match wire {
        "webhook_id" => format!("Some({value})"),
        _ => value,
    }
}

fn methods(api: &Api, events: &[(&Webhook, &Event)]) -> String {
    let known = events.iter().flat_map(|(_, event)| &event.types);
    let mut out = format!(
        "impl {EVENT} {{\n    /// The values of `type` that this version knows.\n    \
         pub const KNOWN_TYPES: &'static [&'static str] = &[{}];\n\n    \
         /// Reads an event from JSON.\n    ///\n    /// # Errors\n    ///\n    \
         /// When the text is not JSON, when an event of a known type does not match its description, or when\n    \
         /// an event of an unknown type has no `id` or `created_at`.\n    \
         // This reads every type of event, so only crates that call it are to compile it.\n    \
         #[inline]\n    \
         pub fn from_json(json: &str) -> serde_json::Result<Self> {{\n        \
         match event::type_of(json)?.as_str() {{\n",
        literals(known)
    );
    for (_, event) in events {
        let types: Vec<String> = event.types.iter().map(|one| literal(one)).collect();
        out.push_str(&format!(
            "            {} => serde_json::from_str(json).map(Self::{}),\n",
            types.join(" | "),
            event.variant
        ));
    }
    out.push_str(
        "            _ => UnknownEvent::from_json(json).map(Self::Unknown),\n        }\n    }\n",
    );
    for [text, name, ty, wire, of_unknown] in COMMON {
        out.push('\n');
        out.push_str(&docs("    ", text));
        out.push_str(&format!(
            "    pub fn {name}(&self) -> {ty} {{\n        match self {{\n"
        ));
        for (_, event) in events {
            let value = value(api, event, wire);
            out.push_str(&format!(
                "            Self::{}(event) => {value},\n",
                event.variant
            ));
        }
        out.push_str(&format!(
            "            Self::Unknown(event) => {of_unknown},\n        }}\n    }}\n"
        ));
    }
    out.push_str("}\n\n");
    out
}

/// Through text, so that no number in an event that is not known passes through a floating-point
/// number.
const READING: &str = "\
/// From JSON: the event is kept as text until its type is known.
impl<'de> Deserialize<'de> for EVENT {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = event::text(deserializer)?;
        Self::from_json(&text).map_err(serde::de::Error::custom)
    }
}
";

/// How an event is written, and made from each variant.
fn variants(api: &Api, events: &[(&Webhook, &Event)]) -> String {
    let variants: Vec<String> = events
        .iter()
        .map(|(_, event)| format!("{}({})", event.variant, api.def(event.def).name))
        .collect();
    in_macro("variants!", &block(EVENT, &variants))
}
