//! Goes on with what a host has learned, on a machine whose motor is worn.

#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::boxed::Box;

use firmware::{Failed, Training, WornMotor, read_image, settings, steps};
use softac::sac::SacConfig;

/// Made by `cargo run --bin image` on the host.
static IMAGE: &[u8] = include_bytes!("../../image.bin");

fn run(out: &mut dyn core::fmt::Write) -> Result<(), Failed> {
    // The policy acts from the first step on.
    let config = SacConfig { warmup_steps: Some(0), ..settings() };
    let mut training = Training::new(config, 1, |env| Box::new(WornMotor::new(env, 0.6)))?;
    read_image(training.sac_mut(), IMAGE)?;
    training.run(steps(), 100.max(steps() / 10), out)
}

firmware::main!(run);
