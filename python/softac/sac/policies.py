"""The policy of SAC, by its names."""

from ..policies import SACPolicy

MlpPolicy = SACPolicy

__all__ = ["MlpPolicy", "SACPolicy"]
