//! An environment of which nothing can be relied on.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use softac::env::{BoxSpace, Env, EnvError, Step};

/// What it may do wrong, each as often as its number out of 255.
#[derive(Clone, Copy, Debug)]
pub struct Odds {
    pub other_space: u8,
    pub refusal: u8,
    pub unwritten: u8,
    pub wild_number: u8,
    pub end: u8,
}

pub struct Garbage {
    odds: Odds,
    spaces: Vec<BoxSpace>,
    dice: RefCell<ChaCha8Rng>,
    calls: Arc<AtomicU64>,
}

impl Garbage {
    pub fn new(seed: u64, odds: Odds, calls: Arc<AtomicU64>) -> Self {
        let bounds = [(-1.0, 1.0), (0.0, f64::INFINITY), (f64::NEG_INFINITY, f64::MAX), (5.0, 5.5)];
        let spaces = bounds
            .into_iter()
            .zip([1, 1, 2, 3])
            .map(|((low, high), len)| BoxSpace::new(vec![low; len], vec![high; len]).unwrap());
        let dice = RefCell::new(ChaCha8Rng::seed_from_u64(seed));
        Self { odds, spaces: spaces.collect(), dice, calls }
    }

    fn happens(&self, odds: u8) -> bool {
        self.dice.borrow_mut().random_range(0..255) < odds
    }

    fn space(&self) -> &BoxSpace {
        let other = self.dice.borrow_mut().random_range(0..self.spaces.len());
        &self.spaces[if self.happens(self.odds.other_space) { other } else { 0 }]
    }

    fn number(&self) -> f64 {
        const WILD: [f64; 6] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -7.0, 1e5];
        let wild = WILD[self.dice.borrow_mut().random_range(0..WILD.len())];
        if self.happens(self.odds.wild_number) { wild } else { 0.5 }
    }

    fn answer(&self, action: &[f64], observation: &mut [f64]) -> Result<(), EnvError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (index, value, found) = (action.len(), self.number(), observation.len());
        let errors = [
            EnvError::NeedsReset,
            EnvError::NonFiniteAction { index, value },
            EnvError::ObservationLength { expected: index, found },
            EnvError::ActionLength { expected: index, found },
            EnvError::InvalidBounds { index, low: value, high: value },
        ];
        if self.happens(self.odds.refusal) {
            let error = self.dice.borrow_mut().random_range(0..errors.len());
            return Err(errors[error].clone());
        }
        for x in observation {
            if !self.happens(self.odds.unwritten) {
                *x = self.number();
            }
        }
        Ok(())
    }
}

impl Env for Garbage {
    fn name(&self) -> &str {
        if self.happens(self.odds.wild_number) { "" } else { "Garbage" }
    }

    fn observation_space(&self) -> &BoxSpace {
        self.space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.space()
    }

    fn reset(&mut self, _seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.answer(&[], observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.answer(action, observation)?;
        let (terminated, truncated) = (self.happens(self.odds.end), self.happens(self.odds.end));
        Ok(Step { reward: self.number(), terminated, truncated })
    }
}
