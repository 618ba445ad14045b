//! The replay buffer against a queue, and the law by which it draws.

use std::collections::VecDeque;

use ndarray::Array2;
use proptest::prelude::*;
use softac::random::{Purpose, stream};
use softac::replay::{Batch, ReplayBuffer, ReplayError, Successors, Transition};

const OBSERVATIONS: usize = 2;
const ACTIONS: usize = 3;

/// The numbers of the transition with this number: all differ, and none is the zero of an empty slot.
struct Numbers {
    id: u32,
    observation: [f64; OBSERVATIONS],
    action: [f64; ACTIONS],
    next_observation: [f64; OBSERVATIONS],
}

impl Numbers {
    fn new(id: u32) -> Self {
        let part = |i: u32| f64::from(id) + 1.0 + f64::from(i) / 8.0;
        Self {
            id,
            observation: [part(0), part(1)],
            action: [part(2), part(3), part(4)],
            next_observation: [part(5), part(6)],
        }
    }

    fn reward(&self) -> f64 {
        -f64::from(self.id) - 1.0
    }

    /// All four combinations of terminated and truncated occur.
    fn transition(&self) -> Transition<'_, f64> {
        Transition {
            observation: &self.observation,
            action: &self.action,
            reward: self.reward(),
            next_observation: &self.next_observation,
            terminated: self.id & 1 == 1,
            truncated: self.id & 2 == 2,
        }
    }

    /// The number of the transition that begins with this observation.
    fn id(observation: &[f64]) -> u32 {
        observation[0] as u32 - 1
    }
}

/// The number of a transition, if all of its parts belong together.
fn whole(found: &Transition<'_, f64>) -> Option<u32> {
    let numbers = Numbers::new(Numbers::id(found.observation));
    let expected = numbers.transition();
    let same = found.observation == expected.observation
        && found.action == expected.action
        && found.reward == expected.reward
        && found.next_observation == expected.next_observation
        && found.terminated == expected.terminated
        && found.truncated == expected.truncated;
    same.then_some(numbers.id)
}

/// The numbers of the transitions in a batch, each of which must be whole.
fn drawn(batch: &Batch<f64>) -> Vec<u32> {
    let row = |matrix: &Array2<f64>, i| matrix.row(i).to_vec();
    let ids = (0..batch.rewards.nrows()).map(|i| {
        let numbers = Numbers::new(Numbers::id(&row(&batch.observations, i)));
        assert_eq!(row(&batch.observations, i), numbers.observation);
        assert_eq!(row(&batch.actions, i), numbers.action);
        assert_eq!(row(&batch.rewards, i), [numbers.reward()]);
        assert_eq!(row(&batch.next_observations, i), numbers.next_observation);
        let terminated = f64::from(u8::from(numbers.transition().terminated));
        assert_eq!(row(&batch.terminated, i), [terminated], "truncation is not termination");
        numbers.id
    });
    ids.collect()
}

fn filled(capacity: usize, pushes: u32) -> ReplayBuffer<f64> {
    let mut buffer = ReplayBuffer::new(capacity, OBSERVATIONS, ACTIONS).unwrap();
    (0..pushes).for_each(|id| buffer.push(Numbers::new(id).transition()).unwrap());
    buffer
}

proptest! {
    #[test]
    fn the_buffer_holds_what_a_queue_holds(capacity in 1_usize..9, pushes in 0_u32..30, seed: u64) {
        let mut buffer = filled(capacity, 0);
        let mut queue = VecDeque::new();
        let mut replay = stream(seed, Purpose::Replay);
        for id in 0..pushes {
            buffer.push(Numbers::new(id).transition()).unwrap();
            queue.push_back(id);
            if queue.len() > capacity {
                queue.pop_front();
            }
            prop_assert_eq!(buffer.len(), queue.len());

            let mut held: Vec<_> = (0..buffer.len())
                .map(|slot| whole(&buffer.get(slot).unwrap()).expect("a whole transition"))
                .collect();
            held.sort_unstable();
            prop_assert_eq!(&held, &Vec::from(queue.clone()));
            prop_assert!(buffer.get(buffer.len()).is_none());

            let mut batch = Batch::new(5, OBSERVATIONS, ACTIONS);
            buffer.sample(&mut batch, &mut replay).unwrap();
            prop_assert!(drawn(&batch).iter().all(|id| queue.contains(id)));
        }
    }
}

/// From one state to the next, by their numbers; all else follows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Walk {
    from: f64,
    to: f64,
    ended: bool,
}

impl Walk {
    fn push(self, buffer: &mut ReplayBuffer<f64>) {
        let Self { from, to, ended } = self;
        buffer
            .push(Transition {
                observation: &[from, -from],
                action: &[from; ACTIONS],
                reward: from,
                next_observation: &[to, -to],
                terminated: ended,
                truncated: false,
            })
            .unwrap();
    }

