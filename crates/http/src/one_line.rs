use std::error::Error;

use crate::Excerpt;

/// How many characters of an error and its sources are shown.
const LIMIT: usize = 1024;

/// Returns an error and all its sources, outermost first, as one line for a log: an [`Excerpt`] of
/// at most 1,024 characters.
///
/// ```
/// let error = std::io::Error::other("the server says \u{202e}\n");
/// assert_eq!(upvest_http::one_line(&error), r"the server says \u{202e}\n");
/// ```
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(error), |error| (*error).source());
    let texts: Vec<String> = sources.map(ToString::to_string).collect();
    Excerpt::new(&texts.join(": ")).limit(LIMIT).to_string()
}
