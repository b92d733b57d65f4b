//! The vocabulary: every kind of change, and what it means for whom.

use serde::{Serialize, Serializer};

use super::{Class, Step};
use Class::{Additive, Breaking, Harmless};
use Step::{Major, Minor, None as Stays, Patch};

/// What a kind of change means.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The kind.
    pub kind: Kind,
    /// What it is called in reports.
    pub name: &'static str,
    /// What it is to those who read the thing that changes.
    pub reads: Option<Class>,
    /// What it is to those who send it.
    pub sends: Option<Class>,
    /// What it is to those who name it in Rust.
    pub names: Option<Class>,
    /// What it asks of `upvest-models`.
    pub models: Step,
    /// What it asks of `upvest-client`.
    pub client: Step,
}

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $kind:ident: $name:literal, [$reads:expr, $sends:expr, $names:expr], $models:expr, $client:expr;)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)] // The names in the table say it.
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        /// The rule of each kind, in the order of [`Kind`].
        pub const RULES: &[Rule] = &[$(
            Rule {
                kind: Kind::$kind,
                name: $name,
                reads: $reads,
                sends: $sends,
                names: $names,
                models: $models,
                client: $client,
            },
        )*];
    };
}

const NONE: Option<Class> = None;
const HARMLESS: Option<Class> = Some(Harmless);
const ADDITIVE: Option<Class> = Some(Additive);
const BREAKING: Option<Class> = Some(Breaking);

