//! The loop around several environments, written out; and wrong on request.

use rand::{Rng, SeedableRng};
use softac::agent::{Algorithm, UpdateNoise};
use softac::learner::{ActionSource, StepReport};
use softac::nn::Scratch;
use softac::normalise::Normaliser;
use softac::policy::{ActionBox, Policy};
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use softac::replay::{Batch, ReplayBuffer, Successors, Transition};
use softac::sac::{Noise, Sac, SacConfig};

use crate::five::FIVE;
use crate::implementation::{Boxed, StepsTogether};

/// What can be wrong with the loop that is right with one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// A truncated episode counts as terminated.
    TruncationTerminates,
    /// `train_freq` counts the steps of all environments.
    RoundsOfAllSteps,
    /// A round with −1 has as many updates as one environment has steps in it.
    UpdatesOfOne,
    /// The last observation of an episode is counted in the statistics.
    LastObservationCounted,
    /// The return goes on after a truncation.
    ReturnOutlivesTruncation,
    /// The return is that of all environments together.
    OneReturn,
    /// The next observations of a minibatch are not clipped.
    NextNotClipped,
    /// The next observations of a minibatch are as the environment gave them.
    NextNotStandardised,
    /// The episodes of all environments have the same seeds.
    SharedSeeds,
    /// The stream of an environment is that of another purpose.
    SeedsOfAnotherPurpose,
    /// Uniform actions are those of the first environment.
    FirstWarmUp,
    /// The action is another environment's.
    ActionsReversed,
}

/// An environment's part of it.
struct Lane {
    starts: Stream,
    observation: Option<Vec<f64>>,
}

pub struct TogetherByHand {
    sac: Sac<f64>,
    replay: ReplayBuffer<f64>,
    normaliser: Normaliser<f64>,
    map: ActionBox,
    lanes: Vec<Lane>,
    policy: Stream,
    sampling: Stream,
    warm_up: Stream,
    batch: Batch<f64>,
    /// Environment steps.
    steps: u64,
    wrong: Wrong,
}

impl TogetherByHand {
    pub fn boxed(
        config: SacConfig,
        envs: &[Boxed],
        seed: u64,
        wrong: Wrong,
    ) -> Box<dyn StepsTogether> {
        let n = envs.len();
        let lane = |lane: u64| {
            let mut starts = Stream::seed_from_u64(seed);
            let purpose = Purpose::Environment as u64;
            starts.set_stream(match wrong {
                Wrong::SharedSeeds => purpose,
                Wrong::SeedsOfAnotherPurpose => lane + purpose,
                _ => lane << 32 | purpose,
            });
            Lane { starts, observation: None }
        };
        let clips = [
            config.norm_obs.then_some(config.clip_obs),
            config.norm_reward.then_some(config.clip_reward),
        ];
        let size = config.buffer_size;
        Box::new(Self {
            replay: ReplayBuffer::for_envs(n, Successors::Stored, size, FIVE, FIVE).unwrap(),
            normaliser: Normaliser::new(FIVE, n, clips[0], clips[1], config.gamma),
            map: ActionBox::new(envs[0].action_space()).unwrap(),
            lanes: (0..n as u64).map(lane).collect(),
            policy: stream(seed, Purpose::Policy),
            sampling: stream(seed, Purpose::Replay),
            warm_up: stream(seed, Purpose::WarmUp),
            batch: Batch::new(config.batch_size, FIVE, FIVE),
            sac: Sac::new(config, FIVE, FIVE, &mut stream(seed, Purpose::Init)).unwrap(),
            steps: 0,
            wrong,
        })
    }

    fn begin_episodes(&mut self, envs: &mut [Boxed]) {
        for (lane, env) in self.lanes.iter_mut().zip(envs) {
            if lane.observation.is_none() {
                let mut observation = vec![0.0; FIVE];
                env.reset(lane.starts.next_u64(), &mut observation).unwrap();
                self.normaliser.see_observation(&observation);
                lane.observation = Some(observation);
            }
        }
    }

