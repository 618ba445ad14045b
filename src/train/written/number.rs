//! Numbers: `1e6`, `1_000_000`.

use toml::Value;

pub(super) fn number(text: &str) -> Option<f64> {
    without_separators(text.trim())?.parse().ok()
}

pub(super) fn integer(text: &str) -> Option<i64> {
    let text = without_separators(text.trim())?;
    text.parse().ok().or_else(|| whole(text.parse().ok()?))
}

/// A value of TOML as a whole number, where it is one.
pub(super) fn whole_number(value: Value) -> Value {
    match value {
        Value::Float(x) => whole(x).map_or(Value::Float(x), Value::Integer),
        Value::String(text) => integer(&text).map_or(Value::String(text), Value::Integer),
        value => value,
    }
}

/// The whole number that this is, if it is one that `f64` tells from its neighbours.
fn whole(x: f64) -> Option<i64> {
    const LARGEST: f64 = (1_u64 << 53) as f64;
    (x.fract() == 0.0 && x.abs() <= LARGEST).then_some(x as i64)
}

/// The digits without `_` between them.
fn without_separators(text: &str) -> Option<String> {
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit)
    };
    let mut between = text.match_indices('_').map(|(at, _)| at);
    let well_placed = between.all(|at| digit(at.checked_sub(1)) && digit(at.checked_add(1)));
    well_placed.then(|| text.replace('_', ""))
}
