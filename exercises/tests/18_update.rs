//! The whole update, and what it learns.

#[cfg_attr(not(feature = "solutions"), path = "../holes/18_update.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/18_update.rs")]
mod hole;

use hole::update;
use ndarray::Array2;
use softac::agent::{Algorithm, UpdateNoise};
use softac::env::{SquashedNormal, TwoArmedBandit};
use softac::policy::LOG_SIGMA_MAX;
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use softac::replay::Batch;
use softac::sac::{EntCoef, Noise, Sac, SacConfig, TargetEntropy};
use softac::tape::Tape;
use softac_holes::agent::Agent;
use softac_holes::claims::{number_within, on_tape};

/// The crate's own learner, the agent that begins as it does, and a batch with noise.
fn beginning() -> (Sac<f64>, Agent, Batch<f64>, Noise<f64>) {
    let config = SacConfig {
        net_arch: vec![8].into(),
        learning_rate: 0.05,
        tau: 0.2,
        ..SacConfig::default()
    };
    let sac = Sac::new(config, 2, 1, &mut stream(4, Purpose::Init)).expect("these settings can be");
    let agent = Agent::beginning_as(&sac);
    let mut numbers = stream(5, Purpose::Replay);
    let mut batch = Batch::new(6, 2, 1);
    for matrix in [&mut batch.observations, &mut batch.next_observations, &mut batch.rewards] {
        fill_normal(matrix.as_slice_mut().unwrap_or_default(), &mut numbers);
    }
    fill_uniform(batch.actions.as_slice_mut().unwrap_or_default(), 0.9, &mut numbers);
    batch.terminated[[2, 0]] = 1.0;
    let mut noise = Noise::new(6, 1);
    noise.draw(&mut numbers);
    (sac, agent, batch, noise)
}

/// Claims that parameters are those of the crate's learner.
fn same(what: &str, got: &[f64], expected: &[f64], taken: &[&str], advice: &str) {
    let off =
        got.iter().zip(expected).map(|(got, expected)| (got - expected).abs()).fold(0.0, f64::max);
    assert!(
        off < 1e-10,
        "{what} after an update is off by up to {off:.1e} from the crate's.\n    your steps  {}\n{advice}",
        taken.join(", ")
    );
}

/// Claims that after so many updates everything is as in the crate's learner; what is computed first is looked at first.
fn agrees(updates: usize) {
    let (mut sac, mut agent, batch, noise) = beginning();
    for _ in 0..updates {
        sac.update(&batch, &noise).expect("the batch fits");
        on_tape(update(&mut agent, &batch, &noise));
        let taken = agent.taken();
        for i in 0..2 {
            same(
                &format!("θ{}, of a critic,", i + 1),
                agent.theta(i),
                sac.critics()[i].params().as_slice(),
                &taken,
                "A critic learns from y. The targets come first, with the noise of s′, the α of the beginning, and the target \
                 critics before they move.",
            );
        }
        same(
            "φ, of the policy,",
            agent.phi(),
            sac.actor().params().as_slice(),
            &taken,
            "The policy has the noise of s and the α of the beginning, and is judged by the critics as they are after their step.",
        );
        let log_alpha = sac.log_alpha().expect("it is learned").params();
        same(
            "log α",
            &[agent.log_alpha()],
            log_alpha.as_slice(),
            &taken,
            "The temperature takes one step, on the log π that the policy's step has returned.",
        );
        for i in 0..2 {
            same(
                &format!("θ̄{}, of a target critic,", i + 1),
                agent.theta_bar(i),
                sac.targets()[i].as_slice(),
                &taken,
                "The target critics move once, towards the critics as they are after their step.",
            );
        }
    }
}

#[test]
fn one_update_is_that_of_the_crate() {
    agrees(1);
}

#[test]
fn five_updates_are_those_of_the_crate() {
    agrees(5);
}

/// Uniform actions of the bandit, and what they pay. Every step is the last.
fn pull_arms(batch: &mut Batch<f64>, numbers: &mut Stream) {
    batch.observations.fill(1.0);
    batch.next_observations.fill(1.0);
    batch.terminated.fill(1.0);
    fill_uniform(batch.actions.as_slice_mut().unwrap_or_default(), 1.0, numbers);
    batch.rewards = batch.actions.mapv(TwoArmedBandit::reward);
}

/// μ and σ of the policy in the bandit's one state.
fn spread(agent: &Agent) -> (f64, f64) {
    let one = Array2::from_elem((1, 1), 1.0);
    let tape = Tape::new();
    let gaussian = agent.policy().gaussian(tape.frozen(agent.phi()), tape.constant(&one));
    (on_tape(gaussian.mu.item()), on_tape(gaussian.log_sigma.item()).min(LOG_SIGMA_MAX).exp())
}

#[test]
fn the_bandit_is_solved_at_the_price_that_its_entropy_has() {
    // The policy that is best at α = ½ has a known entropy: with that as the target, the price of ½ has to be found.
    let solution = TwoArmedBandit::solve(0.5).expect("½ is a temperature");
    let config = SacConfig {
        net_arch: vec![16].into(),
        learning_rate: 3e-3,
        ent_coef: EntCoef::Auto { initial: 1.0 },
        target_entropy: TargetEntropy::Nats(solution.policy.entropy()),
        ..SacConfig::default()
    };
    for seed in 0..3 {
        let sac = Sac::new(config.clone(), 1, 1, &mut stream(seed, Purpose::Init))
            .expect("these settings can be");
        let mut agent = Agent::beginning_as(&sac);
        let (mut arms, mut policy) = (stream(seed, Purpose::Replay), stream(seed, Purpose::Policy));
        let (mut batch, mut noise) = (Batch::new(64, 1, 1), Noise::new(64, 1));
        for _ in 0..3000 {
            pull_arms(&mut batch, &mut arms);
            noise.draw(&mut policy);
            on_tape(update(&mut agent, &batch, &noise));
        }
        let (mu, sigma) = spread(&agent);
        let learned = SquashedNormal { mu, sigma };
        let what = |name| format!("the {name} of the policy that was learned, seed {seed}");
        number_within(0.1, &what("mean action"), learned.mean(), solution.mean, &[]);
        number_within(0.1, &what("standard deviation"), learned.std(), solution.std, &[]);
        number_within(
            0.2,
            &format!("α that was learned, seed {seed}"),
            agent.log_alpha().exp(),
            0.5,
            &[],
        );
    }
}
