//! Random streams: separate for each purpose, determined by the seed, and normal where they should be.

use std::collections::HashSet;

use rand::RngExt;
use softac::nn::{Activation, Mlp};
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, stream};

const PURPOSES: [Purpose; 6] = [
    Purpose::Init,
    Purpose::Environment,
    Purpose::Policy,
    Purpose::Replay,
    Purpose::WarmUp,
    Purpose::Evaluation,
];

fn draw(stream: &mut Stream, count: usize) -> Vec<u64> {
    (0..count).map(|_| stream.random()).collect()
}

#[test]
fn an_extra_draw_in_one_stream_changes_no_other() {
    for disturbed in PURPOSES {
        let mut streams = PURPOSES.map(|purpose| stream(7, purpose));
        let numbers = PURPOSES.map(|purpose| {
            draw(&mut streams[disturbed as usize], 1);
            draw(&mut streams[purpose as usize], 20)
        });
        for (purpose, numbers) in PURPOSES.into_iter().zip(numbers) {
            let undisturbed = draw(&mut stream(7, purpose), 20);
            assert_eq!(numbers == undisturbed, purpose != disturbed, "{purpose:?}, {disturbed:?}");
        }
    }
}

#[test]
fn equal_seeds_give_equal_streams_and_nothing_else_does() {
    // A number of 64 bits that occurs twice tells that two streams overlap.
    let mut seen = HashSet::new();
    for seed in [0, 1, 2, u64::MAX] {
        for purpose in PURPOSES {
            let numbers = draw(&mut stream(seed, purpose), 1000);
            assert_eq!(numbers, draw(&mut stream(seed, purpose), 1000));
            assert!(numbers.into_iter().all(|number| seen.insert(number)), "{seed}, {purpose:?}");
        }
    }
}

/// The mean of `f` over many standard normal numbers.
fn normal_mean(numbers: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    numbers.iter().map(|&x| f(x)).sum::<f64>() / numbers.len() as f64
}

#[test]
fn noise_is_standard_normal() {
    const COUNT: usize = 200_000;
    let mut numbers = vec![0.0; COUNT];
    fill_normal(&mut numbers, &mut stream(1, Purpose::Policy));
    // Moments of N(0, 1), and the standard deviation of one term: Var[xⁿ] = E[x²ⁿ] − E[xⁿ]².
    let (one, two) = (0.682_689_492_137_085_9, 0.954_499_736_103_641_6);
    let within = |bound: f64| move |x: f64| if x.abs() < bound { 1.0 } else { 0.0 };
    let spread = |p: f64| (p * (1.0 - p)).sqrt();
    for (name, mean, expected, deviation) in [
        ("mean", normal_mean(&numbers, |x| x), 0.0, 1.0),
        ("variance", normal_mean(&numbers, |x| x.powi(2)), 1.0, 2.0_f64.sqrt()),
        ("skewness", normal_mean(&numbers, |x| x.powi(3)), 0.0, 15.0_f64.sqrt()),
        ("kurtosis", normal_mean(&numbers, |x| x.powi(4)), 3.0, 96.0_f64.sqrt()),
        ("within 1", normal_mean(&numbers, within(1.0)), one, spread(one)),
        ("within 2", normal_mean(&numbers, within(2.0)), two, spread(two)),
        ("neighbours", neighbours(&numbers), 0.0, 1.0),
    ] {
        let standard_error = deviation / (COUNT as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * standard_error, "{name}: {mean}, not {expected}");
    }
}

/// The mean product of a number with the next: 0 where they are independent.
fn neighbours(numbers: &[f64]) -> f64 {
    numbers.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / (numbers.len() - 1) as f64
}

#[test]
fn uniform_numbers_fill_their_range_evenly() {
    let mut numbers = vec![0.0; 100_000];
    fill_uniform(&mut numbers, 0.5, &mut stream(1, Purpose::WarmUp));
    let mut counts = [0_u32; 10];
    for x in numbers {
        assert!((-0.5..0.5).contains(&x));
        counts[((x + 0.5) * 10.0) as usize] += 1;
    }
    let chi_square: f64 = counts.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
    // The 0.999 quantile of χ² with nine degrees of freedom is 27.88.
    assert!(chi_square < 27.88, "{counts:?}");
}

#[test]
fn both_precisions_see_the_same_numbers() {
    let (mut single, mut double) = ([0.0_f32; 100], [0.0_f64; 100]);
    fill_normal(&mut single, &mut stream(2, Purpose::Policy));
    fill_normal(&mut double, &mut stream(2, Purpose::Policy));
    assert_eq!(single, double.map(|x| x as f32));

    let mlp = Mlp::new(3, &[8], 2, Activation::Relu);
    let single = mlp.init::<f32>(&mut stream(2, Purpose::Init));
    let double = mlp.init::<f64>(&mut stream(2, Purpose::Init));
    assert!(single.as_slice().iter().zip(double.as_slice()).all(|(&x, &y)| x == y as f32));
}
