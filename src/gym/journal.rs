//! An episode as its seed and its actions, from which it can be played again.

use crate::env::Step;

/// Longer episodes are not written down: it would take too long to play them again.
const LONGEST: usize = 100_000;

/// What a state begins with where no episode is under way.
const NONE: u64 = 0;
/// What a state begins with where one is; then come seed, check and actions.
const UNDER_WAY: u64 = 1;

/// The episode under way, if there is one, and a check of all that was observed in it.
///
/// What an environment will do next may hang on anything: of MuJoCo's, some compute rewards from positions that lag
/// behind the simulator's state. Seed and actions determine all of it.
#[derive(Clone, Debug)]
pub struct Journal {
    under_way: bool,
    seed: u64,
    check: u64,
    /// The actions, one after the other, A numbers each.
    actions: Vec<f64>,
    action_dim: usize,
    /// Whether seed and actions determine episodes at all.
    determines: bool,
    /// Whether all actions of this episode are there.
    whole: bool,
}

/// An episode that is to be played again.
#[derive(Debug, PartialEq)]
pub struct Recorded<'a> {
    /// The seed that it began with.
    pub seed: u64,
    /// The check of all that was observed.
    pub check: u64,
    /// The bits of the actions, one after the other.
    pub actions: &'a [u64],
}

impl Journal {
    /// No episode yet, in an environment with this many actions of which the same seed makes the same episode,
    /// or not.
    #[must_use]
    pub fn new(action_dim: usize, determines: bool) -> Self {
        let (under_way, seed, check, actions, whole) = (false, 0, 0, Vec::new(), true);
        Self { under_way, seed, check, actions, action_dim, determines, whole }
    }

    /// True while an episode is under way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// The check of all that was observed in the episode.
    #[must_use]
    pub fn check(&self) -> u64 {
        self.check
    }

    /// An episode began with this observation.
    pub fn begin(&mut self, seed: u64, observation: &[f64]) {
        (self.under_way, self.seed, self.check) = (true, seed, FNV_OFFSET);
        self.whole = self.determines;
        self.actions.clear();
        self.observe(observation);
    }

    /// A step was done, which may have ended the episode.
    pub fn add(&mut self, action: &[f64], step: Step, observation: &[f64]) {
        if self.actions.len() < LONGEST * self.action_dim {
            self.actions.extend_from_slice(action);
        } else {
            self.whole = false;
        }
        self.observe(&[step.reward]);
        self.observe(observation);
        self.under_way = !step.done();
    }

    /// No episode is under way.
    pub fn close(&mut self) {
        self.under_way = false;
    }

    /// FNV-1a over words: a difference in a single bit of all that was observed makes another number.
    fn observe(&mut self, numbers: &[f64]) {
        for number in numbers {
            self.check = (self.check ^ number.to_bits()).wrapping_mul(FNV_PRIME);
        }
    }

    /// The words by which the episode can be played again, if it can.
    #[must_use]
    pub fn words(&self) -> Option<Vec<u64>> {
        if !self.under_way {
            return Some(vec![NONE]);
        }
        let head = [UNDER_WAY, self.seed, self.check];
        let actions = self.actions.iter().map(|action| action.to_bits());
        self.whole.then(|| head.into_iter().chain(actions).collect())
    }

    /// What [`words`](Journal::words) said: an episode, or that there is none. `None` if it said no such thing.
    #[must_use]
    pub fn read<'a>(&self, words: &'a [u64]) -> Option<Option<Recorded<'a>>> {
        match words {
            [NONE] => Some(None),
            &[UNDER_WAY, seed, check, ref actions @ ..] => {
                let whole = actions.len().is_multiple_of(self.action_dim);
                let finite = actions.iter().all(|&word| f64::from_bits(word).is_finite());
                (whole && finite).then_some(Some(Recorded { seed, check, actions }))
            }
            _ => None,
        }
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    const GOES: Step = Step { reward: 1.0, terminated: false, truncated: false };

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let mut journal = Journal::new(2, true);
        assert_eq!(journal.words(), Some(vec![NONE]));
        journal.begin(7, &[0.5]);
        journal.add(&[1.0, -1.0], GOES, &[0.25]);
        let words = journal.words().unwrap();
        let (check, actions) = (journal.check(), [1.0_f64, -1.0].map(f64::to_bits));
        let recorded = Recorded { seed: 7, check, actions: &actions };
        assert_eq!(journal.read(&words), Some(Some(recorded)));
        assert_eq!(journal.read(&[NONE]), Some(None));
        let nan = [UNDER_WAY, 7, 0, f64::NAN.to_bits(), 0];
        for wrong in [&[][..], &[NONE, 7], &[2], &[UNDER_WAY, 7], &words[..4], &nan] {
            assert_eq!(journal.read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn another_bit_of_an_observation_or_a_reward_makes_another_check() {
        let check = |observation: f64, reward: f64, last: f64| {
            let mut journal = Journal::new(1, true);
            journal.begin(0, &[observation, 2.0]);
            journal.add(&[0.0], Step { reward, ..GOES }, &[last, 3.0]);
            journal.check()
        };
        let same = check(1.0, 1.0, 1.0);
        assert_eq!(check(1.0, 1.0, 1.0), same);
        let next = 1.0_f64.next_up();
        for other in [check(next, 1.0, 1.0), check(1.0, next, 1.0), check(1.0, 1.0, next)] {
            assert_ne!(other, same);
        }
    }

    #[test]
    fn an_episode_without_end_or_of_chance_has_no_words() {
        let mut chance = Journal::new(1, false);
        chance.begin(0, &[0.0]);
        assert_eq!(chance.words(), None);
        let mut long = Journal::new(1, true);
        long.begin(0, &[0.0]);
        for _ in 0..LONGEST {
            long.add(&[0.0], GOES, &[0.0]);
        }
        assert!(long.words().is_some());
        long.add(&[0.0], GOES, &[0.0]);
        assert_eq!(long.words(), None);
        long.close();
        assert_eq!(long.words(), Some(vec![NONE]));
        long.begin(0, &[0.0]);
        assert!(long.words().is_some());
    }
}
