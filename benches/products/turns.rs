//! Turns: several things measured one after the other, again and again, so that all see the same machine.

use std::time::{Duration, Instant};

/// How often each takes its turn, and how long a turn lasts.
#[derive(Clone, Copy)]
pub struct Turns {
    pub count: usize,
    pub update: Duration,
    pub product: Duration,
    pub product_of_update: Duration,
}

impl Turns {
    pub const MEASURE: Self = Self {
        count: 15,
        update: Duration::from_millis(100),
        product: Duration::from_millis(20),
        product_of_update: Duration::from_millis(8),
    };
    /// Each once, as fast as possible.
    pub const TEST: Self = Self {
        count: 1,
        update: Duration::ZERO,
        product: Duration::ZERO,
        product_of_update: Duration::ZERO,
    };
}

/// Seconds that the work takes, by doing it over and over for some time, at least once.
pub fn seconds(time: Duration, mut work: impl FnMut()) -> f64 {
    let (start, mut count, mut at_once) = (Instant::now(), 0_u32, 1);
    loop {
        for _ in 0..at_once {
            work();
        }
        count += at_once;
        let elapsed = start.elapsed();
        if elapsed >= time {
            return elapsed.as_secs_f64() / f64::from(count);
        }
        // The clock is read seldom enough to cost nothing.
        if elapsed < time / 100 {
            at_once *= 2;
        }
    }
}

/// The median.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

/// Seconds of some kernels, turn by turn: `[turn][kernel]`.
pub struct Table(pub Vec<Vec<f64>>);

impl Table {
    pub fn median(&self, kernel: usize) -> f64 {
        median(self.0.iter().map(|turn| turn[kernel]))
    }

    /// The fastest but for the first, which is this crate's.
    pub fn fastest_library(&self) -> usize {
        let libraries = 1..self.0[0].len();
        let by_time = |&a: &usize, &b: &usize| self.median(a).total_cmp(&self.median(b));
        libraries.min_by(by_time).expect("there are libraries")
    }
}
