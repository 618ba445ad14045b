//! Soft Actor-Critic from first principles: a reverse-mode autodiff tape over `ndarray`, and the networks,
//! losses and training loop built on it, with every derivative checked against finite differences.
//!
//! # The map
//!
//! Each equation is one function, has tests of its own, and a page of the book (`docs/src/`). The numbers are
//! those of Haarnoja et al., *Soft Actor-Critic Algorithms and Applications* (arXiv:1812.05905), unless
//! another paper is named.
//!
//! | equation | function | test | chapter |
//! |---|---|---|---|
//! | `x̄ += ȳ ∂y/∂x` along the tape | [`Var::backward`](tape::Var::backward) | `everything_that_is_differentiated_passes_the_check` | `tape.md` |
//! | `(f(x+h) − f(x−h)) / 2h`, extrapolated to h → 0 (Ridders 1982) | [`ridders`](gradcheck::ridders) | `the_bound_holds_for_known_derivatives`, `tanh_is_differentiated_to_a_few_units_of_rounding` | `gradient-checking.md` |
//! | Adam (Kingma and Ba 2015, Algorithm 1) | [`Adam::step`](nn::Adam::step) | `three_steps_agree_with_the_formula_by_hand` | `algorithm.md` |
//! | `g ← g min(1, c / (‖g‖ + 10⁻⁶))` (Pascanu et al. 2013, Algorithm 1) | [`clip_norm`](nn::clip_norm) | `a_long_gradient_is_scaled_as_the_formula_says` | `algorithm.md` |
//! | `a = tanh(μ + σ ⊙ ξ)` | [`Gaussian::sample`](policy::Gaussian::sample) | `acting_without_a_tape_gives_the_action_of_the_tape` | `squashed-gaussian.md` |
//! | `log N(u; μ, σ)` | [`gaussian_log_prob`](policy::gaussian_log_prob) | `log_pi_sums_over_the_action_dimensions` | `squashed-gaussian.md` |
//! | `log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u))` | [`log_tanh_jacobian`](policy::log_tanh_jacobian) | `the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions` | `squashed-gaussian.md` |
//! | `∫ exp(log π) da = 1` | [`ActionBox::log_scale`](policy::ActionBox::log_scale) | `the_density_integrates_to_one_over_a_scaled_anisotropic_box` | `squashed-gaussian.md` |
//! | `a_env = centre + half_range ⊙ a` | [`ActionBox::to_environment`](policy::ActionBox::to_environment) | `every_dimension_of_the_action_is_scaled_by_its_own_bounds` | `squashed-gaussian.md` |
//! | `Ĥ = −E[log π(aǀs)]` | [`entropy`](policy::entropy) | `the_entropy_estimate_meets_the_entropy_by_quadrature` | `entropy.md` |
//! | `H = ½ ln(2πe σ²) + E[ln(1 − tanh² u)]` | [`SquashedNormal::entropy`](env::SquashedNormal::entropy) | `entropy_is_the_mean_of_the_negative_log_density` | `entropy.md` |
//! | `E[f(a)] + α H`, (1) in one state | [`SquashedNormal::objective`](env::SquashedNormal::objective) | `the_value_lost_by_the_squashed_gaussian_is_its_divergence` | `maximum-entropy.md` |
//! | `y = r + γ (1 − d)(min Q̄ − α log π)`, (2), (3), (5) | [`soft_target`](sac::soft_target) | `after_termination_the_target_is_the_reward_exactly`, `truncation_does_not_cut_the_bootstrap`, `no_gradient_passes_through_the_target` | `target-networks.md` |
//! | `J_Q = E[½ (Q − y)²]`, (5) | [`critic_loss`](sac::critic_loss) | `the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error` | `critic-loss.md` |
//! | `minᵢ Qᵢ` (Fujimoto et al. 2018, (10)) | [`q_min`](sac::q_min) | `the_minimum_is_taken_sample_by_sample` | `clipped-double-q.md` |
//! | `J_π = E[α log π − min Q]`, (7) to (9) | [`actor_loss`](sac::actor_loss) | `the_actor_loss_is_as_computed_by_hand`, `without_temperature_the_policy_follows_the_critic_alone` | `actor-loss.md` |
//! | `J(α) = E[−α (log π + H̄)]`, (18) | [`temperature_loss`](sac::temperature_loss) | `the_temperature_rises_below_the_target_entropy_and_falls_above` | `temperature-loss.md` |
//! | `θ̄ ← τ θ + (1 − τ) θ̄` | [`polyak`](nn::polyak) | `the_distance_to_a_constant_shrinks_by_one_minus_tau_a_step` | `target-networks.md` |
//! | one update, Algorithm 1 | [`Sac::update`](agent::Algorithm::update) | `targets_losses_and_gradients_are_those_of_pytorch`, `consecutive_updates_end_at_the_parameters_of_pytorch`, `the_intervals_count_updates` | `algorithm.md` |
//! | `ã = clip(a_φ̄(s′) + clip(σ ξ′, −c, c), −1, 1)` (Fujimoto et al. 2018, (14)) | [`smoothed_action`](algorithms::td3::smoothed_action) | `the_smoothed_action_is_as_computed_by_hand`, `every_number_of_the_target_action_has_noise_of_its_own` | `td3.md` |
//! | `y = r + γ (1 − d) min Q̄(s′, ã)` (Algorithm 1) | [`target`](algorithms::td3::target) | `the_target_of_td3_is_as_computed_by_hand` | `td3.md` |
//! | `J_Q = E[(Q − y)²]` (Algorithm 1) | [`critic_loss`](algorithms::td3::critic_loss) | `a_linear_critic_and_policy_move_as_in_closed_form` | `td3.md` |
//! | `J_π = −E[Q₁(s, a_φ(s))]` (Algorithm 1) | [`actor_loss`](algorithms::td3::actor_loss) | `the_policy_follows_the_first_critic_alone`, `a_linear_critic_and_policy_move_as_in_closed_form` | `td3.md` |
//! | `a = clip(tanh(f(s)) + σ ξ, −1, 1)` | [`Deterministic::act`](policy::Policy::act) | `noise_is_added_after_squashing_and_clipped_at_the_box` | `td3.md` |
//! | one update (Fujimoto et al. 2018, Algorithm 1) | [`Td3::update`](agent::Algorithm::update) | `all_targets_move_with_the_policy_and_only_then`, `the_target_takes_its_action_from_the_target_policy` | `td3.md` |
//! | one update (Lillicrap et al. 2016, Algorithm 1) | [`Ddpg::update`](agent::Algorithm::update) | `td3_less_its_three_parts_is_ddpg`, `the_target_of_ddpg_is_the_value_at_the_target_policys_action` | `ddpg.md` |
//! | no step on what is NaN or infinite | [`Sac::diagnose`](agent::Algorithm::diagnose) | `an_input_that_is_not_finite_is_named_and_nothing_that_needs_it_is_changed`, `an_overflow_is_traced_to_its_operation_and_nothing_is_changed` | `algorithm.md` |
//! | the loop, Algorithm 1 | [`Learner::step`](learner::Learner::step) | `updates_begin_after_learning_starts_and_come_in_rounds`, `replay_holds_the_true_successor_and_tells_termination_from_truncation` | `algorithm.md` |
//! | transitions drawn uniformly | [`ReplayBuffer::sample`](replay::ReplayBuffer::sample) | `every_transition_is_drawn_equally_often` | `algorithm.md` |
//! | `ξ = (u, v) √(−2 ln s / s)` (Marsaglia and Bray 1964) | [`fill_normal`](random::fill_normal) | `noise_has_the_distribution_function_of_the_normal` | `algorithm.md` |
//! | one random stream per purpose | [`stream`](random::stream) | `an_extra_draw_in_one_stream_changes_no_other` | `algorithm.md` |
//! | `π*(a) ∝ exp(r(a)/α)` | [`TwoArmedBandit::solve`](env::TwoArmedBandit::solve) | `the_bandits_policy_is_the_optimal_one_by_quadrature` | `boltzmann.md` |
//! | `V(s) = α log ∫ exp(Q(s, a)/α) da` | [`Chain::soft_value_iteration`](env::Chain::soft_value_iteration) | `the_chains_q_is_that_of_soft_value_iteration` | `soft-bellman.md` |
//! | interquartile mean of all runs (Agarwal et al. 2021, section 4.3) | [`Scores::iqm`](statistics::Scores::iqm) | `point_estimates_are_those_of_rliable` | `statistics.md` |
//! | `P(X > Y) = Σₘ P(Xₘ > Yₘ) / M` (section 4.3) | [`probability_of_improvement`](statistics::probability_of_improvement) | `improvements_and_profiles_are_exactly_those_of_rliable` | `statistics.md` |
//! | quantiles over resamples of every task's runs (section 4.1) | [`Bootstrap::intervals`](statistics::Bootstrap::intervals) | `intervals_are_those_of_rliable_within_the_error_of_both_bootstraps` | `statistics.md` |
//! | `F̂(τ) = Σₘₙ 1[x₍ₘ,ₙ₎ > τ] / N` (section 4.2) | [`profile`](statistics::profile()) | `improvements_and_profiles_are_exactly_those_of_rliable`, `bands_of_profiles_are_those_of_rliable_within_the_error_of_its_bootstrap` | `statistics.md` |
//! | `π*(1) = 1 / (1 + exp(−(r₁ − r₂)/α))`, for α from 0 to ∞ | [`TwoArms::probability`](env::TwoArms::probability) | `the_boltzmann_policy_is_that_of_its_definition`, `at_both_ends_stand_the_greedy_and_the_uniform_policy` | `exercises/bandit.md` |
//! | `V = α log Σₖ exp(rₖ/α)`, `dV/dα = H(π*)` | [`TwoArms::soft_value`](env::TwoArms::soft_value) | `the_slope_of_the_soft_value_is_the_entropy` | `exercises/bandit.md` |
//! | `r̄ ≤ V − α log 2 ≤ max r` | [`TwoArms::exponential_mean`](env::TwoArms::exponential_mean) | `no_temperature_gives_a_nan_or_leaves_the_bounds`, `hot_arms_keep_the_digits_of_their_exponential_mean` | `exercises/bandit.md` |
//! | `J(x) = Σₖ π(k) (α log π(k) − rₖ)`, (7) as a sum | [`arms_loss`](sac::arms_loss) | `the_gradient_of_the_loss_is_right`, `the_least_loss_is_minus_the_soft_value`, `what_is_learned_is_the_boltzmann_policy` | `exercises/bandit.md` |
//! | `g < P − 5 s` to the end: where a curve begins to fall | [`onset`](study::exercise::onset()) | `noise_delays_the_onset_by_no_more_than_it_hides`, `a_level_a_rise_and_a_fall_that_is_taken_back_have_no_onset` | `exercises/entropy.md` |
//! | `ǀdǀ ≤ log 1.1` and `s ≤ log 1.1`: whether it has come to rest | [`settling`](study::exercise::settling()) | `what_decays_to_a_level_has_settled_and_what_goes_on_falling_has_not`, `what_goes_up_and_down_wanders` | `exercises/entropy.md` |
//!
//! # The rooms
//!
//! A module imports only from modules above it in this table; `tests/rooms` checks that. Those without a feature are
//! `no_std` + `alloc`.
//!
//! | module | what lives there |
//! |---|---|
//! | `kernel` | matrix products and vectorised loops, in one order of summation |
//! | [`elementary`] | exp, ln, tanh, softplus and sigmoid, the same bits on every machine |
//! | [`scalar`] | the number types |
//! | `parallel` | work on several threads, or on one |
//! | [`tape`] | the Wengert list: record, backward, detach, and the operations |
//! | [`random`] | independent random streams |
//! | [`state`] | everything that determines the future, shown piece by piece |
//! | [`nn`] | parameters, layers, perceptrons, Adam, clipping, Polyak averaging |
//! | [`moments`] | running mean and variance |
//! | [`mod@env`] | the `Env` trait, its checker, spaces, native environments, probes |
//! | [`replay`] | the replay buffer |
//! | [`normalise`] | observations and rewards on a common scale, by running statistics |
//! | [`policy`] | the squashed Gaussian and the deterministic policy, and acting: standardisation, network, map to the action space |
//! | [`agent`] | what every algorithm is made of, and the interface by which all else knows one |
//! | [`algorithms`] | one room for each: its settings, its equations, one per file, and the update that composes them |
//! | [`gradcheck`] | finite differences against the tape, and the suite of all that is differentiated |
//! | [`learner`] | the whole algorithm around one environment |
//! | `workload` (feature `std`) | the work of an update, counted and repeated |
//! | `gym` (feature `std`) | Gymnasium's environments, in the user's own Python |
//! | `files` (feature `std`) | files and folders that are whole or not there |
//! | `statistics` (feature `std`) | means, interquartile means, and their intervals |
//! | `train` (feature `std`) | a run: configuration, loop, evaluation, metrics, checkpoints, run folder |
//! | `draw` (feature `std`) | charts and films |
//! | `study` (feature `std`) | several runs: plots, comparisons, exercises |
//! | `export` (feature `std`) | policies in C, Rust, ONNX and safetensors, and the emulated devices that they run on |
//! | `cli` (feature `cli`) | the command `softac` |

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

// Public for `forward_env!`, which needs `Vec` in crates that may be without `std`.
#[doc(hidden)]
pub extern crate alloc;

pub mod agent;
pub mod algorithms;
#[cfg(feature = "std")]
pub mod draw;
pub mod elementary;
pub mod env;
#[cfg(feature = "std")]
pub mod export;
#[cfg(feature = "std")]
mod files;
pub mod gradcheck;
#[cfg(feature = "std")]
pub mod gym;
mod kernel;
pub mod learner;
pub mod moments;
pub mod nn;
pub mod normalise;
mod parallel;
pub mod policy;
pub mod random;
pub mod replay;
pub mod scalar;
pub mod state;
#[cfg(feature = "std")]
pub mod statistics;
#[cfg(feature = "std")]
pub mod study;
pub mod tape;
#[cfg(feature = "std")]
pub mod train;
#[cfg(feature = "std")]
pub mod workload;

pub use algorithms::sac;
pub use kernel::Numerics;
pub use scalar::Scalar;

/// The README's code is compiled and run as documentation tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// And so is the code of the chapter on checking gradients.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../docs/src/gradient-checking.md")]
struct GradientChecking;
