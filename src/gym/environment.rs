//! An environment of Gymnasium's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::GymOptions;
use super::failure::Failure;
use super::journal::Journal;
use super::link::{Link, Ready};
use super::spec::GymSpec;
use crate::env::{BoxSpace, Env, EnvError, Picture, Step, View};

/// Commands of requests, which begin with eight bytes.
const RESET: u8 = 1;
const STEP: u8 = 2;
const DRAW: u8 = 3;
const REQUEST_HEAD: usize = 8;

/// Head, reward, flags and success of an answer; then comes the observation.
const REWARD: usize = 8;
const TERMINATED: usize = 16;
const TRUNCATED: usize = 18;
const SUCCESS: usize = 20;
const OBSERVATION: usize = 24;

/// What an answer says of an episode that ended.
const FAILED: u8 = 1;
const SUCCEEDED: u8 = 2;

/// One of Gymnasium's environments, computed by the user's Python in a process that lives as long as this does.
///
/// Spaces, bounds and time limits are the environment's own. Boxes of any shape are flattened, row by row;
/// observations and rewards come as they were given, single precision widened; actions are rounded to the type of
/// their space, and a dimension of them that cannot move is held where it is. A seed is folded to
/// the bits of its [`GymSpec`].
///
/// The [state](Env::state) of an episode is its seed and its actions, with a check of all that was observed:
/// [`restore`](Env::restore) plays it again, and goes on to the bit wherever the same seed and the same actions
/// make the same episode. It needs no answer from Python, so that it is known even after a failure. It is
/// `None` for episodes of more than 100,000 steps, and for environments that Gymnasium lists as nondeterministic.
///
/// The [success](Env::success) of an episode is `info["is_success"]` of its last step: true or false, also as 0 or 1, or
/// as an array of one such element. Other values are named once on standard error, and count as not told.
///
/// What is [announced](Env::announce_step) is sent to Python at once, so that it computes while others are told.
///
/// ```no_run
/// use softac::env::Env;
/// use softac::gym::{GymEnv, GymOptions};
/// let mut env = GymEnv::start("HalfCheetah-v5", &GymOptions::default())?;
/// let mut observation = vec![0.0; env.observation_space().len()];
/// env.reset(7, &mut observation)?;
/// let step = env.step(&[0.1; 6], &mut observation)?;
/// # Ok::<(), softac::env::EnvError>(())
/// ```
pub struct GymEnv {
    spec: GymSpec,
    versions: String,
    observation_space: BoxSpace,
    action_space: BoxSpace,
    /// The process, or why it is of no use any more.
    link: Result<Link, Failure>,
    /// The request whose answer comes next, or came last.
    request: Vec<u8>,
    /// A request in the making.
    draft: Vec<u8>,
    /// Whether the request was sent, and nobody has waited for its answer yet.
    is_sent: bool,
    answer: Vec<u8>,
    journal: Journal,
    /// Dimensions of the action that cannot move, with their values.
    held: Vec<(usize, f64)>,
    /// Whether the environment is where the journal says, which it is not after a failure.
    is_there: bool,
    /// How many frames a second look natural, where it can be looked at.
    fps: Option<f64>,
    /// Set by another thread to end a replay.
    interrupted: Arc<AtomicBool>,
}

