//! The loop around one environment, written out; and wrong on request.

use rand::{Rng, RngExt};
use softac::agent::{Algorithm, UpdateNoise};
use softac::env::{Env, Step};
use softac::learner::{ActionSource, StepReport};
use softac::nn::Scratch;
use softac::policy::{ActionBox, Policy};
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::sac::{Noise, Sac, SacConfig};

use crate::implementation::Steps;

/// What can be wrong with the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// A truncated episode counts as terminated.
    TruncationTerminates,
    /// s′ at the end of an episode is where the next one begins.
    ResetObservationAsSuccessor,
    /// The warm-up ends a step early.
    WarmUpOffByOne,
    /// The warm-up ends when learning starts.
    WarmUpEndsWithLearningStarts,
    /// Replay has actions in the environment's units.
    ScaledActionStored,
    /// One random stream for everything.
    OneStream,
    /// The round of updates is counted within one call.
    LocalRounds,
}

pub struct LoopByHand {
    sac: Sac<f64>,
    replay: ReplayBuffer<f64>,
    map: ActionBox,
    /// Environment, policy, replay, warm-up.
    streams: [Stream; 4],
    observation: Option<Vec<f64>>,
    steps: u64,
    wrong: Wrong,
}

const ENVIRONMENT: usize = 0;
const POLICY: usize = 1;
const REPLAY: usize = 2;
const WARM_UP: usize = 3;

impl LoopByHand {
    pub fn boxed(config: SacConfig, env: &dyn Env, seed: u64, wrong: Wrong) -> Box<dyn Steps> {
        let (s, a) = (env.observation_space().len(), env.action_space().len());
        let purposes = [Purpose::Environment, Purpose::Policy, Purpose::Replay, Purpose::WarmUp];
        let replay = ReplayBuffer::new(config.buffer_size, s, a).unwrap();
        let sac = Sac::new(config, s, a, &mut stream(seed, Purpose::Init)).unwrap();
        Box::new(Self {
            sac,
            replay,
            map: ActionBox::new(env.action_space()).unwrap(),
            streams: purposes.map(|purpose| stream(seed, purpose)),
            observation: None,
            steps: 0,
            wrong,
        })
    }

    fn stream(&mut self, which: usize) -> &mut Stream {
        &mut self.streams[if self.wrong == Wrong::OneStream { 0 } else { which }]
    }

    fn reset(&mut self, env: &mut dyn Env) -> Vec<f64> {
        let mut observation = vec![0.0; env.observation_space().len()];
        let seed = self.stream(ENVIRONMENT).next_u64();
        env.reset(seed, &mut observation).unwrap();
        observation
    }

    fn choose(&mut self, observation: &[f64], action: &mut [f64]) -> ActionSource {
        let config = self.sac.settings();
        let last = match self.wrong {
            Wrong::WarmUpOffByOne => config.warmup_steps().saturating_sub(1),
            Wrong::WarmUpEndsWithLearningStarts => config.learning_starts,
            _ => config.warmup_steps(),
        };
        if self.steps <= last {
            fill_uniform(action, 1.0, self.stream(WARM_UP));
            return ActionSource::WarmUp;
        }
        let mut xi = vec![0.0; action.len()];
        fill_normal(&mut xi, self.stream(POLICY));
        let phi = self.sac.actor().params().as_slice();
        self.sac.policy().act(phi, observation, Some(&xi), &mut Scratch::default(), action);
        ActionSource::Policy
    }

    fn store(&mut self, s: &[f64], a: &[f64], step: Step, next: &[f64]) {
        let cut = self.wrong == Wrong::TruncationTerminates && step.truncated;
        let transition = Transition {
            observation: s,
            action: a,
            reward: step.reward,
            next_observation: next,
            terminated: step.terminated || cut,
            truncated: step.truncated,
        };
        self.replay.push(transition).unwrap();
    }

    fn learn(&mut self) -> u64 {
        let config = self.sac.settings().clone();
        let round = if self.wrong == Wrong::LocalRounds { 1 } else { self.steps };
        if self.steps <= config.learning_starts || round % config.train_freq.count() != 0 {
            return 0;
        }
        let policy = self.sac.policy();
        let updates = u64::try_from(config.gradient_steps).unwrap_or(config.train_freq.count());
        let (s, a) = (policy.mlp().inputs(), policy.action_dim());
        let (mut batch, mut noise) =
            (Batch::new(config.batch_size, s, a), Noise::new(config.batch_size, a));
        for _ in 0..updates {
            let replay = self.replay.clone();
            replay.sample(&mut batch, self.stream(REPLAY)).unwrap();
            noise.draw(self.stream(POLICY));
            self.sac.update(&batch, &noise).unwrap();
        }
        updates
    }
}

impl Steps for LoopByHand {
    fn step(&mut self, env: &mut dyn Env) -> StepReport {
        self.steps += 1;
        let observation = match self.observation.take() {
            Some(observation) => observation,
            None => self.reset(env),
        };
        let mut action = vec![0.0; env.action_space().len()];
        let source = self.choose(&observation, &mut action);
        let mut applied = action.clone();
        self.map.to_environment(&action, &mut applied);
        let mut next = observation.clone();
        let step = env.step(&applied, &mut next).unwrap();
        if step.done() && self.wrong == Wrong::ResetObservationAsSuccessor {
            next = self.reset(env);
        }
        let stored = if self.wrong == Wrong::ScaledActionStored { &applied } else { &action };
        self.store(&observation, &stored.clone(), step, &next);
        let begun = self.wrong == Wrong::ResetObservationAsSuccessor;
        self.observation = (begun || !step.done()).then_some(next);
        StepReport { source, updates: self.learn() }
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        &self.replay
    }

    fn sac(&self) -> &Sac<f64> {
        &self.sac
    }
}

/// What a replay buffer gives that draws from all of its room, with zeros where nothing is yet.
pub fn drawn_from_unfilled_slots(capacity: usize, pushes: i64, draws: usize) -> Vec<i64> {
    let mut slots = vec![-1; capacity];
    (0..pushes).for_each(|id| slots[id as usize % capacity] = id);
    let mut numbers = stream(3, Purpose::Replay);
    (0..draws).map(|_| slots[numbers.random_range(0..capacity)]).collect()
}

/// What a replay buffer gives that stops at the end of its room.
pub fn drawn_without_wraparound(capacity: usize, pushes: i64, draws: usize) -> Vec<i64> {
    let held = pushes.min(capacity as i64);
    let mut numbers = stream(3, Purpose::Replay);
    (0..draws).map(|_| numbers.random_range(0..held)).collect()
}

/// What a replay buffer gives that draws from its first thousand slots alone.
pub fn drawn_from_the_first_thousand(capacity: usize, pushes: i64, draws: usize) -> Vec<i64> {
    let mut slots = vec![-1; capacity];
    (0..pushes).for_each(|id| slots[id as usize % capacity] = id);
    let held = capacity.min(pushes as usize).min(1_000);
    let mut numbers = stream(3, Purpose::Replay);
    (0..draws).map(|_| slots[numbers.random_range(0..held)]).collect()
}

/// What a replay buffer gives that never draws its last transition.
pub fn drawn_but_the_last(capacity: usize, pushes: i64, draws: usize) -> Vec<i64> {
    let held = pushes.min(capacity as i64);
    let mut numbers = stream(3, Purpose::Replay);
    let last = (held - 1).max(1);
    (0..draws).map(|_| pushes - held + numbers.random_range(0..last)).collect()
}
