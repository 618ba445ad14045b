//! # 12 · Termination and truncation
//!
//! What is stored of a step: the successor s′, and the mask d of the target `y = r + γ (1 − d)(…)`. The code below is that of
//! many a training loop, and takes the end of an episode for the end of the world. Repair it.
//!
//! Chapter: `docs/src/target-networks.md`.

use softac::env::Step;

/// The successor and the mask: `(s′, d)`.
///
/// `last` is the observation that came with the step, `first_of_next` the one that begins the next episode, if this one is
/// over. `step.terminated` says that the task ended, `step.truncated` that a time limit did.
pub fn stored<'o>(step: Step, last: &'o [f64], first_of_next: &'o [f64]) -> (&'o [f64], f64) {
    if step.done() { (first_of_next, 1.0) } else { (last, 0.0) }
}
