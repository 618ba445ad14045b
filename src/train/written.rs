//! Values of settings as people write them: `1e6`, `1_000_000`, `True`, `64, 64`.

mod brackets;
mod net_arch;
mod number;
mod rate;
mod train_freq;

use toml::{Table, Value};

use crate::agent::settings::{Setting, ValueKind};
use crate::gym::Wrapper;
use number::{integer, number, whole_number};

pub(super) use rate::split_schedules;

/// The value that a text gives a setting. A learning rate may have its schedule in the same text: `lin_7.3e-4`.
///
/// # Errors
/// As [`read_value`].
pub fn read_setting(setting: &Setting, text: &str) -> Result<Value, String> {
    if rate::is_rate(setting.name) { rate::read(text) } else { read_value(setting.kind, text) }
}

/// The value of a setting of this kind that a text gives, as `config.toml` has it. What is none of that kind stays a text.
///
/// # Errors
/// What the text must be, if it can be no value of that kind.
///
/// ```
/// use softac::agent::settings::ValueKind;
/// use softac::train::read_value;
/// assert_eq!(read_value(ValueKind::Integer, "1e6")?, 1_000_000.into());
/// assert_eq!(read_value(ValueKind::NetArch, "[64, 64]")?, vec![64, 64].into());
/// # Ok::<(), String>(())
/// ```
pub fn read_value(kind: ValueKind, text: &str) -> Result<Value, String> {
    let read = match kind {
        ValueKind::Integer => integer(text).map(Value::Integer).ok_or("a whole number"),
        ValueKind::Number => number(text).map(Value::Float).ok_or("a number"),
        ValueKind::Flag => flag(text).map(Value::Boolean).ok_or("true or false"),
        ValueKind::NetArch => net_arch::read(text)
            .ok_or("whole numbers with commas between them, or such lists for `pi` and `qf`"),
        ValueKind::TrainFreq => train_freq::read(text).ok_or(train_freq::FORMS),
        ValueKind::NumberOrWord { check, .. } => {
            check(text).map_err(|error| error.to_string())?;
            Ok(number(text).map_or_else(|| Value::String(text.into()), Value::Float))
        }
        ValueKind::Name | ValueKind::Word(_) => Ok(Value::String(text.into())),
        ValueKind::Names => return name(text).map(|name| Value::Array(vec![name])),
        ValueKind::Arguments => return argument(text).map(Value::Table),
    };
    read.map_err(|what| format!("it must be {what}"))
}

/// `KEY=VALUE`: the value as TOML, or as a word where it is no TOML.
///
/// # Errors
/// A text without `=`, or with more than one assignment.
pub fn read_assignment(text: &str) -> Result<Table, String> {
    let Some((key, value)) = text.split_once('=') else {
        return Err("it must have the form KEY=VALUE".into());
    };
    let (key, value) = (key.trim(), toml_value(value).unwrap_or_else(|| value.into()));
    Ok(match key.split_once('.') {
        // One of a table, as TOML writes it.
        Some((key, within)) => {
            let inner = Table::from_iter([(within.trim().to_string(), value)]);
            Table::from_iter([(key.trim().to_string(), Value::Table(inner))])
        }
        None => Table::from_iter([(key.to_string(), value)]),
    })
}

/// The value that this text is in TOML.
fn toml_value(text: &str) -> Option<Value> {
    let mut table = format!("value = {text}").parse::<Table>().ok()?;
    // More than one key is another assignment, smuggled in behind a line break.
    if table.len() == 1 { table.remove("value") } else { None }
}

/// One value of those that a repeated flag gave, each read by [`read_value`]: tables become one table, anything else one
/// list. A mixture stays a list, for the setting's own check to refuse.
#[must_use]
pub fn gathered<'a>(parts: impl IntoIterator<Item = &'a Value>) -> Value {
    let parts: Vec<_> = parts.into_iter().collect();
    if let Some(tables) = parts.iter().map(|part| part.as_table()).collect::<Option<Vec<_>>>() {
        let pairs = tables.into_iter().flatten();
        return Value::Table(pairs.map(|(key, value)| (key.clone(), value.clone())).collect());
    }
    let items = parts.into_iter().flat_map(|part| match part {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    });
    Value::Array(items.collect())
}

