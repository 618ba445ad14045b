"""The names of `base` and `wrapper` at their path in Stable-Baselines3."""

from .base import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn
from .images import tile_images
from .wrapper import VecEnvWrapper

__all__ = ["VecEnv", "VecEnvIndices", "VecEnvObs", "VecEnvStepReturn", "VecEnvWrapper", "tile_images"]
