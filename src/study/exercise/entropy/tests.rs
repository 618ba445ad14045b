use super::*;
use crate::agent::Metrics;
use crate::env;
use crate::sac::{Sac, SacConfig, UpdateMetrics};
use crate::train::{Config, Observer, RunConfig, Trainer};

fn empty() -> MetricsRow {
    MetricsRow::new(UpdateMetrics::COLUMNS)
}

/// Rows every 100 steps up to 50,000, with these courses of entropy and log α.
fn metrics(entropy: impl Fn(f64) -> f64, log_alpha: impl Fn(f64) -> f64) -> Vec<MetricsRow> {
    let row = |i: u64| {
        let t = 100.0 * i as f64;
        // Alternating rows, so that there is some noise whose size is known.
        let noise = if i.is_multiple_of(2) { 0.004 } else { -0.004 };
        MetricsRow { timesteps: 100 * i, updates: 100 * i, ..empty() }
            .with("entropy", Some(entropy(t) + noise))
            .with("ent_coef", Some(log_alpha(t).exp()))
    };
    (1..=500).map(row).collect()
}

/// From 0.6 nats, which it leaves after so many steps, to this level.
fn fall(after: f64, to: f64) -> impl Fn(f64) -> f64 {
    move |t| if t <= after { 0.6 } else { to + (0.6 - to) * (-(t - after) / 1_500.0).exp() }
}

fn findings(runs: Vec<Vec<MetricsRow>>) -> EntropyFindings {
    let runs = (0..).zip(&runs).map(|(seed, rows)| EntropyRun::new(seed, rows, 1_000));
    EntropyFindings {
        env: "Pendulum-v1".into(),
        action_dim: 1,
        target_entropy: -1.0,
        uniform_entropy: LN_2,
        untrained_entropy: 0.62,
        every: 1_000,
        log_freq: 100,
        learning_starts: 100,
        runs: runs.collect(),
    }
}

