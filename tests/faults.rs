//! A training that meets a NaN or an infinity names it, keeps what it was computed from, and finds it
//! again.

use std::fs;
use std::path::PathBuf;

use softac::agent::Algorithm;
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::{Td3, Td3Config};
use softac::env::{Chain, Env, EnvError, Step, TimeLimit};
use softac::sac::{Sac, SacConfig};
use softac::train::{Algo, Config, Fault, Quiet, RunConfig, RunFolder, TrainError, Trainer};
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
    let [sac, _, _] = configs(None);
    sac
}

/// The same for every algorithm; the learning rate is the default, unless it is given.
fn configs(learning_rate: Option<f64>) -> [Config; 3] {
    macro_rules! settings {
        ($config:ident) => {
            $config {
                net_arch: vec![8].into(),
                batch_size: 4,
                buffer_size: 300,
                learning_starts: 10,
                learning_rate: learning_rate.unwrap_or(3e-4),
                ..$config::default()
            }
        };
    }
    let run = RunConfig { env: "Chain-v0".into(), total_timesteps: 300, ..RunConfig::default() };
    let algos: [Algo; 3] =
        [settings!(SacConfig).into(), settings!(Td3Config).into(), settings!(DdpgConfig).into()];
    algos.map(|algo| Config { run: run.clone(), algo })
}

fn trainer<A: Algorithm<f32>>(config: &Config, spoil: Spoil) -> Trainer<f32, A> {
    Trainer::new(config.clone(), spoiled(spoil), Box::new(chain())).unwrap()
}

/// A run that comes to a fault: what was wrong, and where it is kept.
fn faulty_run<A: Algorithm<f32>>(config: &Config, spoil: Spoil) -> (TempDir, TrainError, PathBuf) {
    let place = tempdir().unwrap();
    let folder = RunFolder::create(&place.path().join("run"), config).unwrap();
    let error = trainer::<A>(config, spoil).train(Some(&folder), &mut Quiet).unwrap_err();
    let TrainError::Fault { source, folder } = error else { panic!("{error} is no fault") };
    (place, *source, folder)
}

/// A run that comes to a fault in an update, which is kept and computed again.
fn is_kept_and_computed_again<A: Algorithm<f32>>(config: &Config, spoil: Spoil, expected: &str) {
    let (_place, error, folder) = faulty_run::<A>(config, spoil);
    let said = error.to_string();
    assert!(said.contains("the training diverged in step"), "{said}");
    assert!(said.contains("in update") && said.contains(expected), "{said}");
    let fault = Fault::open(&folder).unwrap();
    assert!(said.contains(fault.what()), "{} in {said}", fault.what());
    let again = fault.replay::<f32, A>(|| unreachable!("the update alone is computed")).unwrap();
    assert_eq!(again.as_deref(), Some(fault.what()));
}

#[test]
fn an_update_at_fault_is_kept_and_computed_again() {
    // Its square is more than single precision holds.
    let huge: Spoil = |step, _| Ok(Step { reward: 1e30, ..step });
    let reward = "critics (critic 0): loss";
    let [sac, td3, ddpg] = configs(None);
    is_kept_and_computed_again::<Sac<f32>>(&sac, huge, reward);
    is_kept_and_computed_again::<Td3<f32>>(&td3, huge, reward);
    is_kept_and_computed_again::<Ddpg<f32>>(&ddpg, huge, reward);
    // The policy of TD3 waits for the second update.
    let sound: Spoil = |step, _| Ok(step);
    let [sac, td3, ddpg] = configs(Some(1e30));
    is_kept_and_computed_again::<Sac<f32>>(&sac, sound, "actor: ");
    is_kept_and_computed_again::<Td3<f32>>(&td3, sound, "critics (critic 0): ");
    is_kept_and_computed_again::<Ddpg<f32>>(&ddpg, sound, "actor: ");
}

#[test]
fn a_fault_of_one_algorithm_is_none_of_another() {
    let huge: Spoil = |step, _| Ok(Step { reward: 1e30, ..step });
    let [_, td3, _] = configs(None);
    let (_place, _, folder) = faulty_run::<Td3<f32>>(&td3, huge);
    let fault = Fault::open(&folder).unwrap();
    let again = fault.replay::<f32, Sac<f32>>(|| unreachable!("it is an update's"));
    let TrainError::Config(error) = again.unwrap_err() else { panic!("not refused for `algo`") };
    assert_eq!((error.key, error.value.as_str()), ("algo", "\"td3\""));
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
        let (_place, error, folder) = faulty_run::<Sac<f32>>(&config(), spoil);
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
    let huge: Spoil = |step, _| Ok(Step { reward: 1e30, ..step });
    let (_place, _, folder) = faulty_run::<Sac<f32>>(&config(), huge);
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
