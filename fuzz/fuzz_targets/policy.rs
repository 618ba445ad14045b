//! `policy.safetensors`: a policy that is loaded can act, and be saved to be loaded again.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use softac::env;
use softac::train::SavedPolicy;
use softac_fuzz::sample::Sample;
use softac_fuzz::{framed, seed, unframed, within_memory};

static SAMPLE: LazyLock<Sample> = LazyLock::new(Sample::new);

fuzz_target!(
    init: {
        let path = SAMPLE.folder.path().join("policy.safetensors");
        let file = fs::read(path).expect("a finished run has it");
        seed("policy", "policy", &unframed(&file));
    },
    |input: &[u8]| fuzz(input)
);

fn fuzz(input: &[u8]) {
    let bytes = framed(input);
    let path = SAMPLE.folder.path().join("policy.safetensors");
    fs::write(&path, &bytes).expect("there is room");
    let policy = within_memory(&bytes, 1 << 14, || SavedPolicy::<f32>::load(&path));
    let _ = SavedPolicy::<f64>::load(&path);
    let Ok(mut policy) = policy else { return };
    let pendulum = env::make("pendulum").expect("it is registered");
    if policy.check_spaces(pendulum.as_ref()).is_ok() {
        policy.act(&[1.0, 0.0, 0.0], &mut [0.0]);
    }
    policy.save(&path).expect("there is room");
    let again = SavedPolicy::<f32>::load(&path).expect("it was saved so");
    assert_eq!(again.params().as_slice(), policy.params().as_slice());
}
