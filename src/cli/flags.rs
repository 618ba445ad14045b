//! A flag for each setting, made of the settings' own list.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use softac::agent::settings::{Scope, Setting, ValueKind};
use softac::train::{Listed, gathered, listed, read_setting};
use toml::{Table, Value};

/// The settings that were given as flags; one that was not given stays as it is. Values are TOML's, so that
/// whatever is given is checked in one place, with the other layers.
pub struct Flags(pub Table);

/// The environment is an argument of its own.
fn flags() -> impl Iterator<Item = Listed> {
    listed().into_iter().filter(|listed| listed.setting.name != "env")
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.args(flags().map(|listed| flag(&listed)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut given = Self(Table::new());
        given.update_from_arg_matches(matches)?;
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let names = flags().map(|listed| listed.setting);
        let given =
            names.filter_map(|setting| Some((setting.name.into(), value(setting, matches)?)));
        self.0.extend(given);
        Ok(())
    }
}

fn heading(listed: &Listed) -> String {
    match listed.setting.scope {
        Scope::Own => listed.heading(),
        Scope::Run | Scope::OffPolicy => {
            "Settings (the environment's preset goes over the defaults)".into()
        }
    }
}

/// The flag of a setting.
fn flag(listed: &Listed) -> Arg {
    let setting = listed.setting;
    let help = match setting.optional {
        true => setting.help.trim_end_matches('.').to_string(),
        false => format!("{} [default: {}]", setting.help.trim_end_matches('.'), listed.default()),
    };
    let long = setting.name.replace('_', "-");
    let arg = match setting.kind {
        // One at a time, hence its singular.
        ValueKind::Names | ValueKind::Arguments => {
            Arg::new(setting.name).long(long.trim_end_matches('s').to_string()).alias(long)
        }
        _ => Arg::new(setting.name).long(long),
    };
    let arg = arg.help(help).help_heading(heading(listed));
    let kind = setting.kind;
    let read = move |text: &str| read_setting(setting, text);
    match kind {
        ValueKind::Integer => arg.value_parser(read).value_name("N").allow_negative_numbers(true),
        ValueKind::Number => {
            arg.value_parser(read).value_name("NUMBER").allow_negative_numbers(true)
        }
        ValueKind::Flag => {
            arg.value_parser(read).value_name("BOOL").num_args(0..=1).default_missing_value("true")
        }
        ValueKind::Word(words) => {
            arg.value_parser(PossibleValuesParser::new(words)).value_name("WORD")
        }
        ValueKind::Name => arg.value_name("NAME"),
        ValueKind::NetArch => arg.value_parser(read).value_name("SIZES").action(ArgAction::Append),
        ValueKind::TrainFreq => {
            arg.value_parser(read).value_name("N|N:episode").allow_negative_numbers(true)
        }
        ValueKind::Names => arg.value_parser(read).value_name("NAME").action(ArgAction::Append),
        ValueKind::Arguments => {
            arg.value_parser(read).value_name("KEY=VALUE").action(ArgAction::Append)
        }
        ValueKind::NumberOrWord { .. } => {
            arg.value_parser(read).value_name("NUMBER|WORD").allow_negative_numbers(true)
        }
    }
}

/// The value of a flag, if it was given, as `config.toml` would have it.
fn value(setting: &Setting, matches: &ArgMatches) -> Option<Value> {
    let name = setting.name;
    match setting.kind {
        ValueKind::Word(_) | ValueKind::Name => {
            matches.get_one::<String>(name).cloned().map(Value::String)
        }
        ValueKind::NetArch | ValueKind::Names | ValueKind::Arguments => {
            Some(gathered(matches.get_many::<Value>(name)?))
        }
        _ => matches.get_one::<Value>(name).cloned(),
    }
}
