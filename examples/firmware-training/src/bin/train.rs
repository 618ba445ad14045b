//! Trains from scratch on the device.

#![cfg_attr(target_os = "none", no_std, no_main)]

use firmware::{Failed, Training, settings, steps};

fn run(out: &mut dyn core::fmt::Write) -> Result<(), Failed> {
    Training::new(settings(), 0, |env| env)?.run(steps(), 100.max(steps() / 10), out)
}

firmware::main!(run);
