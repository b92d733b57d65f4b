//! Personal data does not show in `Debug`: no field of the generated code is forgotten.
//!
//! Which fields hide is the list `x-rust-personal` of the overlay. This reads the generated code, and
//! names each field that looks personal and shows nevertheless.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The words that make a field look personal.
const WORDS: &[&str] = &[
    "address",
    "birth",
    "city",
    "country",
    "countries",
    "creditor",
    "debtor",
    "decease",
    "email",
    "first",
    "gender",
    "holder",
    "iban",
    "identification",
    "identifier",
    "income",
    "last",
    "mail",
    "name",
    "nationality",
    "nationalities",
    "occupation",
    "owner",
    "passport",
    "payee",
    "payer",
    "phone",
    "postcode",
    "remittance",
    "residence",
    "residency",
    "salutation",
    "social",
    "state",
    "street",
    "tax",
    "tin",
    "title",
];

/// What looks personal, and is not: fields of all types, or one of one type.
const EXCEPTIONS: &[(&str, &str)] = &[
    // What a client calls its own things by.
    ("UserAccount.name", "a label"),
    ("BusinessAccount.name", "a label"),
    ("CreateUserAccountRequest.name", "a label"),
    ("CreateBusinessAccountRequest.name", "a label"),
    ("UpdateAccountRequest.name", "a label"),
    ("PortfolioAllocation.name", "a label"),
    ("CreatePortfolioAllocationRequest.name", "a label"),
    ("UpdatePortfolioAllocationRequest.name", "a label"),
    ("SavingsPlan.name", "a label"),
    ("CreatePortfolioSavingsPlanRequest.name", "a label"),
    ("CreateInstrumentSavingsPlanRequest.name", "a label"),
    ("Webhook.title", "a label"),
    ("CreateWebhookRequest.title", "a label"),
    ("UpdateWebhookRequest.title", "a label"),
    ("FileMetadata.file_name", "a label"),
    ("Problem.title", "of a kind of error"),
    // Instruments, venues, and companies, which are in public registers.
    ("Instrument.name", "of an instrument"),
    ("ReportedInstrument.short_name", "of an instrument"),
    (
        "InstrumentDetails.distribution_countries",
        "of an instrument",
    ),
    ("Venue.name", "of a venue"),
    ("ReportedVenue.name", "of a venue"),
    ("CompanyIdentification.company_name", "in public registers"),
    (
        "CompanyIdentification.legal_entity_identifier",
        "in public registers",
    ),
    ("ReportedBusiness.company_name", "in public registers"),
    (
        "BusinessSelfAssessmentCheck.primary_countries_of_activity",
        "of a business",
    ),
    (
        "CreateBusinessSelfAssessmentCheckRequest.primary_countries_of_activity",
        "of a business",
    ),
    ("BusinessTaxInformation.tax_country_code", "of a business"),
    (
        "BusinessTaxInformation.is_resident_in_multiple_tax_jurisdictions",
        "of a business",
    ),
    // Who collects by a mandate is a company.
    ("Mandate.creditor_name", "of a company"),
    ("Mandate.creditor_id", "of a company"),
    // What is a moment, a year, or a switch.
    ("CurrentYearSubscription.first_subscription_at", "a moment"),
    ("IsaAllowance.first_subscription_at", "a moment"),
    ("IsaAllowance.tax_year", "a year"),
    ("PortfolioOrder.post_tax", "a switch"),
    ("CreatePortfolioOrderRequest.post_tax", "a switch"),
    // Which standard an identifier is of, which tax an exemption is from.
    ("UserIdentifier.identifier_standard", "a standard"),
    (
        "CreateUserIdentifierRequest.identifier_standard",
        "a standard",
    ),
    ("CreateTaxExemptionRequest.country", "whose tax it is"),
    ("UpdateTaxExemptionRequest.country", "whose tax it is"),
    ("TaxExemption.country", "whose tax it is"),
];

/// The fields of the generated structs with their types, and those that hide.
#[derive(Default)]
struct Generated {
    fields: BTreeMap<String, String>,
    hidden: BTreeSet<String>,
    structs: BTreeSet<String>,
}