    /// What is found, if all of its parts belong together.
    fn of(found: Transition<'_, f64>) -> Self {
        let (from, to) = (found.observation[0], found.next_observation[0]);
        assert_eq!(
            (found.observation, found.next_observation),
            (&[from, -from][..], &[to, -to][..])
        );
        assert_eq!((found.action, found.reward), (&[from; ACTIONS][..], from));
        Self { from, to, ended: found.terminated }
    }
}

proptest! {
    #[test]
    fn shared_successors_are_those_that_were_stored(
        capacity in 1_usize..9,
        ends in proptest::collection::vec(proptest::bool::weighted(0.3), 0..60),
        seed: u64,
    ) {
        let mut buffer =
            ReplayBuffer::with_successors(Successors::Shared, capacity, OBSERVATIONS, ACTIONS)
                .unwrap();
        let (mut all, mut from) = (vec![], 1.0);
        let mut replay = stream(seed, Purpose::Replay);
        for ended in ends {
            let walk = Walk { from, to: from + 1.0, ended };
            walk.push(&mut buffer);
            all.push(walk);
            from = if ended { from + 10.0 } else { walk.to };

            // The youngest, without a gap.
            let mut held: Vec<_> =
                (0..=capacity).filter_map(|slot| buffer.get(slot)).map(Walk::of).collect();
            held.sort_by(|a, b| a.from.total_cmp(&b.from));
            prop_assert_eq!(held.len(), buffer.len());
            prop_assert_eq!(&held[..], &all[all.len() - held.len()..]);
            // Ends take slots, and the one before the oldest may not be in use.
            let ended = held[..held.len() - 1].iter().filter(|walk| walk.ended).count();
            prop_assert!(held.len() <= capacity);
            prop_assert!(held.len() + ended + 1 >= capacity.min(all.len()));

            let mut batch = Batch::new(5, OBSERVATIONS, ACTIONS);
            buffer.sample(&mut batch, &mut replay).unwrap();
            for row in 0..5 {
                let (from, to) = (batch.observations[[row, 0]], batch.next_observations[[row, 0]]);
                let ended = batch.terminated[[row, 0]] == 1.0;
                let walk = Walk { from, to, ended };
                prop_assert!(held.contains(&walk));
            }
        }
    }
}

proptest! {
    #[test]
    fn each_environment_has_a_part_of_its_own(
        each in 1_usize..6,
        lacking in 0_usize..3,
        shared: bool,
        lanes in proptest::collection::vec(0_usize..3, 0..40),
        seed: u64,
    ) {
        let successors = if shared { Successors::Shared } else { Successors::Stored };
        // No less than was asked for.
        let capacity = (3 * each - lacking).max(2 * each + 1).max(1);
        let buffer = |n, capacity| {
            ReplayBuffer::for_envs(n, successors, capacity, OBSERVATIONS, ACTIONS).unwrap()
        };
        let (mut together, mut alone) = (buffer(3, capacity), [(); 3].map(|()| buffer(1, each)));
        prop_assert_eq!(together.capacity(), 3 * each);
        prop_assert_eq!(together.bytes(), 3 * alone[0].bytes());
        for (id, lane) in lanes.into_iter().enumerate() {
            let numbers = Numbers::new(u32::try_from(id).unwrap());
            together.push_of(lane, numbers.transition()).unwrap();
            alone[lane].push(numbers.transition()).unwrap();
        }
        let slots = each + usize::from(shared);
        for (lane, buffer) in alone.iter().enumerate() {
            for slot in 0..slots {
                let ids = [together.get(lane * slots + slot), buffer.get(slot)]
                    .map(|found| found.map(|found| whole(&found).expect("a whole transition")));
                prop_assert_eq!(ids[0], ids[1]);
            }
        }
        prop_assert_eq!(together.len(), alone.iter().map(ReplayBuffer::len).sum::<usize>());
        prop_assert!(together.get(3 * slots).is_none());
        if !together.is_empty() {
            let mut batch = Batch::new(5, OBSERVATIONS, ACTIONS);
            together.sample(&mut batch, &mut stream(seed, Purpose::Replay)).unwrap();
            drawn(&batch);
        }
    }
}

#[test]
fn a_capacity_is_dealt_out_evenly_and_rounded_up_for_any_number_of_environments() {
    for (n, expected) in [(1, 20), (2, 20), (3, 21), (4, 20), (6, 24), (7, 21), (19, 38), (23, 23)]
    {
        let mut buffer =
            ReplayBuffer::for_envs(n, Successors::Stored, 20, OBSERVATIONS, ACTIONS).unwrap();
        assert_eq!(buffer.capacity(), expected, "{n}");
        for id in 0..3 * expected as u32 {
            buffer.push_of(id as usize % n, Numbers::new(id).transition()).unwrap();
        }
        assert_eq!(buffer.len(), expected, "{n}");
    }
}

