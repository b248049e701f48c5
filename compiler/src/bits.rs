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
        for at in 0..len {
            bits.insert(at);
        }
        bits
    }
    pub(crate) fn insert(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at / 64) {
            *word |= 1 << (at % 64);
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
