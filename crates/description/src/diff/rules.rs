//! Every kind of change, and what it means for whom.

use serde::{Serialize, Serializer};

use super::class::{Class, VersionStep};
use crate::ir::Limits;
use Class::{Additive, Breaking, Harmless};
use VersionStep::{Major, Minor, None as Stays, Patch};

/// What a kind of change means.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The kind.
    pub kind: ChangeKind,
    /// What it is called in reports.
    pub name: &'static str,
    /// The class for programs that read what changes.
    pub reads: Option<Class>,
    /// The class for programs that send it.
    pub sends: Option<Class>,
    /// The class for programs that name it in Rust.
    pub names: Option<Class>,
    /// The version step that it requires of `upvest-models`.
    pub models: VersionStep,
    /// The version step that it requires of `upvest-client`.
    pub client: VersionStep,
    /// The members of the document, at the place of the change, that differ because of it. `*`
    /// stands for everything there and below.
    pub explains: &'static [&'static str],
}

impl Rule {
    /// Whether a change of this kind explains the difference of a member.
    pub fn explains(&self, member: &str) -> bool {
        self.explains
            .iter()
            .any(|one| *one == member || *one == "*")
    }
}

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $kind:ident: $name:literal, [$reads:expr, $sends:expr, $names:expr], $models:expr, $client:expr, $explains:expr;)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChangeKind {
            $(
                #[doc = concat!("In reports: ", $name, ".")]
                #[doc = ""]
                $(#[$doc])*
                $kind,
            )*
        }

        /// The rule of each kind, in the order of [`ChangeKind`].
        pub const RULES: &[Rule] = &[$(
            Rule {
                kind: ChangeKind::$kind,
                name: $name,
                reads: $reads,
                sends: $sends,
                names: $names,
                models: $models,
                client: $client,
                explains: $explains,
            },
        )*];
    };
}

const NONE: Option<Class> = None;
const HARMLESS: Option<Class> = Some(Harmless);
const ADDITIVE: Option<Class> = Some(Additive);
const BREAKING: Option<Class> = Some(Breaking);

const ALL: &[&str] = &["*"];
const LIMITS: &[&str] = Limits::KEYWORDS;
const DEFAULT: &[&str] = &["default"];
const DEPRECATED: &[&str] = &["deprecated"];
const ENUM: &[&str] = &["enum"];
const PRESENCE: &[&str] = &["required", "nullable"];
const REQUIRED: &[&str] = &["required"];
const REST: &[&str] = &["properties", "required", "additionalProperties"];
const STYLE: &[&str] = &["style", "explode"];
const VARIANTS: &[&str] = &["oneOf"];

