//! The list of all algorithms.

/// Calls a macro with all algorithms, the default first: for each the name of its variant in the configuration, its
/// room, and its settings.
///
/// Registers an algorithm for the command, the configuration and the gradient checker.
macro_rules! for_each_algorithm {
    ($then:ident) => {
        // One line for each algorithm.
        $then! {
            Sac(sac::SacConfig),
            Td3(td3::Td3Config),
            Ddpg(ddpg::DdpgConfig),
        }
    };
}
pub(crate) use for_each_algorithm;
