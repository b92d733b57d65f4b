use crate::Fault;

/// How a fault is written, for the help.
pub(crate) const SYNTAX: &str = "WHAT[:TIMES][@PATH]";

/// Reads a fault: `503`, `503:3`, `429:always@/auth/token`, `reset@/auth/token`.
pub(crate) fn fault(text: &str) -> Result<Fault, String> {
    let (rest, path) = match text.split_once('@') {
        Some((rest, path)) => (rest, Some(path)),
        None => (text, None),
    };
    let (what, times) = match rest.split_once(':') {
        Some((what, times)) => (what, Some(times)),
        None => (rest, None),
    };
    let mut fault = match what {
        "reset" => Fault::reset(),
        "closed" => Fault::closed(),
        "truncated" => Fault::truncated(),
        status => match status.parse() {
            Ok(status @ 400..600) => Fault::status(status),
            _ => {
                return Err(format!(
                    "{what:?} is neither a status from 400 to 599 nor reset, closed or truncated"
                ));
            }
        },
    };
    fault = match times {
        None => fault,
        Some("always") => fault.always(),
        Some(times) => fault.times(
            times
                .parse()
                .map_err(|_| format!("{times:?} is neither a number of times nor always"))?,
        ),
    };
    match path {
        None => Ok(fault),
        Some(path) if path.starts_with('/') => Ok(fault.on_path(path)),
        Some(path) => Err(format!("the path {path:?} does not begin with a slash")),
    }
}
