//! Turns the compiled figures into what a page loads: `softac-figures-bindgen WASM OUT_DIR`.
//!
//! It stands in for the `wasm-bindgen` command, which has to be of the same version as the crate to the last digit:
//! here one lock file holds both.

use std::env;
use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [wasm, out] = arguments.as_slice() else {
        return Err("give the .wasm file and the folder to write to".into());
    };
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    Ok(())
}
