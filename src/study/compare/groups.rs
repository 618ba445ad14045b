//! Which runs belong together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::CompareError;
use super::runs::{Run, check_distinct, runs_below};
use crate::train::change::value;
use crate::train::keys::check_key;
use crate::train::{Algo, Config};

/// Settings that may differ between the runs of a group: they change nothing in what is compared.
const FREE: [&str; 7] = [
    "env",
    "seed",
    "log_freq",
    "stats_window_size",
    "checkpoint_freq",
    "keep_checkpoints",
    "tensorboard",
];

/// Runs of one configuration that differ in seed and environment alone.
pub(super) struct Group {
    pub name: String,
    pub runs: Vec<Run>,
}

/// The groups of the runs at these paths, and the runs that were left out because they are not finished.
pub(super) fn groups(
    paths: &[PathBuf],
    by: &[String],
    allow_unfinished: bool,
) -> Result<(Vec<Group>, Vec<String>), CompareError> {
    let found = paths.iter().map(|path| find(path)).collect::<Result<Vec<_>, _>>()?;
    let mut groups = if by.is_empty() {
        let (single, folders) = found.into_iter().partition(|found| found.is_run);
        let mut groups = by_folder(folders);
        groups.extend(by_configuration(single)?);
        groups
    } else {
        by_settings(found, by)?
    };
    let runs: Vec<_> = groups.iter().flat_map(|group| &group.runs).collect();
    check_distinct(&runs)?;
    groups.iter().try_for_each(check_alike)?;
    let left_out = leave_out_unfinished(&mut groups, allow_unfinished)?;
    check_tasks(&groups)?;
    Ok((groups, left_out))
}

/// What is at a path.
struct Found<'a> {
    path: &'a Path,
    /// Whether it is a run itself, and not a folder with runs in it.
    is_run: bool,
    runs: Vec<Run>,
}

fn find(path: &Path) -> Result<Found<'_>, CompareError> {
    // Also says that there is nothing at this path.
    let paths = runs_below(path)?;
    if paths.is_empty() {
        return Err(CompareError::NoRuns(path.to_path_buf()));
    }
    let runs = paths.iter().map(|run| Run::read(run)).collect::<Result<_, _>>()?;
    Ok(Found { path, is_run: paths == [path], runs })
}

/// Each folder is a group under its own name, or its whole path where two have the same name.
fn by_folder(folders: Vec<Found<'_>>) -> Vec<Group> {
    // The name of `.` is that of the folder it is.
    let name = |found: &Found<'_>| {
        let path = found.path.canonicalize().ok()?;
        Some(path.file_name()?.to_string_lossy().into_owned())
    };
    let names: Vec<_> = folders.iter().map(name).collect();
    let unique = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let group = |(Found { path, runs, .. }, name): (Found<'_>, Option<String>)| Group {
        name: name.filter(|_| unique).unwrap_or_else(|| path.display().to_string()),
        runs,
    };
    folders.into_iter().zip(names).map(group).collect()
}

/// Runs of the same settings are a group under the settings that other groups have different values of.
fn by_configuration(found: Vec<Found<'_>>) -> Result<Vec<Group>, CompareError> {
    let runs: Vec<_> = found.into_iter().flat_map(|found| found.runs).collect();
    let envs: BTreeSet<_> = runs.iter().map(|run| run.env().to_string()).collect();
    if envs.len() > 1 {
        let envs: Vec<_> = envs.into_iter().collect();
        return Err(CompareError::SeveralEnvironments(envs.join(", ")));
    }
    let mut groups: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        let same =
            |group: &&mut Vec<Run>| group[0].config.first_change(&run.config, &FREE).is_none();
        match groups.iter_mut().find(same) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    let configs: Vec<_> = groups.iter().map(|group| group[0].config.clone()).collect();
    let name = |group: &[Run]| {
        let keys = telling_keys(&group[0].config, &configs);
        match keys.is_empty() {
            true => group[0].env().to_string(),
            false => assignments(&group[0].config, keys.iter()),
        }
    };
    Ok(groups.into_iter().map(|runs| Group { name: name(&runs), runs }).collect())
}

