//! The critics' loss.

#[cfg_attr(not(feature = "solutions"), path = "../holes/14_critic_loss.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/14_critic_loss.rs")]
mod hole;

use hole::critic_loss;
use softac::tape::Tape;
use softac_holes::claims::{column, number, numbers, on_tape};

fn loss(q: &[f64], y: &[f64]) -> f64 {
    let (q, y) = (column(q), column(y));
    let tape = Tape::new();
    on_tape(critic_loss(tape.constant(&q), tape.constant(&y)).item())
}

#[test]
fn it_is_half_the_mean_square() {
    let known = [
        (
            5.0,
            "That is the sum over the minibatch. J_Q is an expectation: with a sum, a batch twice as large would give a gradient twice as long.",
        ),
        (10.0 / 3.0, "The ½ is missing, and with it the slope q − y becomes 2 (q − y)."),
        (10.0, "That is the sum of squares: neither ½ nor mean."),
    ];
    number(
        "J_Q of q = (1, 2, 4) and y = (0, 2, 1)",
        loss(&[1.0, 2.0, 4.0], &[0.0, 2.0, 1.0]),
        5.0 / 3.0,
        &known,
    );
}

#[test]
fn its_slope_is_the_error_over_the_batch() {
    let (q, y) = (column(&[1.0, 2.0, 4.0]), column(&[0.0, 2.0, 1.0]));
    let tape = Tape::new();
    let q = tape.leaf(&q);
    let gradients = on_tape(critic_loss(q, tape.constant(&y)).backward());
    let known: [(&[f64], _); 1] =
        [(&[0.0; 3], "The critic's values have no gradient: it is y that is held constant.")];
    numbers("q̄", gradients.wrt(q), &[1.0 / 3.0, 0.0, 1.0], &known);
}

#[test]
fn no_gradient_reaches_the_target() {
    let (q, y) = (column(&[1.0, 2.0, 4.0]), column(&[0.0, 2.0, 1.0]));
    let tape = Tape::new();
    let (q, y) = (tape.leaf(&q), tape.leaf(&y));
    let gradients = on_tape(critic_loss(q, y).backward());
    let known: [(&[f64], _); 1] = [(
        &[-1.0 / 3.0, 0.0, -1.0],
        "The gradient goes through y, which is made of parameters, too: the critic would learn to change the future until it agrees \
         with the past. Detach y here, inside of the equation.",
    )];
    numbers("ȳ, the adjoint of the target", gradients.wrt(y), &[0.0; 3], &known);
}

#[test]
fn a_batch_shown_twice_has_the_same_loss() {
    let (q, y) = ([0.5, -1.0], [1.0, 1.0]);
    number(
        "J_Q of a batch shown twice",
        loss(&[q, q].concat(), &[y, y].concat()),
        loss(&q, &y),
        &[],
    );
}
