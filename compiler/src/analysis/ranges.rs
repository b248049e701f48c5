//! Sets of ordered values as rows of intervals.

use std::cmp::Ordering;

/// A place between values: intervals begin and end at cuts, so that open and closed ends need no cases of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cut<T> {
    Start,
    Before(T),
    After(T),
    End,
}

impl<T: Ord> Cut<T> {
    fn key(&self) -> (u8, Option<&T>, bool) {
        match self {
            Cut::Start => (0, None, false),
            Cut::Before(value) => (1, Some(value), false),
            Cut::After(value) => (1, Some(value), true),
            Cut::End => (2, None, false),
        }
    }
}

impl<T: Ord> Ord for Cut<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T: Ord> PartialOrd for Cut<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Intervals, ascending, none empty, no two that touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ranges<T>(Vec<(Cut<T>, Cut<T>)>);

impl<T: Ord + Clone> Ranges<T> {
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn all() -> Self {
        Self(vec![(Cut::Start, Cut::End)])
    }

    /// From one cut to another; nothing when they are in the wrong order.
    pub(crate) fn between(low: Cut<T>, high: Cut<T>) -> Self {
        Self(if low < high { vec![(low, high)] } else { Vec::new() })
    }

    pub(crate) fn point(value: T) -> Self {
        Self(vec![(Cut::Before(value.clone()), Cut::After(value))])
    }

    pub(crate) fn of_points(mut values: Vec<T>) -> Self {
        values.sort_unstable();
        values.dedup();
        Self(values.into_iter().map(|value| (Cut::Before(value.clone()), Cut::After(value))).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn intervals(&self) -> &[(Cut<T>, Cut<T>)] {
        &self.0
    }

    /// The values, when there are only single ones.
    pub(crate) fn points(&self) -> Option<Vec<&T>> {
        self.0.iter().map(point_of).collect()
    }

    pub(crate) fn has(&self, value: &T) -> bool {
        let cut = Cut::Before(value.clone());
        let at = self.0.partition_point(|(_, high)| *high <= cut);
        self.0.get(at).is_some_and(|(low, _)| *low <= cut)
    }

    /// The intervals that have something in common with one.
    fn met_by(&self, (low, high): &(Cut<T>, Cut<T>)) -> std::ops::Range<usize> {
        let from = self.0.partition_point(|(_, h)| h <= low);
        let to = from + self.0[from..].partition_point(|(l, _)| l < high);
        from..to
    }

    /// Takes time by the shorter row of the two, and the logarithm of the longer one.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let (short, long) = if self.0.len() < other.0.len() { (self, other) } else { (other, self) };
        short.0.iter().any(|interval| !long.met_by(interval).is_empty())
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        // Each interval lies within one, so a row that is longer than the other only fits when several lie in one.
        self.0.iter().all(|interval| {
            let met = other.met_by(interval);
            met.len() == 1
                && other.0.get(met.start).is_some_and(|(low, high)| *low <= interval.0 && interval.1 <= *high)
        })
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        let (short, long) = if self.0.len() < other.0.len() { (self, other) } else { (other, self) };
        let mut common = Vec::new();
        for interval in &short.0 {
            for (low, high) in &long.0[long.met_by(interval)] {
                common.push((low.max(&interval.0).clone(), high.min(&interval.1).clone()));
            }
        }
        Self(common)
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        let mut all: Vec<(Cut<T>, Cut<T>)> = self.0.iter().chain(&other.0).cloned().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut joined: Vec<(Cut<T>, Cut<T>)> = Vec::with_capacity(all.len());
        for (low, high) in all {
            match joined.last_mut() {
                Some(last) if low <= last.1 => {
                    if high > last.1 {
                        last.1 = high;
                    }
                }
                _ => joined.push((low, high)),
            }
        }
        Self(joined)
    }

    /// Takes the values of another row out, in place.
    pub(crate) fn remove(&mut self, other: &Self) {
        for interval in &other.0 {
            let met = self.met_by(interval);
            let (Some(first), Some(last)) = (self.0.get(met.start), self.0.get(met.end.wrapping_sub(1)))
            else {
                continue;
            };
            if met.is_empty() {
                continue;
            }
            let before = (first.0.clone(), interval.0.clone());
            let after = (interval.1.clone(), last.1.clone());
            let left = [before, after].into_iter().filter(|(low, high)| low < high);
            self.0.splice(met, left);
        }
    }

    #[cfg(test)]
    pub(crate) fn not(&self) -> Self {
        let mut all = Self::all();
        all.remove(self);
        all
    }
}

/// The value of an interval that has only one.
pub(crate) fn point_of<T: PartialEq>((low, high): &(Cut<T>, Cut<T>)) -> Option<&T> {
    match (low, high) {
        (Cut::Before(a), Cut::After(b)) if a == b => Some(a),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// Every set of the values 0 to 7, as intervals with cuts on both sides of each.
    fn ranges() -> impl Strategy<Value = Ranges<u8>> {
        prop::collection::vec((0_u8..8, 0_u8..8, any::<bool>(), any::<bool>()), 0..4).prop_map(|parts| {
            parts.into_iter().fold(Ranges::none(), |all, (a, b, before, after)| {
                let low = if before { Cut::Before(a) } else { Cut::After(a) };
                let high = if after { Cut::After(b) } else { Cut::Before(b) };
                all.or(&Ranges::between(low, high))
            })
        })
    }

    fn well_formed(r: &Ranges<u8>) -> bool {
        r.0.iter().all(|(low, high)| low < high) && r.0.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }

    proptest! {
        #[test]
        fn they_are_sets(a in ranges(), b in ranges()) {
            let (and, or, not) = (a.and(&b), a.or(&b), a.not());
            let mut minus = a.clone();
            minus.remove(&b);
            for set in [&and, &or, &not, &minus] {
                prop_assert!(well_formed(set), "{set:?}");
            }
            for n in 0..8 {
                let (x, y) = (a.has(&n), b.has(&n));
                prop_assert_eq!(and.has(&n), x && y);
                prop_assert_eq!(or.has(&n), x || y);
                prop_assert_eq!(not.has(&n), !x);
                prop_assert_eq!(minus.has(&n), x && !y);
            }
            prop_assert_eq!(a.meets(&b), !and.is_empty());
            prop_assert_eq!(a.is_within(&b), minus.is_empty());
            prop_assert_eq!(&minus, &a.and(&b.not()));
        }
    }
}