impl GymEnv {
    /// Starts Python, and makes the environment in it, as `gymnasium.make(id, **args)` does, within its wrappers;
    /// `module:id` imports the module first.
    ///
    /// # Errors
    /// [`EnvError::External`] if the interpreter, gymnasium or the environment is missing, if it does not take its
    /// arguments or wrappers, or its spaces are no boxes of real numbers; [`EnvError::InvalidBounds`] or
    /// [`EnvError::BoundsLength`] if they are empty.
    pub fn start(spec: impl Into<GymSpec>, options: &GymOptions) -> Result<Self, EnvError> {
        let spec = spec.into();
        let started = Link::start(&spec, options).map_err(|failure| failure.of(spec.name()))?;
        let (link, Ready { bounds, varies, single_precision, fps, versions }) = started;
        let [mut low, mut high, mut action_low, mut action_high] = bounds;
        widen(&mut low, &mut high);
        let held = widen(&mut action_low, &mut action_high);
        let space = BoxSpace::new(low, high)?;
        let observation_space = if single_precision { space.in_single_precision() } else { space };
        let action_space = BoxSpace::new(action_low, action_high)?;
        let (s, a) = (observation_space.len(), action_space.len());
        Ok(Self {
            spec,
            versions,
            observation_space,
            action_space,
            link: Ok(link),
            request: vec![0; REQUEST_HEAD + 8 * a],
            draft: vec![0; REQUEST_HEAD + 8 * a],
            is_sent: false,
            answer: vec![0; OBSERVATION + 8 * s],
            journal: Journal::new(a, !varies),
            held,
            is_there: true,
            fps: options.draw.then_some(fps),
            interrupted: Arc::clone(&options.interrupted),
        })
    }

    /// Sends a request, unless it was announced, which is to say sent already.
    fn send(
        &mut self,
        command: u8,
        numbers: impl Iterator<Item = [u8; 8]>,
    ) -> Result<(), EnvError> {
        self.draft[0] = command;
        let fields = self.draft[REQUEST_HEAD..].as_chunks_mut().0;
        let numbers = numbers.chain(std::iter::repeat([0; 8]));
        fields.iter_mut().zip(numbers).for_each(|(field, number)| *field = number);
        if self.is_sent {
            if self.draft == self.request {
                return Ok(());
            }
            // Another call was announced than that which came: the environment has gone where nobody sent it.
            let _ = self.receive();
            self.is_there = false;
            if command == STEP {
                return Err(EnvError::NeedsReset);
            }
        }
        std::mem::swap(&mut self.request, &mut self.draft);
        self.is_sent = true;
        if let Ok(link) = &mut self.link
            && let Err(failure) = link.send(&self.request)
        {
            self.link = Err(failure);
        }
        Ok(())
    }

    /// Waits for the answer.
    fn receive(&mut self) -> Result<(), EnvError> {
        self.is_sent = false;
        let received = match &mut self.link {
            Ok(link) => link.await_step(&mut self.answer),
            Err(failure) => Err(failure.clone()),
        };
        received.map_err(|failure| self.failed(failure))
    }

    fn failed(&mut self, failure: Failure) -> EnvError {
        self.is_there = false;
        if !failure.leaves_the_process() {
            self.link = Err(failure.clone());
        }
        failure.of(self.spec.name())
    }

    fn send_reset(&mut self, seed: u64) -> Result<(), EnvError> {
        self.send(RESET, [self.spec.fold(seed).to_le_bytes()].into_iter())
    }

    fn send_step(&mut self, action: &[f64]) -> Result<(), EnvError> {
        self.check_action(action)?;
        if !self.journal.is_under_way() || !self.is_there {
            return Err(EnvError::NeedsReset);
        }
        let held = std::mem::take(&mut self.held);
        let numbers = action.iter().enumerate().map(|(i, &component)| {
            let fixed = held.iter().find(|(index, _)| *index == i);
            fixed.map_or(component, |&(_, value)| value).to_le_bytes()
        });
        let sent = self.send(STEP, numbers);
        self.held = held;
        sent
    }

    /// What the answer says of a step; its observation goes into the caller's buffer.
    fn read(&self, observation: &mut [f64]) -> Step {
        let numbers = self.answer[OBSERVATION..].as_chunks().0;
        for (to, bytes) in observation.iter_mut().zip(numbers) {
            *to = f64::from_le_bytes(*bytes);
        }
        let reward =
            self.answer[REWARD..].first_chunk().map_or(f64::NAN, |b| f64::from_le_bytes(*b));
        let (terminated, truncated) = (self.answer[TERMINATED] != 0, self.answer[TRUNCATED] != 0);
        Step { reward, terminated, truncated }
    }

