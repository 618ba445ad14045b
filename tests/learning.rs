//! Tasks with known answers, learned from start to end. What is learned is compared with quadrature or
//! dynamic programming, which know nothing of networks; every seed must come within the tolerance.

use std::thread;

use softac::Scalar;
use softac::agent::Settings;
use softac::agent::Trained;
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::Td3Config;
use softac::env::{
    BoxSpace, Chain, Env, EnvError, Probe, ProbeEnv, SquashedNormal, Step, TimeLimit,
    TwoArmedBandit,
};
use softac::learner::Learner;
use softac::nn::{Mlp, Scratch};
use softac::policy::Policy;
use softac::sac::{EntCoef, SacConfig, TargetEntropy};

#[path = "support/altered.rs"]
mod altered;
use altered::Altered;

const GAMMA: f64 = 0.9;

/// Settings for tasks that are learned in seconds.
macro_rules! small {
    ($config:ident) => {
        $config {
            learning_rate: 1e-3,
            buffer_size: 10_000,
            batch_size: 64,
            tau: 0.02,
            gamma: GAMMA,
            net_arch: vec![32, 32].into(),
            ..$config::default()
        }
    };
}

fn small() -> SacConfig {
    small!(SacConfig)
}

/// A learner after its training.
struct Learned(Learner<f32>);

impl Learned {
    fn new(config: SacConfig, env: &mut dyn Env, seed: u64, steps: u64) -> Self {
        let mut learner = Learner::new(config, env, seed).unwrap();
        for _ in 0..steps {
            learner.step(env, |_| {}).unwrap();
        }
        Self(learner)
    }

    fn alpha(&self) -> f64 {
        f64::from(self.0.sac().alpha())
    }

    /// The smallest critic's Q(s, a).
    fn q(&self, s: &[f64], a: f64) -> f64 {
        let sac = self.0.sac();
        let s_a: Vec<f32> = s.iter().chain([&a]).map(|&x| x as f32).collect();
        let q = |theta: &[f32]| sac.critic().infer(theta, &s_a, &mut Scratch::default())[0];
        let all = sac.critics().iter().map(|critic| q(critic.params().as_slice()));
        f64::from(all.fold(f32::INFINITY, f32::min))
    }

    /// π(·|s), told by two of its actions: tanh μ and tanh(μ + σ).
    fn policy(&mut self, s: &[f64]) -> SquashedNormal {
        let s: Vec<f32> = s.iter().map(|&x| x as f32).collect();
        let [mu, mu_plus_sigma] = [0.0, 1.0].map(|xi| {
            let mut action = [0.0];
            let (sac, scratch) = (self.0.sac(), &mut Scratch::default());
            sac.policy().act(
                sac.actor().params().as_slice(),
                &s,
                Some(&[xi]),
                scratch,
                &mut action,
            );
            f64::from(action[0]).atanh()
        });
        SquashedNormal { mu, sigma: mu_plus_sigma - mu }
    }

    /// V(s) = E[Q(s, a) − α log π(a|s)], by quadrature over the policy.
    fn soft_value(&mut self, s: &[f64]) -> f64 {
        let policy = self.policy(s);
        policy.objective(|a| self.q(s, a), self.alpha())
    }

    /// Five actions of the policy, from −2 to 2 standard deviations: where Q has to be right.
    fn likely_actions(&mut self, s: &[f64]) -> [f64; 5] {
        let policy = self.policy(s);
        [-2.0, -1.0, 0.0, 1.0, 2.0].map(|xi| (policy.mu + xi * policy.sigma).tanh())
    }
}

