//! Learning rates with their course over the training in one text, as the zoo of Stable-Baselines3 writes them:
//! `lin_7.3e-4`.

use toml::{Table, Value};

use super::number::number;
use crate::agent::settings::Value as _;
use crate::train::schedule::Schedule;

/// The learning rates, each with the setting of its course.
const RATES: [(&str, &str); 2] = [
    ("learning_rate", "learning_rate_schedule"),
    ("critic_learning_rate", "critic_learning_rate_schedule"),
];

/// What it must be.
const FORMS: &str = "it must be a number, or `lin_<number>` or `cos_<number>` for a rate that falls to 0; other courses, \
                     such as `poly_` or functions of Python, are not there";

/// Whether a setting is a learning rate.
pub(super) fn is_rate(key: &str) -> bool {
    RATES.iter().any(|(rate, _)| *rate == key)
}

/// A rate as a text gives it, with its course if it has one.
pub(super) fn read(text: &str) -> Result<Value, String> {
    match (number(text), with_course(text)) {
        (Some(rate), _) => Ok(Value::Float(rate)),
        (None, Some(_)) => Ok(Value::String(text.into())),
        (None, None) => Err(FORMS.into()),
    }
}

/// Deals rates with a course out to the two settings that they stand for.
///
/// # Errors
/// A text that is no rate, or another course than the settings ask for themselves; with the name of the setting.
pub(in crate::train) fn deal_out(settings: &mut Table) -> Result<(), String> {
    for (key, of_its_course) in RATES {
        let Some(Value::String(text)) = settings.get(key) else { continue };
        if number(text).is_some() {
            continue;
        }
        let (rate, course) = with_course(text).ok_or_else(|| format!("`{key}`: {FORMS}"))?;
        let course = Value::String(course.text());
        if settings.get(of_its_course).is_some_and(|given| *given != course) {
            return Err(format!(
                "`{key}`: {text} is another course than that of `{of_its_course}`; leave one of them out"
            ));
        }
        settings.insert(key.into(), Value::Float(rate));
        settings.insert(of_its_course.into(), course);
    }
    Ok(())
}

fn with_course(text: &str) -> Option<(f64, Schedule)> {
    let text = text.trim();
    let courses = [("lin_", Schedule::Linear), ("cos_", Schedule::Cosine)];
    courses.iter().find_map(|&(start, course)| Some((number(text.strip_prefix(start)?)?, course)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dealt_out(text: &str) -> Result<Table, String> {
        let mut settings: Table = text.parse().unwrap();
        deal_out(&mut settings).map(|()| settings)
    }

    #[test]
    fn other_courses_are_answered_with_those_that_there_are() {
        for text in ["poly_1e-3", "lin", "lin_", "cos_x", "linear", "lambda f: f * 3e-4", "auto"] {
            let said = dealt_out(&format!("learning_rate = \"{text}\"")).unwrap_err();
            assert!(
                said.starts_with("`learning_rate`") && said.contains("`lin_<number>`"),
                "{said}"
            );
            assert!(read(text).is_err());
        }
    }

    #[test]
    fn two_courses_of_one_rate_are_refused() {
        let both =
            |course| format!("learning_rate = \"lin_1e-3\"\nlearning_rate_schedule = \"{course}\"");
        assert!(dealt_out(&both("cosine")).unwrap_err().contains("leave one of them out"));
        assert_eq!(dealt_out(&both("linear")).unwrap()["learning_rate"], 1e-3.into());
    }

    proptest! {
        #[test]
        fn a_rate_with_a_course_is_dealt_out_to_both_settings(rate in 1e-9..1.0_f64) {
            for (start, course) in [("lin_", "linear"), ("cos_", "cosine")] {
                for (key, of_its_course) in RATES {
                    for text in [format!("{start}{rate}"), format!(" {start}{rate:e} ")] {
                        let settings = dealt_out(&format!("{key} = \"{text}\"")).unwrap();
                        let expected: Table =
                            format!("{key} = {rate:?}\n{of_its_course} = \"{course}\"").parse().unwrap();
                        prop_assert_eq!(settings, expected);
                    }
                }
            }
            let number = dealt_out(&format!("learning_rate = {rate:?}")).unwrap();
            prop_assert_eq!(number.len(), 1);
        }
    }
}
