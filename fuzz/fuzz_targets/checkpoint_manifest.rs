//! `manifest.json` of a checkpoint: none but the one that was written is true.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use softac::train::TrainError;
use softac_fuzz::sample::{MANIFEST, Sample};
use softac_fuzz::{seed, within_memory};

static SAMPLE: LazyLock<Sample> = LazyLock::new(Sample::new);

fuzz_target!(
    init: seed("checkpoint_manifest", "manifest", SAMPLE.file(MANIFEST)),
    |bytes: &[u8]| fuzz(bytes)
);

fn fuzz(bytes: &[u8]) {
    SAMPLE.put(MANIFEST, bytes);
    match within_memory(bytes, 1 << 20, || SAMPLE.resume()) {
        Ok(_) => assert!(bytes == SAMPLE.file(MANIFEST)),
        Err(error) => assert!(matches!(error, TrainError::NoGoodCheckpoint { .. }), "{error}"),
    }
}
