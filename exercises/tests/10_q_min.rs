//! The smaller of two critics.

#[cfg_attr(not(feature = "solutions"), path = "../holes/10_q_min.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/10_q_min.rs")]
mod hole;

use hole::q_min;
use softac::tape::Tape;
use softac_holes::claims::{column, numbers, on_tape};

#[test]
fn it_is_taken_sample_by_sample() {
    let (first, second) = (column(&[1.0, 5.0]), column(&[2.0, 3.0]));
    let tape = Tape::new();
    let q = q_min(tape.constant(&first), tape.constant(&second));
    let known: [(&[f64], _); 3] = [
        (
            &[2.5, 2.5],
            "That is the minimum of the means, which belongs to one critic as a whole. In the first sample the first critic is smaller, in the second the second.",
        ),
        (&[1.5, 4.0], "That is the mean of both."),
        (&[2.0, 5.0], "That is the maximum, which looks for errors instead of avoiding them."),
    ];
    numbers("min Q of (1, 5) and (2, 3)", &on_tape(q.value()), &[1.0, 3.0], &known);
}

#[test]
fn the_gradient_goes_to_the_smaller_one() {
    let (first, second) = (column(&[1.0, 5.0]), column(&[2.0, 3.0]));
    let tape = Tape::new();
    let (first, second) = (tape.leaf(&first), tape.leaf(&second));
    let gradients = on_tape(q_min(first, second).sum().backward());
    let known: [(&[f64], _); 1] =
        [(&[0.0, 0.0], "No gradient comes through: the policy climbs along it.")];
    numbers("∂ Σ min Q / ∂Q₁", gradients.wrt(first), &[1.0, 0.0], &known);
    numbers("∂ Σ min Q / ∂Q₂", gradients.wrt(second), &[0.0, 1.0], &known);
}

#[test]
fn which_critic_comes_first_does_not_matter() {
    let (first, second) = (column(&[-1.0, 0.5, 7.0]), column(&[-2.0, 0.75, 7.5]));
    let tape = Tape::new();
    let (first, second) = (tape.constant(&first), tape.constant(&second));
    let (one, other) =
        (on_tape(q_min(first, second).value()), on_tape(q_min(second, first).value()));
    assert_eq!(one, other, "The minimum of both, and with the critics exchanged.");
    numbers("min Q of (−1, 0.5, 7) and (−2, 0.75, 7.5)", &one, &[-2.0, 0.5, 7.0], &[]);
}
