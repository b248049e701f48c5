//! "Did you mean": the nearest of the names there are, only when it is near.

/// The candidate nearest to what was written, if a typing error could lead from one to the other.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|name| *name != written && !name.is_empty())
        // A cheap bound first: a character has at most four bytes.
        .filter(|name| name.len().abs_diff(written.len()) <= 4 * allowed)
        .map(|name| (strsim::damerau_levenshtein(&folded, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_close() {
        assert_eq!(nearest("Sensr 1", ["Sensor 1", "Alarm"]), Some("Sensor 1"));
        assert_eq!(nearest("alerts", ["Alerts"]), Some("Alerts"));
        assert_eq!(nearest("Boiler", ["Sensor 1", "Alarm"]), None);
    }
}