impl Generated {
    fn read() -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
        let mut generated = Self::default();
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                generated.add(&std::fs::read_to_string(path).unwrap());
            }
        }
        generated
    }

    /// Takes in a file, as `rustfmt` and the generator write it.
    fn add(&mut self, text: &str) {
        let (mut of, mut is_debug) = (None::<String>, false);
        for line in text.lines() {
            match (line.trim_end(), &of) {
                ("}", _) => (of, is_debug) = (None, false),
                (line, _) if line.starts_with("debug! {") => {
                    is_debug = !line.ends_with("} }");
                    of = self.hide(line.trim_start_matches("debug! {"), None);
                    of = of.filter(|_| is_debug);
                }
                (line, _) if is_debug => of = self.hide(line, of.take()),
                (line, None) => of = structure(line).map(str::to_owned),
                (line, Some(name)) => {
                    if let Some((field, ty)) = field(line) {
                        self.fields.insert(format!("{name}.{field}"), ty.to_owned());
                    }
                }
            }
            if let Some(name) = structure(line) {
                self.structs.insert(name.to_owned());
            }
        }
    }

    /// Takes in a line of a `debug!`: the name of a struct, and fields that hide or show.
    fn hide(&mut self, line: &str, of: Option<String>) -> Option<String> {
        let (name, fields) = match line.split_once('{') {
            Some((name, fields)) => (Some(name.trim().to_owned()), fields),
            None => (of, line),
        };
        for entry in fields.split(',') {
            if let (Some(name), Some(field)) = (&name, entry.trim().strip_prefix("hidden ")) {
                let field = field.trim_end_matches(['}', ' ']);
                self.hidden.insert(format!("{name}.{field}"));
            }
        }
        name
    }

    /// Whether a value of this type shows as it is: a struct hides what is personal in it by itself,
    /// ids and kinds are not personal, and secrets never show.
    fn shows(&self, ty: &str) -> bool {
        let inner = ty.rsplit('<').next().unwrap_or(ty).trim_end_matches('>');
        let is_harmless = ["Type", "Id", "Reason"]
            .iter()
            .any(|end| inner.ends_with(end));
        !(is_harmless
            || self.structs.contains(inner)
            || ["TaxResidency", "Secret"].contains(&inner))
    }

    fn forgotten(&self) -> Vec<&str> {
        let looks_personal = |path: &str| {
            let (_, field) = path.split_once('.').unwrap_or_default();
            field.split('_').any(|word| WORDS.contains(&word))
        };
        let is_exception = |path: &str| EXCEPTIONS.iter().any(|(name, _)| *name == path);
        self.fields
            .iter()
            .filter(|(path, ty)| looks_personal(path) && self.shows(ty))
            .map(|(path, _)| path.as_str())
            .filter(|path| !self.hidden.contains(*path) && !is_exception(path))
            .collect()
    }
}

fn structure(line: &str) -> Option<&str> {
    line.strip_prefix("pub struct ")?.strip_suffix(" {")
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (name, ty) = line.strip_prefix("    pub ")?.split_once(": ")?;
    Some((name, ty.trim_end_matches(',')))
}

#[test]
fn every_field_that_looks_personal_is_hidden_or_an_exception() {
    let generated = Generated::read();
    assert!(generated.fields.len() > 1000, "the generated code is read");
    assert!(generated.hidden.contains("CreateTolUserRequest.first_name"));
    let forgotten = generated.forgotten();
    assert!(
        forgotten.is_empty(),
        "list these in `x-rust-personal` of the overlay, or here as exceptions: {forgotten:#?}"
    );
}

#[test]
fn every_exception_is_a_field_that_shows() {
    let generated = Generated::read();
    for (path, _) in EXCEPTIONS {
        assert!(generated.fields.contains_key(*path), "{path}");
        assert!(!generated.hidden.contains(*path), "{path}");
    }
}

#[test]
fn a_field_that_was_forgotten_is_named() {
    let mut generated = Generated::default();
    generated.add(
        "pub struct Person {\n    /// It.\n    pub last_name: String,\n    pub iban: Option<String>,\n}\n\n\
         debug! { Person { hidden iban, shown last_name } }\n\n\
         pub struct Home {\n    pub city: String,\n    pub rooms: i64,\n}\n",
    );
    assert_eq!(generated.forgotten(), ["Home.city", "Person.last_name"]);
}
