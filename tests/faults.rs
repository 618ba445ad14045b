//! A training that meets a NaN or an infinity names it, keeps what it was computed from, and finds it
//! again.

use std::fs;
use std::path::PathBuf;

use softac::env::{Chain, Env, EnvError, Step, TimeLimit};
use softac::sac::{Sac, SacConfig};
use softac::train::{Config, Fault, Quiet, RunConfig, RunFolder, TrainError, Trainer};
use tempfile::{TempDir, tempdir};

#[path = "support/altered.rs"]
mod altered;
use altered::Altered;

type Spoil = fn(Step, &mut [f64]) -> Result<Step, EnvError>;

fn chain() -> TimeLimit<Chain> {
    TimeLimit::new(Chain::new(), 7)
}

/// The chain, which something befalls from the 31st step on.
fn spoiled(spoil: Spoil) -> Box<dyn Env> {
    let mut steps = 0;
    let alter = move |step, observation: &mut [f64]| {
        steps += 1;
        if steps > 30 { spoil(step, observation) } else { Ok(step) }
    };
    Box::new(Altered { env: chain(), alter })
}

fn config() -> Config {
    Config {
        run: RunConfig { env: "Chain-v0".into(), total_timesteps: 300, ..RunConfig::default() },
        algo: SacConfig {
            net_arch: vec![8],
            batch_size: 4,
            buffer_size: 300,
            learning_starts: 10,
            ..SacConfig::default()
        }
        .into(),
    }
}

fn trainer(config: &Config, spoil: Spoil) -> Trainer<f32> {
    Trainer::new(config.clone(), spoiled(spoil), Box::new(chain())).unwrap()
}

/// A run that comes to a fault: what was wrong, and where it is kept.
fn faulty_run(config: &Config, spoil: Spoil) -> (TempDir, TrainError, PathBuf) {
    let place = tempdir().unwrap();
    let folder = RunFolder::create(&place.path().join("run"), config).unwrap();
    let error = trainer(config, spoil).train(Some(&folder), &mut Quiet).unwrap_err();
    let TrainError::Fault { source, folder } = error else { panic!("{error} is no fault") };
    (place, *source, folder)
}

#[test]
fn an_update_at_fault_is_kept_and_computed_again() {
    // More than single precision holds.
    let huge: Spoil = |step, _| Ok(Step { reward: 1e39, ..step });
    let mut diverging = config();
    diverging.algo.get_mut::<SacConfig>().unwrap().learning_rate = 1e30;
    for (config, spoil, expected) in [
        (config(), huge, "reward of transition"),
        (diverging, (|step, _| Ok(step)) as Spoil, "actor: "),
    ] {
        let (_place, error, folder) = faulty_run(&config, spoil);
        let said = error.to_string();
        assert!(said.contains("the training diverged in step"), "{said}");
        assert!(said.contains("in update") && said.contains(expected), "{said}");
        let fault = Fault::open(&folder).unwrap();
        assert!(said.contains(fault.what()), "{} in {said}", fault.what());
        let again =
            fault.replay::<f32, Sac<f32>>(|| unreachable!("the update alone is computed")).unwrap();
        assert_eq!(again.as_deref(), Some(fault.what()));
    }
}

#[test]
fn an_environment_at_fault_is_named_and_run_again() {
    let cases: [(Spoil, &str); 3] = [
        (
            |step, _| Ok(Step { reward: f64::NAN, ..step }),
            "Chain-v0 gave the reward NaN in step 31",
        ),
        (
            |step, _| Ok(Step { reward: f64::INFINITY, ..step }),
            "Chain-v0 gave the reward inf in step 31",
        ),
        (
            |step, observation| {
                observation[2] = f64::NEG_INFINITY;
                Ok(step)
            },
            "Chain-v0 gave the observation[2] -inf in step 31",
        ),
    ];
    for (spoil, expected) in cases {
        let (_place, error, folder) = faulty_run(&config(), spoil);
        assert!(error.to_string().contains(expected), "{error}");
        let fault = Fault::open(&folder).unwrap();
        assert_eq!(fault.what(), error.to_string());
        let again = fault.replay::<f32, Sac<f32>>(|| Ok(trainer(&config(), spoil))).unwrap();
        assert_eq!(again.as_deref(), Some(fault.what()));
        let mended: Spoil = |step, _| Ok(step);
        let again = fault.replay::<f32, Sac<f32>>(|| Ok(trainer(&config(), mended))).unwrap();
        assert_eq!(again, None);
    }
}

#[test]
fn a_fault_that_was_damaged_is_refused() {
    let huge: Spoil = |step, _| Ok(Step { reward: 1e39, ..step });
    let (_place, _, folder) = faulty_run(&config(), huge);
    let replay =
        || Fault::open(&folder)?.replay::<f32, Sac<f32>>(|| unreachable!("it is an update's"));
    for file in ["fault.json", "config.toml", "state.safetensors"] {
        let path = folder.join(file);
        let good = fs::read(&path).unwrap();
        // The first half of a configuration may be one, too.
        let lens = [0, 1, good.len() / 2, good.len() - 1];
        for &len in if file == "config.toml" { &lens[..2] } else { &lens } {
            fs::write(&path, &good[..len]).unwrap();
            assert!(matches!(replay(), Err(TrainError::Damaged { .. })), "{len} bytes of {file}");
        }
        fs::remove_file(&path).unwrap();
        assert!(replay().is_err(), "no {file}");
        fs::write(&path, &good).unwrap();
    }
    assert!(replay().unwrap().is_some());
}
