//! The interface of a learner whose number type and algorithm Python does not know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use softac::Scalar;
use softac::agent::settings::{ConfigError, LearningRates};
use softac::agent::{Algorithm, Metrics, Settings};
use softac::env::{BoxSpace, Env};
use softac::export::ExportError;
use softac::learner::{Learner, LearnerError};
use softac::normalise::Standardisation;
use softac::policy::{Actor, AnyPolicy};
use softac::random::{Purpose, Stream, fill_normal, lane_stream};
use softac::state::{StateError, Visitor};
use softac::tape::{Tape, TapeError, Var};
use softac::train::{
    Config, SavedPolicy, TrainError, Work, read_part_of_state, read_state, write_state,
};

use crate::envs::PyEnvs;
use crate::export::{Target, export};
use crate::named::{Collector, Matrix, Replacer};
use crate::run_folder::{self, Episode};

/// A learner of any algorithm and precision. Numbers pass as `f64`.
pub trait Erased: Send + Sync {
    /// One step of all environments: how many updates are due after it.
    fn interact(&mut self, envs: &mut PyEnvs) -> Result<u64, LearnerError>;
    /// One of the updates that are due; false if none is.
    fn update(&mut self) -> Result<bool, LearnerError>;
    fn add_updates(&mut self, updates: u64);
    fn set_learning_rates(&mut self, rates: LearningRates) -> Result<(), ConfigError>;
    fn learning_rates(&self) -> LearningRates;
    fn abandon_episodes(&mut self);
    fn count_anew(&mut self);
    fn steps(&self) -> u64;
    fn updates(&self) -> u64;
    fn next_seed(&self, lane: usize) -> u64;
    fn replay_len(&self) -> usize;
    /// Transitions in the slots of the replay buffer, those of the second environment after all of the first one's.
    fn transitions(&self) -> Transitions;
    /// The means of what updates reported since the last call, by the names of the columns.
    fn take_metrics(&mut self) -> Vec<(&'static str, f64)>;
    /// Actions in the environment's units, `s: [B, S] → [B, A]`, of the policy itself or with noise. Observations may be
    /// standardised already.
    fn act(&mut self, s: &[f64], deterministic: bool, standardised: bool) -> Vec<f64>;
    /// μ and log σ of a Gaussian policy before squashing, `[B, A]` each; `None` for other policies.
    fn gaussian(&self, s: &[f64]) -> Option<Result<[Vec<f64>; 2], TapeError>>;
    fn collect(&mut self) -> BTreeMap<String, Matrix>;
    fn replace(&mut self, numbers: BTreeMap<String, Vec<f64>>) -> Result<Vec<String>, StateError>;
    fn fingerprint(&mut self) -> u64;
    fn save(&mut self, path: &Path, part: Part) -> Result<(), TrainError>;
    fn load(&mut self, path: &Path, part: Part) -> Result<(), TrainError>;
    /// Writes a run folder of the command.
    fn save_run(
        &mut self,
        config: &Config,
        path: &Path,
        spaces: (&BoxSpace, &BoxSpace),
        episodes: &[Option<Episode>],
    ) -> Result<(), TrainError>;
    /// Writes the policy for another place.
    fn export(
        &self,
        config: &Config,
        env_name: &str,
        target: &Target<'_>,
        env: Option<&mut dyn Env>,
    ) -> Result<Vec<PathBuf>, ExportError>;
    /// Draws another series of noise in [`act`](Erased::act).
    fn reseed(&mut self, seed: u64);
}

/// The content of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything that determines the future.
    All,
    /// All but the replay buffer.
    AllButReplay,
    /// The replay buffer.
    Replay,
    /// The part that a training with other settings can begin with; other pieces of the file are passed over.
    Learned,
}

/// The numbers of transitions, row after row.
#[derive(Default)]
pub struct Transitions {
    /// `[n, S]`
    pub observations: Vec<f64>,
    /// `[n, A]`, within `[−1, 1]`
    pub actions: Vec<f64>,
    pub rewards: Vec<f64>,
    /// `[n, S]`
    pub next_observations: Vec<f64>,
    pub terminated: Vec<bool>,
    pub truncated: Vec<bool>,
}

/// Makes a learner, once its types are known.
pub struct Make<'a> {
    pub config: &'a Config,
    pub observation_dim: usize,
    pub action_space: &'a BoxSpace,
}

