//! The live progress bar of a training.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use softac::Scalar;
use softac::agent::{Algorithm, Column, Metrics};
use softac::train::{EvaluationRow, EvaluationStep, MetricsRow, Observer, Progress, Trainer};

use super::patience::Patience;

const TEMPLATE: &str = "{prefix}{bar:30} {human_pos}/{human_len}  {speed}  eta {eta}  {msg}";

/// Draws the bar on standard error, and stops the training on Ctrl-C.
pub struct Bar {
    bar: ProgressBar,
    /// What its lines begin with.
    name: String,
    /// Those of the algorithm, some of which are shown.
    columns: &'static [Column],
    quiet: bool,
    interrupted: Arc<AtomicBool>,
    /// Since the evaluation under way began.
    evaluating: Patience,
}

impl Bar {
    /// A bar from where the training is to its last step.
    pub fn new<T: Scalar, A: Algorithm<T>>(
        trainer: &Trainer<T, A>,
        quiet: bool,
        interrupted: Arc<AtomicBool>,
    ) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
        Self::with(bar, String::new(), trainer, quiet, interrupted)
    }

    /// A bar of this name among others.
    pub fn among<T: Scalar, A: Algorithm<T>>(
        bars: &MultiProgress,
        name: String,
        trainer: &Trainer<T, A>,
        quiet: bool,
        interrupted: Arc<AtomicBool>,
    ) -> Self {
        let bar = bars.add(ProgressBar::no_length());
        Self::with(bar, name, trainer, quiet, interrupted)
    }

    fn with<T: Scalar, A: Algorithm<T>>(
        bar: ProgressBar,
        name: String,
        trainer: &Trainer<T, A>,
        quiet: bool,
        interrupted: Arc<AtomicBool>,
    ) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well-formed");
        let speed = |state: &ProgressState, text: &mut dyn fmt::Write| {
            // Nothing can be done about a terminal that does not take text.
            let _ = write!(text, "{:.0} steps/s", state.per_sec());
        };
        bar.set_style(style.with_key("speed", speed).progress_chars("━╸─"));
        bar.set_prefix(name.clone());
        bar.set_length(trainer.config().run.total_timesteps);
        bar.set_position(trainer.learner().steps());
        bar.reset_eta();
        let evaluating = Patience::new();
        Self { bar, name, columns: A::Metrics::COLUMNS, quiet, interrupted, evaluating }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints a line: above the bar on a terminal, plain where there is none.
    fn print(&self, line: &str) {
        let name = &self.name;
        // The training does not end because nobody reads this.
        let _ = self.bar.suspend(|| writeln!(std::io::stderr(), "{name}{line}"));
    }
}

/// An evaluation in a few words.
pub fn in_words(row: &EvaluationRow) -> String {
    let EvaluationRow { mean_reward, std_reward, episodes, success_rate, .. } = row;
    let returns = format!("{mean_reward:.1} ± {std_reward:.1} over {episodes} episodes");
    match success_rate {
        Some(rate) => format!("{returns}, success rate {rate:.2}"),
        None => returns,
    }
}

impl Observer for Bar {
    fn on_step(&mut self, progress: &Progress) {
        self.bar.set_position(progress.timesteps);
    }

    fn on_metrics(&mut self, row: &MetricsRow) {
        let shown = self.columns.iter().filter_map(|column| Some((column.label?, column.name)));
        let means = shown.map(|(label, name)| (label, row.mean(name)));
        let rollout = [("return", row.ep_rew_mean), ("success", row.success_rate)];
        let known = rollout.into_iter().chain(means);
        let known = known.filter_map(|(label, value)| Some((label, value?)));
        let parts: Vec<_> = known.map(|(name, value)| format!("{name} {value:.3}")).collect();
        self.bar.set_message(parts.join("  "));
    }

    fn on_evaluation(&mut self, row: &EvaluationRow) {
        if self.quiet {
            return;
        }
        self.print(&format!("{:>9} steps: evaluation {}", row.timesteps, in_words(row)));
    }

    fn on_warning(&mut self, what: &str) {
        self.print(&format!("warning: {what}"));
    }

    fn should_stop(&mut self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn should_stop_evaluating(&mut self, at: &EvaluationStep) -> bool {
        let EvaluationStep { episode, episodes, steps } = at;
        if (*episode, *steps) == (1, 0) {
            self.evaluating = Patience::new();
        } else if self.evaluating.is_over() && !self.quiet {
            self.print(&format!("evaluating: step {steps} of episode {episode} of {episodes}"));
        }
        self.should_stop()
    }
}
