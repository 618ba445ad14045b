//! `metrics.csv` and `evaluations.csv`.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use softac::agent::Metrics;
use softac::sac::UpdateMetrics;
use softac_fuzz::sample::Sample;
use softac_fuzz::{seed, within_memory};

const FILES: [&str; 2] = ["metrics.csv", "evaluations.csv"];

static SAMPLE: LazyLock<Sample> = LazyLock::new(Sample::new);

fuzz_target!(
    init: {
        for name in FILES {
            seed("rows", name, SAMPLE.file(name));
        }
    },
    |bytes: &[u8]| fuzz(bytes)
);

fn fuzz(bytes: &[u8]) {
    let folder = &SAMPLE.folder;
    for name in FILES {
        fs::write(folder.path().join(name), bytes).expect("there is room");
    }
    let _ = within_memory(bytes, 1 << 16, || folder.metrics_of(UpdateMetrics::COLUMNS));
    let _ = within_memory(bytes, 1 << 16, || folder.evaluations());
}
