"""Defines a custom environment, checks it with check_env and trains on it."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC
from stable_baselines3.common.env_checker import check_env


class GoToGoal(gym.Env):
    """A point on a square that has to reach the origin."""

    metadata = {"render_modes": []}

    def __init__(self, size=2.0, limit=40):
        super().__init__()
        self.size, self.limit = size, limit
        self.observation_space = spaces.Box(-size, size, shape=(2,), dtype=np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, shape=(2,), dtype=np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.position = self.np_random.uniform(-self.size, self.size, size=2).astype(np.float32)
        self.steps = 0
        return self.position.copy(), {}

    def step(self, action):
        self.steps += 1
        self.position = np.clip(self.position + 0.1 * action, -self.size, self.size).astype(np.float32)
        distance = float(np.linalg.norm(self.position))
        return self.position.copy(), -distance, distance < 0.1, self.steps >= self.limit, {"distance": distance}


env = GoToGoal()
check_env(env, warn=True)

model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]), seed=0)
model.learn(total_timesteps=300)
assert model.num_timesteps == 300
assert len(model.ep_info_buffer) >= 7
assert all(1 <= info["l"] <= 40 for info in model.ep_info_buffer)

obs, info = env.reset(seed=5)
for _ in range(10):
    action, _ = model.predict(obs, deterministic=True)
    assert env.action_space.contains(action)
    obs, reward, terminated, truncated, info = env.step(action)
assert np.isfinite(obs).all() and "distance" in info


broken = GoToGoal()
broken.observation_space = spaces.Box(-2.0, 2.0, shape=(3,), dtype=np.float32)
try:
    check_env(broken)
except Exception as error:
    print(f"check_env found the mistake: {error}")
else:
    raise SystemExit("check_env accepted a broken environment")