// kind: name, [who reads it, who sends it, who names it], step of the models, step of the client
vocabulary! {
    VersionChanged: "version changed", [NONE, NONE, NONE], Patch, Patch;
    /// Servers, tags, examples and whatever else generates nothing.
    Elsewhere: "changed elsewhere", [NONE, NONE, NONE], Patch, Patch;

    OperationAdded: "operation added", [NONE, ADDITIVE, ADDITIVE], Stays, Minor;
    OperationRemoved: "operation removed", [NONE, BREAKING, BREAKING], Stays, Major;
    OperationRenamed: "operation renamed", [NONE, NONE, BREAKING], Stays, Major;
    /// Another method or path: what runs calls the old one, what is built anew calls the new one.
    OperationMoved: "operation moved", [NONE, BREAKING, NONE], Stays, Patch;
    OperationDeprecated: "operation deprecated", [NONE, ADDITIVE, ADDITIVE], Stays, Minor;
    OperationRestored: "operation no longer deprecated", [NONE, HARMLESS, HARMLESS], Stays, Patch;
    OperationRetagged: "operation under another tag", [NONE, NONE, HARMLESS], Patch, Patch;
    OperationDescribed: "operation described differently", [NONE, NONE, NONE], Stays, Patch;
    /// A client that was not granted the scope gets no token for the call.
    ScopeAdded: "scope added", [NONE, BREAKING, NONE], Stays, Major;
    ScopeRemoved: "scope removed", [NONE, HARMLESS, NONE], Stays, Patch;
    StatusAdded: "status added", [HARMLESS, NONE, NONE], Stays, Stays;
    StatusRemoved: "status removed", [HARMLESS, NONE, NONE], Stays, Stays;
    AnswerChanged: "answer of another type", [BREAKING, NONE, BREAKING], Stays, Major;
    BodyAdded: "body added", [NONE, BREAKING, BREAKING], Stays, Major;
    BodyRemoved: "body removed", [NONE, BREAKING, BREAKING], Stays, Major;
    BodyChanged: "body of another type", [NONE, BREAKING, BREAKING], Stays, Major;
    /// JSON or a form: the same body is written differently.
    BodyRecoded: "body written differently", [NONE, BREAKING, NONE], Stays, Patch;

    ParameterAdded: "parameter added", [NONE, ADDITIVE, ADDITIVE], Stays, Minor;
    ParameterDemanded: "required parameter added", [NONE, BREAKING, BREAKING], Stays, Major;
    ParameterRemoved: "parameter removed", [NONE, BREAKING, BREAKING], Stays, Major;
    /// From the query to a header, or the like; the caller sets it as before.
    ParameterMoved: "parameter moved", [NONE, BREAKING, NONE], Stays, Patch;
    ParameterRequired: "parameter required", [NONE, BREAKING, BREAKING], Stays, Major;
    ParameterOptional: "parameter optional", [NONE, ADDITIVE, NONE], Stays, Minor;
    ParameterChanged: "parameter of another type", [NONE, BREAKING, BREAKING], Stays, Major;
    ParameterDeprecated: "parameter deprecated", [NONE, ADDITIVE, NONE], Stays, Patch;
    ParameterRestored: "parameter no longer deprecated", [NONE, HARMLESS, NONE], Stays, Patch;
    ParameterDescribed: "parameter described differently", [NONE, NONE, NONE], Stays, Patch;
    ParameterTightened: "limit of a parameter tightened", [NONE, BREAKING, NONE], Stays, Stays;
    ParameterLoosened: "limit of a parameter loosened", [NONE, ADDITIVE, NONE], Stays, Stays;
    ParameterDefault: "default of a parameter changed", [NONE, BREAKING, NONE], Stays, Stays;
    /// Names of headers are the same in any case.
    HeaderSpelled: "header spelled differently", [NONE, HARMLESS, NONE], Stays, Patch;
    /// The middleware sets it, not the caller.
    HeaderOfMiddleware: "header of the middleware changed", [NONE, HARMLESS, NONE], Stays, Stays;

    TypeAdded: "type added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays;
    TypeRemoved: "type removed", [NONE, NONE, BREAKING], Major, Stays;
    TypeRenamed: "type renamed", [NONE, NONE, BREAKING], Major, Major;
    TypeRebuilt: "type of another kind", [BREAKING, BREAKING, BREAKING], Major, Stays;
    TypeDescribed: "type described differently", [NONE, NONE, NONE], Patch, Stays;

    FieldAdded: "field added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays;
    /// An answer has it in any case; a body is refused without it.
    FieldDemanded: "required field added", [ADDITIVE, BREAKING, ADDITIVE], Minor, Stays;
    FieldRemoved: "field removed", [BREAKING, BREAKING, BREAKING], Major, Stays;
    FieldChanged: "field of another type", [BREAKING, BREAKING, BREAKING], Major, Stays;
    FieldRequired: "field required", [HARMLESS, BREAKING, BREAKING], Major, Stays;
    FieldOptional: "field optional", [BREAKING, ADDITIVE, BREAKING], Major, Stays;
    FieldNullable: "field may be null", [BREAKING, ADDITIVE, BREAKING], Major, Stays;
    FieldNotNullable: "field no longer null", [HARMLESS, BREAKING, BREAKING], Major, Stays;
    /// Of absence and null one is allowed as before, so that it is an `Option` as before.
    FieldStricter: "absence or null of a field ruled out", [HARMLESS, BREAKING, NONE], Patch, Stays;
    FieldLaxer: "absence or null of a field allowed too", [HARMLESS, ADDITIVE, NONE], Patch, Stays;
    FieldDeprecated: "field deprecated", [ADDITIVE, ADDITIVE, NONE], Patch, Stays;
    FieldRestored: "field no longer deprecated", [HARMLESS, HARMLESS, NONE], Patch, Stays;
    FieldDescribed: "field described differently", [NONE, NONE, NONE], Patch, Stays;
    FieldTightened: "limit of a field tightened", [HARMLESS, BREAKING, NONE], Patch, Stays;
    FieldLoosened: "limit of a field loosened", [HARMLESS, ADDITIVE, NONE], Patch, Stays;
    FieldDefault: "default of a field changed", [HARMLESS, BREAKING, NONE], Patch, Stays;

    /// It was read as `Unknown` before.
    ValueAdded: "enum value added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays;
    ValueRemoved: "enum value removed", [HARMLESS, BREAKING, BREAKING], Major, Stays;
    /// It was read as `Unknown` before.
    VariantAdded: "variant added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays;
    VariantRemoved: "variant removed", [HARMLESS, BREAKING, BREAKING], Major, Stays;

    /// Its events were read as `WebhookEvent::Unknown` before.
    WebhookAdded: "webhook added", [ADDITIVE, NONE, ADDITIVE], Minor, Stays;
    WebhookRemoved: "webhook removed", [BREAKING, NONE, BREAKING], Major, Stays;
    WebhookRenamed: "webhook renamed", [HARMLESS, NONE, NONE], Patch, Stays;
    WebhookChanged: "event of another type", [BREAKING, NONE, BREAKING], Major, Stays;
    WebhookDeprecated: "webhook deprecated", [ADDITIVE, NONE, NONE], Patch, Stays;
    WebhookRestored: "webhook no longer deprecated", [HARMLESS, NONE, NONE], Patch, Stays;
    WebhookDescribed: "webhook described differently", [NONE, NONE, NONE], Stays, Stays;
}

impl Kind {
    /// What a change of this kind means.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        self.rule().name
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
