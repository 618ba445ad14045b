//! Id, arguments and wrappers of one of Gymnasium's environments.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::{Table, Value};

use super::PREFIX;
use crate::agent::settings::{Value as SettingValue, ValueKind};

/// Bits of the seeds that simulators written in C take, as an `int` that is not negative.
const SEED_BITS: u32 = 31;

/// Id, arguments and wrappers of one of Gymnasium's environments: a matter of the training, which its configuration keeps.
///
/// ```
/// use softac::gym::GymSpec;
/// let args = "forward_reward_weight = 2.0".parse()?;
/// let wrappers = ["FlattenObservation".parse()?].into_iter().collect();
/// let spec = GymSpec::new("HalfCheetah-v5").with(args, wrappers, 31);
/// assert_eq!((spec.name(), spec.id()), ("gym:HalfCheetah-v5", "HalfCheetah-v5"));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GymSpec {
    name: String,
    /// Keyword arguments of `gymnasium.make`.
    args: Arguments,
    /// The innermost first.
    wrappers: Wrappers,
    seed_bits: u32,
}

impl GymSpec {
    /// The environment of this id, with or without `gym:` before it, without arguments and wrappers.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let id = id.strip_prefix(PREFIX).unwrap_or(id);
        let (args, wrappers) = (Arguments::default(), Wrappers::default());
        Self { name: format!("{PREFIX}{id}"), args, wrappers, seed_bits: SEED_BITS }
    }

    /// The same environment with these keyword arguments of `gymnasium.make`, these wrappers, the innermost first, and with
    /// seeds below `2^seed_bits`.
    #[must_use]
    pub fn with(self, args: Arguments, wrappers: Wrappers, seed_bits: u32) -> Self {
        Self { args, wrappers, seed_bits, ..self }
    }

    /// The name by which a configuration names it: `gym:` and the id.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id that `gymnasium.make` takes.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.name[PREFIX.len()..]
    }

    /// A seed of 64 bits, folded to `seed_bits`. Smaller ones stay as they are.
    #[must_use]
    pub(super) fn fold(&self, seed: u64) -> u64 {
        let bits = self.seed_bits.clamp(1, 63);
        let (mut rest, mut folded) = (seed, 0);
        while rest > 0 {
            folded ^= rest & ((1 << bits) - 1);
            rest >>= bits;
        }
        folded
    }

    /// Id, arguments and wrappers as JSON, with `1e999` for infinity, which Python's reader takes for it.
    pub(super) fn to_json(&self) -> String {
        let wrappers = self.wrappers.0.iter();
        let wrappers: Vec<_> = wrappers
            .map(|wrapper| format!("[{},{}]", quoted(&wrapper.name), object(&wrapper.args.0)))
            .collect();
        let (id, args, wrappers) = (quoted(self.id()), object(&self.args.0), wrappers.join(","));
        format!("{{\"id\":{id},\"args\":{args},\"wrappers\":[{wrappers}]}}")
    }
}

impl From<&str> for GymSpec {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

/// Arguments by name: numbers, texts, truth values, lists and tables of such.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Arguments(Table);

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&object(&self.0))
    }
}

impl Arguments {
    /// These arguments.
    ///
    /// # Errors
    /// A date, a time, or a number that is none, which cannot be given to Python.
    pub fn new(table: Table) -> Result<Self, String> {
        table.iter().try_for_each(|(name, value)| check(name, value))?;
        Ok(Self(table))
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::str::FromStr for Arguments {
    type Err = String;

    /// Assignments of TOML, one a line.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text.parse().map_err(|error: toml::de::Error| error.to_string())?)
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Table::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A wrapper of Gymnasium's, by the name of its class in `gymnasium.wrappers`, with its arguments.
///
/// In TOML a name, or a table of one name with its arguments: `{ RescaleAction = { min_action = -1, max_action = 1 } }`.
#[derive(Clone, PartialEq)]
pub struct Wrapper {
    name: String,
    args: Arguments,
}

impl fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.args.is_empty() { Ok(()) } else { write!(f, " {:?}", self.args) }
    }
}

impl Wrapper {
    fn of(value: Value) -> Result<Self, String> {
        const FORM: &str = "a wrapper is a name, such as FlattenObservation, or a name with its arguments, such as \
                            { RescaleAction = { min_action = -1.0, max_action = 1.0 } }";
        let (name, args) = match value {
            Value::String(name) => (name, Table::new()),
            Value::Table(table) if table.len() == 1 => match table.into_iter().next() {
                Some((name, Value::Table(args))) => (name, args),
                _ => return Err(FORM.into()),
            },
            _ => return Err(FORM.into()),
        };
        // Those of Gymnasium alone: a name with a module before it would run code from elsewhere.
        let name = name.strip_prefix("gymnasium.wrappers.").unwrap_or(&name).to_string();
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !is_word {
            return Err(format!("`{name}` is no class of gymnasium.wrappers: {FORM}"));
        }
        Ok(Self { name, args: Arguments::new(args)? })
    }
}

impl std::str::FromStr for Wrapper {
    type Err = String;

