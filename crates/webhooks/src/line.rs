use std::error::Error;

use upvest_auth_signing::Excerpt;

/// How many characters of an error and its sources are shown.
const LIMIT: usize = 1024;

/// An error and its sources, as one line.
pub(crate) fn line(error: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(error), |error| (*error).source());
    let texts: Vec<String> = sources.map(ToString::to_string).collect();
    Excerpt::new(&texts.join(": ")).limit(LIMIT).to_string()
}
