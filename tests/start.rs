//! A training that begins with what another run learned.

use std::fs;
use std::path::Path;

use softac::agent::Algorithm;
use softac::env;
use softac::nn::Params;
use softac::sac::Sac;
use softac::train::{Config, Quiet, RunFolder, TrainError, Trainer, verify};
use tempfile::{TempDir, tempdir};

type Training = Trainer<f64, Sac<f64>>;

const SETTINGS: &str = "
    total_timesteps = 120
    learning_starts = 20
    precision = 'f64'
    net_arch = [4]
    batch_size = 4
    buffer_size = 90
    log_freq = 10
    n_final_eval_episodes = 1
    norm_obs = true
    norm_reward = true
    tensorboard = false
";

fn config(changes: &str) -> Config {
    let layers = [SETTINGS, changes].map(|layer| layer.parse().unwrap());
    Config::layered(env::find("pendulum").unwrap(), layers).unwrap()
}

fn trainer(config: &Config) -> Result<Training, TrainError> {
    Trainer::new(config.clone(), env::make("pendulum")?, env::make("pendulum")?)
}

/// A run in a folder of its own, begun with another one if it is given.
fn trained(place: &Path, config: &Config, from: Option<&RunFolder>) -> RunFolder {
    let mut trainer = trainer(config).unwrap();
    let start = from.map(|run| trainer.start_from(run).unwrap());
    let folder = RunFolder::create(place, config).unwrap();
    if let Some(timesteps) = start {
        trainer.save_start(&folder, timesteps).unwrap();
    }
    trainer.train(Some(&folder), &mut Quiet).unwrap();
    folder
}

fn first(place: &TempDir) -> RunFolder {
    trained(&place.path().join("first"), &config(""), None)
}

#[test]
fn it_acts_as_the_run_did_and_its_counters_streams_and_optimisers_are_new() {
    let place = tempdir().unwrap();
    let run = first(&place);
    let mut begun = trainer(&config("seed = 5")).unwrap();
    assert_eq!(begun.start_from(&run).unwrap(), 120);
    let (policy, saved) = (begun.policy().unwrap(), run.policy::<f64>().unwrap());
    assert_eq!(Params::as_slice(policy.params()), Params::as_slice(saved.params()));
    let observation = [0.3, -0.7, 2.0];
    let [now, then] = [policy, saved].map(|mut policy| {
        let mut action = [0.0];
        policy.act(&observation, &mut action);
        action
    });
    assert_eq!(now, then);
    let learner = begun.learner();
    assert_eq!((learner.steps(), learner.replay().len()), (0, 0));
    assert_eq!(learner.sac().updates(), 0);
}

#[test]
fn the_replay_buffer_comes_along_where_it_is_asked_for() {
    let place = tempdir().unwrap();
    let run = first(&place);
    let mut begun = trainer(&config("with_replay = true\nfrom = 'first'\nseed = 5")).unwrap();
    begun.start_from(&run).unwrap();
    assert_eq!((begun.learner().steps(), begun.learner().replay().len()), (0, 90));
    begun.train(None, &mut Quiet).unwrap();
}

#[test]
fn the_folder_alone_gives_its_bits() {
    let place = tempdir().unwrap();
    let run = first(&place);
    for (name, with_replay) in [("weights", false), ("replay", true)] {
        let changes = format!("from = 'first'\nwith_replay = {with_replay}\nlearning_rate = 1e-4");
        let config = config(&changes);
        let whole = trained(&place.path().join(name), &config, Some(&run));
        // It differs from a run that begins with nothing.
        let fresh = trained(&place.path().join(format!("{name}-fresh")), &config, None);
        let metrics = |run: &RunFolder| fs::read(run.path().join("metrics.csv")).unwrap();
        assert_ne!(metrics(&whole), metrics(&fresh));

        // Killed before its first checkpoint, and the other run gone.
        let killed =
            RunFolder::create(&place.path().join(format!("{name}-killed")), &config).unwrap();
        let mut begun = trainer(&config).unwrap();
        let timesteps = begun.start_from(&run).unwrap();
        begun.save_start(&killed, timesteps).unwrap();
        drop(begun);
        let hidden = place.path().join("hidden");
        fs::rename(run.path(), &hidden).unwrap();
        let resumed = Training::resume(&killed, || trainer(&config)).unwrap();
        let mut again = resumed.trainer;
        again.train(Some(&killed), &mut Quiet).unwrap();
        assert_eq!(metrics(&whole), metrics(&killed));
        let verdict = verify(&whole, trainer(&config).unwrap(), &mut Quiet).unwrap();
        assert_eq!(verdict.difference, None);
        fs::rename(&hidden, run.path()).unwrap();
    }
}

#[test]
fn a_run_that_does_not_fit_is_refused_with_what_must_be_the_same() {
    let place = tempdir().unwrap();
    let run = first(&place);
    for changes in [
        "net_arch = [5]",
        "net_arch = [4, 4]",
        "n_critics = 3",
        "norm_obs = false",
        "norm_reward = false",
        "with_replay = true\nfrom = 'first'\nbuffer_size = 50",
    ] {
        let config = config(changes);
        let refused = trainer(&config).unwrap().start_from(&run).expect_err(changes);
        assert!(matches!(refused, TrainError::OtherStart { .. }), "{changes}: {refused}");
        assert!(refused.to_string().contains("net_arch"), "{refused}");
    }
    let alone = RunFolder::create(&place.path().join("alone"), &config("")).unwrap();
    let refused = trainer(&config("")).unwrap().start_from(&alone).unwrap_err();
    assert!(refused.to_string().contains("it has no good checkpoint"), "{refused}");
    let invalid = trainer(&config("with_replay = true")).err().unwrap();
    assert!(invalid.to_string().contains("set `from`"), "{invalid}");
}

#[test]
fn a_folder_whose_start_is_gone_or_changed_is_damaged() {
    let place = tempdir().unwrap();
    let run = first(&place);
    let config = config("from = 'first'");
    let whole = trained(&place.path().join("second"), &config, Some(&run));
    let start = whole.path().join("start");
    let state = start.join("step-000000000120/state.safetensors");
    let mut bytes = fs::read(&state).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&state, bytes).unwrap();
    let damaged = verify(&whole, trainer(&config).unwrap(), &mut Quiet).unwrap_err();
    assert!(matches!(damaged, TrainError::Damaged { .. }), "{damaged}");
    fs::remove_dir_all(&start).unwrap();
    let damaged = verify(&whole, trainer(&config).unwrap(), &mut Quiet).unwrap_err();
    assert!(damaged.to_string().contains("has no `start`"), "{damaged}");
}
