"""Distinguishes terminations from time limits in info and in the replay buffer."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC


class Walk(gym.Env):
    """Every third episode ends in a terminal state after 10 steps; the others reach the time limit of 20."""

    observation_space = spaces.Box(-10.0, 10.0, shape=(2,), dtype=np.float32)
    action_space = spaces.Box(-1.0, 1.0, shape=(1,), dtype=np.float32)
    episode = -1

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.steps = 0
        return self.observe(), {}

    def observe(self):
        return np.array([self.episode % 10, self.steps / 10], dtype=np.float32)

    def step(self, action):
        self.steps += 1
        terminated = self.episode % 3 == 2 and self.steps >= 10
        return self.observe(), 1.0, terminated, self.steps >= 20, {}


ends = []


def note_ends(locals_, globals_):
    """Records the end of each episode."""
    for done, info in zip(locals_["dones"], locals_["infos"]):
        if done:
            ends.append((info["TimeLimit.truncated"], info["terminal_observation"][1], info["episode"]["l"]))
    return True


model = SAC("MlpPolicy", Walk(), learning_starts=100, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=150, callback=note_ends)

assert [bool(end[0]) for end in ends] == [True, True, False] * 3
assert [end[2] for end in ends] == [20, 20, 10] * 3
assert np.allclose([end[1] for end in ends], [2.0, 2.0, 1.0] * 3)

# The next observation of a last step is the terminal observation, not the first one of the next episode.
buffer = model.replay_buffer
for last in np.cumsum([20, 20, 10] * 3) - 1:
    assert buffer.next_observations[last, 0, 1] in (1.0, 2.0)
batch = buffer.sample(2000)
observations, dones = np.asarray(batch.observations), np.asarray(batch.dones)[:, 0]
is_terminal_step = np.isclose(observations[:, 1], 0.9) & np.isin(observations[:, 0], [2.0, 5.0, 8.0])
assert is_terminal_step.any()
assert np.array_equal(dones == 1.0, is_terminal_step)
