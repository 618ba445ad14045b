//! The settings of SAC, under the names that Stable-Baselines3 made known.

use super::ent_coef::{EntCoef, TargetEntropy};
use crate::agent::settings::off_policy_settings;

off_policy_settings! {
    /// The settings of SAC. Their defaults are those of the paper, as Stable-Baselines3 has them.
    pub struct SacConfig {
        // ANCHOR: default
        /// Temperature α: a number, or `auto` to learn it, or `auto_<initial>` to learn it from this value on.
        ent_coef: EntCoef = EntCoef::Auto { initial: 1.0 }, Rule {
            kept: |alpha| alpha.is_possible(),
            text: "a fixed temperature must be 0 or more, and a learned one must start above 0",
        };
        /// Target entropy H̄ of a learned temperature: `auto` for −dim(A), or a number of nats, at most dim(A) ln 2.
        target_entropy: TargetEntropy = TargetEntropy::Auto;
        /// Updates the policy in every k-th update, and with it the temperature of `sac`, or all targets of `td3`.
        policy_delay: u64 = 1, at_least_1();
        /// Moves the target critics after every k-th update.
        target_update_interval: u64 = 1, at_least_1();
        /// Number of critics, over which the minimum is taken.
        n_critics: usize = 2, at_least_1();
        // ANCHOR_END: default
    }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::LN_2;

    use alloc::vec;

    use super::*;
    use crate::agent::settings::TrainFreq;

    #[test]
    fn an_unreachable_target_entropy_is_refused() {
        let config =
            |nats| SacConfig { target_entropy: TargetEntropy::Nats(nats), ..SacConfig::default() };
        for (dim, bound) in [(2, 2.0 * LN_2), (5, 5.0 * LN_2)] {
            assert!(config(bound).validate(dim).is_ok());
            for nats in [bound + 1e-9, f64::NAN, f64::INFINITY] {
                assert_eq!(config(nats).validate(dim).unwrap_err().key, "target_entropy");
            }
        }
    }

    #[test]
    fn impossible_values_are_refused_by_name() {
        type Spoil = fn(&mut SacConfig);
        let cases: [(&str, Spoil); 23] = [
            ("learning_rate", |c| c.learning_rate = 0.0),
            ("learning_rate", |c| c.learning_rate = f64::NAN),
            ("critic_learning_rate", |c| c.critic_learning_rate = Some(0.0)),
            ("train_freq", |c| c.train_freq = TrainFreq::Episodes(0)),
            ("max_grad_norm", |c| c.max_grad_norm = Some(0.0)),
            ("max_grad_norm", |c| c.max_grad_norm = Some(f64::NAN)),
            ("buffer_size", |c| c.buffer_size = 0),
            ("batch_size", |c| c.batch_size = 0),
            ("tau", |c| c.tau = 1.5),
            ("gamma", |c| c.gamma = -0.1),
            ("gamma", |c| c.gamma = f64::NAN),
            ("train_freq", |c| c.train_freq = 0.into()),
            ("gradient_steps", |c| c.gradient_steps = 0),
            ("gradient_steps", |c| c.gradient_steps = -2),
            ("policy_delay", |c| c.policy_delay = 0),
            ("target_update_interval", |c| c.target_update_interval = 0),
            ("net_arch", |c| c.net_arch.pi = vec![64, 0]),
            ("net_arch", |c| c.net_arch.qf = vec![64, 0]),
            ("n_critics", |c| c.n_critics = 0),
            ("clip_obs", |c| c.clip_obs = 0.0),
            ("clip_reward", |c| c.clip_reward = f64::INFINITY),
            ("ent_coef", |c| c.ent_coef = EntCoef::Fixed(-0.1)),
            ("ent_coef", |c| c.ent_coef = EntCoef::Auto { initial: 0.0 }),
        ];
        for (key, spoil) in cases {
            let mut config = SacConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate(1).unwrap_err().key, key);
        }
        assert!(SacConfig::default().validate(1).is_ok());
    }
}
