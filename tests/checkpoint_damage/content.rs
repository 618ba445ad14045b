//! Wrong content under a true checksum: refused for a reason, without memory that the file does not justify.

use serde_json::{Value, json};

use crate::sample::{FILES, MANIFEST, STATE, Sample, config, manifest};
use crate::state_file::{StateFile, framed};

/// Each of these states is refused, and the reason says this.
fn assert_refused(cases: impl IntoIterator<Item = (Vec<u8>, &'static str)>) {
    let sample = Sample::new();
    let measure = || {
        let mut result = None;
        let allocated = allocation_counter::measure(|| result = Some(sample.resume()));
        (result.unwrap(), allocated.bytes_total)
    };
    let (whole, usual) = measure();
    assert!(whole.is_ok());
    for (bytes, expected) in cases {
        sample.put_sealed(STATE, &bytes);
        let (result, allocated) = measure();
        let reason = result.err().expect(expected).to_string();
        assert!(reason.contains(STATE) && reason.contains(expected), "{expected}: {reason}");
        let justified = usual + 64 * bytes.len() as u64;
        assert!(allocated <= justified, "{expected}: {allocated} bytes, of {justified}");
    }
}

/// The whole state but for a change.
fn changed(change: impl FnOnce(&mut StateFile)) -> Vec<u8> {
    let mut state = StateFile::of(Sample::new().file(STATE));
    change(&mut state);
    state.to_bytes()
}

/// The whole state with other words under this name.
fn with_words(name: &str, words: &[u64]) -> Vec<u8> {
    changed(|state| state.described["words"][name] = json!(words))
}

/// The words under this name, with one of them changed.
fn with_word(name: &str, index: usize, word: u64) -> Vec<u8> {
    changed(|state| state.words(name)[index] = json!(word))
}

#[test]
fn a_state_put_together_again_is_the_same_state() {
    let sample = Sample::new();
    sample.put_sealed(STATE, &changed(|_| ()));
    assert!(sample.resume().is_ok());
}

#[test]
fn tensors_that_are_not_those_of_the_state_are_refused() {
    let double = Sample::of::<f64>(config());
    let reshaped = |name: &'static str, shape: Value| {
        changed(move |state| state.tensors[name]["shape"] = shape)
    };
    assert_refused([
        (double.file(STATE).to_vec(), "`actor.0.weight`: F64 [3, 2], expected F32 [3, 2]"),
        (changed(|state| state.pop("replay.kinds")), "`replay.kinds`: it is not in the file"),
        (changed(|state| state.push("more", &[1, 2])), "`more` is no part of the state"),
        (reshaped("actor.0.weight", json!([2, 3])), "F32 [2, 3], expected F32 [3, 2]"),
        (reshaped("actor.0.weight", json!([6])), "F32 [6], expected F32 [3, 2]"),
        (reshaped("actor.0.weight", json!([1_u64 << 40, 1_u64 << 40])), ""),
        (
            changed(|state| state.tensors["replay.kinds"]["dtype"] = json!("I8")),
            "`replay.kinds`: I8 [2], expected U8 [2]",
        ),
        (changed(|state| state.data.truncate(9)), "its tensors do not fit its length"),
        (changed(|state| state.data.push(0)), "its tensors do not fit its length"),
    ]);
}

#[test]
fn words_that_are_not_those_of_the_state_are_refused() {
    let missing = |name: &'static str| {
        changed(move |state| {
            state.described["words"].as_object_mut().unwrap().remove(name).unwrap();
        })
    };
    assert_refused([
        (missing("learner.counters"), "`learner.counters`: it is not in the file"),
        (missing("env.state"), "`env.state`: it is not in the file"),
        (with_words("streams.policy", &[1; 6]), "it has 6 words instead of 7"),
        (with_words("streams.policy", &[1; 5000]), "it has 5000 words instead of 7"),
        (with_words("updates", &[]), "`updates`: it has 0 words instead of 1"),
        (with_words("more", &[1]), "`more` is no part of the state"),
        (with_words("metrics.last_episodes", &[1; 3]), "an episode has two words"),
        (with_words("metrics.last_episodes", &[1; 202]), "more of them than `stats_window_size`"),
        (with_words("metrics.last_successes", &[1, 2]), "2 is neither 0 nor 1"),
        (with_words("metrics.last_successes", &[1; 101]), "more of them than `stats_window_size`"),
        (with_word("learner.counters", 2, 2), "`learner.counters`: 2 is neither 0 nor 1"),
        (changed(|state| state.words("updates")[0] = json!(-1)), "invalid value: integer `-1`"),
        (changed(|state| state.words("updates")[0] = json!(0.5)), "invalid type"),
    ]);
}

