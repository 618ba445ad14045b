"""Twin Delayed Deep Deterministic policy gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..arguments import Schedule, exploration_noise
from ..base import OffPolicyAlgorithm
from ..policies import TD3Policy


class TD3(OffPolicyAlgorithm):
    """
    Twin Delayed Deep Deterministic policy gradient (Fujimoto et al., arXiv:1802.09477).

    The arguments are those of `SAC`, and:

    :param action_noise: `NormalActionNoise`, which explores; without it actions are those of the policy
    :param policy_delay: updates of the critics for each of the policy and the targets
    :param target_policy_noise: standard deviation of the noise that smooths the target, in half ranges of the action
    :param target_noise_clip: bound of that noise
    """

    algo = "td3"
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
        policy_delay: int = 2,
        target_policy_noise: float = 0.2,
        target_noise_clip: float = 0.5,
        stats_window_size: int = 100,
        tensorboard_log: str | None = None,
        policy_kwargs: Mapping[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        own = {
            "exploration_noise": exploration_noise(action_noise),
            "policy_delay": policy_delay,
            "target_policy_noise": target_policy_noise,
            "target_noise_clip": target_noise_clip,
            "net_arch": [400, 300],
        }
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
            stats_window_size=stats_window_size,
            tensorboard_log=tensorboard_log,
            policy_kwargs=policy_kwargs,
            verbose=verbose,
            seed=seed,
            device=device,
        )