/// What `train` gives for each of the first seeds, which are trained side by side.
fn over_seeds<R: Send>(seeds: u64, train: impl Fn(u64) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let train = &train;
        let runs: Vec<_> = (0..seeds).map(|seed| scope.spawn(move || train(seed))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(error < tolerance, "{what}: {found} is not within {tolerance} of {expected}");
}

/// All five, each of which needs one part more of the learner. Every seed: values within 0.02 (rewards are
/// about 1), mean actions within 0.1.
#[test]
fn the_probes_are_solved_one_after_the_other() {
    let alpha = 0.05;
    for probe in Probe::ALL {
        let value = |o| probe.soft_value(o, GAMMA, alpha).unwrap();
        let q = |o, a| match probe {
            Probe::Delayed if o == 0.0 => GAMMA * value(1.0),
            _ => probe.reward(o, a),
        };
        over_seeds(3, |seed| {
            let config = SacConfig { ent_coef: EntCoef::Fixed(alpha), ..small() };
            let mut learned = Learned::new(config, &mut ProbeEnv::new(probe), seed, 1_500);
            for &o in probe.starts() {
                let what = format!("{probe:?} from {o}, seed {seed}");
                assert_near(learned.soft_value(&[o]), value(o), 0.02, &format!("V, {what}"));
                for a in learned.likely_actions(&[o]) {
                    assert_near(learned.q(&[o], a), q(o, a), 0.02, &format!("Q, {what}"));
                }
                if let Some(best) = probe.optimal_action(o) {
                    let mean = learned.policy(&[o]).mean();
                    assert_near(mean, best, 0.1, &format!("mean action, {what}"));
                }
            }
        });
    }
}

/// The policy that five seeds learn at a temperature, with rewards (and temperature) `scale`-fold, is the
/// squashed Gaussian nearest to exp(r/α): mean and standard deviation of its actions within 0.05.
fn assert_bandit_is_solved(alpha: f64, scale: f64) {
    let solution = TwoArmedBandit::solve(alpha).unwrap();
    over_seeds(5, |seed| {
        let config = SacConfig {
            ent_coef: EntCoef::Fixed(scale * alpha),
            learning_rate: 3e-4,
            learning_starts: 1_000,
            ..small()
        };
        let alter = |step: Step, _: &mut [f64]| Ok(Step { reward: scale * step.reward, ..step });
        let mut env = Altered { env: TwoArmedBandit::new(), alter };
        let mut learned = Learned::new(config, &mut env, seed, 4_000);
        let policy = learned.policy(&[1.0]);
        let what = format!("alpha {alpha}, rewards times {scale}, seed {seed}");
        assert_near(policy.mean(), solution.mean, 0.05, &format!("mean action, {what}"));
        assert_near(policy.std(), solution.std, 0.05, &format!("standard deviation, {what}"));
    });
}

#[test]
fn the_bandits_policy_is_the_optimal_one_by_quadrature() {
    assert_bandit_is_solved(0.5, 1.0);
    assert_bandit_is_solved(0.2, 1.0);
}

#[test]
fn scaling_rewards_and_temperature_together_leaves_the_bandits_policy() {
    assert_bandit_is_solved(0.5, 4.0);
}

/// Every seed, state and likely action: Q within 2 %, although every episode is cut after 50 steps.
///
/// Half of the steps are uniform, so that replay knows all states well, half are the policy's. What is left
/// lies low: policies are squashed Gaussians, which costs up to 0.5 %, and the minimum of two critics that are
/// still jittering costs about 1 %. Large batches keep the jitter small.
#[test]
fn the_chains_q_is_that_of_soft_value_iteration() {
    let alpha = 0.05;
    let solution = Chain::soft_value_iteration(GAMMA, alpha).unwrap();
    let steps = 300_000;
    over_seeds(3, |seed| {
        let config = SacConfig {
            ent_coef: EntCoef::Fixed(alpha),
            learning_rate: 3e-4,
            buffer_size: 300_000,
            batch_size: 256,
            warmup_steps: Some(steps / 2),
            train_freq: 20.into(),
            ..small()
        };
        let mut env = TimeLimit::new(Chain::new(), 50);
        let mut learned = Learned::new(config, &mut env, seed, steps);
        for state in 0..5 {
            let mut s = [0.0; 5];
            s[state] = 1.0;
            for a in learned.likely_actions(&s) {
                let what = format!("Q, state {state}, action {a:.2}, seed {seed}");
                assert_near(learned.q(&s, a) / solution.q(state, a), 1.0, 0.02, &what);
            }
        }
    });
}

/// Two steps to an episode: the observation is 0 and then 1, the reward is the observation.
struct TwoSteps {
    observation_space: BoxSpace,
    action_space: BoxSpace,
    terminates: bool,
    now: f64,
}

impl TwoSteps {
    fn new(terminates: bool) -> TimeLimit<Self> {
        let observation_space = BoxSpace::new(vec![0.0], vec![1.0]).unwrap();
        let action_space = BoxSpace::new(vec![-1.0], vec![1.0]).unwrap();
        TimeLimit::new(Self { observation_space, action_space, terminates, now: 0.0 }, 2)
    }
}

impl Env for TwoSteps {
    fn name(&self) -> &str {
        "TwoSteps"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, _seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.now = 0.0;
        observation[0] = self.now;
        Ok(())
    }

    fn step(&mut self, _action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let reward = self.now;
        let terminated = self.terminates && self.now == 1.0;
        self.now = 1.0;
        observation[0] = self.now;
        Ok(Step { reward, terminated, truncated: false })
    }
}

/// The same episodes, which mean two things. Cut by a time limit, the reward 1 goes on for ever:
/// Q(1) = 1/(1 − γ), and the state after the cut is the last one, not the first of the next episode.
/// Terminated (in the same step), Q(1) = 1. Q(0) = γ Q(1) both times; within 2 %.
#[test]
fn truncation_bootstraps_and_termination_does_not() {
    for (terminates, value) in [(false, 1.0 / (1.0 - GAMMA)), (true, 1.0)] {
        over_seeds(3, |seed| {
            let config = SacConfig { ent_coef: EntCoef::Fixed(0.0), tau: 0.05, ..small() };
            let learned = Learned::new(config, &mut TwoSteps::new(terminates), seed, 3_000);
            for a in [-0.9, -0.5, 0.0, 0.5, 0.9] {
                let what = format!("terminates: {terminates}, action {a}, seed {seed}");
                assert_near(learned.q(&[0.0], a) / (GAMMA * value), 1.0, 0.02, &what);
                assert_near(learned.q(&[1.0], a) / value, 1.0, 0.02, &what);
            }
        });
    }
}

/// In the probe of actions entropy grows with α. From above and from below, each seed ends with the policy's entropy,
/// and that of the best policy at the learned α, within 0.1 nat of the target.
#[test]
fn a_learned_temperature_brings_the_entropy_to_its_target() {
    let entropy_at = |alpha| {
        let policy = SquashedNormal::fit(|a| Probe::Action.reward(0.0, a), alpha);
        policy.unwrap().entropy()
    };
    let target = -0.5;
    for initial in [1.0, 0.001] {
        over_seeds(3, |seed| {
            let config = SacConfig {
                ent_coef: EntCoef::Auto { initial },
                target_entropy: TargetEntropy::Nats(target),
                learning_rate: 3e-3,
                ..small()
            };
            let mut learned = Learned::new(config, &mut ProbeEnv::new(Probe::Action), seed, 6_000);
            let what = format!("from {initial}, seed {seed}");
            let entropy = learned.policy(&[0.0]).entropy();
            assert_near(entropy, target, 0.1, &format!("entropy, {what}"));
            let best = entropy_at(learned.alpha());
            assert_near(best, target, 0.1, &format!("entropy at alpha, {what}"));
        });
    }
}

/// Policies that begin with an entropy of about 0.6 nats or, with a smaller σ, −0.6: above the target or below.
#[test]
fn the_temperature_falls_above_the_target_entropy_and_rises_below_it() {
    for (log_sigma, rises) in [(0.0, false), (-2.0, true)] {
        let config = SacConfig {
            ent_coef: EntCoef::Auto { initial: 0.1 },
            target_entropy: TargetEntropy::Nats(0.0),
            ..small()
        };
        let mut env = ProbeEnv::new(Probe::Action);
        let mut learner = Learner::<f32>::new(config, &env, 0).unwrap();
        learner.sac_mut().actor_mut().params_mut().set("2.bias", &[0.0, log_sigma]).unwrap();
        let mut alpha = 0.1;
        for t in 1..=120 {
            learner.step(&mut env, |_| {}).unwrap();
            let (before, after) = (alpha, learner.sac().alpha());
            assert!(t <= 100 || (after != before && (after > before) == rises), "step {t}");
            alpha = after;
        }
    }
}

/// The greedy values and actions of the probes, by algorithms without entropy, in both precisions. Every seed: values at
/// the policy's own action within 0.05 (rewards are about 1), actions within 0.1.
fn solves_the_probes<T: Scalar, S: Settings + Sync>(
    seeds: u64,
    config: &S,
    q: fn(&S::Algorithm<T>, &[T]) -> T,
) {
    for probe in Probe::ALL {
        over_seeds(seeds, |seed| {
            let mut env = ProbeEnv::new(probe);
            let mut learner =
                Learner::<T, S::Algorithm<T>>::new(config.clone(), &env, seed).unwrap();
            for _ in 0..1_000 {
                learner.step(&mut env, |_| {}).unwrap();
            }
            for &o in probe.starts() {
                let what = format!("{}, {probe:?} from {o}, {}, seed {seed}", S::NAME, T::NAME);
                let mut action = [f64::NAN];
                learner.act(&[o], &mut action);
                if let Some(best) = probe.optimal_action(o) {
                    assert_near(action[0], best, 0.1, &format!("action, {what}"));
                }
                let value = q(learner.algorithm(), &[T::of(o), T::of(action[0])]).as_f64();
                assert_near(value, probe.optimal_value(o, GAMMA), 0.05, &format!("Q, {what}"));
            }
        });
    }
}

#[test]
fn td3_and_ddpg_solve_the_probes_in_both_precisions() {
    fn q<T: Scalar>(critic: &Mlp, theta: &Trained<T>, s_a: &[T]) -> T {
        critic.infer(theta.params().as_slice(), s_a, &mut Scratch::default())[0]
    }
    fn td3<T: Scalar>(seeds: u64) {
        let config = small!(Td3Config);
        solves_the_probes::<T, _>(seeds, &config, |td3, s_a| {
            q(td3.critic(), &td3.critics()[0], s_a)
        });
    }
    fn ddpg<T: Scalar>(seeds: u64) {
        let config = small!(DdpgConfig);
        let value = |ddpg: &Ddpg<T>, s_a: &[T]| q(ddpg.critic(), ddpg.critic_parameters(), s_a);
        solves_the_probes::<T, _>(seeds, &config, value);
    }
    td3::<f32>(3);
    td3::<f64>(1);
    ddpg::<f32>(3);
    ddpg::<f64>(1);
}
