use super::{Elementary, exp, ln, sigmoid, softplus, tanh};
use num_traits::Float;

/// A function in both precisions.
struct Case {
    name: &'static str,
    single: fn(f32) -> f32,
    double: fn(f64) -> f64,
    /// The same from the platform's functions.
    platform: fn(f64) -> f64,
    /// The greatest error in `f32`, in units in the last place, as documented.
    error: f64,
    /// The digests of the values in `f32` and `f64`.
    digests: [u64; 2],
}

const CASES: [Case; 5] = [
    Case {
        name: "exp",
        single: exp,
        double: exp,
        platform: f64::exp,
        error: 0.80,
        digests: [0x2ff4_765b_b374_f56e, 0xa6fe_7feb_9402_f2d8],
    },
    Case {
        name: "ln",
        single: ln,
        double: ln,
        platform: f64::ln,
        error: 0.97,
        digests: [0x43bb_b56d_7c0b_2fe1, 0x4999_58a5_80ac_8c19],
    },
    Case {
        name: "tanh",
        single: tanh,
        double: tanh,
        platform: f64::tanh,
        error: 1.06,
        digests: [0x6ed3_d308_ffa7_ce16, 0x2f35_e21c_ec39_506d],
    },
    Case {
        name: "softplus",
        single: softplus,
        double: softplus,
        platform: |x| if x < 40.0 { x.exp().ln_1p() } else { x },
        error: 1.11,
        digests: [0x771c_6cd0_499f_3ec9, 0x9eba_6a92_4065_6663],
    },
    Case {
        name: "sigmoid",
        single: sigmoid,
        double: sigmoid,
        platform: |x| if x < -40.0 { x.exp() } else { 1.0 / (1.0 + (-x).exp()) },
        error: 1.68,
        digests: [0x4325_53cd_25d1_06e2, 0xe8c4_22a2_4cb3_1a60],
    },
];

/// Some hundred thousand numbers of every sign and exponent.
const STRIDE: usize = 9973;

/// Numbers spread evenly over all bit patterns.
fn sweep(stride: usize) -> impl Iterator<Item = f32> {
    (0..=u32::MAX).step_by(stride).map(f32::from_bits)
}

/// How far `y` is from `exact`, in units in the last place.
fn units(y: f32, exact: f64) -> f64 {
    if y == exact as f32 && y.is_infinite() || y.is_nan() && exact.is_nan() {
        return 0.0;
    }
    // The power of two at or below |exact|.
    let power = f64::from_bits(exact.to_bits() & f64::INFINITY.to_bits());
    let unit = power.max(f32::MIN_POSITIVE.into()) * f64::from(f32::EPSILON);
    let units = (f64::from(y) - exact).abs() / unit;
    if units.is_nan() { f64::INFINITY } else { units }
}

fn check_errors(stride: usize) {
    for Case { name, single, platform, error, .. } in CASES {
        let (found, at) = sweep(stride)
            .map(|x| (units(single(x), platform(x.into())), x))
            .fold((0.0, 0.0), |worst, next| if next.0 > worst.0 { next } else { worst });
        assert!(found <= error, "{name}({at:e}) is off by {found} units");
    }
}

#[test]
fn no_error_in_f32_is_greater_than_documented() {
    // SOFTAC_ELEMENTARY_STRIDE=1 looks at every single number, which takes minutes.
    let stride = std::env::var("SOFTAC_ELEMENTARY_STRIDE").map(|stride| stride.parse().unwrap());
    check_errors(stride.unwrap_or(STRIDE));
}

#[test]
fn in_f64_the_functions_agree_with_the_platforms() {
    for Case { name, double, platform, .. } in CASES {
        for x in sweep(STRIDE).map(f64::from) {
            let (y, expected) = (double(x), platform(x));
            let near = (y - expected).abs() <= 4.0 * f64::EPSILON * expected.abs() + 5e-324;
            let equal = y == expected || (y.is_nan() && expected.is_nan());
            assert!(near || equal, "{name}({x:e}): {y:e}, not {expected:e}");
        }
    }
}

/// FNV-1a over the bits, with one pattern for all NaN.
fn digest(bits: impl Iterator<Item = Option<u64>>) -> u64 {
    let mix =
        |hash: u64, bits: Option<u64>| (hash ^ bits.unwrap_or(1)).wrapping_mul(0x100_0000_01b3);
    bits.fold(0xcbf2_9ce4_8422_2325, mix)
}

