//! Random streams: separate for each purpose, determined by the seed, and normal where they should be.

use std::collections::HashSet;

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use softac::nn::{Activation, Mlp};
use softac::random::{Purpose, Stream, fill_normal, fill_uniform, lane_stream, stream};

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
        for (purpose, lane) in PURPOSES.into_iter().flat_map(|it| (0..5).map(move |i| (it, i))) {
            let numbers = draw(&mut lane_stream(seed, purpose, lane), 1000);
            assert_eq!(numbers, draw(&mut lane_stream(seed, purpose, lane), 1000));
            assert_eq!(lane == 0, numbers == draw(&mut stream(seed, purpose), 1000));
            let new = numbers.into_iter().all(|number| seen.insert(number));
            assert!(new, "{seed}, {purpose:?}, lane {lane}");
        }
    }
}

/// The mean of `f` over many standard normal numbers.
fn normal_mean(numbers: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    numbers.iter().map(|&x| f(x)).sum::<f64>() / numbers.len() as f64
}

const COUNT: usize = 200_000;

fn noise() -> Vec<f64> {
    let mut numbers = vec![0.0; COUNT];
    fill_normal(&mut numbers, &mut stream(1, Purpose::Policy));
    numbers
}

#[test]
fn noise_is_standard_normal() {
    let numbers = noise();
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
        ("neighbours", neighbours(&numbers, |x| x), 0.0, 1.0),
        ("squares of neighbours", neighbours(&numbers, |x| x * x), 1.0, 8.0_f64.sqrt()),
    ] {
        let standard_error = deviation / (COUNT as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * standard_error, "{name}: {mean}, not {expected}");
    }
}

/// The mean of `f(x) f(y)` over numbers x and their successors y: `E[f]²` where the two are independent.
fn neighbours(numbers: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let products = numbers.windows(2).map(|pair| f(pair[0]) * f(pair[1]));
    products.sum::<f64>() / (numbers.len() - 1) as f64
}

/// The 0.999 quantile of Kolmogorov's distribution, that of `√n sup |F̂ − F|`.
const KOLMOGOROV: f64 = 1.9495;

#[test]
fn noise_has_the_distribution_function_of_the_normal() {
    let mut numbers = noise();
    numbers.sort_by(f64::total_cmp);
    let steps = numbers.iter().enumerate().map(|(below, &x)| {
        let expected = 0.5 * libm::erfc(-x / core::f64::consts::SQRT_2);
        let [before, after] = [below, below + 1].map(|n| n as f64 / COUNT as f64);
        (after - expected).max(expected - before)
    });
    let distance = steps.fold(0.0, f64::max);
    assert!(distance * (COUNT as f64).sqrt() < KOLMOGOROV, "{distance}");
}

/// By Smirnov's test, against a method that has nothing in common with ours: the ziggurat.
#[test]
fn noise_is_distributed_as_that_of_the_ziggurat() {
    let mut ours = noise();
    let ziggurat = StandardNormal.sample_iter(stream(2, Purpose::Policy));
    let mut theirs: Vec<f64> = ziggurat.take(COUNT).collect();
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let share = |numbers: &[f64], x: f64| {
        numbers.partition_point(|&number| number <= x) as f64 / COUNT as f64
    };
    let points = ours.iter().chain(&theirs);
    let distance = points.map(|&x| (share(&ours, x) - share(&theirs, x)).abs()).fold(0.0, f64::max);
    assert!(distance * (COUNT as f64 / 2.0).sqrt() < KOLMOGOROV, "{distance}");
}

#[test]
fn less_noise_is_the_beginning_of_more() {
    let mut all = [0.0_f64; 9];
    fill_normal(&mut all, &mut stream(3, Purpose::Policy));
    for len in 0..all.len() {
        let mut less = all[..len].to_vec();
        less.fill(0.0);
        fill_normal(&mut less, &mut stream(3, Purpose::Policy));
        assert_eq!(less, all[..len]);
    }
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
