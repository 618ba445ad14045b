"""Soft Actor-Critic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arguments import Schedule, check_no_action_noise
from ..base import OffPolicyAlgorithm
from ..policies import SACPolicy


class SAC(OffPolicyAlgorithm):
    """
    Soft Actor-Critic (Haarnoja et al., arXiv:1812.05905).

    :param policy: "MlpPolicy"
    :param env: a Gymnasium environment, its id, or a vectorised environment
    :param learning_rate: step size of all Adam optimisers, or a function of the share of the training that is left
    :param buffer_size: capacity of the replay buffer, in transitions
    :param learning_starts: environment steps with uniform actions before the first update
    :param batch_size: transitions in a minibatch
    :param tau: Polyak coefficient of the target networks
    :param gamma: discount of future rewards
    :param train_freq: steps of each environment between rounds of updates, or (n, "step") or (n, "episode")
    :param gradient_steps: updates in a round; -1 for one per environment step
    :param ent_coef: the temperature α: "auto" to learn it, "auto_0.1" to begin there, or a fixed number
    :param target_update_interval: updates between two steps of the target networks
    :param target_entropy: the entropy that a learned temperature steers to; "auto" for minus the number of actions
    :param stats_window_size: episodes in the means of returns and lengths
    :param tensorboard_log: folder of TensorBoard's files; none are written without it
    :param policy_kwargs: `net_arch`, a list or `{"pi": […], "qf": […]}`; `activation_fn`; `n_critics`
    :param verbose: 1 prints a table of what is logged
    :param seed: seed of everything that is random; drawn if not given
    """

    algo = "sac"
    policy_class = SACPolicy

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Schedule = 3e-4,
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
        ent_coef: float | str = "auto",
        target_update_interval: int = 1,
        target_entropy: float | str = "auto",
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        use_sde_at_warmup: bool = False,
        stats_window_size: int = 100,
        tensorboard_log: str | None = None,
        policy_kwargs: Mapping[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        check_no_action_noise(action_noise)
        own = {
            "ent_coef": ent_coef,
            "target_update_interval": target_update_interval,
            "target_entropy": target_entropy,
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
            use_sde=use_sde,
            stats_window_size=stats_window_size,
            tensorboard_log=tensorboard_log,
            policy_kwargs=policy_kwargs,
            verbose=verbose,
            seed=seed,
            device=device,
        )

    @property
    def log_ent_coef(self) -> Any:
        """log α if the temperature is learned, an array of one number; otherwise None."""
        learned = self.core.numbers().get("temperature.log_alpha")
        return None if learned is None else np.array(learned[2])

    @property
    def ent_coef(self) -> float | Temperature:
        """The argument, a number or a text; a text that stands for a learned temperature is shown as a number by formats."""
        given = self._settings["ent_coef"]
        log_alpha = self.log_ent_coef
        return given if log_alpha is None else Temperature(given, float(np.exp(log_alpha[0])))

    @property
    def target_entropy(self) -> float:
        """The entropy that a learned temperature steers to."""
        given = self._settings["target_entropy"]
        return -float(np.prod(self.action_space.shape)) if given == "auto" else float(given)


class Temperature(str):
    """
    The text "auto" or "auto_0.1" with the temperature of the moment, which `float` and formats such as `{:.3f}` give.
    """

    alpha: float

    def __new__(cls, text: str, alpha: float) -> Temperature:
        """The text, with the temperature."""
        made = super().__new__(cls, text)
        made.alpha = alpha
        return made

    def __float__(self) -> float:
        return self.alpha

    def __format__(self, spec: str) -> str:
        return format(self.alpha, spec) if spec else str(self)
