//! Counts that are made without touching every step: how many messages entered a chain, and where they ended.

use std::sync::atomic::{AtomicU64, Ordering};

/// By step of one chain. One thread runs a chain at a time, so an increment is a load and a store.
#[derive(Debug)]
pub(crate) struct Tally {
    entered: Box<[AtomicU64]>,
    ended: Box<[AtomicU64]>,
}

impl Tally {
    pub(crate) fn new(steps: usize) -> Self {
        let zeros = || (0..steps).map(|_| AtomicU64::new(0)).collect();
        Self { entered: zeros(), ended: zeros() }
    }

    /// A message came into the chain before a step.
    #[inline]
    pub(crate) fn enter(&self, step: u32) {
        one_more(&self.entered, step);
    }

    /// A message left the chain at a step.
    #[inline]
    pub(crate) fn end(&self, step: u32) {
        one_more(&self.ended, step);
    }

    /// How many messages came to each step since this was asked last.
    pub(crate) fn take(&self) -> Vec<u64> {
        let mut there = 0_u64;
        let both = self.entered.iter().zip(&self.ended);
        both.map(|(entered, ended)| {
            there = there.wrapping_add(entered.swap(0, Ordering::Relaxed));
            let came = there;
            there = there.wrapping_sub(ended.swap(0, Ordering::Relaxed));
            came
        })
        .collect()
    }
}

#[inline]
fn one_more(counts: &[AtomicU64], step: u32) {
    if let Some(count) = counts.get(step as usize) {
        count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }
}
