//! Where a mistake is shown: a tiny task, what is looked at, and two trainings on the same numbers.

use softac::Numerics;
use softac::agent::{Algorithm, UpdateNoise};
use softac::env::{Chain, Env, Probe, ProbeEnv, SquashedNormal, TimeLimit};
use softac::nn::{Activation, Scratch};
use softac::policy::{LOG_SIGMA_MAX, LOG_SIGMA_MIN};
use softac::random::{Purpose, fill_uniform, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::sac::{EntCoef, Noise, Sac, SacConfig};
use softac_figures_zoo::Implementation;
use softac_figures_zoo::implementation::{Learned, Updater};

use super::assembled::Assembled;

/// The discount of all scenes.
pub const GAMMA: f64 = 0.9;
/// Updates of a training, and the transitions that it draws from.
pub const UPDATES: usize = 400;
const TRANSITIONS: usize = 256;
/// A point of the curve is taken every so many updates.
pub const STRIDE: usize = 4;

/// The task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    /// One of the probes, from transitions with uniform actions.
    Probe(Probe),
    /// The chain, cut after two steps: the learner acts in it.
    CutChain,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// The mean of the critics' Q at this observation and action; of their targets.
    Q(f64, f64),
    TargetQ(f64, f64),
    /// The difference that the observation makes: Q(1, 0) − Q(−1, 0).
    Contrast,
    MeanAction,
    Entropy,
    Alpha,
    /// Q in the chain's middle, at the action 0.
    Middle,
}

/// Which part of an implementation the mistake is in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// An equation, put together with the right others.
    Equation,
    /// The order of an update, or what it changes.
    Update,
    /// The loop around the updates.
    Loop,
}

/// Task, quantity and settings.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    pub task: Task,
    pub quantity: Quantity,
    pub place: Place,
    pub ent_coef: EntCoef,
    pub policy_delay: u64,
}

impl Task {
    fn env(self) -> Box<dyn Env> {
        match self {
            Self::Probe(probe) => Box::new(ProbeEnv::new(probe)),
            Self::CutChain => Box::new(TimeLimit::new(Chain::new(), 2)),
        }
    }

    /// What the task is, in words.
    pub fn about(self) -> &'static str {
        match self {
            Self::Probe(Probe::Constant) => "one step, which pays 1",
            Self::Probe(Probe::Observation) => "one step, which pays the observation, −1 or 1",
            Self::Probe(Probe::Delayed) => "two steps, of which the second pays 1",
            Self::Probe(Probe::Action) => "one step, which pays 1 − (a − ½)²",
            Self::Probe(Probe::ObservationAction) => "one step, which pays 1 − (a − o/2)²",
            Self::CutChain => "the chain of five states, cut by a time limit after two steps",
        }
    }
}

impl Quantity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Q(0.0, 0.0) => "Q at the first step",
            Self::Q(1.0, 0.0) => "Q at the last step",
            Self::Q(..) => "Q of the best action",
            Self::TargetQ(..) => "Q̄ at the first step",
            Self::Contrast => "Q(1) − Q(−1)",
            Self::MeanAction => "mean action of the policy",
            Self::Entropy => "entropy of the policy",
            Self::Alpha => "temperature α",
            Self::Middle => "Q in the middle of the chain",
        }
    }
}

/// Networks as they are at some moment.
struct Snapshot<'a> {
    sac: &'a Sac<f64>,
    learned: &'a Learned,
}

impl Snapshot<'_> {
    fn mean_q(&self, thetas: &[Vec<f64>], s: &[f64], a: f64) -> f64 {
        let s_a: Vec<f64> = s.iter().copied().chain([a]).collect();
        let scratch = &mut Scratch::new(Numerics::Portable);
        let qs = thetas.iter().map(|theta| self.sac.critic().infer(theta, &s_a, scratch)[0]);
        qs.sum::<f64>() / thetas.len() as f64
    }

    /// The policy at the observation 0.
    fn policy(&self) -> SquashedNormal {
        let scratch = &mut Scratch::new(Numerics::Portable);
        let heads = self.sac.policy().mlp().infer(&self.learned.phi, &[0.0], scratch);
        let log_sigma = heads[1].clamp(LOG_SIGMA_MIN, LOG_SIGMA_MAX);
        SquashedNormal { mu: heads[0], sigma: softac::elementary::exp(log_sigma) }
    }

    fn read(&self, quantity: Quantity) -> f64 {
        let thetas = &self.learned.thetas;
        match quantity {
            Quantity::Q(s, a) => self.mean_q(thetas, &[s], a),
            Quantity::TargetQ(s, a) => self.mean_q(&self.learned.targets, &[s], a),
            Quantity::Contrast => {
                self.mean_q(thetas, &[1.0], 0.0) - self.mean_q(thetas, &[-1.0], 0.0)
            }
            Quantity::MeanAction => self.policy().mean(),
            Quantity::Entropy => self.policy().entropy(),
            Quantity::Alpha => self.learned.alpha,
            Quantity::Middle => self.mean_q(thetas, &[0.0, 0.0, 1.0, 0.0, 0.0], 0.0),
        }
    }
}

