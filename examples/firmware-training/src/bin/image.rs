//! Trains on the host and writes what was learned to `image.bin`, for `fine_tune` to go on with.

use std::fs;

use firmware::{Failed, Training, settings, steps, write_image};

fn run(out: &mut dyn core::fmt::Write) -> Result<(), Failed> {
    let mut training = Training::new(settings(), 0, |env| env)?;
    training.run(steps(), 100.max(steps() / 10), out)?;
    let image = write_image(training.sac_mut()).expect("an image takes everything");
    fs::write("image.bin", image).expect("image.bin can be written");
    Ok(())
}

firmware::main!(run);
