"""The class that all algorithms share, by its other name."""

from ..base import OffPolicyAlgorithm as BaseAlgorithm

__all__ = ["BaseAlgorithm"]
