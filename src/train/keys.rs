//! The keys of `config.toml`: which there are, whose they are, and which one was meant.

use super::algo::Algo;
use super::error::TrainError;
use super::run_config::RunConfig;
use crate::agent::settings::{Declared, Setting, ValueKind};

/// Names that are less alike are no hint. The command's own hints have this limit, too.
const ALIKE: f64 = 0.7;

/// What other libraries call a setting, where that is not alike.
const ELSEWHERE: &[(&str, &str)] = &[
    ("lr", "learning_rate"),
    ("actor_lr", "learning_rate"),
    ("critic_lr", "critic_learning_rate"),
    ("policy_lr", "learning_rate"),
    ("q_lr", "critic_learning_rate"),
    ("qf_learning_rate", "critic_learning_rate"),
    ("alpha", "ent_coef"),
    ("n_timesteps", "total_timesteps"),
    ("policy_kwargs", "net_arch"),
    ("polyak", "tau"),
    ("env_kwargs", "env_args"),
    ("env_wrapper", "wrappers"),
    ("n_envs", "num_envs"),
];

type Lists = [(&'static str, &'static [Setting])];

/// Whose a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The name of the algorithm.
    Algo,
    /// The run's.
    Run,
    /// The algorithm's.
    Own,
}

/// Whose this setting is in a run of this algorithm.
pub(super) fn place(key: &str, algo: &str) -> Result<Place, TrainError> {
    find(key, algo, Algo::LISTS)
}

/// The kind of this setting's values in a run of this algorithm.
pub(super) fn kind(key: &str, algo: &str) -> Option<ValueKind> {
    let own = Algo::LISTS.iter().filter(|(name, _)| *name == algo).flat_map(|(_, list)| *list);
    let mut all = RunConfig::LIST.iter().chain(own);
    all.find(|setting| setting.name == key).map(|setting| setting.kind)
}

/// Refuses the name of a setting that no run has.
pub(crate) fn check_key(key: &str) -> Result<(), TrainError> {
    let mut found = Algo::NAMES.iter().map(|algo| place(key, algo));
    if found.any(|found| found.is_ok()) { Ok(()) } else { Err(unknown(key, Algo::LISTS)) }
}

fn find(key: &str, algo: &str, lists: &Lists) -> Result<Place, TrainError> {
    let within = |list: &[Setting]| list.iter().any(|setting| setting.name == key);
    if key == Algo::SETTING.name {
        return Ok(Place::Algo);
    }
    if within(RunConfig::LIST) {
        return Ok(Place::Run);
    }
    let owners: Vec<_> =
        lists.iter().filter(|(_, list)| within(list)).map(|&(name, _)| name).collect();
    if owners.contains(&algo) {
        return Ok(Place::Own);
    }
    if owners.is_empty() {
        let known: Vec<_> = lists.iter().filter(|(name, _)| *name == algo).copied().collect();
        return Err(unknown(key, &known));
    }
    let (key, owners, algo) = (key.to_string(), owners.join(" and "), algo.to_string());
    Err(TrainError::OtherAlgo { key, owners, algo })
}

/// There is no such setting; perhaps another one was meant.
fn unknown(key: &str, lists: &Lists) -> TrainError {
    let lists = lists.iter().map(|&(_, list)| list).chain([RunConfig::LIST]);
    let names = lists.flatten().map(|setting| setting.name).chain([Algo::SETTING.name]);
    let meant =
        ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == key).map_or(key, |pair| pair.1);
    let meant = meant.to_lowercase().replace('-', "_");
    let alike = names.map(|name| (strsim::jaro_winkler(&meant, name), name));
    let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|&(alike, _)| alike >= ALIKE);
    TrainError::UnknownKey {
        key: key.to_string(),
        nearest: nearest.map(|(_, name)| name.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sac::SacConfig;

    #[test]
    fn a_misspelt_setting_is_answered_with_the_one_that_was_meant() {
        for (wrong, meant) in [
            ("gama", "gamma"),
            ("total_timestep", "total_timesteps"),
            ("batchsize", "batch_size"),
            ("ent_coeff", "ent_coef"),
            ("algorithm", "algo"),
            ("learning-rate", "learning_rate"),
            ("GAMMA", "gamma"),
            ("lr", "learning_rate"),
            ("n_timesteps", "total_timesteps"),
            ("policy_kwargs", "net_arch"),
        ] {
            let said = place(wrong, "sac").unwrap_err().to_string();
            assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
        }
        let said = place("zzz", "sac").unwrap_err().to_string();
        assert!(!said.contains("did you mean") && said.contains("`softac settings`"), "{said}");
    }

    #[test]
    fn a_setting_of_another_algorithm_is_named_as_its() {
        let common = [SacConfig::LIST[0]];
        let lists = [("sac", SacConfig::LIST), ("other", &*Vec::leak(common.to_vec()))];
        assert_eq!(find("learning_rate", "other", &lists).unwrap(), Place::Own);
        assert_eq!(find("seed", "other", &lists).unwrap(), Place::Run);
        let said = find("ent_coef", "other", &lists).unwrap_err().to_string();
        assert!(said.contains("`ent_coef` is a setting of sac, not of other"), "{said}");
        let said = find("ent_coeff", "other", &lists).unwrap_err().to_string();
        assert!(!said.contains("`ent_coef`"), "{said}");
    }
}
