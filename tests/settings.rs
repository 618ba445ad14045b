//! What is said of the settings is what they are: the page of the book, and every flag.

use std::fs;
use std::path::Path;

use softac::agent::Settings;
use softac::agent::settings::{Declared, Scope, Setting, ValueKind};
use softac::algorithms::ddpg::DdpgConfig;
use softac::algorithms::td3::Td3Config;
use softac::env;
use softac::sac::SacConfig;
use softac::train::{Algo, Config, Listed, RunConfig, listed, settings_page};
use toml::{Table, Value};

#[test]
fn the_page_of_the_book_is_the_one_that_the_command_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/settings.md");
    let page = fs::read_to_string(&path).unwrap();
    let advice = "write it anew: softac settings > docs/src/settings.md";
    assert!(page == settings_page(), "{} is out of date; {advice}", path.display());
}

/// A value of the kind, which may break the rule.
fn some_value(setting: &Setting) -> Value {
    match setting.kind {
        ValueKind::Integer => 3.into(),
        ValueKind::Number | ValueKind::NumberOrWord { .. } => 0.25.into(),
        ValueKind::Flag => true.into(),
        ValueKind::Name => "Pendulum-v1".into(),
        ValueKind::Word(words) => words[words.len() - 1].into(),
        ValueKind::TrainFreq => "2 episodes".into(),
        ValueKind::NetArch => vec![5].into(),
        ValueKind::Names => vec!["FlattenObservation"].into(),
        ValueKind::Arguments => Table::from_iter([("size".to_string(), 5.into())]).into(),
    }
}

#[test]
fn every_setting_can_be_set_by_its_name_and_every_word_is_read() {
    let pendulum = env::find("pendulum").unwrap();
    for Listed { setting, defaults } in listed() {
        let name = setting.name;
        // Settings of the run are set with any algorithm, others with each that has them.
        let mut algos: Vec<_> = defaults.iter().map(|&(algo, _)| algo).collect();
        if setting.scope == Scope::Run {
            algos = Algo::NAMES.into();
        }
        assert!(!algos.is_empty(), "{name}");
        let mut values = vec![some_value(setting)];
        if let ValueKind::Word(words) = setting.kind {
            values.extend(words.iter().map(|&word| word.into()));
        }
        for (value, algo) in
            values.iter().flat_map(|value| algos.iter().map(move |algo| (value, algo)))
        {
            let algo = Table::from_iter([("algo".to_string(), Value::from(*algo))]);
            let layer = Table::from_iter([(name.to_string(), value.clone())]);
            let config = Config::layered(pendulum, [algo, layer]).unwrap();
            let written: Table = config.to_toml().unwrap().parse().unwrap();
            assert_eq!(&written[name], value, "{name}");
        }
    }
}

#[test]
fn a_default_is_written_as_it_is_declared() {
    is_written_as_it_is_declared::<SacConfig>();
    is_written_as_it_is_declared::<Td3Config>();
    is_written_as_it_is_declared::<DdpgConfig>();
}

fn is_written_as_it_is_declared<S: Settings + Into<Algo>>() {
    let config = Config { run: RunConfig::default(), algo: S::default().into() };
    let written: Table = config.to_toml().unwrap().parse().unwrap();
    let all = RunConfig::LIST.iter().chain(S::LIST).chain([&Algo::SETTING]);
    let mut count = 0;
    for Setting { name, default, optional, .. } in all {
        // The algorithm that is the default is not the one that is asked here.
        let default = || if *name == "algo" { S::NAME.to_string() } else { default() };
        let expected = match written.get(*name) {
            Some(Value::String(word)) => word.clone(),
            Some(value) => value.to_string(),
            None => "not set".into(),
        };
        assert_eq!(default(), expected, "{name}");
        assert_eq!(*optional, !written.contains_key(*name), "{name}");
        count += usize::from(!optional);
    }
    assert_eq!(written.len(), count);
}

#[test]
fn the_algorithm_stands_behind_the_environment_and_is_sac_where_it_is_missing() {
    let written = Config::default().to_toml().unwrap();
    assert!(written.starts_with("env = \"\"\nalgo = \"sac\"\nseed = 0\n"), "{written}");
    let older = written.replace("algo = \"sac\"\n", "");
    assert_eq!(Config::from_toml(&older, "older").unwrap(), Config::default());
}

#[test]
fn stored_runs_are_read() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/results");
    let (mut folders, mut count) = (vec![results], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "config.toml") {
                let text = fs::read_to_string(&path).unwrap();
                let config = Config::from_toml(&text, &path.display().to_string()).unwrap();
                let named = path.iter().any(|part| part.to_string_lossy().ends_with("-td3"));
                assert_eq!(config.algo.name(), if named { "td3" } else { "sac" }, "{path:?}");
                count += 1;
            }
        }
    }
    assert!(count > 0);
}

#[test]
fn help_is_a_sentence_that_ends() {
    for setting in listed().iter().map(|listed| listed.setting) {
        let Setting { name, help, .. } = setting;
        assert!(help.ends_with('.') && !help.contains("  "), "{name}: {help}");
        assert!(help.starts_with(char::is_uppercase), "{name}: {help}");
    }
}
