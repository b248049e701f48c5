//! A set of small numbers as a bitmap: the sets of outputs that selectors denote.

/// A fixed-size bitmap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// An empty set that has room for `len` members.
    pub(crate) fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)] }
    }
    /// The set of all numbers below `len`.
    pub(crate) fn full(len: usize) -> Self {
        let mut bits = Self::new(len);
        bits.insert_all(0..len);
        bits
    }
    /// False: it was there already, or there is no room for it.
    pub(crate) fn insert(&mut self, at: usize) -> bool {
        let Some(word) = self.words.get_mut(at / 64) else { return false };
        let before = *word;
        *word |= 1 << (at % 64);
        *word != before
    }
    pub(crate) fn insert_all(&mut self, range: std::ops::Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let next = range.end.min((at / 64 + 1) * 64);
            let mask = (u64::MAX >> (64 - (next - at))) << (at % 64);
            if let Some(word) = self.words.get_mut(at / 64) {
                *word |= mask;
            }
            at = next;
        }
    }
    pub(crate) fn contains(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
    pub(crate) fn union(&mut self, other: &Bits) {
        self.zip(other, |a, b| a | b);
    }
    pub(crate) fn intersect(&mut self, other: &Bits) {
        self.zip(other, |a, b| a & b);
    }
    pub(crate) fn subtract(&mut self, other: &Bits) {
        self.zip(other, |a, b| a & !b);
    }
    fn zip(&mut self, other: &Bits, op: impl Fn(u64, u64) -> u64) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a = op(*a, *b);
        }
    }
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
    /// Members in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
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
}
