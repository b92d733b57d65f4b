//! `upvest call`: any operation of the description.

mod answer;
mod arguments;
mod csv;
mod download;
pub(crate) mod fields;
mod filter;
mod list;
mod pages;
mod place;
mod request;
mod shown;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;

use clap::FromArgMatches;
use upvest::Client;

use crate::arguments::CallArguments;
use crate::description;
use crate::failure::Failure;
use crate::globals::Globals;
use crate::output;
use crate::profile::Settings;
use arguments::{Call, IDEMPOTENCY_KEY, Options};
use download::Download;
use filter::Filter;
use place::Place;
use request::Given;

/// Calls an operation, or lists the operations.
pub(crate) async fn run(arguments: &CallArguments, globals: Globals) -> Result<ExitCode, Failure> {
    if let Some(word) = &arguments.list {
        list::print(word)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (id, rest) = arguments.operation.split_first().unzip();
    let id = id.map(|id| id.to_string_lossy()).unwrap_or_default();
    let (info, operation) = description::operation(&id)?;
    let command = arguments::command(info, &operation);
    let words = arguments::with_columns(rest.unwrap_or_default());
    let matches = command.try_get_matches_from(words);
    let matches = matches.unwrap_or_else(|error| error.exit());
    let later = Globals::from_arg_matches(&matches).map_err(|error| usage(&error))?;
    let options = Options::from_arg_matches(&matches).map_err(|error| usage(&error))?;
    let given = Given::read(&operation, &matches, &options)?;
    let call = Call {
        info,
        operation,
        options,
        globals: globals.and(later),
    };
    if call.globals.verbose {
        crate::verbose::begin();
    }
    call.run(given).await
}

fn usage(error: &clap::Error) -> Failure {
    Failure::usage(error.to_string())
}

impl Call {
    async fn run(&self, mut given: Given) -> Result<ExitCode, Failure> {
        let filter = self.options.jq.as_deref().map(Filter::new).transpose()?;
        if self.options.all && !self.operation.is_paged() {
            let failure = Failure::usage(format!("{} answers with no pages", self.info.id));
            return Err(failure.help("leave out `--all`"));
        }
        let settings = Settings::load(self.globals.profile.as_deref()).await?;
        if self.info.id == "issue_token" {
            given.add_credentials(&settings);
        }
        given.check(self.info, &self.operation)?;
        let key = given.idempotency_key(&self.operation);
        if self.options.dry_run || self.options.curl {
            shown::print(self, given, &settings).await?;
            return Ok(ExitCode::SUCCESS);
        }
        if self.info.method != http::Method::GET && !self.info.scopes.is_empty() {
            let what = format!("{} changes something at the live API.", self.info.id);
            settings.confirm(&self.globals, &what)?;
        }
        let client = settings.builder().await?.build()?;
        // It is shown before anything is sent: whoever repeats the call needs it if no answer comes.
        if let Some(key) = key.filter(|_| !self.globals.quiet) {
            output::note(&format!("{IDEMPOTENCY_KEY} {key}"));
        }
        if let (Some(kind), Some(path)) = (self.operation.file(), &self.options.output) {
            self.fetch_file(&client, given, kind, path).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let place = self.options.output.as_deref();
        let place = place.filter(|path| !is_stdout(path));
        let place = place.map(Place::of).transpose()?;
        let body = match self.options.all {
            true => pages::all(&client, self.info, given, self.globals.quiet).await?,
            false => given.call(&client, self.info).send().await?.into_inner(),
        };
        let text = answer::text(&body, &self.options, filter.as_ref(), self.globals.quiet)?;
        match place {
            None => output::print(&text)?,
            Some(place) => {
                let name = format!("{}.{}", self.info.id, answer::extension(&self.options));
                let path = place.write(&text, &name)?;
                self.tell(&path);
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn fetch_file(
        &self,
        client: &Client,
        given: Given,
        kind: &'static str,
        path: &Path,
    ) -> Result<(), Failure> {
        let download = Download {
            client,
            info: self.info,
            given,
            kind,
            is_quiet: self.globals.quiet,
        };
        if is_stdout(path) {
            return download.print().await;
        }
        let path = download.fetch(Place::of(path)?).await?;
        self.tell(&path);
        Ok(())
    }

    /// Shows where a file was written to.
    fn tell(&self, path: &Path) {
        if !self.globals.quiet {
            output::note(&format!("written to `{}`", path.display()));
        }
    }
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}
