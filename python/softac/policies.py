"""What acts and what judges, as a script looks at them: `model.policy`, `model.actor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from .base import OffPolicyAlgorithm

Floats = NDArray[np.float64]

# Nodes of the quadrature of an entropy; 64 leave an error below 1e-6 for σ ≤ 2.
NODES = 64


class SquashedGaussian:
    """
    The distribution of actions a = tanh(u), u ~ N(μ, σ²), within [−1, 1], for a batch of observations.

    `mean` and `log_std` are those of u, of shape [B, A].
    """

    def __init__(self, mean: Floats, log_std: Floats, rng: np.random.Generator) -> None:
        self.mean, self.log_std = mean, log_std
        self._rng = rng

    def mode(self) -> Floats:
        """The deterministic action tanh(μ), [B, A]."""
        return np.asarray(np.tanh(self.mean))

    def sample(self) -> Floats:
        """Random actions, [B, A]."""
        noise = self._rng.standard_normal(self.mean.shape)
        return np.asarray(np.tanh(self.mean + np.exp(self.log_std) * noise))

    def log_prob(self, actions: ArrayLike) -> Floats:
        """log π(a | s) of actions within (−1, 1), [B]."""
        u = np.arctanh(np.asarray(actions, np.float64))
        z = (u - self.mean) / np.exp(self.log_std)
        gaussian = -0.5 * z**2 - self.log_std - 0.5 * np.log(2 * np.pi)
        return np.asarray(np.sum(gaussian - _log_derivative(u), axis=-1))

    def entropy(self) -> Floats:
        """
        The entropy of the squashed distribution, [B].

        It has no closed form: H = Σⱼ [½ log(2πe σⱼ²) + E log(1 − tanh² uⱼ)]. The first term is exact, the expectation is a
        Gauss–Hermite quadrature with 64 nodes in each dimension.
        """
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        u = self.mean[..., None] + np.exp(self.log_std)[..., None] * nodes  # [B, A, nodes]
        squashing = _log_derivative(u) @ (weights / np.sqrt(2 * np.pi))
        return np.asarray(np.sum(0.5 * np.log(2 * np.pi * np.e) + self.log_std + squashing, axis=-1))


def _log_derivative(u: Floats) -> Floats:
    """log(1 − tanh² u), without cancellation for large |u|."""
    return np.asarray(2 * (np.log(2.0) - u - np.logaddexp(0.0, -2 * u)))


class Networks:
    """Networks of a model, by the beginnings of their names."""

    def __init__(self, model: OffPolicyAlgorithm, *prefixes: str) -> None:
        self._model, self._prefixes = model, prefixes

    def state_dict(self) -> dict[str, Floats]:
        """Copies of all parameters, by name."""
        learned = self._model.get_parameters()["policy"]
        return {name: values for name, values in learned.items() if name.startswith(self._prefixes)}

    def parameters(self) -> list[Floats]:
        """Copies of all parameters."""
        return list(self.state_dict().values())


class Actor(Networks):
    """The policy network of a model."""

    def __init__(self, model: OffPolicyAlgorithm) -> None:
        super().__init__(model, "actor.")
        self._rng = np.random.default_rng(model.seed)

    def get_distribution(self, observation: ArrayLike) -> SquashedGaussian:
        """The distribution of actions for one observation or a batch of them."""
        parts = self._model.core.gaussian(self._model._rows(observation)[0])
        if parts is None:
            raise ValueError(f"the policy of {type(self._model).__name__} is deterministic and has no distribution")
        return SquashedGaussian(*parts, self._rng)

    def __call__(self, observation: ArrayLike, deterministic: bool = False) -> NDArray[Any]:
        return self._model.predict(observation, deterministic=deterministic)[0]


class Policy(Networks):
    """The networks of a model together."""

    def __init__(self, model: OffPolicyAlgorithm) -> None:
        super().__init__(model, "")
        self.actor = Actor(model)
        self.critic, self.critic_target = Networks(model, "critics."), Networks(model, "targets.")

    def predict(
        self,
        observation: ArrayLike,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], Any]:
        """As the model's own `predict`."""
        return self._model.predict(observation, state, episode_start, deterministic)

    def set_training_mode(self, mode: bool) -> None:
        """Changes nothing: no layer acts differently while it learns."""


class SACPolicy(Policy):
    """The networks of SAC."""


class TD3Policy(Policy):
    """The networks of TD3 and DDPG."""
