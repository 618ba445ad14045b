//! Numbers in sentences and tables.

use crate::study::compare::Estimate;

/// A number with about four digits.
pub(super) fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        f64::INFINITY if x > 0.0 => "∞".into(),
        size if !(1e-3..1e6).contains(&size) => format!("{x:.2e}"),
        size if size >= 100.0 => format!("{x:.1}"),
        _ => format!("{x:.3}"),
    }
}

/// A number without the zeros that say nothing: 0.5, 2, 1e-4.
pub(super) fn short(x: f64) -> String {
    if x == f64::INFINITY { "∞".into() } else { format!("{x}") }
}

/// A whole number with its thousands set apart.
pub(super) fn steps(n: f64) -> String {
    let mut text = format!("{n:.0}");
    let whole = text.len();
    (1..whole).rev().filter(|at| (whole - at) % 3 == 0).for_each(|at| text.insert(at, ','));
    text
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// `1 run`, `3 runs`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `-132.8 [-133.8, -132.1]`
pub(super) fn estimate(Estimate { value, interval }: &Estimate) -> String {
    match interval {
        Some((low, high)) => format!("{} [{}, {}]", number(*value), number(*low), number(*high)),
        None => number(*value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            (0.0, "0"),
            (-0.5931, "-0.593"),
            (-132.84, "-132.8"),
            (1.5e-7, "1.50e-7"),
            (-2e6, "-2.00e6"),
            (f64::INFINITY, "∞"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
        assert_eq!([0.5, 2.0, 0.001].map(short), ["0.5", "2", "0.001"]);
        assert_eq!(
            [7.0, 999.0, 1_000.0, 1_234_567.0].map(steps),
            ["7", "999", "1,000", "1,234,567"]
        );
        let items = ["a", "b", "c"].map(String::from);
        assert_eq!([1, 2, 3].map(|n| list(&items[..n])), ["a", "a and b", "a, b and c"]);
        assert_eq!((count(1, "run"), count(2, "run")), ("1 run".into(), "2 runs".into()));
    }
}
