"""Updates at the end of each episode (train_freq=(1, "episode"), gradient_steps=-1), then every eight steps."""

import gymnasium as gym

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback


class Rollouts(BaseCallback):
    """Records the steps at the end of each rollout and the updates at its start."""

    def __init__(self):
        super().__init__()
        self.ends, self.updates = [], []

    def _on_rollout_start(self):
        self.updates.append(self.model._n_updates)

    def _on_step(self):
        return True

    def _on_rollout_end(self):
        self.ends.append(self.num_timesteps)


env = gym.make("Pendulum-v1", max_episode_steps=60)
settings = dict(learning_starts=70, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

rollouts = Rollouts()
model = SAC("MlpPolicy", env, train_freq=(1, "episode"), gradient_steps=-1, **settings)
model.learn(total_timesteps=150, callback=rollouts)
# The last episode is completed.
assert model.num_timesteps == 180
assert rollouts.ends == [60, 120, 180]
# The first episode ends before the learning starts.
assert rollouts.updates == [0, 0, 60]
assert model._n_updates == 120

rollouts = Rollouts()
model = SAC("MlpPolicy", env, train_freq=(8, "step"), gradient_steps=4, **settings)
model.learn(total_timesteps=100, callback=rollouts)
assert model.num_timesteps == 104
assert rollouts.ends == list(range(8, 105, 8))
assert model._n_updates == 4 * 5

# Without gradient steps, nothing is learned.
model = SAC("MlpPolicy", env, gradient_steps=0, **settings)
model.learn(total_timesteps=100)
assert model._n_updates == 0
