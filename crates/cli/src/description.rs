//! The API's description, of which only what a command needs is read.

mod schema;

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::Value;
use upvest::OperationInfo;
use upvest_sandbox::description_json;

pub(crate) use schema::Schema;

use crate::failure::Failure;
use crate::near;

/// The arguments and the answer of an operation.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(crate) struct Operation {
    pub(crate) summary: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) answer: Answer,
}

/// What stands in path, query or headers.
#[derive(Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    #[serde(rename = "in")]
    pub(crate) place: Place,
    pub(crate) required: bool,
    /// Whether a list is sent with a parameter for each of its values.
    pub(crate) explode: bool,
    pub(crate) schema: Schema,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Deserialize)]
pub(crate) struct Body {
    pub(crate) media: String,
    pub(crate) schema: Schema,
    pub(crate) examples: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(crate) struct Answer {
    pub(crate) content: Vec<Content>,
}

#[derive(Deserialize)]
pub(crate) struct Content {
    pub(crate) media: &'static str,
}

impl Operation {
    /// The operation of this id.
    pub(crate) fn find(id: &str) -> Option<Self> {
        let begin = format!("{{\"id\":\"{id}\",");
        let mut lines = description_json().lines();
        let line = lines.find(|line| line.starts_with(&begin))?;
        serde_json::from_str(line.trim_end_matches(',')).ok()
    }

    /// What kind of file it may answer with.
    pub(crate) fn file(&self) -> Option<&'static str> {
        let mut kinds = self.answer.content.iter().map(|content| content.media);
        kinds.find(|kind| *kind != "application/json")
    }

    /// Whether it answers with a list of pages that are asked for by their offset.
    pub(crate) fn is_paged(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|one| one.place == Place::Query && one.name == "offset")
    }

    /// The parameters that are for the caller to give.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Parameter> {
        // What is accepted is decided by how the answer is to be printed.
        self.parameters.iter().filter(|one| one.name != "accept")
    }
}

/// The operation of this id.
///
/// # Errors
///
/// When the API has no such operation.
pub(crate) fn operation(id: &str) -> Result<(&'static OperationInfo, Operation), Failure> {
    let info = upvest::OPERATIONS.iter().find(|one| one.id == id);
    match info.and_then(|info| Some((*info, Operation::find(id)?))) {
        Some(found) => Ok(found),
        None => {
            let failure = Failure::usage(format!("the API has no operation {id:?}"));
            Err(failure.help(match nearest(id) {
                Some(near) => format!("is it `{near}`? `upvest call --list` lists all"),
                None => "`upvest call --list` lists all".to_owned(),
            }))
        }
    }
}

/// The id that shares the most words with what was typed, words with a wrong letter among them. Of several,
/// it is the shortest, and then the one that is spelled most alike.
fn nearest(id: &str) -> Option<&'static str> {
    let words: Vec<&str> = id.split(['_', '-']).collect();
    let is_typed = |own: &&str| {
        words
            .iter()
            .any(|word| near::distance(word, own) <= own.len() / 4)
    };
    let likeness = |one: &&&OperationInfo| {
        let all = one.id.split('_').count();
        let shared = one.id.split('_').filter(is_typed).count();
        (shared, Reverse(all), Reverse(near::distance(id, one.id)))
    };
    let best = upvest::OPERATIONS.iter().max_by_key(likeness)?;
    let by_words = (likeness(&best).0 > 0).then_some(best.id);
    by_words.or_else(|| near::nearest(id, upvest::OPERATIONS.iter().map(|one| one.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_can_be_read() {
        for info in upvest::OPERATIONS {
            let (_, found) = operation(info.id).expect(info.id);
            assert!(!found.summary.is_empty(), "{}", info.id);
            for parameter in &found.parameters {
                let in_path = info.path.contains(&format!("{{{}}}", parameter.name));
                assert_eq!(in_path, parameter.place == Place::Path, "{}", info.id);
            }
        }
    }

    #[test]
    fn the_nearest_operation_is_suggested() {
        assert_eq!(nearest("place_orders"), Some("place_order"));
        assert_eq!(
            nearest("retrieve-cash-balances"),
            Some("retrieve_cash_balances")
        );
        assert_eq!(nearest("retreive_webhok"), Some("retrieve_webhook"));
        assert_eq!(
            nearest("retrieve_cash_balancs"),
            Some("retrieve_cash_balances")
        );
        assert_eq!(nearest("xyz"), None);
    }
}
