"""Twin Delayed Deep Deterministic policy gradient."""

from .policies import MlpPolicy
from .td3 import TD3

__all__ = ["TD3", "MlpPolicy"]
