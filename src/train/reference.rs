//! All settings for readers: the flags of the command, and the reference page of the book.

use std::fmt::Write;

use super::algo::Algo;
use super::run_config::RunConfig;
use crate::agent::settings::{Declared, Scope, Setting, ValueKind};

/// A setting with the algorithms that have it.
pub struct Listed {
    /// The setting, as the first of them declares it.
    pub setting: &'static Setting,
    /// Names of the algorithms that have it, each with its default; none for a setting of the run.
    pub defaults: Vec<(&'static str, String)>,
}

impl Listed {
    /// The default; where the algorithms differ, that of each.
    #[must_use]
    pub fn default(&self) -> String {
        let Some((_, first)) = self.defaults.first() else { return (self.setting.default)() };
        if self.defaults.iter().all(|(_, default)| default == first) {
            return first.clone();
        }
        let words: Vec<_> =
            self.defaults.iter().map(|(algo, default)| format!("{algo} {default}")).collect();
        words.join(", ")
    }

    /// `Settings of`, and the algorithms that have it.
    #[must_use]
    pub fn heading(&self) -> String {
        let names: Vec<_> = self.defaults.iter().map(|&(name, _)| name).collect();
        format!("Settings of {}", names.join(", "))
    }
}

/// All settings, each once: `algo`, those of a run, those that all algorithms have, those of some.
#[must_use]
pub fn listed() -> Vec<Listed> {
    let run = [&Algo::SETTING].into_iter().chain(RunConfig::LIST);
    let mut found: Vec<_> = run.map(|setting| Listed { setting, defaults: vec![] }).collect();
    for scope in [Scope::OffPolicy, Scope::Own] {
        for &(algo, list) in Algo::LISTS {
            for setting in list.iter().filter(|setting| setting.scope == scope) {
                let default = (algo, (setting.default)());
                match found.iter_mut().find(|known| known.setting.name == setting.name) {
                    Some(known) => known.defaults.push(default),
                    None => found.push(Listed { setting, defaults: vec![default] }),
                }
            }
        }
    }
    found
}

const INTRODUCTION: &str = "\
# Settings

Each setting is a key of `config.toml` and, with dashes, a flag of `softac train`: `batch_size = 100` is
`--batch-size 100`. The settings of a run, from the weakest to the strongest:

1. the defaults below;
2. the preset of the environment and the algorithm;
3. a file: `--config FILE`;
4. flags;
5. `--set KEY=VALUE`.

`config.toml` in the run folder holds the settings that the run has. `softac settings` prints this page.
";

/// The reference page of the book, in Markdown.
#[must_use]
pub fn settings_page() -> String {
    let mut page = INTRODUCTION.to_string();
    let (run, others): (Vec<_>, Vec<_>) =
        listed().into_iter().partition(|listed| listed.setting.scope == Scope::Run);
    section("The run", &run, &mut page);
    let (common, mut own): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|listed| listed.setting.scope == Scope::OffPolicy);
    section("Every algorithm", &common, &mut page);
    own.sort_by_key(Listed::heading);
    for these in own.chunk_by(|a, b| a.heading() == b.heading()) {
        section(&these[0].heading(), these, &mut page);
    }
    page
}

fn section(heading: &str, settings: &[Listed], page: &mut String) {
    let mut line = |text: String| writeln!(page, "{text}").expect("a string has room");
    line(format!("\n## {heading}\n"));
    line("| key | default | values | effect |".into());
    line("|---|---|---|---|".into());
    for listed in settings {
        let Setting { name, help, .. } = listed.setting;
        let default = match listed.default() {
            empty if empty.is_empty() => "–".into(),
            unset if unset == "not set" => unset,
            default => format!("`{default}`"),
        };
        line(format!("| `{name}` | {default} | {} | {help} |", values(listed.setting)));
    }
}

/// The values that a setting can have.
fn values(setting: &Setting) -> String {
    let kind = match setting.kind {
        ValueKind::Integer => "integer".into(),
        ValueKind::Number => "number".into(),
        ValueKind::Flag => "`true`, `false`".into(),
        ValueKind::Name => "name".into(),
        ValueKind::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        ValueKind::NetArch => "list of integers, or one for `pi` and one for `qf`".into(),
        ValueKind::TrainFreq => "integer, or as in `1 episode`".into(),
        ValueKind::Names => "list of names".into(),
        ValueKind::Arguments => "table".into(),
        ValueKind::NumberOrWord { words, .. } => {
            let words: Vec<_> = words.split(", ").map(|word| format!("`{word}`")).collect();
            format!("number, {}", words.join(", "))
        }
    };
    match setting.rule {
        Some(rule) => format!("{kind}; {}", rule.strip_prefix("it must be ").unwrap_or(rule)),
        None => kind,
    }
}
