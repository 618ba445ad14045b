"""The policy of TD3, by its names."""

from ..policies import TD3Policy

MlpPolicy = TD3Policy

__all__ = ["MlpPolicy", "TD3Policy"]
