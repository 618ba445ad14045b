//! Random content under a true checksum: no panic, whether it is refused or the run goes on from it.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use softac::sac::SacConfig;
use softac::train::{Config, TrainError};

use crate::sample::{STATE, Sample, config, go_on};
use crate::state_file::{StateFile, framed};

thread_local!(static SAMPLES: [Sample; 3] = [
    Sample::new(),
    Sample::of::<f32>(other("MountainCarContinuous-v0", false)),
    // The chain draws random numbers in its steps.
    Sample::of::<f32>(other("chain", true)),
]);

/// A run in another environment, with a hidden layer.
fn other(env: &str, optimize_memory_usage: bool) -> Config {
    let mut config = config();
    config.run.env = env.into();
    let sac = config.algo.get_mut::<SacConfig>().unwrap();
    (sac.net_arch, sac.optimize_memory_usage) = (vec![1].into(), optimize_memory_usage);
    config
}

/// Goes on from this state, if it is one: whether it was.
fn is_taken(which: usize, bytes: &[u8]) -> bool {
    SAMPLES.with(|samples| {
        let sample = &samples[which];
        sample.put_sealed(STATE, bytes);
        match sample.resume() {
            Ok(resumed) => {
                // A state can be possible and yet diverge.
                let _ = go_on(resumed);
                true
            }
            Err(error) => {
                assert!(matches!(error, TrainError::NoGoodCheckpoint { .. }), "{error}");
                false
            }
        }
    })
}

fn whole(which: usize) -> Vec<u8> {
    SAMPLES.with(|samples| samples[which].file(STATE).to_vec())
}

/// Words at the edges of what can be.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..5_u64,
        any::<u64>(),
        any::<f64>().prop_map(f64::to_bits),
        Just(u64::MAX),
        Just(i64::MAX as u64),
        Just(u64::from(u32::MAX)),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_the_loader_panic(
        which in 0..3_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert!(!is_taken(which, &bytes));
        prop_assert!(!is_taken(which, &framed(&bytes, &[])));
    }

    #[test]
    fn scattered_damage_makes_no_loader_and_no_training_panic(
        which in 0..3_usize,
        damage in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = whole(which);
        for (index, byte) in damage {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        is_taken(which, &bytes);
    }

    #[test]
    fn no_numbers_make_the_training_panic(
        which in 0..3_usize,
        damage in proptest::collection::vec((any::<Index>(), any::<f32>()), 1..40),
    ) {
        let mut state = StateFile::of(&whole(which));
        // After the numbers come the kinds.
        let numbers = state.data.len() - state.data_of("replay.kinds").len();
        for (index, number) in damage {
            let at = 4 * index.index(numbers / 4);
            state.data[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        prop_assert!(is_taken(which, &state.to_bytes()));
    }

    #[test]
    fn no_words_make_the_training_panic(
        which in 0..3_usize,
        damage in proptest::collection::vec((any::<Index>(), any::<Index>(), word()), 1..4),
    ) {
        let mut state = StateFile::of(&whole(which));
        let words = state.described["words"].as_object().unwrap();
        let names: Vec<_> = words.keys().cloned().collect();
        for (name, index, word) in damage {
            let words = state.words(name.get::<String>(&names));
            if !words.is_empty() {
                let at = index.index(words.len());
                words[at] = json!(word);
            }
        }
        is_taken(which, &state.to_bytes());
    }
}