    fn check_action(&self, action: &[f64]) -> Result<(), EnvError> {
        let (expected, found) = (self.action_space.len(), action.len());
        if expected != found {
            return Err(EnvError::ActionLength { expected, found });
        }
        match action.iter().position(|a| !a.is_finite()) {
            Some(index) => Err(EnvError::NonFiniteAction { index, value: action[index] }),
            None => Ok(()),
        }
    }
}

impl Env for GymEnv {
    fn name(&self) -> &str {
        self.spec.name()
    }

    fn versions(&self) -> Option<&str> {
        Some(&self.versions)
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.observation_space.check_length(observation)?;
        // Whatever comes of it, the episode before is over.
        self.journal.close();
        self.send_reset(seed)?;
        self.receive()?;
        self.read(observation);
        self.journal.begin(seed, observation);
        self.is_there = true;
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.observation_space.check_length(observation)?;
        self.send_step(action)?;
        self.receive()?;
        let step = self.read(observation);
        self.journal.add(action, step, observation);
        Ok(step)
    }

    fn success(&self) -> Option<bool> {
        match self.answer[SUCCESS] {
            FAILED => Some(false),
            SUCCEEDED => Some(true),
            _ => None,
        }
    }

    fn announce_reset(&mut self, seed: u64) {
        // What is refused now is refused again when it is asked for.
        let _ = self.send_reset(seed);
    }

    fn announce_step(&mut self, action: &[f64]) {
        let _ = self.send_step(action);
    }

    fn picture(&mut self, _action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        let Some(rate) = self.fps else { return Ok(None) };
        self.send(DRAW, std::iter::empty())?;
        self.is_sent = false;
        let drawn = match &mut self.link {
            Ok(link) => link.await_picture(),
            Err(failure) => Err(failure.clone()),
        };
        let view = View::Pixels(drawn.map_err(|failure| self.failed(failure))?);
        Ok(Some(Picture { view, caption: String::new(), rate }))
    }

    fn state(&self) -> Option<Vec<u64>> {
        self.journal.words()
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = || EnvError::InvalidState { env: self.spec.name().into() };
        let Some(recorded) = self.journal.read(state).ok_or_else(invalid)? else {
            self.journal.close();
            return Ok(());
        };
        let mut observation = vec![0.0; self.observation_space.len()];
        let mut action = vec![0.0; self.action_space.len()];
        self.reset(recorded.seed, &mut observation)?;
        for words in recorded.actions.chunks(action.len()) {
            if self.interrupted.load(Ordering::Relaxed) {
                self.journal.close();
                return Err(EnvError::Interrupted { env: self.spec.name().into() });
            }
            action.iter_mut().zip(words).for_each(|(to, &word)| *to = f64::from_bits(word));
            match self.step(&action, &mut observation) {
                Err(EnvError::NeedsReset) => break,
                done => done?,
            };
        }
        let same = self.journal.is_under_way() && self.journal.check() == recorded.check;
        if !same {
            self.journal.close();
            return Err(Failure::not_reproduced().of(self.spec.name()));
        }
        Ok(())
    }
}

/// Widens the dimensions that never change by the least there is, for they are no box of ours; which they are, and their
/// values.
fn widen(low: &mut [f64], high: &mut [f64]) -> Vec<(usize, f64)> {
    let mut fixed = Vec::new();
    for (index, (low, high)) in low.iter_mut().zip(high).enumerate() {
        if low == high && low.is_finite() {
            fixed.push((index, *low));
            (*low, *high) = (low.next_down(), high.next_up());
        }
    }
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Learners move between threads with their environments.
    #[test]
    fn it_can_be_sent_to_another_thread() {
        fn sent<T: Send>() {}
        sent::<GymEnv>();
    }
}