impl Scene {
    fn config(&self) -> SacConfig {
        SacConfig {
            learning_rate: 1e-2,
            batch_size: 16,
            tau: if self.task == Task::CutChain { 0.2 } else { 0.05 },
            gamma: GAMMA,
            net_arch: vec![16].into(),
            activation: Activation::Tanh,
            ent_coef: self.ent_coef,
            policy_delay: self.policy_delay,
            numerics: Numerics::Portable,
            buffer_size: 2 * UPDATES,
            learning_starts: 50,
            ..SacConfig::default()
        }
    }

    fn alpha(&self) -> Option<f64> {
        if let EntCoef::Fixed(alpha) = self.ent_coef { Some(alpha) } else { None }
    }

    /// What the quantity should come to, where that is known in closed form or by quadrature.
    pub fn truth(&self) -> Option<f64> {
        let alpha = self.alpha();
        let best = |probe: Probe| SquashedNormal::fit(|a| probe.reward(0.0, a), alpha?).ok();
        match (self.task, self.quantity) {
            (Task::Probe(Probe::Delayed), Quantity::Q(0.0, _) | Quantity::TargetQ(0.0, _)) => {
                Some(GAMMA * Probe::Delayed.soft_value(1.0, GAMMA, alpha?).ok()?)
            }
            (Task::Probe(probe), Quantity::Q(s, a)) => Some(probe.reward(s, a)),
            (Task::Probe(_), Quantity::Contrast) => Some(2.0),
            (Task::Probe(probe), Quantity::MeanAction) => Some(best(probe)?.mean()),
            (Task::Probe(probe), Quantity::Entropy) => Some(best(probe)?.entropy()),
            (Task::CutChain, _) => Some(Chain::soft_value_iteration(GAMMA, alpha?).ok()?.q(2, 0.0)),
            _ => None,
        }
    }

    /// The quantity over the updates: of the crate's own learner, or of one with a mistake.
    pub fn curve(&self, seed: u64, mistake: Option<Implementation>) -> Vec<f64> {
        match self.place {
            Place::Loop => self.curve_of_loop(seed, mistake),
            _ => self.curve_of_updates(seed, mistake),
        }
    }

    fn sac(&self, seed: u64) -> Sac<f64> {
        let env = self.task.env();
        let (s, a) = (env.observation_space().len(), env.action_space().len());
        let init = &mut stream(seed, Purpose::Init);
        Sac::new(self.config(), s, a, init).expect("the settings are within their bounds")
    }

    fn curve_of_updates(&self, seed: u64, mistake: Option<Implementation>) -> Vec<f64> {
        let mut learner: Box<dyn Updater> = match (mistake, self.place) {
            (None, _) => Box::new(self.sac(seed)),
            (Some(parts), Place::Equation) => Box::new(Assembled::new(parts, self.sac(seed))),
            (Some(parts), _) => (parts.updater)(self.sac(seed)),
        };
        let (sac, replay) = (self.sac(seed), self.transitions(seed));
        let [mut draws, mut numbers] =
            [Purpose::Replay, Purpose::Policy].map(|purpose| stream(seed, purpose));
        let size = sac.settings().batch_size;
        let (mut batch, mut noise) = (Batch::new(size, 1, 1), Noise::new(size, 1));
        let read = |learner: &dyn Updater| {
            Snapshot { sac: &sac, learned: &learner.learned() }.read(self.quantity)
        };
        let mut curve = vec![read(learner.as_ref())];
        for update in 1..=UPDATES {
            replay.sample(&mut batch, &mut draws).expect("there are transitions");
            noise.draw(&mut numbers);
            learner.learn(&batch, &noise);
            if update % STRIDE == 0 {
                curve.push(read(learner.as_ref()));
            }
        }
        curve
    }

    /// Transitions with uniform actions.
    fn transitions(&self, seed: u64) -> ReplayBuffer<f64> {
        let mut env = self.task.env();
        let mut replay = ReplayBuffer::new(TRANSITIONS, 1, 1).expect("there is room");
        let actions = &mut stream(seed, Purpose::WarmUp);
        let (mut s, mut next, mut a) = ([0.0], [0.0], [0.0]);
        let mut episodes = seed * 1000;
        let mut begins = true;
        for _ in 0..TRANSITIONS {
            if begins {
                episodes += 1;
                env.reset(episodes, &mut s).expect("the lengths fit");
            }
            fill_uniform(&mut a, 1.0, actions);
            let step = env.step(&a, &mut next).expect("an episode is under way");
            let transition = Transition {
                observation: &s,
                action: &a,
                reward: step.reward,
                next_observation: &next,
                terminated: step.terminated,
                truncated: step.truncated,
            };
            replay.push(transition).expect("the lengths fit");
            (s, begins) = (next, step.done());
        }
        replay
    }

    fn curve_of_loop(&self, seed: u64, mistake: Option<Implementation>) -> Vec<f64> {
        let parts = mistake.unwrap_or_else(Implementation::of_the_crate);
        let mut env = self.task.env();
        let mut learner = (parts.learner)(self.config(), env.as_ref(), seed);
        let mut curve = vec![];
        let begins = self.config().learning_starts as usize;
        for step in 0..=begins + UPDATES {
            if step > 0 {
                learner.step(env.as_mut());
            }
            if step >= begins && (step - begins).is_multiple_of(STRIDE) {
                let learned = &learner.sac().learned();
                curve.push(Snapshot { sac: learner.sac(), learned }.read(self.quantity));
            }
        }
        curve
    }
}
