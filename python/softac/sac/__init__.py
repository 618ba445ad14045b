"""Soft Actor-Critic."""

from .policies import MlpPolicy
from .sac import SAC

__all__ = ["SAC", "MlpPolicy"]
