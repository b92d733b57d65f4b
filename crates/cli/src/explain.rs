//! `upvest explain`: why the signature of a request is wrong.

mod body;
mod capture;
mod case;
mod cause;
mod encoding;
mod formats;
mod headers;
mod key;
mod signed;
mod table;
mod time;
mod variants;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;
use upvest_auth_signing::{
    ClaimedLine, Difference, Explanation, SignatureVersion, VerifyingKey, explain,
};
use upvest_http::Excerpt;

use crate::failure::Failure;
use crate::input;
use crate::output::{self, Style};
use capture::Capture;
use case::Case;
use cause::Cause;
use signed::Signed;

/// Explain why the signature of a request is wrong
///
/// Reads a request as it went over the wire: HTTP text, what `curl -v` prints, or an HTTP archive (HAR).
/// Shows the signature base as it has to be beside what the headers claim, the first difference, and the
/// mistakes that explain it, the most likely one first. The exit code is 1 if a mistake was found.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// The file with the request; `-` is standard input
    #[arg(default_value = "-")]
    path: PathBuf,
    /// The key that should have signed, private or public; with it, likely mistakes are tried out
    #[arg(long, value_name = "PATH")]
    key: Option<PathBuf>,
    /// The file with the passphrase of the key
    #[arg(long, value_name = "PATH", requires = "key")]
    passphrase_file: Option<PathBuf>,
    /// The body, if the input does not contain it, as with `curl -v`
    #[arg(long, value_name = "PATH")]
    body: Option<PathBuf>,
    /// When the request arrived, in seconds since 1970, or `now` [default: the time in the answer]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<SystemTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Explains a request.
pub(crate) fn run(arguments: &ExplainArguments) -> Result<ExitCode, Failure> {
    let text = input::bytes(&arguments.path)?;
    let mut capture = formats::read(&text)?;
    if let Some(path) = &arguments.body {
        let body = std::fs::read(path).map_err(|error| Failure::file("read", path, error))?;
        capture.set_body(body);
    }
    capture.time = arguments.at.or(capture.time);
    let passphrase = arguments.passphrase_file.as_deref();
    let key = arguments.key.as_deref();
    let key = key
        .map(|path| crate::keys::verifying_key(path, passphrase))
        .transpose()?;
    let explanation = explain(&capture.request, key.as_ref());
    let causes = causes(&capture, &explanation, key.as_ref());
    match arguments.json {
        true => print_json(&explanation, &causes)?,
        false => print(&capture, &explanation, &causes, key.is_some())?,
    }
    Ok(ExitCode::from(u8::from(!causes.is_empty())))
}

/// Mistakes that explain what is wrong, the most likely one first.
fn causes(capture: &Capture, explanation: &Explanation, key: Option<&VerifyingKey>) -> Vec<Cause> {
    let signed = Signed::of(capture, explanation);
    let version = match signed::looks_like_15(capture) {
        true => SignatureVersion::V15,
        false => explanation.version,
    };
    let case = Case {
        capture,
        explanation,
        version,
        signed,
        key,
    };
    let mut causes = Vec::new();
    causes.extend(headers::version(&case));
    if let Some(Difference::Headers(error)) = &explanation.difference {
        causes.extend(headers::unreadable(&case, error));
    }
    causes.extend(body::causes(&case));
    causes.extend(key::causes(&case));
    causes.extend(uncovered(&case));
    causes.extend(time::causes(&case));
    causes.extend(key::suspicions(&case, causes.is_empty()));
    causes.dedup_by_key(|cause| cause.id);
    causes
}

/// Lines of the base that are missing in the signature, or in the request.
fn uncovered(case: &Case<'_>) -> Vec<Cause> {
    let lines = case.explanation.lines.iter();
    // If the version header is missing, the lines are those of another version.
    let lines = lines.filter(|_| case.version == case.explanation.version);
    lines
        .filter_map(|line| match line.claim {
            ClaimedLine::NotCovered if case.capture.lacks(&line.component) => None,
            ClaimedLine::NotCovered => Some(Cause::not_covered(&line.component)),
            ClaimedLine::Absent => Some(Cause::absent(&line.component, line.built.is_some())),
            _ => None,
        })
        .collect()
}

fn print(
    capture: &Capture,
    explanation: &Explanation,
    causes: &[Cause],
    has_key: bool,
) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let mut text = format!("{}\n\n", table::text(explanation, style));
    if !capture.has_body {
        text.push_str("The input does not contain the body, so the lines about digest and length prove nothing. Give the body with `--body`.\n\n");
    }
    match causes.split_first() {
        None if has_key => text.push_str(&format!(
            "{} the signature is right\n",
            style.green("good:")
        )),
        None => text.push_str(
            "Nothing is wrong as far as can be seen without the key. Give the key with `--key`.\n",
        ),
        Some((first, others)) => {
            text.push_str(&format!(
                "{} {}\n  {}\n",
                style.red("Most likely:"),
                style.bold(&first.what),
                first.help
            ));
            for cause in others {
                text.push_str(&format!("Also: {}\n  {}\n", cause.what, cause.help));
            }
        }
    }
    output::print(text.as_bytes())?;
    Ok(())
}

fn print_json(explanation: &Explanation, causes: &[Cause]) -> Result<(), Failure> {
    let lines = explanation.lines.iter().map(|line| {
        json!({
            "component": line.component,
            "built": line.built,
            "claim": format!("{:?}", line.claim),
        })
    });
    let causes = causes
        .iter()
        .map(|cause| json!({ "id": cause.id, "what": cause.what, "help": cause.help }));
    let all = json!({
        "version": explanation.version.to_string(),
        "lines": lines.collect::<Vec<_>>(),
        "causes": causes.collect::<Vec<_>>(),
    });
    output::line(&all.to_string())?;
    Ok(())
}

fn moment(text: &str) -> Result<SystemTime, String> {
    if text == "now" {
        return Ok(SystemTime::now());
    }
    let seconds = text.parse().map_err(|_| {
        format!(
            "{} is neither `now` nor a number of seconds",
            Excerpt::new(text)
        )
    })?;
    let moment = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    moment.ok_or_else(|| "that is too far away".to_owned())
}
