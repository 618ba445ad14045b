//! The verdict on one derivative: from one estimate where nothing speaks against it, else from several.

use alloc::vec::Vec;
use core::iter::successors;

use super::noise::noise;
use super::oracle::{Estimate, Probe, SHARE, magnitude, ridders, widest};
use super::reason::Reason;
use super::verdict::Verdict;

/// Each estimate begins with a first step smaller by this factor than the one before.
const SMALLER: f64 = 1.0 / 256.0;
/// The number of estimates, at most: the last one begins with a step of 2⁻⁴².
const ESTIMATES: usize = 6;
/// A step far below those of the first estimate, in units of [`magnitude`].
const TINY_STEP: f64 = 1.0 / (1 << 28) as f64;
/// Where estimates contradict each other, at least one bound was too small. A mismatch then has to exceed
/// a bound by this factor.
const MARGIN: f64 = 4.0;

/// Judges an analytic derivative at `x`. `probe` gives the distance `f(moved) − f(x)`.
///
/// The first estimate decides if it confirms the analytic derivative and [predicts](predicts) the
/// value one tiny step away. Otherwise the errors of the values are measured as well ([`noise`]), and
/// estimates from smaller and smaller steps follow: two, or as many as exclude the analytic derivative.
/// If they contradict each other or the prediction still fails, all follow, and [`settle`] decides.
pub(super) fn judge(
    analytic: f64,
    x: f64,
    mut probe: impl FnMut(f64) -> Result<Probe, Reason>,
) -> (Result<Estimate, Reason>, Verdict) {
    let first = ridders(x, 1.0, &mut probe);
    let verdict = Verdict::of(analytic, first);
    let Some(estimate) = first.ok().filter(|first| first.value.is_finite()) else {
        return (first, verdict);
    };
    if verdict == Verdict::Pass && predicts(&estimate, x, &mut probe) {
        return (first, verdict);
    }
    let here = noise(x, &mut probe);
    let (mut predicted, mut contradicted) = (true, false);
    let mut estimates: Vec<Estimate> = Vec::with_capacity(ESTIMATES);
    for first_step in successors(Some(1.0), |step| Some(step * SMALLER)).take(ESTIMATES) {
        let noise = here.max(noise(x + widest(x, first_step), &mut probe));
        let mut noisy = |moved| {
            let Probe { value, rounding } = probe(moved)?;
            Ok(Probe { value, rounding: rounding.max(noise) })
        };
        let Ok(next) = ridders(x, first_step, &mut noisy) else { continue };
        if estimates.is_empty() {
            predicted = predicts(&next, x, &mut noisy);
        }
        contradicted |= estimates.iter().any(|it| it.contradicts(&next));
        // The size of the terms is that of the first steps, without the noise.
        estimates.push(Estimate { scale: estimate.scale, ..next });
        let excluded = Verdict::of(analytic, Ok(next)) == Verdict::Mismatch;
        if estimates.len() > 1 && predicted && !contradicted && !excluded {
            break;
        }
    }
    let agreed = (predicted && !contradicted).then(|| agree(analytic, &estimates)).flatten();
    let (estimate, verdict) = agreed.unwrap_or_else(|| settle(analytic, &estimates, predicted));
    (Ok(estimate), verdict)
}

/// Tells whether the estimate predicts the value one tiny step away, up to rounding and curvature.
///
/// The steps of an estimate can all be wider than a bend of the function at `x`; they then show the
/// slope beside the bend. Where the prediction fails by curvature alone, it holds for the mean of both
/// sides, and their difference grows with the step. Where the tiny step leads across a kink, there is
/// nothing to predict.
fn predicts(
    estimate: &Estimate,
    x: f64,
    probe: &mut impl FnMut(f64) -> Result<Probe, Reason>,
) -> bool {
    let mut secant = |steps: f64| {
        let moved = x + steps * TINY_STEP * magnitude(x);
        probe(moved).map(|it| (it.value / (moved - x), 2.0 * it.rounding / (moved - x).abs()))
    };
    // Scale times step bounds a change of the function; that divided by the step again, a curvature.
    let tolerance = estimate.bound() + 4.0 * estimate.scale * TINY_STEP;
    let Ok((right, rounding)) = secant(1.0) else { return true };
    if (right - estimate.value).abs() <= tolerance + rounding {
        return true;
    }
    let (Ok(left), Ok(far_right), Ok(far_left)) = (secant(-1.0), secant(4.0), secant(-4.0)) else {
        return false;
    };
    let mean = 0.5 * (left.0 + right);
    let grows = (far_right.0 - far_left.0).abs() >= 2.0 * (right - left.0).abs();
    (mean - estimate.value).abs() <= tolerance + rounding.max(left.1) && grows
}

/// The verdict of estimates that do not contradict each other, by the first two; none if the only one of
/// those that excludes the analytic derivative is far from convergence.
fn agree(analytic: f64, estimates: &[Estimate]) -> Option<(Estimate, Verdict)> {
    let verdicts = || estimates.iter().take(2).map(|it| (*it, Verdict::of(analytic, Ok(*it))));
    let find = |wanted| verdicts().find(|(_, verdict)| *verdict == wanted);
    match find(Verdict::Pass).or_else(|| find(Verdict::Mismatch)) {
        Some((it, Verdict::Mismatch)) if !it.converged() => None,
        judged => judged.or(verdicts().next()),
    }
}

/// The verdict where estimates contradict each other, or do not predict.
///
/// Smaller steps see more of the function: each estimate's bound is [widened](Estimate::widened_by) to
/// hold all that smaller steps say against it. An estimate that failed to predict is out, with all that
/// agree with it, up to the first one that does not. A pass needs one estimate that is still resolved. A
/// mismatch needs one that has converged and excludes the analytic derivative by a [`MARGIN`], and behind
/// it a narrow one from smaller steps that agrees.
fn settle(analytic: f64, estimates: &[Estimate], predicted: bool) -> (Estimate, Verdict) {
    let other = || estimates.iter().position(|it| it.contradicts(&estimates[0]));
    let begin = if predicted { 0 } else { other().unwrap_or(estimates.len()) };
    let narrow = |it: &Estimate| it.bound() <= SHARE * it.value.abs().max(analytic.abs());
    // Nothing stands behind the last one.
    let opinions = (begin + 1..estimates.len()).map(|i| {
        let (plain, smaller) = (estimates[i - 1], &estimates[i..]);
        let opinion = plain.widened_by(smaller);
        let confirmed = || smaller.iter().any(|it| narrow(it) && !it.contradicts(&plain));
        let excluded = (analytic - opinion.value).abs() > MARGIN * opinion.bound();
        let verdict = match Verdict::of(analytic, Ok(opinion)) {
            Verdict::Pass => Verdict::Pass,
            Verdict::Mismatch if excluded && opinion.converged() && confirmed() => {
                Verdict::Mismatch
            }
            _ => Verdict::Unchecked(Reason::Contradictory),
        };
        (opinion, verdict)
    });
    let opinions: Vec<_> = opinions.collect();
    let find = |wanted| opinions.iter().copied().find(|(_, verdict)| *verdict == wanted);
    find(Verdict::Pass).or_else(|| find(Verdict::Mismatch)).unwrap_or_else(|| {
        let all = estimates[0].widened_by(&estimates[1..]);
        (all, Verdict::Unchecked(Reason::Contradictory))
    })
}
