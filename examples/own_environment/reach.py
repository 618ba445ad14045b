"""A point that is to be moved to a goal: an environment of one's own, in one file."""

import gymnasium
import numpy
from gymnasium import spaces


class Reach(gymnasium.Env):
    """Moves a point in the plane; the episode ends at the goal."""

    def __init__(self, tolerance=0.1, speed=0.1):
        square = spaces.Box(-1.0, 1.0, (2,), numpy.float32)
        self.observation_space = spaces.Dict({"position": square, "goal": square})
        self.action_space = spaces.Box(-1.0, 1.0, (2,), numpy.float32)
        self.tolerance, self.speed = tolerance, speed

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.position, self.goal = self.np_random.uniform(-1.0, 1.0, (2, 2)).astype(numpy.float32)
        return self.observation(), {}

    def step(self, action):
        moved = self.position + self.speed * action
        self.position = numpy.clip(moved, -1.0, 1.0).astype(numpy.float32)
        distance = float(numpy.linalg.norm(self.position - self.goal))
        is_there = distance < self.tolerance
        return self.observation(), -distance, is_there, False, {"is_success": is_there}

    def observation(self):
        return {"position": self.position.copy(), "goal": self.goal.copy()}


gymnasium.register("Reach-v0", entry_point=Reach, max_episode_steps=50)