#[test]
fn positions_and_kinds_that_the_replay_buffer_does_not_have_are_refused() {
    let kind = |byte| changed(move |state| state.data_of("replay.kinds")[1] = byte);
    let outside = "`replay.cursor`: it is outside of 2 slots";
    assert_refused([
        (with_words("replay.cursor", &[3, 0]), outside),
        (with_words("replay.cursor", &[2, 2]), outside),
        (with_words("replay.cursor", &[u64::MAX, 0]), outside),
        (with_words("replay.cursor", &[2, u64::MAX]), outside),
        (with_words("replay.cursor", &[1, 0]), "`replay.slots`: F32 [2, 8], expected F32 [1, 8]"),
        (kind(2), "`replay.kinds`: there is no kind 2"),
        (kind(8), "`replay.kinds`: there is no kind 8"),
        (kind(255), "`replay.kinds`: there is no kind 255"),
    ]);
}

#[test]
fn counts_that_nothing_has_counted_to_are_refused() {
    let counts = [
        ("learner.counters", 0),
        ("learner.counters", 1),
        ("trainer.counters", 3),
        ("trainer.best", 1),
        ("metrics.counters", 0),
        ("metrics.counters", 1),
        ("metrics.q_mean", 1),
        ("actor.adam.t", 0),
        ("updates", 0),
    ];
    let refused = "nothing has counted to 18446744073709551615";
    assert_refused(counts.map(|(name, index)| (with_word(name, index, u64::MAX), refused)));
}

#[test]
fn environments_that_wait_for_what_cannot_be_are_refused() {
    let mut three = config();
    three.run.num_envs = 3;
    let sample = Sample::of::<f32>(three);
    // Of the first environment: none to wait for, begun, stepped; the reward; whether that ended the episode.
    let with = |words: [u64; 4]| {
        let mut state = StateFile::of(sample.file(STATE));
        state.words("learner.waiting")[..4].clone_from_slice(&words.map(|word| json!(word)));
        sample.put_sealed(STATE, &state.to_bytes());
        sample.resume().map(|_| ()).map_err(|error| error.to_string())
    };
    let [one, nan] = [1.0_f64, f64::NAN].map(f64::to_bits);
    for possible in [[0, one, 0, 0], [1, one, 0, 0], [2, one, 0, 0]] {
        assert_eq!(with(possible), Ok(()));
    }
    for (impossible, reason) in [
        ([3, one, 0, 0], "waits for what cannot be"),
        ([5, one, 0, 0], "waits for what cannot be"),
        ([2, nan, 0, 0], "waits for what cannot be"),
        // Its episode is under way.
        ([2, one, 1, 0], "waits for what cannot be"),
        ([0, one, 2, 0], "2 is neither 0 nor 1"),
        ([0, one, 0, 2], "2 is neither 0 nor 1"),
    ] {
        let said = with(impossible).unwrap_err();
        assert!(said.contains("`learner.waiting`") && said.contains(reason), "{said}");
    }
    let mut state = StateFile::of(sample.file(STATE));
    state.words("learner.waiting").pop();
    sample.put_sealed(STATE, &state.to_bytes());
    let said = sample.resume().err().unwrap().to_string();
    assert!(said.contains("it has 11 words instead of 12"), "{said}");
}

