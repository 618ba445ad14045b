//! `config.toml`: a configuration that is read can be checked, and written to be read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use softac::env;
use softac::train::Config;
use softac_fuzz::sample::Sample;
use softac_fuzz::{seed, within_memory};

fuzz_target!(
    init: seed("config", "config", Sample::new().file("config.toml")),
    |bytes: &[u8]| fuzz(bytes)
);

fn fuzz(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // What is read is put beside the defaults.
    let config = within_memory(bytes, 1 << 18, || Config::from_toml(text, "config.toml"));
    let pendulum = env::find("pendulum").expect("it is registered");
    if let Ok(table) = text.parse() {
        let _ = Config::layered(pendulum, [table]);
    }
    let Ok(config) = config else { return };
    if config.validate(1).is_err() {
        return;
    }
    let _ = config.check_memory::<f64>(3, 1);
    let written = config.to_toml().expect("valid settings can be written");
    assert_eq!(Config::from_toml(&written, "config.toml").expect("it was written so"), config);
}