/// An argument for Python: `KEY=VALUE`, the value as TOML or as Python writes it, or a word.
fn argument(text: &str) -> Result<Table, String> {
    let (key, value) = text.split_once('=').ok_or("it must have the form KEY=VALUE")?;
    let (key, value) = (key.trim(), value.trim());
    let is_name = key.chars().all(|c| c.is_alphanumeric() || c == '_')
        && key.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if !is_name {
        return Err(format!("`{key}` is no name of an argument"));
    }
    let read = toml_value(value).or_else(|| flag(value).map(Value::Boolean));
    let read = read.or_else(|| number(value).map(Value::Float));
    match read {
        Some(value) => Ok(Table::from_iter([(key.to_string(), value)])),
        None if value == "None" => Err("None cannot be given: leave the argument out".into()),
        None if value.is_empty() || value.starts_with(['[', '(', '{', '"', '\'']) => Err(format!(
            "`{value}` is no value of TOML, such as 5, 0.5, true, \"text\", [1, 2], {{ key = 1 }}"
        )),
        None => Ok(Table::from_iter([(key.to_string(), Value::String(value.into()))])),
    }
}

/// A wrapper: a name, or a name with its arguments.
fn name(text: &str) -> Result<Value, String> {
    Value::try_from(text.parse::<Wrapper>()?).map_err(|error| error.to_string())
}

/// The same value of TOML in the form that a setting of this kind has: `1e6` is a whole number, `64` a list of one size.
///
/// # Errors
/// What to write instead, for forms that other libraries have.
pub(super) fn in_its_form(kind: ValueKind, value: Value) -> Result<Value, &'static str> {
    match (kind, value) {
        (ValueKind::Integer, value @ Value::Float(_)) => Ok(whole_number(value)),
        (ValueKind::NetArch, value) => net_arch::in_its_form(value),
        (ValueKind::TrainFreq, value) => train_freq::in_its_form(value),
        (ValueKind::Integer | ValueKind::Number | ValueKind::Flag, Value::String(text)) => {
            Ok(read_value(kind, &text).unwrap_or(Value::String(text)))
        }
        (ValueKind::Names, Value::String(name)) => Ok(Value::Array(vec![Value::String(name)])),
        (ValueKind::Names, Value::Table(named)) => Ok(Value::Array(vec![Value::Table(named)])),
        (_, value) => Ok(value),
    }
}

fn flag(text: &str) -> Option<bool> {
    let is = |word: &str| text.trim().eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_number_may_have_an_exponent_or_separators() {
        for (text, value) in [
            ("1e6", 1_000_000_i64),
            ("2.5e3", 2500),
            ("1_000_000", 1_000_000),
            (" 7 ", 7),
            ("-3", -3),
            ("1E2", 100),
            ("9007199254740993", 9_007_199_254_740_993),
        ] {
            assert_eq!(read_value(ValueKind::Integer, text), Ok(value.into()), "{text}");
        }
        for text in ["", "1.5", "1e-1", "1e300", "_1", "1_", "1__0", "inf", "NaN", "1,000", "ten"] {
            assert!(read_value(ValueKind::Integer, text).is_err(), "{text}");
        }
    }

    #[test]
    fn flags_are_read_as_other_languages_write_them() {
        for (text, value) in [("True", true), ("FALSE", false), ("true", true)] {
            assert_eq!(read_value(ValueKind::Flag, text), Ok(value.into()));
        }
        assert!(read_value(ValueKind::Flag, "maybe").is_err());
    }

    #[test]
    fn values_of_toml_take_the_form_of_their_setting() {
        let form = in_its_form;
        assert_eq!(form(ValueKind::Integer, Value::Float(1e6)), Ok(1_000_000.into()));
        assert_eq!(form(ValueKind::Integer, Value::Float(0.5)), Ok(0.5.into()));
        assert_eq!(form(ValueKind::NetArch, 64.into()), Ok(vec![64].into()));
        assert_eq!(form(ValueKind::Number, "1_0.5".into()), Ok(10.5.into()));
        assert_eq!(form(ValueKind::Flag, "True".into()), Ok(true.into()));
        // Not to be guessed: whoever reads it says what is wrong.
        assert_eq!(form(ValueKind::Flag, 1.into()), Ok(1.into()));
        assert_eq!(form(ValueKind::Integer, "many".into()), Ok("many".into()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,12}") {
            for kind in [ValueKind::Integer, ValueKind::Number, ValueKind::Flag] {
                let _ = read_value(kind, &text);
                let _ = in_its_form(kind, text.clone().into());
            }
        }

        #[test]
        fn every_whole_number_is_read_however_it_is_written(n in -(1_i64 << 53)..=1 << 53) {
            for text in [format!("{n}"), format!("{n}.0"), format!("{:e}", n as f64)] {
                prop_assert_eq!(read_value(ValueKind::Integer, &text), Ok(n.into()));
            }
        }
    }
}