    /// A name, or `NAME = { … }` as in TOML.
    fn from_str(text: &str) -> Result<Self, String> {
        let value = match text.contains('=') {
            false => Value::String(text.trim().into()),
            true => Value::Table(text.parse().map_err(|error: toml::de::Error| {
                format!(
                    "it must be a name, or NAME = {{ KEY = VALUE }} in TOML: {}",
                    error.message()
                )
            })?),
        };
        Self::of(value)
    }
}

impl<'de> Deserialize<'de> for Wrapper {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Wrapper {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.args.is_empty() {
            return serializer.serialize_str(&self.name);
        }
        let table = Table::from_iter([(self.name.clone(), Value::Table(self.args.0.clone()))]);
        table.serialize(serializer)
    }
}

/// Wrappers around an environment, the innermost first.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wrappers(Vec<Wrapper>);

impl fmt::Debug for Wrappers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl Wrappers {
    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Wrapper> for Wrappers {
    fn from_iter<I: IntoIterator<Item = Wrapper>>(wrappers: I) -> Self {
        Self(wrappers.into_iter().collect())
    }
}

/// `Value` for settings that are left out of `config.toml` where they are empty.
macro_rules! left_out_if_empty {
    ($type:ty: $kind:expr) => {
        impl SettingValue for $type {
            type Plain = Self;
            const KIND: ValueKind = $kind;
            const OPTIONAL: bool = true;

            fn given(&self) -> Option<&Self> {
                (!self.is_empty()).then_some(self)
            }

            fn text(&self) -> String {
                "not set".into()
            }
        }
    };
}

left_out_if_empty!(Arguments: ValueKind::Arguments);
left_out_if_empty!(Wrappers: ValueKind::Names);

/// Refuses what Python cannot be given.
fn check(name: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::Datetime(_) => {
            Err(format!("`{name}`: dates and times cannot be given; write a text"))
        }
        Value::Float(x) if x.is_nan() => Err(format!("`{name}` is NaN, which is no number")),
        Value::Array(values) => values.iter().try_for_each(|value| check(name, value)),
        Value::Table(table) => table.iter().try_for_each(|(name, value)| check(name, value)),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => Ok(()),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn object(table: &Table) -> String {
    let members = table.iter().map(|(name, value)| format!("{}:{}", quoted(name), json(value)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn json(value: &Value) -> String {
    match value {
        Value::Float(x) if x.is_infinite() => if *x > 0.0 { "1e999" } else { "-1e999" }.into(),
        // With a point or an exponent, so that it stays one.
        Value::Float(x) => format!("{x:?}"),
        Value::String(text) => quoted(text),
        Value::Integer(_) | Value::Boolean(_) => value.to_string(),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(json).collect::<Vec<_>>().join(","))
        }
        Value::Table(table) => object(table),
        // Refused before.
        Value::Datetime(date) => quoted(&date.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arguments_reach_python_as_the_values_that_they_are() {
        let args = r#"
            size = 5
            scale = 2.0
            tiny = 1e-300
            range = [0.7, inf]
            low = -inf
            name = "a \"quoted\" \\ text"
            flag = true
            nested = { deep = [1, "two"] }
        "#;
        let spec = GymSpec { args: args.parse().unwrap(), ..GymSpec::new("gym:A-v0") };
        let expected = r#"{"id":"A-v0","args":{"size":5,"scale":2.0,"tiny":1e-300,"range":[0.7,1e999],"low":-1e999,"name":"a \"quoted\" \\ text","flag":true,"nested":{"deep":[1,"two"]}},"wrappers":[]}"#;
        assert_eq!(spec.to_json(), expected);
    }

    #[test]
    fn what_python_cannot_be_given_is_refused() {
        for (text, reason) in [
            ("when = 2026-11-30", "dates"),
            ("x = nan", "NaN"),
            ("x = [1, [nan]]", "NaN"),
            ("x = { y = 2026-11-30T00:00:00Z }", "`y`: dates"),
            ("x = ", ""),
        ] {
            let error = text.parse::<Arguments>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_wrapper_is_a_name_of_gymnasiums_with_or_without_arguments() {
        let named = |text: &str| text.parse::<Wrapper>().unwrap();
        assert_eq!(named("FlattenObservation"), named("gymnasium.wrappers.FlattenObservation"));
        let wrappers = [
            named("FlattenObservation"),
            named("RescaleAction = { min_action = -1, max_action = 1 }"),
        ];
        let wrappers: Wrappers = wrappers.into_iter().collect();
        let spec = GymSpec { wrappers, ..GymSpec::new("A-v0") };
        let expected =
            r#"[["FlattenObservation",{}],["RescaleAction",{"min_action":-1,"max_action":1}]]"#;
        assert!(spec.to_json().contains(expected), "{}", spec.to_json());
        for wrong in ["", "os.system", "a b", "A = 3", "A = {}\nB = {}", "A(x)", "A = { x = nan }"]
        {
            assert!(wrong.parse::<Wrapper>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrappers_and_arguments_survive_toml() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Both {
            args: Arguments,
            wrappers: Wrappers,
        }
        let text = "wrappers = [\"A\", { B = { x = inf } }]\n[args]\nsize = [1, 2.5, \"three\"]\n";
        let both: Both = toml::from_str(text).unwrap();
        let written = toml::to_string(&both).unwrap();
        assert_eq!(toml::from_str::<Both>(&written).unwrap(), both, "{written}");
    }

    proptest! {
        #[test]
        fn seeds_fit_an_int_and_small_ones_stay(seed: u64) {
            let spec = GymSpec::new("A-v0");
            prop_assert!(spec.fold(seed) < 1 << 31);
            let small = seed >> 33;
            prop_assert_eq!(spec.fold(small), small);
            // As it was before seeds had 31 bits.
            let wide = GymSpec { seed_bits: 32, ..spec };
            prop_assert_eq!(wide.fold(seed), (seed ^ (seed >> 32)) & u64::from(u32::MAX));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,24}") {
            let _ = text.parse::<Arguments>();
            let _ = text.parse::<Wrapper>();
        }
    }
}
