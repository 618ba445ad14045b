//! A policy and critics with hidden layers of their own.

use softac::agent::settings::NetArch;
use softac::agent::{Algorithm, Settings};
use softac::algorithms::ddpg::DdpgConfig;
use softac::algorithms::td3::Td3Config;
use softac::env::BoxSpace;
use softac::learner::Learner;
use softac::nn::Mlp;
use softac::random::{Purpose, stream};
use softac::sac::SacConfig;

fn net_arch() -> NetArch {
    NetArch { pi: vec![5], qf: vec![7, 4] }
}

/// Inputs and outputs of every layer.
fn shape(network: &Mlp) -> Vec<[usize; 2]> {
    network.layers().iter().map(|layer| [layer.inputs(), layer.outputs()]).collect()
}

/// Trained parameters, and those of the targets, of a learner for three observations and two actions.
fn parameters<S: Settings>(settings: S) -> [usize; 2] {
    let actions = BoxSpace::new(vec![-1.0; 2], vec![1.0; 2]).unwrap();
    let learner =
        Learner::<f64, S::Algorithm<f64>>::for_spaces(1, settings, 3, &actions, 0).unwrap();
    let memory = learner.memory_plan().learning;
    [memory.parameters, memory.targets].map(|bytes| bytes / size_of::<f64>())
}

#[test]
fn each_network_of_every_algorithm_has_the_hidden_layers_that_are_its_own() {
    let critic = 5 * 7 + 7 + 7 * 4 + 4 + 4 + 1;
    let policy = |outputs: usize| 3 * 5 + 5 + (5 + 1) * outputs;
    let sac = SacConfig { net_arch: net_arch(), buffer_size: 1, ..SacConfig::default() };
    // And log α.
    assert_eq!(parameters(sac), [policy(4) + 2 * critic + 1, 2 * critic]);
    let td3 = Td3Config { net_arch: net_arch(), buffer_size: 1, ..Td3Config::default() };
    assert_eq!(parameters(td3), [policy(2) + 2 * critic; 2]);
    let ddpg = DdpgConfig { net_arch: net_arch(), buffer_size: 1, ..DdpgConfig::default() };
    assert_eq!(parameters(ddpg), [policy(2) + critic; 2]);
}

#[test]
fn the_first_list_is_the_policys_and_the_second_the_critics() {
    let settings = Td3Config { net_arch: net_arch(), ..Td3Config::default() };
    let init = &mut stream(0, Purpose::Init);
    let td3 = <Td3Config as Settings>::Algorithm::<f32>::new(settings, 3, 2, init).unwrap();
    assert_eq!(shape(td3.policy().0.mlp()), [[3, 5], [5, 2]]);
    assert_eq!(shape(td3.critic()), [[5, 7], [7, 4], [4, 1]]);
}
