//! `state.safetensors` of a checkpoint, under a true manifest: a run that goes on from it may diverge, but not
//! panic.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use softac::train::TrainError;
use softac_fuzz::sample::{STATE, Sample, go_on};
use softac_fuzz::{framed, seed, unframed, within_memory};

static SAMPLE: LazyLock<Sample> = LazyLock::new(Sample::new);

fuzz_target!(
    init: seed("checkpoint_state", "state", &unframed(SAMPLE.file(STATE))),
    |input: &[u8]| fuzz(input)
);

fn fuzz(input: &[u8]) {
    let bytes = framed(input);
    SAMPLE.put_sealed(STATE, &bytes);
    // Files are hashed through a buffer of 2¹⁶ bytes.
    match within_memory(&bytes, 1 << 20, || SAMPLE.resume()) {
        Ok(resumed) => drop(go_on(resumed)),
        Err(error) => assert!(matches!(error, TrainError::NoGoodCheckpoint { .. }), "{error}"),
    }
}
