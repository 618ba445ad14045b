//! The temperature's loss: a function of one number.

use ndarray::{Array2, array};
use softac::gradcheck::{gradcheck, named};
use softac::random::{Purpose, stream};
use softac::sac::temperature_loss;
use softac::tape::{Tape, Var};

use crate::rungs::{Climbed, Ladder, Rung, normal};

const B: usize = 7;
const LOG_ALPHA: f64 = -1.2;
const TARGET_ENTROPY: f64 = -2.0;

// ANCHOR: by_hand
/// `J = −α mean(log π + H̄)` with `α = exp(log α)`; its slope in log α is `α (Ĥ − H̄)`.
fn by_hand(log_pi: &Array2<f64>) -> Rung {
    let alpha = LOG_ALPHA.exp();
    let entropy = -log_pi.sum() / B as f64; // Ĥ
    let loss = -alpha * (TARGET_ENTROPY - entropy);
    Rung { loss, gradient: vec![alpha * (entropy - TARGET_ENTROPY)] }
}
// ANCHOR_END: by_hand

// ANCHOR: tape
/// The same by the crate's equation.
fn loss<'t, 'p>(
    log_pi: &'p Array2<f64>,
    tape: &'t Tape<'p, f64>,
    log_alpha: Var<'t, f64>,
) -> Var<'t, f64> {
    temperature_loss(log_alpha, tape.constant(log_pi), TARGET_ENTROPY)
}
// ANCHOR_END: tape

/// The three rungs.
pub fn ladder() -> Climbed {
    let log_pi = normal([B, 1], &mut stream(3, Purpose::Init));
    let log_alpha = array![[LOG_ALPHA]];
    let tape = Tape::new();
    let leaf = tape.leaf(&log_alpha);
    let on_tape = loss(&log_pi, &tape, leaf);
    Ok(Ladder {
        name: "the temperature's loss by log α",
        by_hand: by_hand(&log_pi),
        tape: Rung { loss: on_tape.item()?, gradient: on_tape.backward()?.leaf(leaf).to_vec() },
        differences: gradcheck(
            |tape, p| loss(&log_pi, tape, p[0]),
            &[&named("log_alpha", &log_alpha)],
        )?,
    })
}