// kind: name, [who reads it, who sends it, who names it], step of the models, step of the client,
// the members of the document that differ because of it
vocabulary! {
    VersionChanged: "version changed", [NONE, NONE, NONE], Patch, Patch, &[];
    /// Order, examples, titles and layout.
    Elsewhere: "changed elsewhere", [NONE, NONE, NONE], Patch, Patch, &[];
    /// A difference that no other kind explains. It may be anything, so it counts as breaking.
    NotUnderstood: "not understood, check by hand", [BREAKING, BREAKING, NONE], Patch, Patch, &[];
    /// A name that users use has changed, and no other kind explains why.
    RustChanged: "changed in Rust", [NONE, NONE, BREAKING], Major, Major, &[];
    ServerAdded: "server added", [NONE, ADDITIVE, NONE], Stays, Stays, &[];
    ServerRemoved: "server removed", [NONE, BREAKING, NONE], Stays, Patch, &[];
    SchemeAdded: "security scheme added", [NONE, ADDITIVE, NONE], Stays, Stays, &[];
    SchemeRemoved: "security scheme removed", [NONE, BREAKING, NONE], Stays, Stays, &[];
    /// Another flow, another place of the key, another address of tokens.
    SchemeChanged: "security scheme changed", [NONE, BREAKING, NONE], Stays, Patch, &[];
    /// A scope that can be requested. The scopes that an operation needs are reported with the
    /// operation.
    SchemeScopes: "scopes of a security scheme changed", [NONE, HARMLESS, NONE], Stays, Stays, &[];

    OperationAdded: "operation added", [NONE, ADDITIVE, ADDITIVE], Stays, Minor, ALL;
    OperationRemoved: "operation removed", [NONE, BREAKING, BREAKING], Stays, Major, ALL;
    OperationRenamed: "operation renamed", [NONE, NONE, BREAKING], Stays, Major, &[];
    /// Another method or path: running programs call the old one, newly built programs call the new
    /// one.
    OperationMoved: "operation moved", [NONE, BREAKING, NONE], Stays, Patch, &[];
    OperationDeprecated: "operation deprecated", [NONE, ADDITIVE, ADDITIVE], Stays, Minor, DEPRECATED;
    OperationRestored: "operation no longer deprecated", [NONE, HARMLESS, HARMLESS], Stays, Patch, DEPRECATED;
    OperationRetagged: "operation under another tag", [NONE, NONE, HARMLESS], Patch, Patch, &[];
    OperationDescribed: "operation described differently", [NONE, NONE, NONE], Stays, Patch, &[];
    /// The operation is removed at that time.
    SunsetSet: "sunset announced", [NONE, ADDITIVE, NONE], Stays, Stays, &[];
    SunsetEarlier: "sunset earlier", [NONE, BREAKING, NONE], Stays, Stays, &[];
    SunsetLater: "sunset later", [NONE, HARMLESS, NONE], Stays, Stays, &[];
    OperationPaged: "pages added", [NONE, NONE, ADDITIVE], Stays, Minor, &[];
    OperationUnpaged: "pages removed", [NONE, NONE, BREAKING], Stays, Major, &[];
    /// How a call is authorised.
    SecurityAdded: "security requirement added", [NONE, BREAKING, NONE], Stays, Major, &[];
    SecurityRemoved: "security requirement removed", [NONE, BREAKING, NONE], Stays, Patch, &[];
    /// A client that was not granted the scope gets no token for the call.
    ScopeAdded: "scope added", [NONE, BREAKING, NONE], Stays, Major, &[];
    ScopeRemoved: "scope removed", [NONE, HARMLESS, NONE], Stays, Patch, &[];
    StatusAdded: "status added", [HARMLESS, NONE, NONE], Stays, Stays, &[];
    StatusRemoved: "status removed", [HARMLESS, NONE, NONE], Stays, Stays, &[];
    SuccessAdded: "status of success added", [ADDITIVE, NONE, NONE], Stays, Stays, &[];
    SuccessRemoved: "status of success removed", [BREAKING, NONE, NONE], Stays, Stays, &[];
    HeaderAdded: "response header added", [ADDITIVE, NONE, NONE], Stays, Stays, &[];
    HeaderRemoved: "response header removed", [BREAKING, NONE, NONE], Stays, Stays, &[];
    HeaderRequired: "response header always there", [HARMLESS, NONE, NONE], Stays, Stays, &[];
    HeaderOptional: "response header no longer always there", [BREAKING, NONE, NONE], Stays, Stays, &[];
    HeaderChanged: "response header changed", [BREAKING, NONE, NONE], Stays, Stays, &[];
    AnswerChanged: "answer of another type", [BREAKING, NONE, BREAKING], Stays, Major, &["answer"];
    /// A call can ask for a file in place of data.
    FileAdded: "answer as a file added", [ADDITIVE, NONE, ADDITIVE], Stays, Minor, &["answer content"];
    FileRemoved: "answer as a file removed", [BREAKING, NONE, BREAKING], Stays, Major, &["answer content"];
    FileRecoded: "file of another type", [BREAKING, NONE, NONE], Stays, Patch, &["answer content"];
    BodyAdded: "body added", [NONE, BREAKING, BREAKING], Stays, Major, &["requestBody", "body"];
    BodyRemoved: "body removed", [NONE, BREAKING, BREAKING], Stays, Major, &["requestBody", "body"];
    BodyChanged: "body of another type", [NONE, BREAKING, BREAKING], Stays, Major, &["body"];
    /// JSON or a form: the same body is written differently.
    BodyRecoded: "body written differently", [NONE, BREAKING, NONE], Stays, Patch, &["body content"];
    BodyRequired: "body required", [NONE, BREAKING, NONE], Stays, Patch, &[];
    BodyOptional: "body optional", [NONE, ADDITIVE, NONE], Stays, Patch, &[];

    ParameterAdded: "parameter added", [NONE, ADDITIVE, ADDITIVE], Stays, Minor, ALL;
    ParameterDemanded: "required parameter added", [NONE, BREAKING, BREAKING], Stays, Major, ALL;
    ParameterRemoved: "parameter removed", [NONE, BREAKING, BREAKING], Stays, Major, ALL;
    ParameterRenamed: "parameter renamed", [NONE, NONE, BREAKING], Stays, Major, &[];
    /// From the query to a header, or the like; the caller sets it as before.
    ParameterMoved: "parameter moved", [NONE, BREAKING, NONE], Stays, Patch, STYLE;
    ParameterRequired: "parameter required", [NONE, BREAKING, BREAKING], Stays, Major, REQUIRED;
    /// It was an argument of the method, and is now set by a method of the call.
    ParameterOptional: "parameter optional", [NONE, ADDITIVE, BREAKING], Stays, Major, REQUIRED;
    ParameterChanged: "parameter of another type", [NONE, BREAKING, BREAKING], Stays, Major, ALL;
    /// The values of a list one by one, or joined by commas.
    ParameterRecoded: "parameter written differently", [NONE, BREAKING, NONE], Stays, Patch, STYLE;
    ParameterDeprecated: "parameter deprecated", [NONE, ADDITIVE, NONE], Stays, Patch, DEPRECATED;
    ParameterRestored: "parameter no longer deprecated", [NONE, HARMLESS, NONE], Stays, Patch, DEPRECATED;
    ParameterDescribed: "parameter described differently", [NONE, NONE, NONE], Stays, Patch, &[];
    ParameterTightened: "limit of a parameter tightened", [NONE, BREAKING, NONE], Stays, Stays, LIMITS;
    ParameterLoosened: "limit of a parameter loosened", [NONE, ADDITIVE, NONE], Stays, Stays, LIMITS;
    ParameterDefault: "default of a parameter changed", [NONE, BREAKING, NONE], Stays, Stays, DEFAULT;
    /// Required arguments have their places in a call.
    ArgumentsReordered: "arguments in another order", [NONE, NONE, BREAKING], Stays, Major, &[];
    /// Names of headers are the same in any case.
    HeaderSpelled: "header spelled differently", [NONE, HARMLESS, NONE], Stays, Patch, &[];
    /// The client sets it, not the caller.
    HeaderOfMiddleware: "header of the middleware changed", [NONE, HARMLESS, NONE], Stays, Stays, ALL;

    TypeAdded: "type added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays, &[];
    TypeRemoved: "type removed", [NONE, NONE, BREAKING], Major, Stays, &[];
    TypeRenamed: "type renamed", [NONE, NONE, BREAKING], Major, Stays, &[];
    TypeRebuilt: "type of another kind", [BREAKING, BREAKING, BREAKING], Major, Stays, ALL;
    TypeDescribed: "type described differently", [NONE, NONE, NONE], Patch, Stays, &[];
    /// It can now also be sent, or also be read.
    UseAdded: "type used in another way too", [NONE, NONE, ADDITIVE], Minor, Stays, &[];
    UseRemoved: "type no longer used in one way", [NONE, NONE, BREAKING], Major, Stays, &[];

    FieldAdded: "field added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays, REST;
    /// The API refuses a body without it, and code cannot make a body without it.
    FieldDemanded: "required field added", [ADDITIVE, BREAKING, BREAKING], Major, Stays, REST;
    FieldRemoved: "field removed", [BREAKING, BREAKING, BREAKING], Major, Stays, REST;
    FieldRenamed: "field renamed", [NONE, NONE, BREAKING], Major, Stays, &[];
    FieldChanged: "field of another type", [BREAKING, BREAKING, BREAKING], Major, Stays, ALL;
    FieldRequired: "field required", [HARMLESS, BREAKING, BREAKING], Major, Stays, PRESENCE;
    FieldOptional: "field optional", [BREAKING, ADDITIVE, BREAKING], Major, Stays, PRESENCE;
    FieldNullable: "field may be null", [BREAKING, ADDITIVE, BREAKING], Major, Stays, PRESENCE;
    FieldNotNullable: "field no longer null", [HARMLESS, BREAKING, BREAKING], Major, Stays, PRESENCE;
    /// It cannot be sent, even where it could.
    FieldReadOnly: "field read only", [HARMLESS, BREAKING, NONE], Patch, Stays, &["readOnly"];
    FieldNotReadOnly: "field no longer read only", [HARMLESS, ADDITIVE, NONE], Patch, Stays, &["readOnly"];
    /// It is not answered, even where it was.
    FieldWriteOnly: "field write only", [BREAKING, HARMLESS, NONE], Patch, Stays, &["writeOnly"];
    FieldNotWriteOnly: "field no longer write only", [ADDITIVE, HARMLESS, NONE], Patch, Stays, &["writeOnly"];
    FieldDeprecated: "field deprecated", [ADDITIVE, ADDITIVE, NONE], Patch, Stays, DEPRECATED;
    FieldRestored: "field no longer deprecated", [HARMLESS, HARMLESS, NONE], Patch, Stays, DEPRECATED;
    FieldDescribed: "field described differently", [NONE, NONE, NONE], Patch, Stays, &[];
    FieldTightened: "limit of a field tightened", [HARMLESS, BREAKING, NONE], Patch, Stays, LIMITS;
    FieldLoosened: "limit of a field loosened", [HARMLESS, ADDITIVE, NONE], Patch, Stays, LIMITS;
    FieldDefault: "default of a field changed", [HARMLESS, BREAKING, NONE], Patch, Stays, DEFAULT;
    /// What is required has its place in `new`.
    FieldsReordered: "required fields in another order", [NONE, NONE, BREAKING], Major, Stays, &[];

    /// It was read as `Unknown` before.
    ValueAdded: "enum value added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays, ENUM;
    ValueRemoved: "enum value removed", [HARMLESS, BREAKING, BREAKING], Major, Stays, ENUM;
    ValueRenamed: "enum value renamed", [NONE, NONE, BREAKING], Major, Stays, &[];
    /// The enum has the value already, because another place allows it.
    ValueAllowed: "enum value allowed here too", [ADDITIVE, ADDITIVE, NONE], Stays, Stays, &[];
    /// The enum keeps the value, because another place allows it.
    ValueRefused: "enum value no longer allowed here", [HARMLESS, BREAKING, NONE], Stays, Stays, &[];
    /// It was read as `Unknown` before.
    VariantAdded: "variant added", [ADDITIVE, ADDITIVE, ADDITIVE], Minor, Stays, VARIANTS;
    VariantRemoved: "variant removed", [HARMLESS, BREAKING, BREAKING], Major, Stays, VARIANTS;

    /// Its events were read as `WebhookEvent::Unknown` before.
    WebhookAdded: "webhook added", [ADDITIVE, NONE, ADDITIVE], Minor, Stays, ALL;
    WebhookRemoved: "webhook removed", [BREAKING, NONE, BREAKING], Major, Stays, ALL;
    WebhookRenamed: "webhook renamed", [HARMLESS, NONE, NONE], Patch, Stays, &[];
    WebhookChanged: "event of another type", [BREAKING, NONE, BREAKING], Major, Stays, &["body"];
    /// Its variant has another name, or was removed.
    WebhookRecognised: "event recognised differently", [NONE, NONE, BREAKING], Major, Stays, &[];
    WebhookRetagged: "webhook under another tag", [NONE, NONE, HARMLESS], Patch, Stays, &[];
    WebhookDeprecated: "webhook deprecated", [ADDITIVE, NONE, NONE], Patch, Stays, DEPRECATED;
    WebhookRestored: "webhook no longer deprecated", [HARMLESS, NONE, NONE], Patch, Stays, DEPRECATED;
    WebhookDescribed: "webhook described differently", [NONE, NONE, NONE], Stays, Stays, &[];
}

impl ChangeKind {
    /// What a change of this kind means.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        self.rule().name
    }

    /// Whether it concerns only words, examples, order or layout.
    pub fn is_for_people(self) -> bool {
        use ChangeKind::*;
        matches!(
            self,
            Elsewhere
                | OperationDescribed
                | ParameterDescribed
                | TypeDescribed
                | FieldDescribed
                | WebhookDescribed
        )
    }
}

impl Serialize for ChangeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