#[test]
fn a_state_of_another_step_than_its_manifest_is_refused() {
    let sample = Sample::new();
    sample.put_sealed(STATE, &with_word("learner.counters", 0, 4));
    let reason = crate::reason(&sample, "another step");
    assert!(reason.contains("its manifest is of step 3, its state of 4"), "{reason}");
}

#[test]
fn states_that_the_environment_cannot_be_in_are_refused() {
    let refused = "`env.state`: ";
    let word = |index, word| (with_word("env.state", index, word), refused);
    assert_refused([
        word(0, 2),
        word(1, f64::NAN.to_bits()),
        word(1, f64::INFINITY.to_bits()),
        word(2, f64::NAN.to_bits()),
        word(2, 8.1_f64.to_bits()),
        word(3, 201),
        word(3, u64::MAX),
        (with_words("env.state", &[1, 0, 0]), refused),
        (with_words("env.state", &[1, 0, 0, 0, 0]), refused),
        (with_words("env.state", &[1]), refused),
    ]);
}

#[test]
fn headers_that_are_none_are_refused() {
    let whole = Sample::new().file(STATE).to_vec();
    let longer = "its header is longer than the file";
    let with_len = |len: u64| [&len.to_le_bytes(), &whole[8..]].concat();
    // Together they end at 2⁶⁴ − 1.
    let tensor = |i: u64| {
        let end = (i << 60) + ((1 << 60) - u64::from(i == 15));
        let (start, len) = (i << 60, end - (i << 60));
        format!(r#""{i}":{{"dtype":"U8","shape":[{len}],"data_offsets":[{start},{end}]}}"#)
    };
    let huge: Vec<_> = (0..16).map(tensor).collect();
    let deep = format!("{{\"__metadata__\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_refused([
        (vec![], "failed to fill whole buffer"),
        (vec![0; 7], "failed to fill whole buffer"),
        (with_len(u64::MAX), longer),
        (with_len(1 << 40), longer),
        (with_len(whole.len() as u64 - 7), longer),
        (with_len(0), "EOF while parsing"),
        (framed(b"no header", &[]), "expected ident"),
        (framed(b"[]", &[]), ""),
        (framed(b"{}", &[]), "its header holds no state of softac"),
        (framed(br#"{"__metadata__":{"softac":"{"}}"#, &[]), "EOF while parsing"),
        (framed(format!("{{{}}}", huge.join(",")).as_bytes(), &[]), "do not fit its length"),
        (framed(deep.as_bytes(), &[]), ""),
        (
            changed(|state| state.described["format"] = json!("softac-state-2")),
            "its format is `softac-state-2`, this version reads `softac-state-1`",
        ),
        (changed(|state| state.described["more"] = json!(1)), "unknown field `more`"),
    ]);
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let sample = Sample::new();
    let text = String::from_utf8(sample.file(MANIFEST).to_vec()).unwrap();
    sample.put(MANIFEST, text.replace("checkpoint-1", "checkpoint-2").as_bytes());
    let reason = crate::reason(&sample, "another version");
    let expected = "its format is `softac-checkpoint-2`, this version reads `softac-checkpoint-1`";
    assert!(reason.contains(expected), "{reason}");
}

#[test]
fn a_manifest_of_more_files_is_refused() {
    let sample = Sample::new();
    let mut files = FILES.map(|name| (name, sample.file(name)));
    files[4] = ("z", b"");
    sample.put(MANIFEST, manifest(&files, 3).as_bytes());
    let reason = crate::reason(&sample, "one more file");
    assert!(reason.contains("it lists files that are no part of a checkpoint"), "{reason}");
}

#[test]
fn a_configuration_that_is_none_is_refused() {
    let sample = Sample::new();
    for (bytes, expected) in [
        (&b"\xff"[..], "invalid utf-8"),
        (b"gamma = 0.9", "it has no `env`"),
        (b"env = 'Pendulum-v1'\nmore = 1", "there is no setting `more`"),
    ] {
        sample.put_sealed("config.toml", bytes);
        let reason = crate::reason(&sample, expected);
        assert!(reason.contains("config.toml") && reason.contains(expected), "{reason}");
    }
}
