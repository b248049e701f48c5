//! Points in time as text in the tokens of Moment.js (`YYYY-MM-DD`), in English and in this process's time zone.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::coerce::timestamp;

/// Tokens, longest first where one begins like another.
const TOKENS: [&str; 53] = [
    "YYYYYY", "YYYY", "YY", "gggg", "gg", "GGGG", "GG", "Qo", "Q", "MMMM", "MMM", "Mo", "MM", "M", "DDDD",
    "DDDo", "DDD", "Do", "DD", "D", "dddd", "ddd", "do", "dd", "d", "e", "E", "wo", "ww", "w", "Wo", "WW",
    "W", "HH", "H", "hh", "h", "kk", "k", "mm", "m", "ss", "s", "SSS", "SS", "S", "ZZ", "Z", "A", "a", "X",
    "x", "LT",
];

/// A point in time, milliseconds since 1970, in a format; the empty one is ISO 8601 with the offset.
pub(crate) fn format(ms: f64, format: &str) -> String {
    let Some(at) = timestamp(ms) else { return "Invalid date".to_owned() };
    let at = at.to_zoned(TimeZone::system());
    render(&at, if format.is_empty() { "YYYY-MM-DDTHH:mm:ssZ" } else { format })
}

fn render(at: &Zoned, format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if let Some((quoted, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            out += quoted;
            rest = after;
        } else if let Some((long, after)) = long_form(rest) {
            out += &render(at, long);
            rest = after;
        } else if let Some(token) = TOKENS.iter().find(|token| rest.starts_with(**token)) {
            out += &piece(at, token);
            rest = &rest[token.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The forms that stand for others, as the English locale has them.
fn long_form(rest: &str) -> Option<(&'static str, &str)> {
    const FORMS: [(&str, &str); 10] = [
        ("LTS", "h:mm:ss A"),
        ("LT", "h:mm A"),
        ("LLLL", "dddd, MMMM D, YYYY h:mm A"),
        ("LLL", "MMMM D, YYYY h:mm A"),
        ("LL", "MMMM D, YYYY"),
        ("L", "MM/DD/YYYY"),
        ("llll", "ddd, MMM D, YYYY h:mm A"),
        ("lll", "MMM D, YYYY h:mm A"),
        ("ll", "MMM D, YYYY"),
        ("l", "M/D/YYYY"),
    ];
    FORMS.iter().find_map(|(form, long)| rest.strip_prefix(form).map(|after| (*long, after)))
}

fn piece(at: &Zoned, token: &str) -> String {
    let iso = at.date().iso_week_date();
    let hour12 = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let weekday = at.weekday().to_sunday_zero_offset();
    // Weeks of the English locale begin on Sunday; the first holds January 1st.
    let week =
        (at.day_of_year() - 1 + i16::from(at.date().first_of_year().weekday().to_sunday_zero_offset())) / 7
            + 1;
    let n = |n: i64, width: usize| format!("{n:0width$}");
    let (millis, quarter) = (i64::from(at.millisecond()), (i64::from(at.month()) + 2) / 3);
    match token {
        "YYYYYY" => format!("{:+07}", at.year()),
        "YYYY" | "gggg" => n(i64::from(at.year()), 4),
        "YY" | "gg" => n(i64::from(at.year().rem_euclid(100)), 2),
        "GGGG" => n(i64::from(iso.year()), 4),
        "GG" => n(i64::from(iso.year().rem_euclid(100)), 2),
        "Q" => quarter.to_string(),
        "Qo" => ordinal(quarter),
        "MMMM" => at.strftime("%B").to_string(),
        "MMM" => at.strftime("%b").to_string(),
        "MM" => n(i64::from(at.month()), 2),
        "Mo" => ordinal(i64::from(at.month())),
        "M" => at.month().to_string(),
        "DDDD" => n(i64::from(at.day_of_year()), 3),
        "DDDo" => ordinal(i64::from(at.day_of_year())),
        "DDD" => at.day_of_year().to_string(),
        "DD" => n(i64::from(at.day()), 2),
        "Do" => ordinal(i64::from(at.day())),
        "D" => at.day().to_string(),
        "dddd" => at.strftime("%A").to_string(),
        "ddd" => at.strftime("%a").to_string(),
        "dd" => at.strftime("%a").to_string().chars().take(2).collect(),
        "do" => ordinal(i64::from(weekday)),
        "d" | "e" => weekday.to_string(),
        "E" => at.weekday().to_monday_one_offset().to_string(),
        "ww" => n(i64::from(week), 2),
        "wo" => ordinal(i64::from(week)),
        "w" => week.to_string(),
        "WW" => n(i64::from(iso.week()), 2),
        "Wo" => ordinal(i64::from(iso.week())),
        "W" => iso.week().to_string(),
        "HH" => n(i64::from(at.hour()), 2),
        "H" => at.hour().to_string(),
        "hh" => n(i64::from(hour12), 2),
        "h" => hour12.to_string(),
        "kk" => n(i64::from(if at.hour() == 0 { 24 } else { at.hour() }), 2),
        "k" => (if at.hour() == 0 { 24 } else { at.hour() }).to_string(),
        "mm" => n(i64::from(at.minute()), 2),
        "m" => at.minute().to_string(),
        "ss" => n(i64::from(at.second()), 2),
        "s" => at.second().to_string(),
        "SSS" => n(millis, 3),
        "SS" => n(millis / 10, 2),
        "S" => (millis / 100).to_string(),
        "ZZ" => at.strftime("%z").to_string(),
        "Z" => at.strftime("%:z").to_string(),
        "A" => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        "a" => if at.hour() < 12 { "am" } else { "pm" }.to_owned(),
        "X" => at.timestamp().as_second().to_string(),
        "x" => at.timestamp().as_millisecond().to_string(),
        other => other.to_owned(),
    }
}

fn ordinal(n: i64) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tokens() {
        let at: Zoned = "2026-03-01T15:04:05.067+01:00[+01:00]".parse().unwrap();
        for (format, text) in [
            ("YYYY-MM-DD HH:mm:ss.SSS Z", "2026-03-01 15:04:05.067 +01:00"),
            ("dddd, MMMM Do YYYY, h:mm:ss a", "Sunday, March 1st 2026, 3:04:05 pm"),
            ("[today is] ddd dd d E", "today is Sun Su 0 7"),
            ("LT | L | LL", "3:04 PM | 03/01/2026 | March 1, 2026"),
            ("Q DDD DDDD w W GGGG ZZ", "1 60 060 10 9 2026 +0100"),
            ("X", "1772373845"),
        ] {
            assert_eq!(render(&at, format), text, "{format}");
        }
        assert_eq!(format(f64::NAN, ""), "Invalid date");
    }
}
