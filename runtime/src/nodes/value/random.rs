//! Random numbers, not for secrets.

/// 64 random bits: the keys of the standard library's hasher differ each time.
pub(crate) fn bits() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// At least 0, less than 1.
pub(crate) fn unit() -> f64 {
    (bits() >> 11) as f64 / (1_u64 << 53) as f64
}
