"""The class that all algorithms share."""

from ..base import OffPolicyAlgorithm

__all__ = ["OffPolicyAlgorithm"]
