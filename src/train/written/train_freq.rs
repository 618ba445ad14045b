//! The time between rounds of updates: `4`, `1:episode`, `(1, "episode")`.

use toml::Value;

use super::brackets::without_brackets;
use super::number::{integer, whole_number};
use crate::agent::settings::TrainFreq;

/// What it must be.
pub(super) const FORMS: &str = "a number of steps, or of episodes, such as \"1 episode\"";

/// A number of steps, or a text such as `1 episode`.
pub(super) fn read(text: &str) -> Option<Value> {
    let text = without_brackets(text);
    let between = |c: char| c.is_whitespace() || c == ',' || c == ':';
    let (count, unit) = text.split_once(between).unwrap_or((text, "step"));
    of(integer(count)?, unit.trim_matches(|c| between(c) || c == '\'' || c == '"'))
}

/// The value in the form of `config.toml`.
pub(super) fn in_its_form(value: Value) -> Result<Value, &'static str> {
    const RULE: &str = "it must be a number of steps, or of episodes, such as \"1 episode\"";
    match &value {
        Value::String(text) => read(text).ok_or(RULE),
        Value::Array(pair) => match &pair[..] {
            [count, Value::String(unit)] => whole_number(count.clone())
                .as_integer()
                .and_then(|count| of(count, unit.trim()))
                .ok_or(RULE),
            _ => Err(RULE),
        },
        Value::Table(_) => Err(RULE),
        _ => Ok(whole_number(value)),
    }
}

fn of(count: i64, unit: &str) -> Option<Value> {
    match unit {
        "step" | "steps" => Some(Value::Integer(count)),
        "episode" | "episodes" => {
            let episodes = TrainFreq::Episodes(u64::try_from(count).ok()?);
            Some(Value::String(format!("{episodes:?}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_alone_is_of_steps() {
        for value in [4.into(), 4.0.into(), "4".into(), "4e0".into(), "(4, 'step')".into()] {
            assert_eq!(in_its_form(value), Ok(Value::Integer(4)));
        }
    }

    #[test]
    fn what_is_neither_steps_nor_episodes_is_answered_with_what_there_is() {
        let array = |values: &[Value]| Value::Array(values.to_vec());
        for value in [
            "often".into(),
            "episode".into(),
            "1,000".into(),
            "1.5 episodes".into(),
            "-1 episode".into(),
            "1 day".into(),
            array(&[1.into()]),
            array(&["episode".into(), 1.into()]),
            array(&[1.into(), "episode".into(), 2.into()]),
            Value::Table(toml::Table::new()),
        ] {
            assert!(in_its_form(value).unwrap_err().contains(FORMS));
        }
    }

    proptest! {
        #[test]
        fn episodes_are_read_however_they_are_written(count in 0..1_000_000_i64) {
            let plural = if count == 1 { "" } else { "s" };
            let expected = Ok(Value::String(format!("{count} episode{plural}")));
            for text in [
                format!("{count} episode"),
                format!("{count} episodes"),
                format!("{count}:episode"),
                format!("{count}: 'episode'"),
                format!("{count},episode"),
                format!("({count}, \"episode\")"),
                format!("({count}, 'episode')"),
                format!("[{count}, \"episode\"]"),
                format!("[{count},episode]"),
                format!(" ( {count} , \"episode\", ) "),
            ] {
                prop_assert_eq!(&in_its_form(text.clone().into()), &expected, "{}", text);
            }
            let array = Value::Array(vec![count.into(), "episode".into()]);
            prop_assert_eq!(&in_its_form(array), &expected);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9:,'\"()\\[\\] -]{0,16}|.{0,12}") {
            let _ = in_its_form(text.into());
        }
    }
}
