"""Deep Deterministic Policy Gradient."""

from .policies import MlpPolicy
from .ddpg import DDPG

__all__ = ["DDPG", "MlpPolicy"]
