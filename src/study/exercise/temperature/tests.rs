use std::path::Path;

use tempfile::{TempDir, tempdir};

use super::advantage::orders;
use super::*;
use crate::agent::Metrics;
use crate::env;
use crate::sac::UpdateMetrics;
use crate::train::{Config, EvaluationRow};

/// A run with these returns after 100, 200, … steps, the last of them the final one, and this entropy at the end.
fn run(folder: &Path, ent_coef: &str, seed: u64, returns: &[f64], entropy: f64) {
    let total = 100 * returns.len();
    let settings = format!("seed = {seed}\nent_coef = {ent_coef}\ntotal_timesteps = {total}");
    let pendulum = env::find("pendulum").unwrap();
    let config = Config::layered(pendulum, [settings.parse().unwrap()]).unwrap();
    let path = folder.join(format!("seed-{seed}"));
    RunFolder::create(&path, &config).unwrap();
    let evaluation = |(i, &mean_reward): (usize, &f64)| EvaluationRow {
        timesteps: 100 * (i as u64 + 1),
        mean_reward,
        ..EvaluationRow::default()
    };
    let evaluations = csv_of(returns.iter().enumerate().map(evaluation));
    std::fs::write(path.join("evaluations.csv"), evaluations).unwrap();
    let row = |timesteps, entropy| {
        MetricsRow { timesteps, ..MetricsRow::new(UpdateMetrics::COLUMNS) }
            .with("entropy", entropy)
            .with("ent_coef", Some(0.5))
    };
    let rows = [row(50, None), row(total as u64, Some(entropy))];
    std::fs::write(path.join("metrics.csv"), csv_of(rows)).unwrap();
}

/// Six runs of two temperatures: 0.1 ends better, `auto` is the faster one.
fn study() -> (TempDir, Vec<PathBuf>) {
    let place = tempdir().unwrap();
    let (cold, auto) = (place.path().join("cold"), place.path().join("auto"));
    for seed in 0..6 {
        let luck = seed as f64;
        run(&cold, "0.1", seed, &[-1_000.0, -900.0 + luck, -110.0 + luck], -2.0 - luck);
        run(&auto, "'auto'", seed, &[-500.0, -200.0 - luck, -150.0 - luck], -1.0);
    }
    (place, vec![cold, auto])
}

fn options(uniform_return: f64) -> TemperatureOptions {
    let bootstrap = Bootstrap { resamples: 400, ..Bootstrap::default() };
    TemperatureOptions { uniform_return, fraction: 0.9, bootstrap }
}

