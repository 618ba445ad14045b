"""Deep Deterministic Policy Gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..arguments import Schedule, exploration_noise
from ..base import OffPolicyAlgorithm
from ..policies import TD3Policy


class DDPG(OffPolicyAlgorithm):
    """
    Deep Deterministic Policy Gradient (Lillicrap et al., arXiv:1509.02971).

    The arguments are those of `SAC`, and `action_noise`, as in `TD3`.
    """

    algo = "ddpg"
    policy_class = TD3Policy
    is_stochastic = False

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Schedule = 1e-3,
        buffer_size: int = 1_000_000,
        learning_starts: int = 100,
        batch_size: int = 256,
        tau: float = 0.005,
        gamma: float = 0.99,
        train_freq: int | tuple[int, str] = 1,
        gradient_steps: int = 1,
        action_noise: Any = None,
        replay_buffer_class: Any = None,
        replay_buffer_kwargs: Mapping[str, Any] | None = None,
        optimize_memory_usage: bool = False,
        n_steps: int = 1,
        tensorboard_log: str | None = None,
        policy_kwargs: Mapping[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        # DDPG has one critic, and no setting for it.
        networks = {name: value for name, value in (policy_kwargs or {}).items() if (name, value) != ("n_critics", 1)}
        own = {"exploration_noise": exploration_noise(action_noise), "net_arch": [400, 300]}
        super().__init__(
            policy,
            env,
            own,
            learning_rate=learning_rate,
            buffer_size=buffer_size,
            learning_starts=learning_starts,
            batch_size=batch_size,
            tau=tau,
            gamma=gamma,
            train_freq=train_freq,
            gradient_steps=gradient_steps,
            action_noise=action_noise,
            replay_buffer_class=replay_buffer_class,
            replay_buffer_kwargs=replay_buffer_kwargs,
            optimize_memory_usage=optimize_memory_usage,
            n_steps=n_steps,
            tensorboard_log=tensorboard_log,
            policy_kwargs=networks,
            verbose=verbose,
            seed=seed,
            device=device,
        )
