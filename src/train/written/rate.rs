//! Learning rates with a schedule in one text, as the zoo of Stable-Baselines3 writes them: `lin_7.3e-4`.

use toml::{Table, Value};

use super::number::number;
use crate::agent::settings::Value as _;
use crate::train::schedule::Schedule;

/// The learning rates, each with the setting of its schedule.
const RATES: [(&str, &str); 2] = [
    ("learning_rate", "learning_rate_schedule"),
    ("critic_learning_rate", "critic_learning_rate_schedule"),
];

/// The forms of a learning rate.
const FORMS: &str = "it must be a number, or `lin_<number>` or `cos_<number>` for a rate that falls to 0; other \
                     schedules, such as `poly_` or functions of Python, are not supported";

/// True for the settings that are learning rates.
pub(super) fn is_rate(key: &str) -> bool {
    RATES.iter().any(|(rate, _)| *rate == key)
}

/// A rate as a text gives it, with its schedule if it has one.
pub(super) fn read(text: &str) -> Result<Value, String> {
    match (number(text), with_schedule(text)) {
        (Some(rate), _) => Ok(Value::Float(rate)),
        (None, Some(_)) => Ok(Value::String(text.into())),
        (None, None) => Err(FORMS.into()),
    }
}

/// Splits rates with a schedule into the two settings that they stand for.
///
/// # Errors
/// A text that is no rate, or a schedule that contradicts the setting of the schedule; with the name of the setting.
pub(in crate::train) fn split_schedules(settings: &mut Table) -> Result<(), String> {
    for (key, schedule_key) in RATES {
        let Some(Value::String(text)) = settings.get(key) else { continue };
        if number(text).is_some() {
            continue;
        }
        let (rate, schedule) = with_schedule(text).ok_or_else(|| format!("`{key}`: {FORMS}"))?;
        let schedule = Value::String(schedule.text());
        if settings.get(schedule_key).is_some_and(|given| *given != schedule) {
            return Err(format!(
                "`{key}`: {text} contradicts `{schedule_key}`; leave one of them out"
            ));
        }
        settings.insert(key.into(), Value::Float(rate));
        settings.insert(schedule_key.into(), schedule);
    }
    Ok(())
}

fn with_schedule(text: &str) -> Option<(f64, Schedule)> {
    let text = text.trim();
    let schedules = [("lin_", Schedule::Linear), ("cos_", Schedule::Cosine)];
    schedules
        .iter()
        .find_map(|&(start, schedule)| Some((number(text.strip_prefix(start)?)?, schedule)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Result<Table, String> {
        let mut settings: Table = text.parse().unwrap();
        split_schedules(&mut settings).map(|()| settings)
    }

    #[test]
    fn other_schedules_are_answered_with_the_supported_ones() {
        for text in ["poly_1e-3", "lin", "lin_", "cos_x", "linear", "lambda f: f * 3e-4", "auto"] {
            let said = split(&format!("learning_rate = \"{text}\"")).unwrap_err();
            assert!(
                said.starts_with("`learning_rate`") && said.contains("`lin_<number>`"),
                "{said}"
            );
            assert!(read(text).is_err());
        }
    }

    #[test]
    fn two_schedules_of_one_rate_are_refused() {
        let both = |schedule| {
            format!("learning_rate = \"lin_1e-3\"\nlearning_rate_schedule = \"{schedule}\"")
        };
        assert!(split(&both("cosine")).unwrap_err().contains("leave one of them out"));
        assert_eq!(split(&both("linear")).unwrap()["learning_rate"], 1e-3.into());
    }

    proptest! {
        #[test]
        fn a_rate_with_a_schedule_is_split_into_both_settings(rate in 1e-9..1.0_f64) {
            for (start, schedule) in [("lin_", "linear"), ("cos_", "cosine")] {
                for (key, schedule_key) in RATES {
                    for text in [format!("{start}{rate}"), format!(" {start}{rate:e} ")] {
                        let settings = split(&format!("{key} = \"{text}\"")).unwrap();
                        let expected: Table =
                            format!("{key} = {rate:?}\n{schedule_key} = \"{schedule}\"").parse().unwrap();
                        prop_assert_eq!(settings, expected);
                    }
                }
            }
            let number = split(&format!("learning_rate = {rate:?}")).unwrap();
            prop_assert_eq!(number.len(), 1);
        }
    }
}
