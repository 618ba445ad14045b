//! For CI: typical mistakes, and whether the tests say what they are.
//!
//! It overwrites the files in `holes/`, each with its solution in which one thing is changed; `check` lets it do so in a
//! copy.

use std::fs;
use std::process::ExitCode;

use softac_holes::attempt::{Attempt, attempt, root};
use softac_holes::list::Hole;

/// The hole, what is changed in its solution and into what, and some of what the first test that fails has to say.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    ("entropy", "p.ln()", "p.log2()", "in bits"),
    ("entropy", "-p * p.ln()", "p * p.ln()", "entropy is its negative"),
    ("entropy", "-p * p.ln()", "-p.ln()", "multiply by p"),
    ("entropy", ".filter(|&&p| p > 0.0)", "", "0 · log 0 is NaN"),
    ("soft_value", "- alpha * pi.ln()", "", "That is the mean of Q"),
    ("soft_value", "- alpha", "+ alpha", "sign is the wrong way round"),
    ("soft_value", "alpha * pi.ln()", "pi.ln()", "A nat is worth α"),
    ("soft_value", "pi * (q", "(q", "counts with its probability"),
    ("soft_value", ".filter(|(_, pi)| **pi > 0.0)", "", "0 · log 0 is NaN"),
    ("soft_maximum", "largest + alpha * sum.ln()", "largest", "α log 2 is missing"),
    ("soft_maximum", "f64::max)", "|x: f64, y| x.max(y.abs()))", "not the largest size"),
    (
        "soft_bellman",
        "soft_maximum(&q, task.alpha)",
        "q.iter().copied().fold(f64::MIN, f64::max)",
        "the hard maximum",
    ),
    (
        "soft_bellman",
        "soft_maximum(&q, task.alpha)",
        "q.iter().sum::<f64>() / q.len() as f64",
        "That is the mean",
    ),
    ("soft_bellman", "task.gamma * expected", "expected", "γ is missing"),
    ("soft_bellman", "p * v[s_next]", "v[s_next]", "V of the corridor's middle"),
    ("boltzmann", "/ alpha)", "* alpha)", "divided by α, not multiplied"),
    ("boltzmann", "(q - largest)", "(largest - q)", "has to be the likelier one"),
    ("boltzmann", "weight / z", "*weight", "π* of two arms"),
    ("boltzmann", "(q - largest)", "q", "∞/∞ is NaN"),
    ("softplus", "z_bar * slope(x)", "slope(x)", "multiplies it by z̄"),
    ("softplus", "z_bar * slope(x)", "z_bar + slope(x)", "The chain rule multiplies"),
    ("softplus", "1.0 / (1.0 + (-x).exp())", "x.exp() / (1.0 + x.exp())", "is ∞/∞"),
    ("softplus", "1.0 / (1.0 + (-x).exp())", "0.5 + 0.25 * x", "Differentiate log(1 + eˣ)"),
    ("softplus", "*x_bar = z_bar * slope(x)", "_ = (x_bar, x, z_bar)", "Nothing was written"),
    (
        "linear",
        "z_bar.sum_axis(Axis(0))",
        "z_bar.mean_axis(Axis(0)).unwrap()",
        "That is the mean over the rows",
    ),
    ("linear", "z_bar.sum_axis(Axis(0))", "z_bar.row(0)", "the first row alone"),
    ("linear", "x.t().dot(&z_bar)", "x.dot(&z_bar)", "That is X Z̄"),
    ("linear", "z_bar.dot(&w.t())", "w.t()", "W in every row"),
    ("reparameterise", "log_sigma.exp() * xi", "log_sigma * xi", "σ is its exponential"),
    ("reparameterise", "log_sigma.exp()", "log_sigma.exp().detach()", "No gradient reaches log σ"),
    ("reparameterise", "mu + log", "mu.detach() + log", "No gradient comes through"),
    ("log_pi", "(log_normal - log_slope)", "log_normal", "the price of the squashing is missing"),
    ("log_pi", "log_normal - log_slope", "log_normal + log_slope", "its logarithm is subtracted"),
    ("log_pi", "- log_sigma", "+ log_sigma", "a narrow Gaussian is a high one"),
    ("log_pi", ".sum_columns()", "", "one number per sample"),
    ("log_pi", ".sum_columns()", ".sum()", "one number per sample"),
    (
        "log_pi",
        "(-u - (u * -2.0).softplus() + LN_2) * 2.0",
        "u.tanh().square().one_minus().ln()",
        "1 − tanh² u has become 0",
    ),
    (
        "log_pi",
        "(-u - (u * -2.0).softplus() + LN_2) * 2.0",
        "(u.tanh().square().one_minus() + 1e-6).ln()",
        "log π at μ = 0.3",
    ),
    ("q_min", "q1.min(q2)", "(q1 + q2) * 0.5", "That is the mean of both"),
    ("q_min", "q1.min(q2)", "-(-q1).min(-q2)", "That is the maximum"),
    ("q_min", "q1.min(q2)", "q1.min(q2).detach()", "the policy climbs along it"),
    ("soft_target", "d.one_minus() * soft_value", "soft_value", "The mask is missing"),
    ("soft_target", "d.one_minus()", "d", "The mask is the wrong way round"),
    ("soft_target", "q_min - alpha", "q_min + alpha", "A rare action gets a bonus"),
    ("soft_target", " * gamma", "", "γ is missing"),
    (
        "soft_target",
        "q_min - alpha.broadcast_like(log_pi) * log_pi",
        "q_min",
        "the target of the usual objective",
    ),
    ("soft_target", ".detach()", "", "where no caller can"),
    ("soft_target", "alpha.broadcast_like(log_pi)", "alpha", "The tape refuses"),
    ("truncation", "step.terminated", "false", "The task has terminated"),
    (
        "truncation",
        "(last, if",
        "(if step.done() { _first_of_next } else { last }, if",
        "where this episode's step led",
    ),
    ("polyak", "+ (1.0 - tau) * *target", "+ *target", "after a step towards"),
    (
        "polyak",
        "*target = tau * online + (1.0 - tau) * *target",
        "_ = (target, online)",
        "Nothing has moved",
    ),
    ("critic_loss", " * 0.5", "", "The ½ is missing"),
    ("critic_loss", "(q - y.detach())", "(q.detach() - y)", "it is y that is held constant"),
    ("critic_loss", "y.detach()", "y", "The gradient goes through y"),
    ("actor_loss", "theta.detach()", "theta", "The critic that makes the policy's loss small"),
    ("actor_loss", "alpha.detach()", "alpha", "That is mean log π"),
    ("actor_loss", "alpha * sample.log_pi", "alpha * sample.log_pi.detach()", "Both ways count"),
    (
        "temperature_loss",
        "-(log_alpha.exp() * gap)",
        "log_alpha.exp() * gap",
        "descent would lower α",
    ),
    ("temperature_loss", "+ target_entropy", "- target_entropy", "H̄ is added"),
    ("temperature_loss", "log_alpha.exp()", "log_alpha", "take its exponential"),
    ("temperature_loss", ".mean()", ".sum()", "That is the sum over the batch"),
    (
        "temperature_loss",
        "log_alpha.exp()",
        "log_alpha.exp().detach()",
        "it is what this loss moves",
    ),
    ("temperature_loss", "log_pi.detach()", "log_pi", "Detach log π"),
    ("adam", "/ (1.0 - BETA1.powi(self.n))", "", "m is still too small"),
    ("adam", "/ (1.0 - BETA2.powi(self.n))", "", "v is still too small"),
    ("adam", "(v.sqrt() + EPSILON)", "(v + EPSILON).sqrt()", "10⁻⁸ inside of the root"),
    ("adam", "(v.sqrt() + EPSILON)", "v.sqrt()", "The 10⁻⁸ is missing"),
    ("adam", "theta[i] -=", "theta[i] +=", "Descent goes against the gradient"),
    ("update", "&noise.next", "&noise.current", "of a critic, after an update is off"),
    ("update", "&noise.current", "&noise.next", "of the policy, after an update is off"),
    (
        "update",
        "(batch, &noise.current, alpha)",
        "(batch, &noise.current, 0.5 * alpha)",
        "of the policy, after an update is off",
    ),
    ("update", "agent.step_temperature(&log_pi)?;", "", "log α after an update is off"),
    ("update", "agent.move_targets();", "", "of a target critic, after an update is off"),
    (
        "update",
        "let y = agent.targets",
        "agent.move_targets(); let y = agent.targets",
        "of a critic, after an update is off",
    ),
    (
        "update",
        "agent.step_critics(batch, &y)?;\n    let log_pi = agent.step_policy(batch, &noise.current, alpha)?;",
        "let log_pi = agent.step_policy(batch, &noise.current, alpha)?;\n    agent.step_critics(batch, &y)?;",
        "judged by the critics as they are after their step",
    ),
];

