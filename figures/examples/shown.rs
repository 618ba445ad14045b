//! What a figure shows, as JSON: what the page is compared with.
//!
//! `cargo run -p softac-figures --example shown -- NAME [CONTROL=VALUE | tick=N]…` does what it is told in this order, and
//! then prints. Without arguments it prints the names of the figures.

use std::env;
use std::error::Error;

use softac_figures::figure::Figure;
use softac_figures::{FIGURES, figure};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let Some(name) = arguments.next() else {
        FIGURES.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let mut figure = figure(&name).ok_or_else(|| format!("there is no figure `{name}`"))?;
    for action in arguments {
        act(figure.as_mut(), &action)?;
    }
    println!("{}", figure.shown());
    Ok(())
}

fn act(figure: &mut dyn Figure, action: &str) -> Result<(), Box<dyn Error>> {
    let form = || format!("`{action}` is not of the form CONTROL=VALUE or tick=N");
    let (control, value) = action.split_once('=').ok_or_else(form)?;
    if control == "tick" {
        let ticks: u64 = value.parse().map_err(|_| form())?;
        (0..ticks).all(|_| figure.tick());
        return Ok(());
    }
    Ok(figure.turn(control, value.parse().map_err(|_| form())?)?)
}
