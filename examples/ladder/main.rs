//! A ladder for each loss of Soft Actor-Critic: the gradient by hand in plain `ndarray`, then by the tape, then by
//! finite differences, with the error at each rung.

mod actor;
mod critic;
mod rungs;
mod temperature;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    for ladder in [critic::ladder()?, actor::ladder()?, temperature::ladder()?] {
        println!("{ladder}");
    }
    Ok(())
}
