//! What the tests say when they fail: what was computed, what is right, and what a known wrong answer comes from.

use std::fmt::Debug;

use ndarray::Array2;
use softac::gradcheck::{Report, Verdict};
use softac::tape::TapeError;

/// Numbers from a closed form have to agree to this, relative to the larger of 1 and their size.
const TOLERANCE: f64 = 1e-10;

/// So many rows of a gradient are shown, the worst first.
const SHOWN: usize = 4;

/// A wrong answer that is known, and the mistake that leads to it.
pub type Known<'a, T> = (T, &'a str);

/// Claims that one number is another, to 10⁻¹⁰.
///
/// # Panics
/// With both numbers unless it is, and with the mistake that is known to lead to the wrong one.
#[track_caller]
pub fn number(what: &str, got: f64, expected: f64, known: &[Known<'_, f64>]) {
    number_within(TOLERANCE, what, got, expected, known);
}

/// As [`number`], to another tolerance: for what was integrated or learned.
///
/// # Panics
/// As [`number`].
#[track_caller]
pub fn number_within(
    tolerance: f64,
    what: &str,
    got: f64,
    expected: f64,
    known: &[Known<'_, f64>],
) {
    if !near(tolerance, got, expected) {
        let mistake = known.iter().find(|(wrong, _)| near(tolerance, got, *wrong));
        refuse(what, &got, &expected, mistake.map(|(_, mistake)| *mistake));
    }
}

/// Claims that numbers are others, each to 10⁻¹⁰.
///
/// # Panics
/// As [`number`].
#[track_caller]
pub fn numbers<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    expected: &[f64],
    known: &[Known<'_, &[f64]>],
) {
    let got: Vec<f64> = got.into_iter().copied().collect();
    let are = |others: &[f64]| {
        let pairs = got.iter().zip(others);
        got.len() == others.len() && pairs.into_iter().all(|(&x, &y)| near(TOLERANCE, x, y))
    };
    if !are(expected) {
        let mistake = known.iter().find(|(wrong, _)| are(wrong));
        refuse(what, &got, &expected, mistake.map(|(_, mistake)| *mistake));
    }
}

/// Claims that the derivative on the tape is that of finite differences.
///
/// # Panics
/// With the worst components unless it is.
#[track_caller]
pub fn gradient(what: &str, checked: Result<Report, TapeError>, advice: &str) {
    let report = on_tape(checked);
    if report.is_ok() {
        return;
    }
    let wrong = report.rows.iter().filter(|row| row.verdict != Verdict::Pass);
    let row = |row: &softac::gradcheck::Row| {
        let (path, got, expected) = (&row.path, row.analytic, row.numeric);
        format!(
            "\n    by {path:<12} got {got:<12.6} differences say {expected:.6}: {}",
            row.verdict
        )
    };
    let rows: String = wrong.take(SHOWN).map(row).collect();
    panic!("{what}{rows}\n{advice}");
}

/// The number or the gradient, if the tape has computed it.
///
/// # Panics
/// With what the tape refused: shapes that do not fit, above all.
#[track_caller]
pub fn on_tape<T>(result: Result<T, TapeError>) -> T {
    match result {
        Ok(computed) => computed,
        Err(error) => panic!("The tape refuses: {error}"),
    }
}

/// A batch of numbers, `[B, 1]`.
#[must_use]
pub fn column(numbers: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((numbers.len(), 1), |(row, _)| numbers[row])
}

fn near(tolerance: f64, x: f64, y: f64) -> bool {
    let same = x == y || (x.is_nan() && y.is_nan());
    same || (x - y).abs() <= tolerance * y.abs().max(1.0)
}

#[track_caller]
fn refuse(what: &str, got: &dyn Debug, expected: &dyn Debug, mistake: Option<&str>) -> ! {
    let mistake = mistake.map_or(String::new(), |mistake| format!("\n{mistake}"));
    panic!("{what}\n    got       {got:?}\n    expected  {expected:?}{mistake}");
}