/// The digests are the same in every vector width of x86-64 and in WebAssembly, with and without vectors. A
/// release of `libm` that rounds differently shows here, too.
#[test]
fn the_bits_are_those_of_every_other_machine() {
    for Case { name, single, double, digests, .. } in CASES {
        let singles = sweep(STRIDE).map(single);
        let doubles = sweep(STRIDE).map(|x| double(1.1 * f64::from(x)));
        let found = [
            digest(singles.map(|y| (!y.is_nan()).then_some(y.to_bits().into()))),
            digest(doubles.map(|y| (!y.is_nan()).then_some(y.to_bits()))),
        ];
        assert_eq!(found, digests, "{name}: {found:#x?}");
    }
}

fn check_limits<T: Elementary + Float>() {
    let (zero, one, inf) = (T::zero(), T::one(), T::infinity());
    let (tiny, half, huge) =
        (T::min_positive_value() / (one + one), one / (one + one), T::max_value());
    let check = |name: &str, f: fn(T) -> T, points: &[[T; 2]]| {
        for &[x, y] in points {
            assert!(f(x) == y, "{name} in {}", core::any::type_name::<T>());
        }
        assert!(f(T::nan()).is_nan() && f(-T::nan()).is_nan(), "{name} of NaN");
    };
    check("exp", exp, &[[-inf, zero], [-huge, zero], [zero, one], [huge, inf], [inf, inf]]);
    check("ln", ln, &[[zero, -inf], [-zero, -inf], [one, zero], [inf, inf]]);
    check("tanh", tanh, &[[-inf, -one], [-huge, -one], [tiny, tiny], [huge, one], [inf, one]]);
    check("softplus", softplus, &[[-inf, zero], [-huge, zero], [huge, huge], [inf, inf]]);
    check(
        "sigmoid",
        sigmoid,
        &[[-inf, zero], [-huge, zero], [zero, half], [huge, one], [inf, one]],
    );
    for x in [-tiny, -one, -huge, -inf] {
        assert!(ln(x).is_nan());
    }
    assert!(tanh(-zero).is_sign_negative() && tanh(zero).is_sign_positive());
}

#[test]
fn the_limits_are_those_of_the_functions() {
    check_limits::<f32>();
    check_limits::<f64>();
}

#[test]
fn exp_overflows_and_vanishes_where_its_results_do() {
    assert_eq!((exp(88.722_83_f32).is_finite(), exp(88.722_84_f32)), (true, f32::INFINITY));
    assert_eq!((exp(-103.9_f32), exp(-104.0_f32)), (f32::from_bits(1), 0.0));
}

#[test]
fn tanh_is_odd_to_the_bit_and_within_one() {
    for x in sweep(STRIDE).filter(|x| !x.is_nan()) {
        assert_eq!(tanh(-x).to_bits(), (-tanh(x)).to_bits());
        assert!(tanh(x).abs() <= 1.0);
    }
}

#[test]
fn softplus_is_exact_in_both_tails() {
    assert_eq!(softplus(800.0_f64), 800.0);
    // ln(1 + e^−50) = e^−50 to double precision.
    assert!((softplus(-50.0_f64) / exp(-50.0_f64) - 1.0).abs() < 1e-15);
    assert_eq!(softplus(200.0_f32), 200.0);
    assert_eq!(softplus(-50.0_f32), exp(-50.0_f32));
}

#[test]
fn nothing_jumps_where_one_formula_takes_over_from_another() {
    // tanh at 0.7; softplus where the power under its logarithm is ½, which some x here gives exactly.
    let near =
        |x: f32| (-200..=200).map(move |i: i32| f32::from_bits(x.to_bits().wrapping_add_signed(i)));
    let halves = near(core::f32::consts::LN_2).filter(|&x| exp(-x) == 0.5);
    assert!(halves.count() > 0);
    for x in near(core::f32::consts::LN_2).flat_map(|x| [x, -x]) {
        let exact = f64::from(x).exp().ln_1p();
        assert!(units(softplus(x), exact) <= 1.11, "softplus({x:e})");
    }
    // At 0.7 itself the second formula is the one: the two differ in the last bit.
    assert_eq!(tanh(0.7_f32).to_bits(), 0x3f1a_b7d9);
    for x in near(0.7) {
        assert!(units(tanh(x), f64::from(x).tanh()) <= 1.06, "tanh({x:e})");
    }
}

#[test]
fn sigmoid_is_the_slope_of_softplus() {
    for x in [-700.0, -30.0, -1.5, 0.0, 0.7, 30.0, 700.0] {
        let h = 1e-6 * f64::max(1.0, f64::abs(x));
        let slope = (softplus(x + h) - softplus(x - h)) / (2.0 * h);
        assert!((slope - sigmoid(x)).abs() < 1e-8, "x = {x}");
    }
}
