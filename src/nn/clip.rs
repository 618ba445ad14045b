//! Clipping of gradients by their norm.

use num_traits::Float;

use crate::Scalar;
use crate::kernel::vectorised;

/// Shortens a gradient to the norm `max_norm` where it is longer, and returns the norm that it had.
///
/// # Formula
/// `g ← g · min(1, max_norm / (‖g‖₂ + 10⁻⁶))`: Pascanu et al., *On the Difficulty of Training Recurrent Neural
/// Networks* (2013), Algorithm 1, in the form of PyTorch's `torch.nn.utils.clip_grad_norm_`.
///
/// The norm is that of the whole slice. It is summed in `f64` and in one order, so that it has the same bits
/// for any number of threads, and does not overflow on the way to a norm that is finite. A gradient within the
/// bound keeps its bits; one with a norm that is not finite is left as it is, for the caller to refuse.
///
/// ```
/// let mut gradient = [3.0_f32, 4.0];
/// assert_eq!(softac::nn::clip_norm(&mut gradient, 10.0), 5.0);
/// assert_eq!(gradient, [3.0, 4.0]);
/// softac::nn::clip_norm(&mut gradient, 1.0);
/// assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] - 0.8).abs() < 1e-6);
/// ```
pub fn clip_norm<T: Scalar>(gradient: &mut [T], max_norm: f64) -> f64 {
    let norm = norm(gradient);
    let scale = max_norm / (norm + 1e-6);
    if norm.is_finite() && scale < 1.0 {
        let scale = T::of(scale);
        vectorised!(|| gradient.iter_mut().for_each(|g| *g *= scale));
    }
    norm
}

/// `‖x‖₂`
pub(crate) fn norm<T: Scalar>(x: &[T]) -> f64 {
    let norm = Float::sqrt(sum_of_squares(x, |x| x));
    if norm.is_finite() {
        return norm;
    }
    // Of large numbers in `f64`, the squares overflow before their root does.
    let largest = x.iter().map(|x| x.as_f64().abs()).fold(0.0, f64::max);
    if largest.is_finite() {
        return largest * Float::sqrt(sum_of_squares(x, |x| x / largest));
    }
    norm
}

/// In how many parts the sum is taken, whatever the vector width.
const PARTS: usize = 16;

/// `Σᵢ f(xᵢ)²`: part l sums i = l, l + 16, l + 32, …, and the parts are added in their order.
fn sum_of_squares<T: Scalar>(x: &[T], f: impl Fn(f64) -> f64) -> f64 {
    let mut parts = [0.0; PARTS];
    vectorised!(|| {
        for x in x.chunks(PARTS) {
            for (part, x) in parts.iter_mut().zip(x) {
                let x = f(x.as_f64());
                *part += x * x;
            }
        }
    });
    parts.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Numbers without a pattern.
    fn numbers(len: usize) -> Vec<f32> {
        (0..len).map(|i| (i as f32 * 0.731).sin()).collect()
    }

    #[test]
    fn a_long_gradient_is_scaled_as_the_formula_says() {
        for len in [1, 3, 16, 17, 1000] {
            let before = numbers(len + 1)[1..].to_vec();
            let mut after = before.clone();
            let found = clip_norm(&mut after, 0.01);
            let norm = before.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
            assert!((found - norm).abs() <= 1e-14 * norm, "{found}, not {norm}");
            let scale = (0.01 / (norm + 1e-6)) as f32;
            for (after, before) in after.iter().zip(&before) {
                assert!((after - scale * before).abs() <= f32::EPSILON * after.abs());
            }
        }
    }

    #[test]
    fn a_gradient_within_the_bound_keeps_its_bits() {
        let before = numbers(100);
        let norm = clip_norm(&mut before.clone(), f64::MAX);
        for bound in [1.0001 * norm, 2.0 * norm, f64::MAX] {
            let mut after = before.clone();
            assert_eq!(clip_norm(&mut after, bound), norm);
            assert_eq!(after, before);
        }
        assert_eq!(clip_norm(&mut [0.0_f32; 3], 1e-3), 0.0);
    }

    #[test]
    fn a_finite_norm_does_not_overflow_on_the_way() {
        let mut gradient = [3e200, -4e200];
        let norm = clip_norm(&mut gradient, 5.0);
        assert!((norm / 5e200 - 1.0).abs() < 1e-15);
        assert!((gradient[0] - 3.0).abs() < 1e-14 && (gradient[1] + 4.0).abs() < 1e-14);
    }

    #[test]
    fn a_norm_that_is_not_finite_is_told_and_nothing_is_scaled() {
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut gradient = [1.0, wrong, 2.0];
            assert!(!clip_norm(&mut gradient, 0.1).is_finite());
            assert_eq!([gradient[0], gradient[2]], [1.0, 2.0]);
            assert_eq!(gradient[1].to_bits(), wrong.to_bits());
        }
    }
}