/// The settings that tell a configuration from the others: the algorithm, if there are several, and what differs among
/// those of the same one.
fn telling_keys(config: &Config, all: &[Config]) -> BTreeSet<String> {
    let (algo, table) = (config.algo.name(), config.to_table());
    let alike = all.iter().filter(|other| other.algo.name() == algo).map(Config::to_table);
    let alike: Vec<_> = alike.collect();
    let differs = |key: &&String| {
        !FREE.contains(&key.as_str())
            && alike.iter().any(|other| other.get(key.as_str()) != table.get(key.as_str()))
    };
    let keys = alike.iter().flat_map(|table| table.keys());
    let mut keys: BTreeSet<_> = keys.filter(differs).cloned().collect();
    if all.iter().any(|other| other.algo.name() != algo) {
        keys.insert(Algo::SETTING.name.into());
    }
    keys
}

/// Runs that have the same values of these settings are a group under them.
fn by_settings(found: Vec<Found<'_>>, by: &[String]) -> Result<Vec<Group>, CompareError> {
    let mut groups: Vec<Group> = Vec::new();
    by.iter().try_for_each(|key| check_key(key))?;
    for run in found.into_iter().flat_map(|found| found.runs) {
        let name = assignments(&run.config, by.iter());
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.runs.push(run),
            None => groups.push(Group { name, runs: vec![run] }),
        }
    }
    Ok(groups)
}

/// `key=value key=value`
fn assignments<'a>(config: &Config, keys: impl Iterator<Item = &'a String>) -> String {
    let table = config.to_table();
    let words: Vec<_> = keys.map(|key| format!("{key}={}", value(&table, key))).collect();
    words.join(" ")
}

/// The runs of a group in one environment must differ in their seeds, and in nothing else.
fn check_alike(group: &Group) -> Result<(), CompareError> {
    for (i, run) in group.runs.iter().enumerate() {
        for other in group.runs[..i].iter().filter(|other| other.env() == run.env()) {
            let (first, second) = (other.name(), run.name());
            if let Some(change) = other.config.first_change(&run.config, &FREE) {
                let (change, runs) = (Box::new(change), Box::new((first, second)));
                return Err(CompareError::Mixed { group: group.name.clone(), change, runs });
            }
            if other.config.run.seed == run.config.run.seed {
                return Err(CompareError::Twice { first, second });
            }
        }
    }
    Ok(())
}

/// Takes out the runs that are not finished, or refuses them.
fn leave_out_unfinished(groups: &mut Vec<Group>, allow: bool) -> Result<Vec<String>, CompareError> {
    let mut left_out = Vec::new();
    for group in groups.iter_mut() {
        for run in group.runs.extract_if(.., |run| !run.is_finished()) {
            if !allow {
                return Err(run.unfinished());
            }
            left_out.push(run.name());
        }
        // The order of the arguments is not to change what is drawn.
        group.runs.sort_by_key(|run| run.config.run.seed);
    }
    groups.retain(|group| !group.runs.is_empty());
    if groups.is_empty() { Err(CompareError::NoneFinished) } else { Ok(left_out) }
}

/// The environments of all runs, in the order of their names.
pub(super) fn environments(groups: &[Group]) -> BTreeSet<&str> {
    groups.iter().flat_map(|group| &group.runs).map(Run::env).collect()
}

fn check_tasks(groups: &[Group]) -> Result<(), CompareError> {
    for env in environments(groups) {
        if let Some(group) = groups.iter().find(|g| g.runs.iter().all(|run| run.env() != env)) {
            let (group, env) = (group.name.clone(), env.to_string());
            return Err(CompareError::OtherTasks { group, env });
        }
    }
    Ok(())
}
