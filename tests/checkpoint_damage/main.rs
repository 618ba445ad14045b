//! Checkpoints against damage of every kind: what is not as it was written is noticed, and what was written
//! wrong is refused with a reason. Nothing makes the loader panic, or take more memory than the file justifies.

mod content;
mod garbage;
mod sample;
mod state_file;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use rayon::prelude::*;
use sample::{FILES, MANIFEST, STATE, Sample, go_on};
use softac::train::{Quiet, TrainError};

/// Why there is no good checkpoint.
fn reason(sample: &Sample, what: &str) -> String {
    match sample.resume() {
        Ok(_) => panic!("{what} is not noticed"),
        Err(TrainError::NoGoodCheckpoint { reason, .. }) => reason,
        Err(other) => panic!("{what}: {other}"),
    }
}

/// The checkpoint is refused for a reason that says which file is to blame.
fn assert_noticed(sample: &Sample, name: &str, what: &str) {
    let reason = reason(sample, what);
    assert!(reason.contains(name), "{what} of {name}: {reason}");
}

#[test]
fn a_checkpoint_that_is_whole_goes_on() {
    let sample = Sample::new();
    let resumed = sample.resume().unwrap();
    assert_eq!((resumed.timesteps, resumed.passed_over.len()), (3, 0));
    assert_eq!(go_on(resumed).unwrap().timesteps, 12);
    // So the other tests damage what they mean to damage.
    let before = fs::read(sample.path(MANIFEST)).unwrap();
    sample.put_sealed(STATE, sample.file(STATE));
    assert!(fs::read(sample.path(MANIFEST)).unwrap() == before);
}

#[test]
fn every_flipped_bit_of_every_file_is_noticed() {
    for name in FILES {
        let len = Sample::new().file(name).len();
        (0..len).into_par_iter().for_each_init(Sample::new, |sample, byte| {
            let mut file = File::options().write(true).open(sample.path(name)).unwrap();
            let mut write = |value: u8| {
                file.seek(SeekFrom::Start(byte as u64)).unwrap();
                file.write_all(&[value]).unwrap();
            };
            let was = sample.file(name)[byte];
            for bit in 0..8 {
                write(was ^ 1 << bit);
                assert_noticed(sample, name, &format!("bit {bit} of byte {byte}"));
            }
            write(was);
        });
    }
}

#[test]
fn every_file_cut_short_anywhere_or_longer_is_noticed() {
    for name in FILES {
        let len = Sample::new().file(name).len();
        (0..len).into_par_iter().for_each_init(Sample::new, |sample, len| {
            sample.put(name, &sample.file(name)[..len]);
            assert_noticed(sample, name, &format!("a length of {len}"));
        });
        let sample = Sample::new();
        for byte in [0, b'\n', b' ', b'0'] {
            sample.put(name, &[sample.file(name), &[byte]].concat());
            assert_noticed(&sample, name, &format!("one more byte, {byte},"));
        }
    }
}

#[test]
fn files_that_are_missing_or_folders_are_noticed() {
    for name in FILES {
        let sample = Sample::new();
        fs::remove_file(sample.path(name)).unwrap();
        assert!(reason(&sample, "absence").contains(&format!("{name}: No such file")));
        fs::create_dir(sample.path(name)).unwrap();
        assert!(reason(&sample, "a folder").contains(&format!("{name}: Is a directory")));
    }
    let sample = Sample::new();
    FILES.iter().for_each(|name| fs::remove_file(sample.path(name)).unwrap());
    assert_noticed(&sample, MANIFEST, "an empty folder");
    fs::remove_dir(sample.checkpoint()).unwrap();
    fs::write(sample.checkpoint(), "").unwrap();
    assert_noticed(&sample, MANIFEST, "a file in the checkpoint's place");
}

#[test]
fn files_in_each_others_place_or_of_another_run_are_noticed() {
    let mut config = sample::config();
    config.run.seed = 1;
    let (sample, other) = (Sample::new(), Sample::of::<f32>(config));
    for name in FILES {
        sample.put(name, other.file(name));
        let why = reason(&sample, "a file of another run");
        // Of a manifest that is whole, the files are not those that it was written for.
        let named = if name == MANIFEST { "config.toml" } else { name };
        assert!(why.contains(&format!("{named} is not the file that was written")), "{why}");
        sample.restore(name);
        for with in FILES.into_iter().filter(|&with| with != name) {
            sample.put(name, sample.file(with));
            sample.put(with, sample.file(name));
            let why = reason(&sample, "an exchange");
            assert!(why.contains(name) || why.contains(with), "{name} and {with}: {why}");
            sample.restore(with);
        }
        sample.restore(name);
    }
    // All of them together are a checkpoint, but not of this run.
    FILES.iter().for_each(|name| sample.put(name, other.file(name)));
    let error = sample.resume().err().expect("it is refused");
    assert!(matches!(error, TrainError::ConfigChanged { key, .. } if key == "seed"));
}

/// A copy of the checkpoint under another name.
fn copy(sample: &Sample, to: &Path) {
    fs::create_dir(to).unwrap();
    FILES.iter().for_each(|name| fs::write(to.join(name), sample.file(name)).unwrap());
}

/// The names of the checkpoints that there are after going on.
fn names_after_going_on(sample: &Sample) -> Vec<String> {
    let mut trainer = sample.resume().unwrap().trainer;
    assert_eq!(trainer.train(Some(&sample.folder), &mut Quiet).unwrap().timesteps, 12);
    let entries = fs::read_dir(sample.checkpoint().parent().unwrap()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_a_killed_write_left_does_no_harm_and_is_removed() {
    let sample = Sample::new();
    let left = sample.checkpoint().with_file_name(".writing-abcdef");
    copy(&sample, &left);
    fs::remove_file(left.join(MANIFEST)).unwrap();
    let resumed = sample.resume().unwrap();
    assert_eq!((resumed.timesteps, resumed.passed_over.len()), (3, 0));
    assert_eq!(names_after_going_on(&sample), ["step-000000000012"]);
}

#[test]
fn a_replaced_checkpoint_is_used_when_the_new_one_is_missing_or_damaged() {
    let sample = Sample::new();
    let replaced = sample.checkpoint().with_extension("replaced");
    fs::rename(sample.checkpoint(), &replaced).unwrap();
    let resumed = sample.resume().unwrap();
    assert_eq!((resumed.timesteps, resumed.passed_over.len()), (3, 0));

    copy(&sample, &sample.checkpoint());
    sample.put(STATE, b"");
    let resumed = sample.resume().unwrap();
    assert_eq!((resumed.timesteps, resumed.passed_over.len()), (3, 1));
    let why = resumed.passed_over[0].to_string();
    assert!(why.contains(STATE) && !why.contains("replaced"), "{why}");

    // Where both are whole, the new one comes first.
    sample.restore(STATE);
    fs::write(replaced.join(STATE), b"").unwrap();
    let resumed = sample.resume().unwrap();
    assert_eq!((resumed.timesteps, resumed.passed_over.len()), (3, 0));
    assert_eq!(names_after_going_on(&sample), ["step-000000000012"]);
}
