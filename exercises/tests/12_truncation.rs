//! Termination and truncation.

#[cfg_attr(not(feature = "solutions"), path = "../holes/12_truncation.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/12_truncation.rs")]
mod hole;

use hole::stored;
use softac::env::Step;
use softac_holes::claims::number;

const LAST: [f64; 2] = [0.4, -0.9];
const FIRST_OF_NEXT: [f64; 2] = [1.0, 0.0];

fn step(terminated: bool, truncated: bool) -> Step {
    Step { reward: 1.0, terminated, truncated }
}

fn mask(terminated: bool, truncated: bool) -> f64 {
    stored(step(terminated, truncated), &LAST, &FIRST_OF_NEXT).1
}

#[test]
fn in_the_midst_of_an_episode_nothing_ends() {
    number("d", mask(false, false), 0.0, &[(1.0, "d = 1 says that the task ended here.")]);
}

#[test]
fn where_the_task_ends_the_future_is_cut() {
    for truncated in [false, true] {
        let known = [(
            0.0,
            "The task has terminated, in the step of the time limit or not: nothing follows, and d = 1.",
        )];
        number(
            &format!("d of a step that terminated, truncated = {truncated}"),
            mask(true, truncated),
            1.0,
            &known,
        );
    }
}

#[test]
fn where_a_time_limit_ends_the_episode_the_future_goes_on() {
    let known = [(
        1.0,
        "A time limit is the end of our patience, not of the task: s′ has a future, and y has to count it. `done()` is true for \
         both, and is the wrong question here.",
    )];
    number("d of a step that was truncated", mask(false, true), 0.0, &known);
}

#[test]
fn the_successor_belongs_to_the_same_episode() {
    for (terminated, truncated) in [(false, false), (false, true), (true, false)] {
        let (s_next, _) = stored(step(terminated, truncated), &LAST, &FIRST_OF_NEXT);
        assert_eq!(
            s_next, LAST,
            "s′ of a step with terminated = {terminated}, truncated = {truncated}\nIt is where this episode's step led. The first \
             observation of the next episode, {FIRST_OF_NEXT:?}, has nothing to do with it."
        );
    }
}

#[test]
fn who_is_paid_one_for_ever_is_worth_ten() {
    // Every observation is the same, and every other step is cut by a time limit.
    let masks = [mask(false, false), mask(false, true)];
    let v = (0..1000)
        .fold(0.0, |v, _| masks.iter().map(|d| 1.0 + 0.9 * (1.0 - d) * v).sum::<f64>() / 2.0);
    let known = [(1.0 / (1.0 - 0.45), "The cuts count as ends: half of the steps have no future.")];
    number("what a critic learns of 1 per step, for ever, γ = 0.9", v, 10.0, &known);
}
