//! Observations that vary little compared with their distance from zero.

use core::fmt;

use crate::moments::Moments;

/// Fewer steps of single precision than these within a standard deviation are too few.
const STEPS: f64 = 100.0;

/// The least standard deviation that is looked at. Standardisation adds 10⁻⁸ to variances and so brings no smaller one
/// to 1, and constants vary so much by rounding alone.
const LEAST: f64 = 1e-4;

/// A component of the observations that varies by less than a hundred steps of single precision at its mean.
///
/// UTM coordinates of 5,820,000 m ± 0.2 m are an example, times in seconds since 1970 another: single precision rounds
/// them to multiples of 0.5 and 128. Double precision does not help: a network does not learn from the last digits of
/// a number, and the spread by which `norm_obs` divides keeps `|mean| / (100 √n)` of its first guess after n
/// observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FarFromZero {
    /// The first such component.
    pub index: usize,
    /// The number of such components.
    pub count: usize,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub spread: f64,
}

impl FarFromZero {
    /// The first such component, by the [`Moments::of_samples`] of observations in double precision.
    #[must_use]
    pub fn find(moments: &Moments) -> Option<Self> {
        let components = moments.mean().iter().zip(moments.variance()).enumerate();
        let such = components.filter_map(|(index, (&mean, &variance))| {
            let found = Self { index, count: 0, mean, spread: num_traits::Float::sqrt(variance) };
            let few = LEAST <= found.spread && found.spread < STEPS * found.resolution();
            few.then_some(found)
        });
        let count = such.clone().count();
        such.map(|found| Self { count, ..found }).next()
    }

    /// The distance from its mean to the next number of single precision.
    #[must_use]
    pub fn resolution(&self) -> f64 {
        let near = self.mean.abs() as f32;
        f64::from(near.next_up()) - f64::from(near)
    }
}

impl fmt::Display for FarFromZero {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, count, mean, spread } = self;
        write!(
            f,
            "observation component {index} has the mean {} and the standard deviation {spread:.4}, which is less than 100 \
             times what single precision resolves there ({}): too coarse to learn from its changes, with or without \
             `norm_obs`; subtract an origin in the environment (in Gymnasium: wrappers.TransformObservation)",
            *mean as f32,
            self.resolution()
        )?;
        if *count > 1 {
            write!(f, "; components like it: {count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    /// Of observations `mean ± spread`, half of them above and half below.
    fn found<const N: usize>(components: [(f64, f64); N]) -> Option<FarFromZero> {
        let mut moments = Moments::of_samples(N);
        for sign in [1.0, -1.0].repeat(50) {
            moments.update(components.into_iter().map(|(mean, spread)| mean + sign * spread));
        }
        FarFromZero::find(&moments)
    }

    #[test]
    fn components_are_far_from_zero_where_they_vary_by_few_steps_of_single_precision() {
        for (mean, spread, resolution) in
            [(5.82e6, 0.2, 0.5), (-5.82e6, 49.0, 0.5), (1.8e9, 300.0, 128.0), (1e3, 1e-3, 6.1e-5)]
        {
            let far = found([(0.0, 1.0), (mean, spread)]).unwrap();
            assert_eq!((far.index, far.count), (1, 1));
            assert!((far.mean - mean).abs() < 1e-6 * mean.abs());
            assert!((far.spread - spread).abs() < 1e-3 * spread);
            assert!((far.resolution() - resolution).abs() < 0.01 * resolution);
        }
        let far = found([(5.82e6, 0.2), (0.0, 1.0), (6e5, 0.2)]).unwrap();
        assert_eq!((far.index, far.count), (0, 2));
        let text = far.to_string();
        assert!(text.contains("mean 5820000 and the standard deviation 0.2000"), "{text}");
        assert!(text.contains("(0.5)") && text.ends_with("components like it: 2"), "{text}");
    }

    #[test]
    fn components_that_vary_enough_or_not_at_all_or_by_rounding_alone_are_not_far_from_zero() {
        for component in [
            (0.0, 0.0),
            (0.0, 1e-3),
            (5.82e6, 0.0),
            (5.82e6, 51.0),
            (1.0, f64::from(f32::EPSILON)),
            (1.0, 1e-3),
            (300.0, 1.0),
            (1e6, 1e-9),
            (1e200, 1e200),
            (f64::MAX, 0.0),
        ] {
            assert_eq!(found([component]), None, "{component:?}");
        }
    }
}