    /// One for each environment.
    fn choose(&mut self) -> (Vec<Vec<f64>>, ActionSource) {
        let n = self.lanes.len();
        let mut xi = vec![0.0; n * FIVE];
        if self.steps < self.sac.settings().warmup_steps() {
            fill_uniform(&mut xi, 1.0, &mut self.warm_up);
            if self.wrong == Wrong::FirstWarmUp {
                xi = xi[..FIVE].repeat(n);
            }
            return (xi.chunks(FIVE).map(<[f64]>::to_vec).collect(), ActionSource::WarmUp);
        }
        fill_normal(&mut xi, &mut self.policy);
        let phi = self.sac.actor().params().as_slice();
        let mut actions: Vec<_> = self
            .lanes
            .iter()
            .zip(xi.chunks(FIVE))
            .map(|(lane, xi)| {
                let mut shown = lane.observation.clone().unwrap();
                self.normaliser.observations().iter().for_each(|it| it.apply(&mut shown));
                let mut action = vec![0.0; FIVE];
                let scratch = &mut Scratch::default();
                self.sac.policy().act(phi, &shown, Some(xi), scratch, &mut action);
                action
            })
            .collect();
        if self.wrong == Wrong::ActionsReversed {
            actions.reverse();
        }
        (actions, ActionSource::Policy)
    }

    fn act(&mut self, i: usize, env: &mut Boxed, action: &[f64]) {
        let observation = self.lanes[i].observation.take().unwrap();
        let (mut applied, mut next) = (vec![0.0; FIVE], vec![0.0; FIVE]);
        self.map.to_environment(action, &mut applied);
        let step = env.step(&applied, &mut next).unwrap();
        let cut = self.wrong == Wrong::TruncationTerminates && step.truncated;
        let transition = Transition {
            observation: &observation,
            action,
            reward: step.reward,
            next_observation: &next,
            terminated: step.terminated || cut,
            truncated: step.truncated,
        };
        self.replay.push_of(i, transition).unwrap();
        let lane = if self.wrong == Wrong::OneReturn { 0 } else { i };
        let outlives = self.wrong == Wrong::ReturnOutlivesTruncation;
        let over = if outlives { step.terminated } else { step.done() };
        self.normaliser.see_reward(lane, step.reward, over);
        if !step.done() || self.wrong == Wrong::LastObservationCounted {
            self.normaliser.see_observation(&next);
        }
        self.lanes[i].observation = (!step.done()).then_some(next);
    }

    fn learn(&mut self) -> u64 {
        let n = self.lanes.len() as u64;
        let SacConfig { learning_starts, train_freq, gradient_steps, .. } = *self.sac.settings();
        let train_freq = train_freq.count();
        let round = if self.wrong == Wrong::RoundsOfAllSteps { self.steps } else { self.steps / n };
        if self.steps <= learning_starts || round % train_freq != 0 {
            return 0;
        }
        let all = if self.wrong == Wrong::UpdatesOfOne { train_freq } else { train_freq * n };
        let updates = u64::try_from(gradient_steps).unwrap_or(all);
        let mut noise = Noise::new(self.batch.rewards.nrows(), FIVE);
        for _ in 0..updates {
            self.replay.sample(&mut self.batch, &mut self.sampling).unwrap();
            let raw = self.batch.next_observations.clone();
            self.normaliser.apply(&mut self.batch);
            self.spoil(raw);
            noise.draw(&mut self.policy);
            self.sac.update(&self.batch, &noise).unwrap();
        }
        updates
    }

    fn spoil(&mut self, mut raw: ndarray::Array2<f64>) {
        if self.wrong == Wrong::NextNotClipped {
            let (mean, scale, _) = self.normaliser.observations().unwrap().parts();
            for ((_, j), x) in raw.indexed_iter_mut() {
                *x = (*x - mean[j]) * scale[j];
            }
        }
        if matches!(self.wrong, Wrong::NextNotClipped | Wrong::NextNotStandardised) {
            self.batch.next_observations = raw;
        }
    }
}

impl StepsTogether for TogetherByHand {
    fn step(&mut self, envs: &mut [Boxed]) -> StepReport {
        self.begin_episodes(envs);
        let (actions, source) = self.choose();
        for (i, (env, action)) in envs.iter_mut().zip(actions).enumerate() {
            self.act(i, env, &action);
        }
        self.steps += envs.len() as u64;
        StepReport { source, updates: self.learn() }
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        &self.replay
    }

    fn sac(&self) -> &Sac<f64> {
        &self.sac
    }

    fn minibatch(&self) -> &Batch<f64> {
        &self.batch
    }

    fn statistics(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let (mean, scale, _) = self.normaliser.observations()?.parts();
        Some((mean.to_vec(), scale.to_vec()))
    }
}
