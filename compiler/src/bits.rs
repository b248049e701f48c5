//! A set of small numbers: the sets of outputs that selectors denote. A few are kept as a list, many as a bitmap, so that
//! a selector costs what it denotes and not what the flow graph has.

/// A set of numbers below a length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits {
    len: usize,
    of: Of,
}

#[derive(Clone, Debug)]
enum Of {
    /// Ascending.
    Few(Vec<u32>),
    Many(Vec<u64>),
}

impl Default for Of {
    fn default() -> Self {
        Of::Few(Vec::new())
    }
}

impl PartialEq for Bits {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Bits {}

impl Bits {
    /// An empty set that has room for numbers below `len`.
    pub(crate) fn new(len: usize) -> Self {
        Self { len, of: Of::default() }
    }
    /// The set of all numbers below `len`.
    pub(crate) fn full(len: usize) -> Self {
        let mut bits = Self::new(len);
        bits.insert_all(0..len);
        bits
    }
    /// Members that are kept as a list at the most: it takes no more room than the bitmap then.
    fn few(&self) -> usize {
        self.len / 32
    }
    /// The bitmap.
    fn many(&mut self) -> &mut Vec<u64> {
        if let Of::Few(list) = &self.of {
            let mut words = vec![0; self.len.div_ceil(64)];
            for at in list {
                words[*at as usize / 64] |= 1 << (at % 64);
            }
            self.of = Of::Many(words);
        }
        match &mut self.of {
            Of::Many(words) => words,
            // It was made just now.
            Of::Few(_) => unreachable!("a bitmap"),
        }
    }
    /// False: it was there already, or there is no room for it.
    pub(crate) fn insert(&mut self, at: usize) -> bool {
        if at >= self.len {
            return false;
        }
        let few = self.few();
        if let Of::Few(list) = &mut self.of {
            let place = match list.last() {
                Some(last) if (*last as usize) < at => list.len(),
                None => 0,
                _ => match list.binary_search(&(at as u32)) {
                    Ok(_) => return false,
                    Err(place) => place,
                },
            };
            if list.len() < few {
                list.insert(place, at as u32);
                return true;
            }
        }
        let word = &mut self.many()[at / 64];
        let before = *word;
        *word |= 1 << (at % 64);
        *word != before
    }
    pub(crate) fn insert_all(&mut self, range: std::ops::Range<usize>) {
        let range = range.start..range.end.min(self.len);
        let count = match &self.of {
            Of::Few(list) => list.len(),
            Of::Many(_) => usize::MAX / 2,
        };
        if count + range.len() <= self.few() {
            for at in range {
                self.insert(at);
            }
            return;
        }
        let words = self.many();
        let mut at = range.start;
        while at < range.end {
            let next = range.end.min((at / 64 + 1) * 64);
            let mask = (u64::MAX >> (64 - (next - at))) << (at % 64);
            words[at / 64] |= mask;
            at = next;
        }
    }
    pub(crate) fn contains(&self, at: usize) -> bool {
        match &self.of {
            Of::Few(list) => list.binary_search(&(at as u32)).is_ok(),
            Of::Many(words) => words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1),
        }
    }
    pub(crate) fn is_empty(&self) -> bool {
        match &self.of {
            Of::Few(list) => list.is_empty(),
            Of::Many(words) => words.iter().all(|word| *word == 0),
        }
    }
    pub(crate) fn union(&mut self, other: &Bits) {
        match &other.of {
            Of::Few(list) => {
                for at in list {
                    self.insert(*at as usize);
                }
            }
            Of::Many(theirs) => self.many().iter_mut().zip(theirs).for_each(|(a, b)| *a |= b),
        }
    }
    pub(crate) fn intersect(&mut self, other: &Bits) {
        match (&mut self.of, &other.of) {
            (Of::Few(list), _) => list.retain(|at| other.contains(*at as usize)),
            (Of::Many(_), Of::Few(list)) => {
                let both = list.iter().copied().filter(|at| self.contains(*at as usize)).collect();
                self.of = Of::Few(both);
            }
            (Of::Many(words), Of::Many(theirs)) => {
                words.iter_mut().zip(theirs).for_each(|(a, b)| *a &= b);
                self.shrink();
            }
        }
    }
    pub(crate) fn subtract(&mut self, other: &Bits) {
        match (&mut self.of, &other.of) {
            (Of::Few(list), _) => list.retain(|at| !other.contains(*at as usize)),
            (Of::Many(words), Of::Few(list)) => {
                list.iter().for_each(|at| words[*at as usize / 64] &= !(1 << (at % 64)));
            }
            (Of::Many(words), Of::Many(theirs)) => {
                words.iter_mut().zip(theirs).for_each(|(a, b)| *a &= !b);
                self.shrink();
            }
        }
    }
    /// A bitmap of a few members becomes a list.
    fn shrink(&mut self) {
        if self.count() <= self.few() {
            self.of = Of::Few(self.iter().map(|at| at as u32).collect());
        }
    }
    pub(crate) fn count(&self) -> usize {
        match &self.of {
            Of::Few(list) => list.len(),
            Of::Many(words) => words.iter().map(|word| word.count_ones() as usize).sum(),
        }
    }
    /// Members in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let (list, words): (&[u32], &[u64]) = match &self.of {
            Of::Few(list) => (list, &[]),
            Of::Many(words) => (&[], words),
        };
        let of_words = words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        });
        list.iter().map(|at| *at as usize).chain(of_words)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Bits;

    #[test]
    fn ranges_are_inserted_word_by_word() {
        for (start, end) in [(0, 0), (0, 64), (3, 5), (60, 70), (63, 64), (1, 190)] {
            let mut bits = Bits::new(200);
            bits.insert_all(start..end);
            assert_eq!(bits.iter().collect::<Vec<_>>(), (start..end).collect::<Vec<_>>());
        }
        let mut bits = Bits::full(70);
        assert!(!bits.insert(69) && !bits.insert(200) && Bits::new(70).insert(69));
        assert_eq!(bits.iter().count(), 70);
    }

    fn set() -> impl Strategy<Value = BTreeSet<usize>> {
        prop_oneof![
            prop::collection::btree_set(0_usize..300, 0..6),
            prop::collection::btree_set(0_usize..300, 0..200),
        ]
    }

    fn bits(set: &BTreeSet<usize>) -> Bits {
        let mut bits = Bits::new(300);
        set.iter().rev().for_each(|at| assert!(bits.insert(*at)));
        bits
    }

    proptest! {
        #[test]
        fn they_are_sets_whether_few_or_many(a in set(), b in set()) {
            let (x, y) = (bits(&a), bits(&b));
            let same = |bits: &Bits, set: BTreeSet<usize>| {
                let members: Vec<usize> = bits.iter().collect();
                members == set.iter().copied().collect::<Vec<_>>()
                    && bits.count() == set.len()
                    && bits.is_empty() == set.is_empty()
                    && (0..300).all(|at| bits.contains(at) == set.contains(&at))
            };
            let (mut or, mut and, mut minus) = (x.clone(), x.clone(), x.clone());
            or.union(&y);
            and.intersect(&y);
            minus.subtract(&y);
            prop_assert!(same(&or, &a | &b) && same(&and, &a & &b) && same(&minus, &a - &b));
            prop_assert_eq!(x == y, a == b);
        }
    }
}
