//! Times and numbers as people read them.

use jiff::{Timestamp, Zoned};

/// `10:02:11`, with the date when that is not today's.
pub(crate) fn clock(at_ms: f64) -> String {
    let zone = jiff::tz::TimeZone::system();
    let Ok(at) = Timestamp::from_millisecond(at_ms as i64) else { return "?".to_owned() };
    let at = at.to_zoned(zone.clone());
    let today = Zoned::now().with_time_zone(zone).date() == at.date();
    at.strftime(if today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

/// `9m 40s`: the two largest units.
pub(crate) fn span(ms: f64) -> String {
    let seconds = (ms.max(0.0) / 1000.0).round() as u64;
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, word) in units.iter().skip(first).take(2) {
        if rest / unit > 0 || parts.is_empty() {
            parts.push(format!("{}{word}", rest / unit));
        }
        rest %= unit;
    }
    parts.join(" ")
}

/// `1 router`, `2 routers`.
pub(crate) fn many(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// `a, b and c`, in quotes.
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}

/// The first of many names: `a, b, c, and 4 more`.
pub(crate) fn few(names: &[&str], most: usize) -> String {
    let first = list(names.get(..names.len().min(most)).unwrap_or_default());
    match names.len().saturating_sub(most) {
        0 => first,
        more => format!("{first}, and {more} more"),
    }
}

/// Someone, or nobody in particular.
pub(crate) fn whom(by: &str) -> String {
    if by.is_empty() { String::new() } else { format!(" by {by}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let spans = [0.0, 999.0, 61_000.0, 3_600_000.0, 90_061_000.0].map(span);
        assert_eq!(spans, ["0s", "1s", "1m 1s", "1h", "1d 1h"]);
    }
}
