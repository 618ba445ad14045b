//! How exact a difference quotient is: the derivative of tanh at 1.3, by central differences with fixed
//! steps and by extrapolation.

use softac::gradcheck::{Probe, Reason, ridders};

const X: f64 = 1.3;

fn main() -> Result<(), Reason> {
    // 1 − tanh² loses a digit here; sech² does not.
    let exact = X.cosh().powi(-2);
    println!("{:>8}  {:>9}", "step", "error");
    for exponent in 1..=12 {
        let h = 10.0_f64.powi(-exponent);
        let difference = ((X + h).tanh() - (X - h).tanh()) / (2.0 * h);
        println!("{h:>8.0e}  {:>9.1e}", (difference - exact).abs());
    }
    let tanh = |x: f64| Ok(Probe { value: x.tanh(), rounding: f64::EPSILON });
    let extrapolated = ridders(X, 1.0, tanh)?;
    let error = (extrapolated.value - exact).abs();
    println!(" Ridders  {error:>9.1e}  with the bound {:.1e}", extrapolated.bound());
    Ok(())
}