impl Work for Make<'_> {
    type Output = Result<Box<dyn Erased>, TrainError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        let Self { config, observation_dim, action_space } = self;
        config.validate(action_space.len())?;
        config.check_memory::<T>(observation_dim, action_space.len())?;
        let (run, settings) = (&config.run, config.settings::<A::Settings>()?.clone());
        let learner = Learner::<T, A>::for_spaces(
            run.num_envs,
            settings,
            observation_dim,
            action_space,
            run.seed,
        )?;
        let off_policy = config.algo.off_policy();
        let policy = learner.algorithm().policy().0.clone();
        let actor = Actor::new(policy, learner.action_box().clone(), off_policy.numerics, 1);
        Ok(Box::new(Core {
            learner,
            actor,
            rows: 1,
            numerics: off_policy.numerics,
            rates: off_policy.learning_rates,
            noise: noise_of_predictions(run.seed),
            reported: vec![(0.0, 0); A::Metrics::COLUMNS.len()],
        }))
    }
}

/// No stream of the training, which predictions leave as it is.
fn noise_of_predictions(seed: u64) -> Stream {
    lane_stream(seed, Purpose::Policy, 1)
}

struct Core<T: Scalar, A: Algorithm<T>> {
    learner: Learner<T, A>,
    /// Acts outside the training, on at most so many rows.
    actor: Actor<T, A::Policy>,
    rows: usize,
    numerics: softac::Numerics,
    rates: LearningRates,
    noise: Stream,
    /// The sum and the number of values of each column since they were taken.
    reported: Vec<(f64, u32)>,
}

impl<T: Scalar, A: Algorithm<T>> Core<T, A> {
    fn show(&mut self, part: Part, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        match part {
            Part::All => self.learner.visit(visitor),
            Part::AllButReplay => self.learner.visit_without_replay(visitor),
            Part::Replay => self.learner.visit_replay(visitor),
            Part::Learned => self.learner.visit_learned(visitor, false),
        }
    }
}

impl<T: Scalar, A: Algorithm<T>> Erased for Core<T, A> {
    fn interact(&mut self, envs: &mut PyEnvs) -> Result<u64, LearnerError> {
        Ok(self.learner.interact(envs)?.updates)
    }

    fn update(&mut self) -> Result<bool, LearnerError> {
        let Some(metrics) = self.learner.update()? else { return Ok(false) };
        for ((sum, count), value) in self.reported.iter_mut().zip(metrics.values()) {
            if let Some(value) = value {
                (*sum, *count) = (*sum + value, *count + 1);
            }
        }
        Ok(true)
    }

    fn add_updates(&mut self, updates: u64) {
        self.learner.add_updates(updates);
    }

    fn set_learning_rates(&mut self, rates: LearningRates) -> Result<(), ConfigError> {
        self.learner.algorithm_mut().set_learning_rates(rates)?;
        self.rates = rates;
        Ok(())
    }

    fn learning_rates(&self) -> LearningRates {
        self.rates
    }

    fn abandon_episodes(&mut self) {
        let lanes = self.learner.last_steps().len();
        for lane in 0..lanes {
            self.learner.abandon_episode(lane);
        }
    }

    fn count_anew(&mut self) {
        self.learner.count_anew();
    }

    fn steps(&self) -> u64 {
        self.learner.steps()
    }

    fn updates(&self) -> u64 {
        self.learner.algorithm().updates()
    }

    fn next_seed(&self, lane: usize) -> u64 {
        self.learner.next_seed(lane)
    }

    fn replay_len(&self) -> usize {
        self.learner.replay().len()
    }

    fn transitions(&self) -> Transitions {
        let (replay, mut found) = (self.learner.replay(), Transitions::default());
        let numbers = |to: &mut Vec<f64>, from: &[T]| to.extend(from.iter().map(|&x| x.as_f64()));
        for transition in (0..replay.capacity()).filter_map(|slot| replay.get(slot)) {
            numbers(&mut found.observations, transition.observation);
            numbers(&mut found.actions, transition.action);
            numbers(&mut found.next_observations, transition.next_observation);
            found.rewards.push(transition.reward.as_f64());
            found.terminated.push(transition.terminated);
            found.truncated.push(transition.truncated);
        }
        found
    }

    fn take_metrics(&mut self) -> Vec<(&'static str, f64)> {
        let columns = A::Metrics::COLUMNS.iter().zip(&mut self.reported);
        let means = columns.map(|(column, reported)| (column.name, std::mem::take(reported)));
        means
            .filter(|(_, (_, count))| *count > 0)
            .map(|(name, (sum, count))| (name, sum / f64::from(count)))
            .collect()
    }

