//! Exported policies: compiled on this machine, run, and compared with the host's own policy to the bit.
//!
//! Emulated devices are `.ci/exports`'s affair, since they need compilers that not every machine has.

use softac::elementary::tanh;
use softac::env::{Env, make};
use softac::export::{
    ExportError, Language, Model, Network, Order, Reference, Rollout, SelfTest, Single, Status,
    outcome, return_loss, source,
};
use softac::nn::Activation;
use softac::policy::{Kind, Policy};
use softac::train::SavedPolicy;

#[path = "../support/counter.rs"]
mod counter;
mod host;
mod subject;

use host::{Program, expected};
use subject::{Subject, policy};

const LANGUAGES: [Language; 2] = [Language::C, Language::Rust];

#[test]
fn every_f32_export_has_the_bits_of_the_host_on_10_000_met_and_10_000_random_observations() {
    for (name, mut subject) in Subject::all() {
        let observations = subject.observations();
        let expected = expected(&mut subject.single, &observations);
        for language in LANGUAGES {
            for program in Program::of(language, &subject.source(language)) {
                let (selftest, found) = program.outcomes(&observations);
                assert_eq!(selftest, 0, "{name} in {language:?}");
                assert!(found == expected, "{name} in {language:?}");
            }
        }
    }
}

#[test]
fn every_int8_export_is_exactly_the_hosts_emulation() {
    for (name, subject) in Subject::all() {
        let observations = subject.observations();
        let expected = expected(&mut subject.integers(), &observations);
        for language in LANGUAGES {
            for program in Program::of(language, &subject.source_of_integers(language)) {
                let (selftest, found) = program.outcomes(&observations);
                assert_eq!(selftest, 0, "{name} in {language:?}");
                assert!(found == expected, "{name} in {language:?}");
            }
        }
    }
}

#[test]
fn the_exported_policy_is_the_saved_one() {
    for (name, mut subject) in Subject::all() {
        let mut action = vec![0.0; subject.trained.action_dim()];
        let mut single = vec![0.0; action.len()];
        for observation in subject.rollout.iter().step_by(100) {
            let exact: Vec<f64> = observation.iter().map(|&x| f64::from(x)).collect();
            subject.trained.act(&exact, &mut action);
            assert_eq!(subject.single.act(observation, &mut single), Status::Ok);
            assert!(single.iter().zip(&action).all(|(a, b)| f64::from(*a) == *b), "{name}");
        }
    }
}

#[test]
fn the_layers_of_the_network_give_the_policys_actions() {
    for (name, mut subject) in Subject::all() {
        let mut action = vec![0.0; subject.trained.action_dim()];
        for observation in subject.rollout.iter().step_by(500) {
            subject.single.act(observation, &mut action);
            let network = subject.single.network();
            let mut x = observation.to_vec();
            network
                .standardisation
                .iter()
                .for_each(|standardisation| standardisation.apply(&mut x));
            let mu = network.activations(&x).pop().unwrap();
            let pairs = network.axes.iter().zip(mu);
            let found: Vec<f32> = pairs.map(|(axis, mu)| axis.action(tanh(mu))).collect();
            assert_eq!(found, action, "{name}");
        }
    }
}

#[test]
fn integers_stay_close_to_the_policy() {
    for (name, mut subject) in Subject::all() {
        let mut integers = subject.integers();
        let ranges: Vec<f32> = integers.network().axes.iter().map(|axis| axis.half_range).collect();
        let (mut a, mut b) = (ranges.clone(), ranges.clone());
        let mut sum = 0.0;
        for observation in subject.rollout.iter() {
            subject.single.act(observation, &mut a);
            integers.act(observation, &mut b);
            let errors = a.iter().zip(&b).zip(&ranges).map(|((a, b), range)| (a - b).abs() / range);
            sum += f64::from(errors.fold(0.0, f32::max));
        }
        let mean = sum / subject.rollout.len() as f64;
        assert!(mean < 0.03, "{name}: {mean} of half the range");
    }
}

#[test]
fn a_changed_weight_and_a_changed_expectation_are_found_by_the_self_test() {
    let mut subject = Subject::pendulum();
    let test = SelfTest::of(&subject.rollout, &mut subject.single);
    let mut wrong = test.clone();
    wrong.expected[77] ^= 1;
    let network = subject.single.network();
    let of = |test| {
        source(Language::C, "policy", Model::Float(network), &subject.provenance, test).unwrap()
    };
    let none = Vec::new();
    assert_eq!(Program::of_c(&of(&wrong), &["-std=c99"]).outcomes(&none).0, 78);
    let mut damaged = of(&test);
    let weight = format!("{:?}f,", network.layers[1].weights[0]);
    assert_eq!(damaged.text.matches(&weight).count(), 1);
    damaged.text = damaged.text.replace(&weight, "0.125f,");
    assert_eq!(Program::of_c(&damaged, &["-std=c99"]).outcomes(&none).0, -1);
}

#[test]
fn the_c_export_refuses_arithmetic_that_is_not_ieee_754s() {
    let text = Subject::pendulum().source(Language::C).text;
    for guard in ["__FAST_MATH__", "__FINITE_MATH_ONLY__", "FLT_EVAL_METHOD"] {
        assert!(text.contains(guard), "{guard}");
    }
}

