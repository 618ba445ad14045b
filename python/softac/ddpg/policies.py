"""The policy of DDPG, by its names."""

from ..policies import TD3Policy

MlpPolicy = TD3Policy

__all__ = ["MlpPolicy", "TD3Policy"]
