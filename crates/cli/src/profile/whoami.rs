//! `upvest whoami`.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use serde_json::{Value, json};
use upvest::variables::SCOPES;
use upvest::{Bytes, Client, Response};
use zeroize::Zeroizing;

use super::Settings;
use crate::failure::Failure;
use crate::globals::Globals;
use crate::output::{self, Style};

/// Ask for a token, and show who the client is, which scopes it has, and whether the clock is right
#[derive(Args)]
pub(crate) struct WhoamiArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// More than that many seconds of difference, and signatures may be refused.
const SKEW: i64 = 5;

/// Asks, and prints what is found.
pub(crate) async fn run(
    arguments: &WhoamiArguments,
    globals: &Globals,
) -> Result<ExitCode, Failure> {
    let settings = Settings::load(globals.profile.as_deref()).await?;
    let client = settings.builder().await?.build()?;
    let (id, secret) = settings
        .credentials()
        .ok_or_else(|| Failure::configuration("the client id or the client secret is missing"))?;
    let asking = Asking {
        client,
        id: &id,
        secret: &secret,
    };
    let (scopes, response) = asking.scopes(settings.scopes()).await?;
    let skew = skew(&response);
    let found = json!({
        "profile": settings.name,
        "base_url": settings.base_url(),
        "client_id": id,
        "scopes": scopes,
        "token_lifetime_seconds": lifetime(&response),
        "clock_skew_seconds": skew,
    });
    match arguments.json {
        true => output::line(&found.to_string())?,
        false => tell(&found, skew)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(found: &Value, skew: Option<i64>) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let text = |name: &str| match &found[name] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            all.join(" ")
        }
        other => other.to_string(),
    };
    for (name, label) in [
        ("profile", "profile"),
        ("base_url", "API"),
        ("client_id", "client"),
        ("scopes", "scopes"),
        ("token_lifetime_seconds", "tokens"),
    ] {
        let unit = if name.ends_with("seconds") { " s" } else { "" };
        output::line(&format!(
            "{} {}{unit}",
            style.bold(&format!("{label:<8}")),
            text(name)
        ))?;
    }
    let clock = match skew {
        None => "unknown: the API sent no date".to_owned(),
        Some(skew) if skew.abs() > SKEW => style.red(&format!(
            "{} s {} that of the API: correct it",
            skew.abs(),
            side(skew)
        )),
        Some(_) => style.green("right"),
    };
    output::line(&format!(
        "{} {clock}",
        style.bold(&format!("{:<8}", "clock"))
    ))?;
    Ok(())
}

fn side(skew: i64) -> &'static str {
    if skew > 0 { "ahead of" } else { "behind" }
}

/// How many seconds the clock of this machine is ahead of that of the API.
fn skew(response: &Response<Bytes>) -> Option<i64> {
    let theirs = response.date()?.timestamp();
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    Some(i64::try_from(now.as_secs()).ok()? - theirs)
}

fn lifetime(response: &Response<Bytes>) -> Value {
    let answer: Value = serde_json::from_slice(response).unwrap_or_default();
    answer["expires_in"].clone()
}

struct Asking<'a> {
    client: Client,
    id: &'a str,
    secret: &'a Zeroizing<String>,
}

impl Asking<'_> {
    /// The scopes that tokens are issued for: of those that the settings name, or of all there are.
    async fn scopes(
        &self,
        told: Option<String>,
    ) -> Result<(Vec<String>, Response<Bytes>), Failure> {
        let all: Vec<String> = match told {
            Some(told) => {
                let separators = |char: char| char == ',' || char.is_whitespace();
                let scopes = told.split(separators).filter(|scope| !scope.is_empty());
                scopes.map(str::to_owned).collect()
            }
            None => every_scope(),
        };
        match self.token(&all.join(" ")).await {
            Ok(response) => Ok((granted(&response, &all), response)),
            Err(error) if is_about_scopes(&error) && all.len() > 1 => {
                self.one_by_one(&all, error).await
            }
            Err(error) => Err(refused(error)),
        }
    }

    /// A client that lacks a scope gets no token for it, so that only this shows which ones it has.
    async fn one_by_one(
        &self,
        all: &[String],
        refusal: upvest::Error,
    ) -> Result<(Vec<String>, Response<Bytes>), Failure> {
        let mut found = Vec::new();
        let mut last = None;
        for scope in all {
            match self.token(scope).await {
                Ok(response) => {
                    found.push(scope.clone());
                    last = Some(response);
                }
                Err(error) if is_about_scopes(&error) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        match last {
            Some(response) => Ok((found, response)),
            None => Err(refused(refusal)),
        }
    }

    async fn token(&self, scopes: &str) -> Result<Response<Bytes>, upvest::Error> {
        let call = self.client.call_operation(&upvest::operations::ISSUE_TOKEN);
        let fields = json!({
            "client_id": self.id,
            "client_secret": self.secret.as_str(),
            "grant_type": "client_credentials",
            "scope": scopes,
        });
        call.form(fields).send().await
    }
}

/// Whether the API refused a scope, and nothing else. It answers with the same status (401) to a secret that is
/// wrong, with which nothing is asked a second time: the details have to speak of the scope.
fn is_about_scopes(error: &upvest::Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    let problem = error.problem();
    let texts = problem.map(|problem| [problem.detail.as_deref(), problem.title.as_deref()]);
    let mut texts = texts.into_iter().flatten().flatten();
    matches!(status, Some(400 | 401 | 403))
        && texts.any(|text| text.to_lowercase().contains("scope"))
}

/// A refusal that may be about the secret, or about a scope without saying so.
fn refused(error: upvest::Error) -> Failure {
    let is_unclear = error.status().map(|status| status.as_u16()) == Some(401);
    let failure = Failure::from(error);
    match is_unclear {
        true => failure.help(format!(
            "client id, secret or signature is wrong, or the client lacks a scope: {SCOPES} names those to ask for, \
             `upvest explain` shows why a signature is wrong"
        )),
        false => failure,
    }
}

/// Every scope that an operation names.
fn every_scope() -> Vec<String> {
    let scopes = upvest::OPERATIONS.iter().flat_map(|one| one.scopes);
    let mut scopes: Vec<String> = scopes.map(ToString::to_string).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// The scopes of a token, as its answer says; those that were asked for if it does not.
fn granted(response: &Response<Bytes>, asked: &[String]) -> Vec<String> {
    let answer: Value = serde_json::from_slice(response).unwrap_or_default();
    match answer["scope"].as_str().filter(|scope| !scope.is_empty()) {
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
        None => asked.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::every_scope;

    #[test]
    fn every_scope_is_there_once() {
        let scopes = every_scope();
        assert!(scopes.contains(&"orders:admin".to_owned()));
        assert!(scopes.is_sorted());
    }
}