    fn act(&mut self, s: &[f64], deterministic: bool, standardised: bool) -> Vec<f64> {
        let (policy, phi) = self.learner.algorithm().policy();
        let (width, a) =
            (softac::policy::Policy::mlp(policy).inputs(), self.learner.action_box().space().len());
        let rows = s.len() / width;
        if rows > self.rows {
            self.actor =
                Actor::new(policy.clone(), self.learner.action_box().clone(), self.numerics, rows);
            self.rows = rows;
        }
        let s: Vec<T> = s.iter().map(|&x| T::of(x)).collect();
        let mut xi = Vec::new();
        if !deterministic {
            xi.resize(rows * a, T::zero());
            fill_normal(&mut xi, &mut self.noise);
        }
        let standardisation: Option<&Standardisation<T>> =
            if standardised { None } else { self.learner.standardisation() };
        let chosen = self.actor.act(
            phi.as_slice(),
            standardisation,
            &s,
            (!deterministic).then_some(&xi[..]),
        );
        let chosen = chosen.to_vec();
        let mut actions = vec![0.0; rows * a];
        for (chosen, action) in chosen.chunks_exact(a).zip(actions.chunks_exact_mut(a)) {
            self.learner.action_box().to_environment(chosen, action);
        }
        actions
    }

    fn gaussian(&self, s: &[f64]) -> Option<Result<[Vec<f64>; 2], TapeError>> {
        let (policy, phi) = self.learner.algorithm().policy();
        let AnyPolicy::SquashedGaussian(policy) = policy.clone().into() else { return None };
        let s: Vec<T> = s.iter().map(|&x| T::of(x)).collect();
        let tape = Tape::new();
        let shape = (s.len() / policy.mlp().inputs(), policy.mlp().inputs());
        let s = numpy::ndarray::ArrayView2::from_shape(shape, &s).ok()?;
        let gaussian = policy.gaussian(tape.params(phi.as_slice()), tape.constant(s));
        let numbers = |var: Var<'_, T>| {
            let value = var.value()?;
            Ok(value.iter().map(|&x| x.as_f64()).collect())
        };
        Some(numbers(gaussian.mu).and_then(|mu| Ok([mu, numbers(gaussian.log_sigma)?])))
    }

    fn collect(&mut self) -> BTreeMap<String, Matrix> {
        let mut collector = Collector::default();
        let shown = self.learner.algorithm_mut().visit(&mut collector);
        debug_assert!(shown.is_ok(), "a collector takes everything");
        collector.0
    }

    fn replace(&mut self, numbers: BTreeMap<String, Vec<f64>>) -> Result<Vec<String>, StateError> {
        let mut replacer = Replacer(numbers);
        self.learner.algorithm_mut().visit(&mut replacer)?;
        Ok(replacer.0.into_keys().collect())
    }

    fn fingerprint(&mut self) -> u64 {
        self.learner.algorithm_mut().fingerprint()
    }

    fn save(&mut self, path: &Path, part: Part) -> Result<(), TrainError> {
        write_state::<T>(path, |visitor| self.show(part, visitor))
    }

    fn load(&mut self, path: &Path, part: Part) -> Result<(), TrainError> {
        let show = |visitor: &mut dyn Visitor<T>| self.show(part, visitor);
        if part == Part::Learned {
            read_part_of_state::<T>(path, show)
        } else {
            read_state::<T>(path, show)
        }
    }

    fn save_run(
        &mut self,
        config: &Config,
        path: &Path,
        spaces: (&BoxSpace, &BoxSpace),
        episodes: &[Option<Episode>],
    ) -> Result<(), TrainError> {
        run_folder::save(&mut self.learner, config, path, spaces, episodes)
    }

    fn export(
        &self,
        config: &Config,
        env_name: &str,
        target: &Target<'_>,
        env: Option<&mut dyn Env>,
    ) -> Result<Vec<PathBuf>, ExportError> {
        let (policy, phi) = self.learner.algorithm().policy();
        let trained = SavedPolicy::new(
            A::Settings::NAME,
            env_name,
            self.learner.action_box().space(),
            policy.clone(),
            phi.clone(),
            self.learner.standardisation().cloned(),
            self.numerics,
        )?;
        export(trained, config, target, env)
    }

    fn reseed(&mut self, seed: u64) {
        self.noise = noise_of_predictions(seed);
    }
}