/// Only the last of five numbers tells where an episode ended and where the next one begins.
#[test]
fn shared_successors_are_told_from_the_next_episode_by_every_number() {
    let mut buffer = ReplayBuffer::with_successors(Successors::Shared, 10, 5, 1).unwrap();
    let mut push = |from: f64, to: f64| {
        let [observation, next_observation] = [from, to].map(|x| [1.0, 2.0, 3.0, 4.0, x]);
        buffer
            .push(Transition {
                observation: &observation,
                action: &[0.0],
                reward: from,
                next_observation: &next_observation,
                terminated: false,
                truncated: false,
            })
            .unwrap();
    };
    let walks = [(0.0, 1.0), (1.0, 2.0), (10.0, 11.0)];
    walks.into_iter().for_each(|(from, to)| push(from, to));
    let held = (0..=10).filter_map(|slot| buffer.get(slot));
    let held: Vec<_> = held.map(|t| (t.observation[4], t.next_observation[4])).collect();
    assert_eq!(held, walks);
}

#[test]
fn transitions_of_all_environments_are_drawn_equally_often() {
    const DRAWS: usize = 100_000;
    // Seven, none, and thirteen.
    let mut buffer =
        ReplayBuffer::for_envs(3, Successors::Shared, 90, OBSERVATIONS, ACTIONS).unwrap();
    for id in 0..20 {
        buffer.push_of(if id < 7 { 0 } else { 2 }, Numbers::new(id).transition()).unwrap();
    }
    let mut batch = Batch::new(DRAWS, OBSERVATIONS, ACTIONS);
    buffer.sample(&mut batch, &mut stream(0, Purpose::Replay)).unwrap();
    let mut counts = [0_u32; 20];
    drawn(&batch).into_iter().for_each(|id| counts[id as usize] += 1);
    let expected = DRAWS as f64 / 20.0;
    let chi_square: f64 =
        counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    // The 0.999 quantile of χ² with nineteen degrees of freedom is 43.82.
    assert!(chi_square < 43.82, "{counts:?}");
}

#[test]
fn equal_streams_draw_equal_batches() {
    let buffer = filled(10, 25);
    let draw = |seed| {
        let mut batch = Batch::new(32, OBSERVATIONS, ACTIONS);
        buffer.sample(&mut batch, &mut stream(seed, Purpose::Replay)).unwrap();
        drawn(&batch)
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn termination_and_truncation_are_kept_apart() {
    let buffer = filled(4, 4);
    let flags = (0..4).map(|slot| buffer.get(slot).map(|t| (t.terminated, t.truncated)).unwrap());
    let expected = [(false, false), (true, false), (false, true), (true, true)];
    assert_eq!(flags.collect::<Vec<_>>(), expected);
}

#[test]
fn capacities_that_cannot_be_are_an_error_and_no_abort() {
    let new = |capacity| ReplayBuffer::<f32>::new(capacity, 3, 1).map(|_| ());
    assert_eq!(new(0), Err(ReplayError::NoCapacity));
    let nobody = ReplayBuffer::<f32>::for_envs(0, Successors::Stored, 5, 3, 1).map(|_| ());
    assert_eq!(nobody, Err(ReplayError::NoCapacity));
    // Too many numbers to count, too many bytes to count, too many bytes to have.
    for capacity in [usize::MAX, usize::MAX / 3, usize::MAX / 64] {
        assert_eq!(new(capacity), Err(ReplayError::TooLarge { capacity }));
    }
}

#[test]
fn transitions_of_other_dimensions_are_refused_and_change_nothing() {
    let mut buffer = filled(4, 2);
    let numbers = Numbers::new(2);
    let right = numbers.transition();
    let refused =
        Err(ReplayError::Dimensions { observation_dim: OBSERVATIONS, action_dim: ACTIONS });
    for wrong in [
        Transition { observation: &[1.0], ..right },
        Transition { next_observation: &[1.0, 2.0, 3.0], ..right },
        Transition { action: &[], ..right },
    ] {
        assert_eq!(buffer.push(wrong), refused);
    }
    assert_eq!(buffer.len(), 2);
    buffer.push(right).unwrap();
    assert_eq!(
        (0..3).map(|slot| whole(&buffer.get(slot).unwrap())).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(2)]
    );
}

#[test]
fn batches_that_cannot_be_filled_are_refused() {
    let mut replay = stream(0, Purpose::Replay);
    let mut batch = Batch::new(2, OBSERVATIONS, ACTIONS);
    assert_eq!(filled(4, 0).sample(&mut batch, &mut replay), Err(ReplayError::Empty));
    for mut wrong in [Batch::new(2, OBSERVATIONS + 1, ACTIONS), Batch::new(2, OBSERVATIONS, 1)] {
        let refused = filled(4, 2).sample(&mut wrong, &mut replay);
        assert!(matches!(refused, Err(ReplayError::Dimensions { .. })));
    }
}