fn assert_reads(found: &TemperatureFindings, parts: &[&str]) {
    let text = found.reading().join("\n");
    for part in parts {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn final_returns_speeds_and_the_threshold_are_those_of_the_runs() {
    let (_place, folders) = study();
    let found = TemperatureFindings::read(&folders, &options(-1_100.0)).unwrap();
    let [cold, auto] = &found.arms[..] else { panic!("two arms") };
    assert_eq!((cold.ent_coef.as_str(), auto.ent_coef.as_str()), ("0.1", "auto"));
    // Of six, the middle four.
    assert_eq!((cold.final_return.value, auto.final_return.value), (-107.5, -152.5));
    assert_eq!(found.threshold, Some(-1_100.0 + 0.9 * (1_100.0 - 107.5)));
    // (½ (−1000 − 900) + ½ (−900 − 110)) / 2, and half of the luck of the second and a quarter of that of the third.
    let luck = 2.5;
    assert!((cold.mean_return.value - (-727.5 + 0.75 * luck)).abs() < 1e-9);
    assert!((auto.mean_return.value - (-262.5 - 0.75 * luck)).abs() < 1e-9);
    // The threshold is −206.75.
    let steps = |arm: &Arm| arm.runs.iter().map(|run| run.steps).collect::<Vec<_>>();
    assert_eq!(steps(cold), [Some(300); 6]);
    assert_eq!(steps(auto), [Some(200); 6]);
    assert_eq!(auto.steps.unwrap().median, 200.0);
    assert_eq!((cold.entropy.unwrap().value, auto.entropy.unwrap().value), (-4.5, -1.0));
    assert_eq!(cold.curve.len(), 3);
    assert_eq!((cold.entropies.len(), cold.entropies[0].timesteps), (1, 300));
    assert_reads(
        &found,
        &[
            "At the end ent_coef = 0.1 has the highest return, -107.5 [",
            "It ends higher than auto (P = 1.000 [1.000, 1.000]).",
            "Over the training ent_coef = auto has the highest mean return",
            "It learns faster than 0.1 (P = 1.000",
            "90 % of the way from uniform actions (-1100.0) to the best final return is a return of -206.8",
            "ent_coef = auto reaches it after 200 [200, 200] steps (6 of 6 runs).",
            "The intervals are of 6 runs for each temperature",
        ],
    );
}

#[test]
fn runs_that_overlap_are_not_told_apart_and_what_is_never_reached_is_said() {
    let place = tempdir().unwrap();
    let names = ["low", "middle", "high"].map(|name| place.path().join(name));
    for seed in 0..5 {
        let luck = 30.0 * f64::from(seed as u32);
        run(&names[0], "0.01", seed, &[-900.0, -140.0 - luck], -3.0);
        run(&names[1], "0.1", seed, &[-900.0, -150.0 - luck], -1.0);
        run(&names[2], "2.0", seed, &[-900.0, -800.0 - luck], 0.5);
    }
    let found = TemperatureFindings::read(&names, &options(-1_200.0)).unwrap();
    assert_reads(
        &found,
        &[
            "ent_coef = 0.01 has the highest return",
            "It ends higher than 2.0 (P = 1.000 [1.000, 1.000]), and cannot be told from 0.1 (P = 0.6",
            "ent_coef = 2.0 never reaches it (5 runs)",
            "The entropy at the end is more at every higher fixed temperature: -3.000 nats at 0.01, -1.000 nats at 0.1 and 0.500 nats at 2.0.",
        ],
    );
    let table = found.table();
    assert!(table.iter().all(|row| row.len() == table[0].len()));
    assert_eq!((table[3][4].as_str(), table[3][5].as_str()), ("never [never, never]", "0 of 5"));
    // More temperature need not leave more entropy.
    for seed in 5..10 {
        run(&names[1], "0.1", seed, &[-900.0, -150.0], -9.0);
    }
    let found = TemperatureFindings::read(&names, &options(-1_200.0)).unwrap();
    assert_reads(
        &found,
        &["The entropy at the end is not simply more at a higher fixed temperature"],
    );
}

#[test]
fn where_nothing_is_learned_or_a_run_stands_alone_the_reading_says_so() {
    let (_place, folders) = study();
    let found = TemperatureFindings::read(&folders, &options(-50.0)).unwrap();
    assert_eq!((found.threshold, found.arms[0].steps), (None, None));
    assert_reads(
        &found,
        &["No temperature ends above uniform actions, whose mean return is -50.000."],
    );
    let place = tempdir().unwrap();
    run(place.path(), "0.1", 0, &[-3.0, -2.0], 0.0);
    let found = TemperatureFindings::read(&[place.path().into()], &options(-50.0)).unwrap();
    assert_reads(&found, &["There is no other temperature.", "A single run of a temperature"]);
    assert_eq!(found.arms[0].final_return.interval, None);
}

#[test]
fn a_few_runs_that_all_lie_above_a_few_others_settle_nothing() {
    // 6!/(3! 3!) orders, and 8!/(4! 4!).
    assert_eq!((orders(3, 3), orders(4, 4), orders(1, 9)), (20.0, 70.0, 10.0));
    for (runs, clear) in [(2, false), (3, false), (4, true)] {
        let place = tempdir().unwrap();
        let [high, low] = ["high", "low"].map(|name| place.path().join(name));
        for seed in 0..runs {
            run(&high, "0.1", seed, &[-9.0, -2.0 - seed as f64], 0.0);
            run(&low, "0.2", seed, &[-90.0, -20.0 - seed as f64], 0.0);
        }
        let found = TemperatureFindings::read(&[high, low], &options(-99.0)).unwrap();
        assert_eq!(found.best[0].probability.interval, Some((1.0, 1.0)));
        assert_eq!(found.best[0].is_clear, clear, "{runs} runs");
        let said = if clear { "It ends higher than 0.2" } else { "It cannot be told from 0.2" };
        assert_reads(&found, &[said]);
    }
}

#[test]
fn curves_and_runs_are_drawn_and_kept() {
    let (_place, folders) = study();
    let found = TemperatureFindings::read(&folders, &options(-1_100.0)).unwrap();
    let [returns, entropies] = &found.charts()[..] else { panic!("two charts") };
    assert_eq!((returns.series.len(), entropies.series.len()), (2, 2));
    assert!(returns.series.iter().all(|series| series.band.as_ref().unwrap().len() == 3));
    let lines = returns.references.iter().map(|line| line.y).collect::<Vec<_>>();
    assert_eq!(lines, [found.threshold.unwrap(), -1_100.0]);
    let data = found.data();
    let names: Vec<_> = data.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["returns", "entropies", "runs"]);
    let counts: Vec<_> = data.iter().map(|(_, csv)| csv.lines().count()).collect();
    assert_eq!(counts, [1 + 6, 1 + 2, 1 + 12]);
    assert!(data[0].1.starts_with("ent_coef,timesteps,iqm,low,high\n0.1,100,-1000.0,"));
}

#[test]
fn runs_that_differ_in_more_than_their_temperature_are_refused() {
    let (place, mut folders) = study();
    let other = place.path().join("other");
    run(&other, "0.1\ngamma = 0.5", 9, &[-1.0, -1.0, -1.0], 0.0);
    folders.push(other);
    let error = TemperatureFindings::read(&folders, &options(-1.0)).unwrap_err().to_string();
    assert!(error.contains("`gamma` is"), "{error}");
}
