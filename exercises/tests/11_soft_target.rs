//! The soft target.

#[cfg_attr(not(feature = "solutions"), path = "../holes/11_soft_target.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/11_soft_target.rs")]
mod hole;

use hole::{Next, soft_target};
use ndarray::{Array2, array};
use softac::tape::Tape;
use softac_holes::claims::{column, numbers, on_tape};

/// r, d, min Q̄, log π and α.
type Numbers = [Array2<f64>; 5];

/// The ledger of the chapter.
fn ledger() -> Numbers {
    [
        column(&[1.0, -0.5, 2.0, 0.25]),
        column(&[0.0, 1.0, 0.0, 1.0]),
        column(&[3.0, 4.0, -1.0, 7.0]),
        column(&[-1.0, 0.5, 2.0, -3.0]),
        array![[0.2]],
    ]
}

fn target(next: &Numbers, gamma: f64) -> Array2<f64> {
    let tape = Tape::new();
    let [r, d, q_min, log_pi, alpha] = next.each_ref().map(|x| tape.constant(x));
    on_tape(soft_target(Next { r, d, q_min, log_pi, alpha }, gamma).value())
}

#[test]
fn the_ledger_of_the_chapter_is_right() {
    let known: [(&[f64], _); 6] = [
        (
            &[3.88, 3.01, 0.74, 7.09],
            "The mask is missing: where the task has terminated, the future is worth nothing.",
        ),
        (
            &[1.0, 3.01, 2.0, 7.09],
            "The mask is the wrong way round: d = 1 cuts the future off, so the factor is 1 − d.",
        ),
        (
            &[3.88, -0.59, 0.74, 0.79],
            "The entropy stands outside of the mask: after the end there are no actions to be paid for.",
        ),
        (
            &[3.52, -0.5, 1.46, 0.25],
            "A rare action gets a bonus: −α log π is added, and log π is negative for it.",
        ),
        (&[4.2, -0.5, 0.6, 0.25], "The future is discounted: γ is missing."),
        (
            &[3.7, -0.5, 1.1, 0.25],
            "The surprise of a′ is missing: this is the target of the usual objective.",
        ),
    ];
    numbers("y of the ledger, γ = 0.9", &target(&ledger(), 0.9), &[3.88, -0.5, 0.74, 0.25], &known);
}

#[test]
fn after_termination_it_is_the_reward_exactly() {
    let [r, mut d, mut q_min, _, alpha] = ledger();
    d.fill(1.0);
    q_min.fill(1e200);
    let log_pi = column(&[1e200, -1e200, -1e9, 1e9]);
    let known: [(&[f64], _); 0] = [];
    let expected: Vec<f64> = r.iter().copied().collect();
    numbers(
        "y where every transition is the last",
        &target(&[r, d, q_min, log_pi, alpha], 0.99),
        &expected,
        &known,
    );
}

#[test]
fn without_a_future_it_is_the_reward() {
    let next = ledger();
    let expected: Vec<f64> = next[0].iter().copied().collect();
    numbers("y at γ = 0", &target(&next, 0.0), &expected, &[]);
}

#[test]
fn it_is_constant_in_everything_it_is_made_of() {
    let (next, q) = (ledger(), column(&[0.1, 0.2, 0.3, 0.4]));
    let tape = Tape::new();
    let (inputs, q) = (next.each_ref().map(|x| tape.leaf(x)), tape.leaf(&q));
    let [r, d, q_min, log_pi, alpha] = inputs;
    let error = q - soft_target(Next { r, d, q_min, log_pi, alpha }, 0.9);
    let gradients = on_tape(error.square().mean().backward());
    for (name, input) in ["r", "d", "min Q̄", "log π", "α"].into_iter().zip(inputs) {
        let through = gradients.wrt(input);
        assert!(
            through.iter().all(|&x| x == 0.0),
            "A loss of y has a gradient by {name}, {through:?}, and should have none.\nWith it, a critic could lower its loss by \
             changing the future until it agrees with the past. `detach` belongs inside of the equation, where no caller can \
             forget it."
        );
    }
}
