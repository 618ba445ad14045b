//! The adjoints of a layer.

#[cfg_attr(not(feature = "solutions"), path = "../holes/07_linear.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/07_linear.rs")]
mod hole;

use hole::Linear;
use ndarray::{Array2, array};
use softac::gradcheck::{gradcheck, named};
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::Tape;
use softac_holes::claims::{gradient, numbers, on_tape};

/// The adjoint of one input, of X = (1 2; 3 −1), W = (0.5; −0.3) and b = (0.1), for Z̄ = (1; 2).
fn adjoint(which: usize) -> Array2<f64> {
    let arrays = [array![[1.0, 2.0], [3.0, -1.0]], array![[0.5], [-0.3]], array![[0.1]]];
    let tape = Tape::new();
    // The others are constants: only the adjoint that is looked at is asked for.
    let inputs: Vec<_> = arrays
        .iter()
        .enumerate()
        .map(|(i, array)| if i == which { tape.leaf(array) } else { tape.constant(array) })
        .collect();
    let z = tape.custom(&Linear, &inputs);
    on_tape(z.backward_with(&array![[1.0], [2.0]])).wrt(inputs[which]).to_owned()
}

#[test]
fn the_adjoint_of_the_input_is_known() {
    let known: [(&[f64], _); 1] =
        [(&[0.5, -0.3, 0.5, -0.3], "That is W in every row. Z̄ is missing.")];
    numbers("X̄", &adjoint(0), &[0.5, -0.3, 1.0, -0.6], &known);
}

#[test]
fn the_adjoint_of_the_weights_is_known() {
    let known: [(&[f64], _); 2] = [
        (
            &[5.0, 1.0],
            "That is X Z̄. W_jk is used in row n with the factor X_nj: the sum is over rows n.",
        ),
        (
            &[3.5, 0.0],
            "That is the mean over the rows. A weight is used by every row, and adjoints of all uses add up.",
        ),
    ];
    numbers("W̄", &adjoint(1), &[7.0, 0.0], &known);
}

#[test]
fn the_adjoint_of_the_bias_is_the_sum_over_its_uses() {
    let known: [(&[f64], _); 3] = [
        (
            &[1.5],
            "That is the mean over the rows. The bias is used by every row, and adjoints of all uses add up.",
        ),
        (&[1.0], "That is the first row alone. The bias is used by every row."),
        (
            &[2.0],
            "That is the last row alone. The bias is used by every row, and adjoints of all uses add up.",
        ),
    ];
    numbers("b̄", &adjoint(2), &[3.0], &known);
}

#[test]
fn differences_agree_where_no_two_sizes_are_alike() {
    let mut noise = stream(7, Purpose::Init);
    let mut normal = |rows, columns| {
        let mut numbers = vec![0.0; rows * columns];
        fill_normal(&mut numbers, &mut noise);
        Array2::from_shape_fn((rows, columns), |(row, column)| numbers[row * columns + column])
    };
    let (x, w, b) = (normal(4, 3), normal(3, 2), normal(1, 2));
    let checked = gradcheck(
        |tape, p| tape.custom(&Linear, p),
        &[&named("X", &x), &named("W", &w), &named("b", &b)],
    );
    gradient(
        "the derivative of X W + 1 b",
        checked,
        "The example with one output is right. Look for a transpose that it does not need.",
    );
}
