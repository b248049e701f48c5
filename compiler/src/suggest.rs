//! "Did you mean": the nearest of the names there are, only when it is near.

/// The candidate nearest to what was written, if a typing error could lead from one to the other.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    let letters = letters(written);
    candidates
        .into_iter()
        .filter(|name| *name != written && !name.is_empty())
        // A cheap bound first: a character has at most four bytes.
        .filter(|name| name.len().abs_diff(written.len()) <= 4 * allowed)
        // Another: of the letters that a text has, one edit changes two.
        .filter(|name| match (letters, self::letters(name)) {
            (Some(a), Some(b)) => (a ^ b).count_ones() as usize <= 2 * allowed,
            _ => true,
        })
        .map(|name| (strsim::damerau_levenshtein(&folded, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Which letters a text has, whatever their case; `None`: not all are ASCII.
fn letters(text: &str) -> Option<u64> {
    let letter = |byte: u8| 1_u64 << (byte.to_ascii_lowercase() & 63);
    text.is_ascii().then(|| text.bytes().fold(0, |all, byte| all | letter(byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::nearest;

    proptest! {
        /// The bounds leave out nothing that is near.
        #[test]
        fn what_is_near_is_found(name in "[a-eA-E1-3é ]{1,12}", at in 0..12_usize, new in "[a-e]?", cut in 0..2_usize) {
            let mut chars: Vec<char> = name.chars().collect();
            let at = at.min(chars.len());
            let end = (at + cut).min(chars.len());
            chars.splice(at..end, new.chars());
            let written: String = chars.into_iter().collect();
            if written != name && !written.is_empty() {
                prop_assert_eq!(nearest(&written, [name.as_str()]), Some(name.as_str()));
            }
        }
    }

    #[test]
    fn only_what_is_close() {
        assert_eq!(nearest("Sensr 1", ["Sensor 1", "Alarm"]), Some("Sensor 1"));
        assert_eq!(nearest("alerts", ["Alerts"]), Some("Alerts"));
        assert_eq!(nearest("Boiler", ["Sensor 1", "Alarm"]), None);
    }
}
