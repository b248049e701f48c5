//! Constant texts that other texts are compared with: short ones by whole words instead of byte by byte.

/// A constant text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bytes {
    bytes: Box<[u8]>,
    /// The first eight bytes, zeros behind a shorter text.
    head: u64,
    /// Ones where `head` has bytes of the text.
    mask: u64,
    /// The last eight bytes of a text that has as many.
    tail: u64,
}

impl Bytes {
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut head = [0; 8];
        let short = text.len().min(8);
        head[..short].copy_from_slice(&text[..short]);
        Self {
            bytes: text.into(),
            head: u64::from_le_bytes(head),
            mask: if short == 8 { u64::MAX } else { (1 << (8 * short)) - 1 },
            tail: text.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail)),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a text begins with this one.
    #[inline]
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        let length = self.bytes.len();
        let Some(head) = text.first_chunk::<8>() else { return text.starts_with(&self.bytes) };
        if (u64::from_le_bytes(*head) ^ self.head) & self.mask != 0 {
            return false;
        }
        if length <= 8 {
            return true;
        }
        let Some(text) = text.get(..length) else { return false };
        match text.last_chunk::<8>() {
            Some(tail) if length <= 16 => u64::from_le_bytes(*tail) == self.tail,
            _ => *text == *self.bytes,
        }
    }

    /// Whether a text ends with this one.
    #[inline]
    pub(crate) fn ends(&self, text: &[u8]) -> bool {
        let length = self.bytes.len();
        match text.last_chunk::<8>() {
            // The last bytes of a word are its highest ones.
            Some(tail) if (1..=8).contains(&length) => {
                u64::from_le_bytes(*tail) >> (64 - 8 * length) == self.head
            }
            _ => text.ends_with(&self.bytes),
        }
    }

    /// Whether a text is this one.
    #[inline]
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        text.len() == self.bytes.len() && self.begins(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Bytes;

    proptest! {
        #[test]
        fn words_say_what_bytes_say(a in "[ab]{0,20}", b in "[ab]{0,20}", cut in 0..20_usize) {
            // Two texts at random are seldom alike: one is also held against its own beginning.
            for b in [b.as_str(), &a[..cut.min(a.len())]] {
                let bytes = Bytes::new(b.as_bytes());
                prop_assert_eq!(bytes.begins(a.as_bytes()), a.starts_with(b));
                prop_assert_eq!(bytes.is(a.as_bytes()), a == b);
                prop_assert_eq!(bytes.ends(a.as_bytes()), a.ends_with(b));
                let c = Bytes::new(&a.as_bytes()[cut.min(a.len())..]);
                prop_assert!(c.ends(a.as_bytes()));
            }
        }
    }
}