fn main() -> ExitCode {
    let mut wrong = 0;
    for mistake in MISTAKES {
        let (name, from, into, _) = mistake;
        let verdict = try_out(mistake);
        match &verdict {
            Ok(()) => println!("{name}: `{from}` as `{into}` is told"),
            Err(problem) => println!("{name}: `{from}` as `{into}`: WRONG: {problem}"),
        }
        wrong += usize::from(verdict.is_err());
    }
    println!("{} mistakes, {wrong} of which are not told", MISTAKES.len());
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn try_out(&(name, from, into, says): &Mistake) -> Result<(), String> {
    let hole: &Hole = name.parse::<&'static Hole>().map_err(|error| error.to_string())?;
    let file = |folder: &str| root().join(folder).join(hole.file()).with_extension("rs");
    let solution = fs::read_to_string(file("solutions")).map_err(|error| error.to_string())?;
    if solution.matches(from).count() != 1 {
        return Err("the solution has it not once".into());
    }
    fs::write(file("holes"), solution.replace(from, into)).map_err(|error| error.to_string())?;
    match attempt(hole).map_err(|error| error.to_string())? {
        Attempt::Filled => Err("no test notices".into()),
        Attempt::Unreadable(said) => Err(format!("it cannot be compiled or run:\n{said}")),
        Attempt::Fails(tests) => {
            let first = tests.into_iter().find_map(|test| test.failure);
            let message = first.map(|failure| failure.message).unwrap_or_default();
            if message.contains(says) { Ok(()) } else { Err(format!("the message is\n{message}")) }
        }
    }
}