#[test]
fn what_is_not_finite_gives_the_safe_action_and_says_so() {
    let mut subject = Subject::pendulum();
    let mut action = [9.0];
    for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for place in 0..3 {
            let mut observation = [0.1; 3];
            observation[place] = x;
            assert_eq!(subject.single.act(&observation, &mut action), Status::NotFinite);
            assert_eq!(action, [0.0]);
        }
    }
    let all = [f32::MAX, -f32::MAX, f32::MAX];
    let status = subject.single.act(&all, &mut action);
    assert_eq!((status, action), (Status::Overflow, [0.0]));
    assert_ne!(outcome(Status::Ok, &[0.0]), outcome(Status::Overflow, &[0.0]));
    assert_ne!(outcome(Status::Ok, &[0.0]), outcome(Status::Ok, &[-0.0]));
}

#[test]
fn the_vectors_hold_what_was_met_random_ones_beyond_and_every_edge() {
    let mut subject = Subject::pendulum();
    let test = SelfTest::of(&subject.rollout, &mut subject.single);
    let vectors: Vec<_> = (0..test.expected.len()).map(|i| test.observation(i)).collect();
    assert!(vectors.len() >= 256);
    assert_eq!(vectors[..64], test.on_policy[..]);
    let within = |x: &[f32]| {
        x.iter().zip(&test.ranges).all(|(x, (middle, half))| (x - middle).abs() <= 1.001 * half)
    };
    let random = &vectors[64..192];
    let inside = random.iter().filter(|x| within(x)).count();
    assert!((64..100).contains(&inside), "{inside} of 128");
    let holds = |what: fn(f32) -> bool| vectors.iter().flatten().any(|&x| what(x));
    assert!(holds(f32::is_nan) && holds(f32::is_infinite) && holds(f32::is_subnormal));
    assert!(holds(|x| x == f32::MAX) && holds(|x| x.to_bits() == (-0.0_f32).to_bits()));
    let one_edge =
        vectors[192..240].iter().filter(|x| x.iter().filter(|x| x.is_nan()).count() == 1);
    assert_eq!(one_edge.count(), 6);
}

#[test]
fn the_return_lost_is_that_of_the_same_episodes() {
    let mut subject = Subject::pendulum();
    let mut same = Single::of(&subject.trained).unwrap();
    let mut integers = subject.integers();
    let env = subject.env.as_mut();
    let none = return_loss(env, &mut subject.single, &mut same, 5, 7).unwrap();
    assert_eq!((none.episodes, none.loss, none.loss_low, none.loss_high), (5, 0.0, 0.0, 0.0));
    let loss = return_loss(env, &mut subject.single, &mut integers, 5, 7).unwrap();
    assert_eq!(loss.before, none.before);
    assert!((loss.before - loss.after - loss.loss).abs() < 1e-9);
    assert!(loss.loss_low <= loss.loss && loss.loss <= loss.loss_high);
}

#[test]
fn a_policy_in_double_precision_is_rounded_and_the_difference_is_told() {
    let mut env = make("pendulum").unwrap();
    let single = policy(env.as_ref(), Kind::SquashedGaussian, &[9], Activation::Tanh, false);
    let architecture = single.policy().clone();
    let mut phi = architecture.mlp().zeros::<f64>();
    for (to, from) in phi.as_mut_slice().iter_mut().zip(single.params().as_slice()) {
        *to = f64::from(*from) * (1.0 + 1e-9);
    }
    let numerics = softac::Numerics::Fast;
    let space = env.action_space().clone();
    let mut double =
        SavedPolicy::<f64>::new("sac", "Pendulum-v1", &space, architecture, phi, None, numerics)
            .unwrap();
    let mut exported = Single::of(&double).unwrap();
    assert_eq!(exported.saved().params(), single.params());
    let rollout = Rollout::of(env.as_mut(), &mut double, &mut exported, 0, 500).unwrap();
    assert!(rollout.deviation > 0.0 && rollout.deviation < 1e-5, "{}", rollout.deviation);
    double = {
        let architecture = double.policy().clone();
        let mut phi = double.params().clone();
        phi.as_mut_slice()[0] = 1e300;
        SavedPolicy::new("sac", "Pendulum-v1", &space, architecture, phi, None, numerics).unwrap()
    };
    assert!(matches!(Network::of(&double), Err(ExportError::NotFinite { .. })));
}

#[test]
fn a_layer_is_summed_in_sixteen_parts_if_the_training_has_one_output_there() {
    use Order::{Chain, SixteenParts};
    let orders = |env: &str, kind: Kind, net_arch: &[usize]| -> Vec<Order> {
        let env = make(env).unwrap();
        let policy = policy(env.as_ref(), kind, net_arch, Activation::Relu, false);
        Network::of(&policy).unwrap().layers.iter().map(|layer| layer.order).collect()
    };
    // The training has log σ beside a single μ.
    let gaussian = |net_arch: &[usize]| orders("pendulum", Kind::SquashedGaussian, net_arch);
    assert_eq!(gaussian(&[1, 2]), [SixteenParts, Chain, Chain]);
    assert_eq!(gaussian(&[]), [Chain]);
    let deterministic = |net_arch: &[usize]| orders("pendulum", Kind::Deterministic, net_arch);
    assert_eq!(deterministic(&[1, 2]), [SixteenParts, Chain, SixteenParts]);
    assert_eq!(deterministic(&[]), [SixteenParts]);
}

#[test]
fn names_that_are_none_in_c_and_rust_are_refused() {
    let mut subject = Subject::pendulum();
    let test = SelfTest::of(&subject.rollout, &mut subject.single);
    let model = Model::Float(subject.single.network());
    for name in ["", "2fast", "Policy", "a-b", "ä", "main; int x", &"x".repeat(41)] {
        let refused = source(Language::C, name, model, &subject.provenance, &test);
        assert!(matches!(refused, Err(ExportError::Name { .. })), "{name}");
    }
}
