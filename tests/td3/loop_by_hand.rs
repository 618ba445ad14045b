//! The loop around one environment, written out; and wrong on request.

use softac::agent::{Algorithm, UpdateNoise};
use softac::algorithms::td3::{Noise, Td3, Td3Config};
use softac::env::{Env, Step};
use softac::learner::{ActionSource, StepReport};
use softac::nn::Scratch;
use softac::policy::{ActionBox, Policy};
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};

use crate::implementation::Steps;

/// What can be wrong with the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// A truncated episode counts as terminated.
    TruncationTerminates,
    /// Actions are those of the policy alone.
    NoExploration,
    /// The noise is added to the environment's action, with the same σ in all dimensions.
    NoiseInTheEnvironmentsUnits,
    /// The noise is that of one action dimension for all.
    OneNoiseForAllDimensions,
    /// An action with noise is not clipped.
    NotClipped,
    /// Replay has the action without the noise.
    QuietActionStored,
    /// The action of an evaluation has noise.
    NoiseInEvaluation,
}

pub struct LoopByHand {
    td3: Td3<f64>,
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
    pub fn boxed(config: Td3Config, env: &dyn Env, seed: u64, wrong: Wrong) -> Box<dyn Steps> {
        let (s, a) = (env.observation_space().len(), env.action_space().len());
        let purposes = [Purpose::Environment, Purpose::Policy, Purpose::Replay, Purpose::WarmUp];
        let replay = ReplayBuffer::new(config.buffer_size, s, a).unwrap();
        let td3 = Td3::new(config, s, a, &mut stream(seed, Purpose::Init)).unwrap();
        Box::new(Self {
            td3,
            replay,
            map: ActionBox::new(env.action_space()).unwrap(),
            streams: purposes.map(|purpose| stream(seed, purpose)),
            observation: None,
            steps: 0,
            wrong,
        })
    }

    /// The policy's action in [−1, 1]ᴬ, without noise.
    fn quiet(&self, observation: &[f64]) -> Vec<f64> {
        let (policy, phi) = self.td3.policy();
        let mut action = vec![0.0; policy.action_dim()];
        policy.act(phi.as_slice(), observation, None, &mut Scratch::default(), &mut action);
        action
    }

    /// The noise of an action, in half ranges.
    fn noise(&mut self, actions: usize) -> Vec<f64> {
        let mut xi = vec![0.0; actions];
        fill_normal(&mut xi, &mut self.streams[POLICY]);
        let sigma = self.td3.settings().exploration_noise;
        match self.wrong {
            Wrong::NoExploration => xi.fill(0.0),
            Wrong::OneNoiseForAllDimensions => {
                let first = xi[0];
                xi.fill(first);
            }
            Wrong::NoiseInTheEnvironmentsUnits => {
                let space = self.map.space();
                for (j, xi) in xi.iter_mut().enumerate() {
                    *xi /= (space.high()[j] - space.low()[j]) / 2.0;
                }
            }
            _ => {}
        }
        xi.iter().map(|xi| sigma * xi).collect()
    }

    fn explored(&mut self, observation: &[f64]) -> Vec<f64> {
        let quiet = self.quiet(observation);
        let noise = self.noise(quiet.len());
        let bound = if self.wrong == Wrong::NotClipped { f64::INFINITY } else { 1.0 };
        quiet.iter().zip(noise).map(|(a, noise)| (a + noise).clamp(-bound, bound)).collect()
    }

    fn choose(&mut self, observation: &[f64]) -> (Vec<f64>, ActionSource) {
        let config = self.td3.settings();
        if self.steps <= config.warmup_steps.unwrap_or(config.learning_starts) {
            let mut action = vec![0.0; self.map.space().len()];
            fill_uniform(&mut action, 1.0, &mut self.streams[WARM_UP]);
            return (action, ActionSource::WarmUp);
        }
        (self.explored(observation), ActionSource::Policy)
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
        let config = self.td3.settings().clone();
        if self.steps <= config.learning_starts {
            return 0;
        }
        let (s, a) = (self.td3.policy().0.mlp().inputs(), self.map.space().len());
        let mut batch = Batch::new(config.batch_size, s, a);
        let mut noise = Noise::new(config.batch_size, a);
        self.replay.sample(&mut batch, &mut self.streams[REPLAY]).unwrap();
        noise.draw(&mut self.streams[POLICY]);
        Algorithm::update(&mut self.td3, &batch, &noise).unwrap();
        1
    }
}

impl Steps for LoopByHand {
    fn step(&mut self, env: &mut dyn Env) -> StepReport {
        self.steps += 1;
        let observation = self.observation.take().unwrap_or_else(|| {
            let mut observation = vec![0.0; env.observation_space().len()];
            let seed = rand::Rng::next_u64(&mut self.streams[ENVIRONMENT]);
            env.reset(seed, &mut observation).unwrap();
            observation
        });
        let (action, source) = self.choose(&observation);
        let mut applied = action.clone();
        self.map.to_environment(&action, &mut applied);
        let mut next = observation.clone();
        let step = env.step(&applied, &mut next).unwrap();
        let stored = match self.wrong {
            Wrong::QuietActionStored => self.quiet(&observation),
            _ => action,
        };
        self.store(&observation, &stored, step, &next);
        self.observation = (!step.done()).then_some(next);
        StepReport { source, updates: self.learn() }
    }

    fn evaluate(&mut self, observation: &[f64]) -> [f64; 2] {
        let action = match self.wrong {
            Wrong::NoiseInEvaluation => self.explored(observation),
            _ => self.quiet(observation),
        };
        let mut applied = [0.0; 2];
        self.map.to_environment(&action, &mut applied);
        applied
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        &self.replay
    }

    fn td3(&self) -> &Td3<f64> {
        &self.td3
    }
}
