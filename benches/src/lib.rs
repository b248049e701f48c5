//! What the benches share: rounds in shuffled order with medians, tables with ratios, and stacks compiled from text.

pub mod big;
pub mod stack;
pub mod table;

use std::hint::black_box;
use std::time::Instant;

/// One engine at one task.
pub struct Case<'c> {
    /// Row of the table.
    pub row: String,
    /// Column of the table.
    pub column: String,
    /// Does the task for the messages of one pass; returns how often it held, so that answers can be compared.
    pub pass: Box<dyn FnMut() -> u64 + 'c>,
}

impl<'c> Case<'c> {
    /// A case.
    pub fn new(row: impl Into<String>, column: impl Into<String>, pass: impl FnMut() -> u64 + 'c) -> Self {
        Self { row: row.into(), column: column.into(), pass: Box::new(pass) }
    }
}

/// What was measured of one case.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Row of the table.
    pub row: String,
    /// Column of the table.
    pub column: String,
    /// Median over the rounds, nanoseconds for one message.
    pub ns: f64,
    /// What the passes answered.
    pub answer: u64,
}

/// Runs every case `rounds` times in an order that changes from round to round, each time for about `target_us`
/// microseconds. `messages`: how many one pass deals with.
///
/// # Panics
/// When two cases of one column answer differently: a comparison of engines that disagree says nothing.
pub fn measure(mut cases: Vec<Case<'_>>, messages: u64, rounds: usize, target_us: f64) -> Vec<Sample> {
    let mut plans: Vec<(u64, Vec<f64>, u64)> = Vec::with_capacity(cases.len());
    for case in &mut cases {
        let answer = black_box((case.pass)());
        let began = Instant::now();
        let mut passes = 0u64;
        while began.elapsed().as_secs_f64() * 1e6 < target_us {
            black_box((case.pass)());
            passes += 1;
        }
        plans.push((passes.max(1), Vec::with_capacity(rounds), answer));
    }
    let mut order: Vec<usize> = (0..cases.len()).collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..rounds {
        shuffle(&mut order, &mut seed);
        for &at in &order {
            let (passes, times, _) = &mut plans[at];
            let began = Instant::now();
            for _ in 0..*passes {
                black_box((cases[at].pass)());
            }
            times.push(began.elapsed().as_secs_f64() * 1e9 / (*passes * messages) as f64);
        }
    }
    let samples: Vec<Sample> = cases
        .into_iter()
        .zip(plans)
        .map(|(case, (_, mut times, answer))| {
            times.sort_by(f64::total_cmp);
            Sample { row: case.row, column: case.column, ns: times[times.len() / 2], answer }
        })
        .collect();
    for sample in &samples {
        for other in samples.iter().filter(|other| other.column == sample.column) {
            assert_eq!(
                sample.answer, other.answer,
                "{}: {} and {} disagree",
                sample.column, sample.row, other.row
            );
        }
    }
    samples
}

fn shuffle(order: &mut [usize], seed: &mut u64) {
    for i in (1..order.len()).rev() {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        order.swap(i, (*seed % (i as u64 + 1)) as usize);
    }
}
