//! A run as small as can be, its one checkpoint, and true manifests for whatever is put into that.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use softac::Scalar;
use softac::env;
use softac::sac::{Sac, SacConfig};
use softac::train::{
    Config, Observer, Outcome, Quiet, Resumed, RunConfig, RunFolder, TrainError, Trainer,
};
use tempfile::TempDir;

pub const STATE: &str = "state.safetensors";
pub const MANIFEST: &str = "manifest.json";
/// What a checkpoint consists of.
pub const FILES: [&str; 5] = ["config.toml", "evaluations.csv", "metrics.csv", STATE, MANIFEST];

/// Environment steps at the checkpoint.
const STEPS: u64 = 3;
/// Environment steps of a run that goes on.
const MORE_STEPS: u64 = 12;

/// A finished run, and each file of its checkpoint as it was written.
pub struct Sample {
    pub folder: RunFolder,
    pub config: Config,
    files: Vec<(&'static str, Vec<u8>)>,
    _place: TempDir,
}

impl Sample {
    pub fn new() -> Self {
        Self::of::<f32>(config())
    }

    /// In memory, where the system has a place for that: thousands of damaged files are written.
    pub fn of<T: Scalar>(config: Config) -> Self {
        let memory = Path::new("/dev/shm");
        let place =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let place = place.unwrap();
        let folder = RunFolder::create(&place.path().join("run"), &config).unwrap();
        let mut trainer = trainer::<T>(&config).unwrap();
        trainer.train(Some(&folder), &mut Quiet).unwrap();
        let mut sample = Self { folder, config, files: Vec::new(), _place: place };
        let read = |name| (name, fs::read(sample.path(name)).unwrap());
        sample.files = FILES.map(read).into();
        sample
    }

    /// Where the checkpoint is.
    pub fn checkpoint(&self) -> PathBuf {
        self.folder.path().join(format!("checkpoints/step-{STEPS:012}"))
    }

    /// Where a file of the checkpoint is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.checkpoint().join(name)
    }

    /// A file of the checkpoint as it was written.
    pub fn file(&self, name: &str) -> &[u8] {
        &self.files.iter().find(|file| file.0 == name).unwrap().1
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn restore(&self, name: &str) {
        self.put(name, self.file(name));
    }

    /// Puts a file in its place, and a manifest that says that it belongs there.
    pub fn put_sealed(&self, name: &str, bytes: &[u8]) {
        self.put(name, bytes);
        let files = self.files.iter().filter(|file| file.0 != MANIFEST);
        let files: Vec<_> = files
            .map(|file| (file.0, if file.0 == name { bytes } else { file.1.as_slice() }))
            .collect();
        self.put(MANIFEST, manifest(&files, STEPS).as_bytes());
    }

    /// The run, to go on beyond its end.
    pub fn resume(&self) -> Result<Resumed<f32, Sac<f32>>, TrainError> {
        let mut config = self.config.clone();
        config.run.total_timesteps = MORE_STEPS;
        Trainer::resume(&self.folder, || trainer(&config))
    }
}

/// Some of everything that a checkpoint holds: a full replay buffer, updates, rows of both kinds.
pub fn config() -> Config {
    let run = RunConfig {
        env: "Pendulum-v1".into(),
        total_timesteps: STEPS,
        log_freq: 2,
        eval_freq: 2,
        n_eval_episodes: 1,
        n_final_eval_episodes: 1,
        checkpoint_freq: 0,
        keep_checkpoints: 1,
        tensorboard: false,
        ..RunConfig::default()
    };
    let sac = SacConfig {
        net_arch: vec![].into(),
        batch_size: 1,
        buffer_size: 2,
        learning_starts: 1,
        ..SacConfig::default()
    };
    Config { run, algo: sac.into() }
}

fn trainer<T: Scalar>(config: &Config) -> Result<Trainer<T>, TrainError> {
    let make = || env::make(&config.run.env);
    Trainer::in_lockstep(config.clone(), config.run.envs(make)?, make()?)
}

/// Lets a run go on for some steps, updates and evaluations, in memory alone. What it comes to is
/// nobody's promise; that it comes to anything without a panic is.
pub fn go_on(mut resumed: Resumed<f32, Sac<f32>>) -> Result<Outcome, TrainError> {
    resumed.trainer.train(None, &mut Patience(50))
}

/// Stops when it was asked so many times.
struct Patience(usize);

impl Observer for Patience {
    fn should_stop(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}

/// The manifest of these files, in the order of their names.
pub fn manifest(files: &[(&str, &[u8])], timesteps: u64) -> String {
    let entry = |(name, bytes): &(&str, &[u8])| {
        let (len, sha256) = (bytes.len(), hex(bytes));
        format!(
            "    \"{name}\": {{\n      \"bytes\": {len},\n      \"sha256\": \"{sha256}\"\n    }}"
        )
    };
    let entries = files.iter().map(entry).collect::<Vec<_>>().join(",\n");
    let with = |sha256: &str| {
        format!(
            "{{\n  \"format\": \"softac-checkpoint-1\",\n  \"timesteps\": {timesteps},\n  \
             \"files\": {{\n{entries}\n  }},\n  \"sha256\": \"{sha256}\"\n}}\n"
        )
    };
    with(&hex(with("").as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