fn assert_reads(found: &EntropyFindings, parts: &[&str]) {
    let text = found.reading().join("\n");
    for part in parts {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn runs_that_settle_read_so() {
    let settled = |t: f64| -3.0 + 3.0 * (-t / 4_000.0).exp();
    let run = |after| metrics(fall(after, -1.0), settled);
    let found = findings(vec![run(2_000.0), run(4_000.0), run(6_000.0)]);
    let onsets: Vec<_> = found.runs.iter().map(|run| run.onset.unwrap().at).collect();
    assert_eq!(onsets, [2_100.0, 4_100.0, 6_100.0]);
    assert_reads(
        &found,
        &[
            "Entropy begins to fall by step 4,100 in 3 of 3 runs (the median; the first by step 2,100, the last by step \
             6,100), from 0.60",
            "a row is a mean over 100.",
            "Over the last fifth the mean entropy is -1.000 [",
            "within 0.100 nats, in 3 of 3 runs.",
            "α converges in 3 of 3 runs. Over the last fifth, from step 40,100 on, it is 0.050 on average",
            "it stays within a tenth in 3, wanders in 0 and drifts in 0.",
        ],
    );
    let text = found.reading().join("\n");
    assert!(!text.contains("its price") && !text.contains("one run"), "{text}");
}

#[test]
fn a_temperature_that_falls_all_along_has_not_converged_though_the_entropy_is_at_its_target() {
    let found = findings(vec![metrics(fall(2_000.0, -1.05), |t| -t / 10_000.0)]);
    let temperature = found.runs[0].temperature.unwrap();
    // e^−0.99 over 9,900 steps.
    assert!((temperature.factor - (-0.99_f64).exp()).abs() < 1e-9, "{temperature:?}");
    assert_reads(
        &found,
        &[
            "Entropy begins to fall between step 2,000 and step 2,100, from 0.60",
            "the mean entropy is -1.050 nats",
            "α converges in 0 of 1 run. Over the last fifth, from step 40,100 on, it is 0.011 on average and changes by a \
             factor of 0.372;",
            "drifts in 1.",
            "The entropy is at its target while α still moves in 1 of 1 run",
            "This is one run",
        ],
    );
}

#[test]
fn what_does_not_happen_is_not_said() {
    let wandering = |t: f64| -3.0 + (t / 700.0).sin();
    let flat = metrics(|_| 0.6, wandering);
    let found = findings(vec![flat.clone(), flat.clone()]);
    assert_reads(
        &found,
        &[
            "Entropy begins to fall for good in 0 of 2 runs.",
            "within 0.100 nats, in 0 of 2 runs.",
            "α converges in 0 of 2 runs.",
            "wanders in 2 and",
        ],
    );
    assert!(!found.reading().join("\n").contains("its price"));
    let mixed = findings(vec![flat, metrics(fall(2_000.0, -1.0), |_| -3.0)]);
    assert_reads(
        &mixed,
        &[
            "Entropy begins to fall between step 2,000 and step 2,100 in 1 of 2 runs, from",
            "It does not begin to fall for good in 1 of 2 runs.",
            "α converges in 1 of 2 runs.",
        ],
    );
    let short = findings(vec![metrics(fall(2_000.0, -1.0), |_| -3.0)[..20].to_vec()]);
    assert_reads(
        &short,
        &["Entropy begins to fall for good in 0 of 1 run", "The runs are too short to say"],
    );
    let none = findings(vec![vec![empty(); 3]]);
    assert_reads(
        &none,
        &["Entropy begins to fall for good in 0 of 1 run", "The runs are too short to say"],
    );
    assert_eq!(none.table()[1], ["0", "–", "–", "–", "–", "–", "–"]);
}

#[test]
fn every_thousand_steps_there_is_a_row_a_point_and_a_line_of_data() {
    let run = metrics(fall(2_000.0, -1.0), |_| -3.0);
    let found = findings(vec![run.clone(), run]);
    assert_eq!(found.runs[0].rows.len(), 50);
    let [entropy, beginning, temperature] = &found.charts()[..] else { panic!("three charts") };
    for chart in [entropy, temperature] {
        assert_eq!(chart.series.len(), 2);
        assert!(chart.series.iter().all(|series| series.points.len() == 50));
        assert_eq!(chart.series[0].points[0].0, 1_000.0);
    }
    assert!(entropy.references.iter().any(|line| line.y == -1.0 && line.label == "target"));
    assert_eq!(beginning.series[1].points.len(), 50);
    assert_eq!(beginning.marks[0].points.len(), 2);
    let [(name, csv)] = &found.data()[..] else { panic!("one file") };
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!((name.as_str(), lines.len()), ("entropy", 101));
    assert_eq!(lines[0], "seed,timesteps,entropy,ent_coef");
    assert!(lines[51].starts_with("1,1000,0.6"), "{}", lines[51]);
    let table = found.table();
    assert!(table.iter().all(|row| row.len() == table[0].len()));
    assert_eq!(table[1][..3], ["0", "2,000", "2,100"]);
    assert_eq!(table[1][6], "settled");
}

/// The rows of a training.
struct Rows(Vec<MetricsRow>);

impl Observer for Rows {
    fn on_metrics(&mut self, row: &MetricsRow) {
        self.0.push(row.clone());
    }
}

#[test]
fn rows_are_gathered_as_if_they_had_been_logged_so() {
    let rows = |log_freq| {
        let run = RunConfig { total_timesteps: 330, log_freq, ..RunConfig::default() };
        let (net_arch, batch_size, buffer_size) = (vec![4].into(), 4, 400);
        let sac = SacConfig { net_arch, batch_size, buffer_size, ..SacConfig::default() };
        let config = Config { run, algo: sac.into() };
        let env = || env::make("chain").unwrap();
        let mut rows = Rows(vec![]);
        Trainer::<f64, Sac<f64>>::new(config, env(), env())
            .unwrap()
            .train(None, &mut rows)
            .unwrap();
        rows.0
    };
    // Learning begins after 100 steps, in the midst of a row.
    let (fine, coarse) = (gather(3, &rows(20), 60), gather(3, &rows(60), 60));
    assert_eq!(fine.len(), 5);
    for (fine, coarse) in fine.iter().zip(&coarse) {
        assert_eq!((fine.seed, fine.timesteps), (coarse.seed, coarse.timesteps));
        assert!((fine.entropy - coarse.entropy).abs() < 1e-12, "{fine:?}, {coarse:?}");
        assert!((fine.ent_coef - coarse.ent_coef).abs() < 1e-12, "{fine:?}, {coarse:?}");
    }
    assert_eq!(fine.last().unwrap().timesteps, 330);
}
