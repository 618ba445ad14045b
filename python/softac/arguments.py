"""Stable-Baselines3's arguments as the engine's settings. What has no counterpart is refused by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

Schedule = Callable[[float], float]

ACTIVATIONS = ("relu", "tanh", "identity")
NETWORK_KEYS = ("net_arch", "activation_fn", "n_critics")
NEVER = 2**62


def refuse(name: str, value: object, advice: str) -> None:
    """Raises the error of an argument that is not supported."""
    raise ValueError(f"{name}={value!r} is not supported: {advice}")


class TrainFreq(NamedTuple):
    """The time between rounds of updates."""

    frequency: int
    unit: TrainFrequencyUnit


class TrainFrequencyUnit(Enum):
    """What it is counted in."""

    STEP = "step"
    EPISODE = "episode"


def check_policy(policy: Any, policy_class: type[Any]) -> None:
    """Accepts the policy of an algorithm, by the name `MlpPolicy` or as its class."""
    if policy != "MlpPolicy" and policy is not policy_class:
        name = policy if isinstance(policy, str) else getattr(policy, "__name__", repr(policy))
        refuse("policy", name, 'the networks are perceptrons: use "MlpPolicy"; images and dictionaries need a wrapper '
               "such as gymnasium.wrappers.FlattenObservation")


def check_device(device: Any) -> None:
    """Accepts the processor."""
    if str(device) not in ("auto", "cpu"):
        refuse("device", str(device), 'everything is computed on the processor: use "auto" or "cpu"')


def check_absent(**arguments: Any) -> None:
    """Refuses arguments that are given though the engine has nothing like them."""
    advice = {
        "use_sde": "the policy explores by its own noise, drawn anew in every step",
        "replay_buffer_class": "the engine has one replay buffer, with uniform minibatches",
        "replay_buffer_kwargs": "the engine has one replay buffer, with uniform minibatches",
        "n_steps": "transitions of one step are learned from; leave it at 1",
    }
    for name, value in arguments.items():
        if value not in (None, False, {}) and not (name == "n_steps" and value == 1):
            refuse(name, value, advice[name])


def network_settings(policy_kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings that `policy_kwargs` gives."""
    given = dict(policy_kwargs or {})
    settings: dict[str, Any] = {}
    if "net_arch" in given:
        settings["net_arch"] = given.pop("net_arch")
    if "n_critics" in given:
        settings["n_critics"] = given.pop("n_critics")
    if "activation_fn" in given:
        activation = given.pop("activation_fn")
        name = activation if isinstance(activation, str) else activation.__name__
        if name.lower() not in ACTIVATIONS:
            refuse("activation_fn", name, f"hidden layers have one of {', '.join(ACTIVATIONS)}")
        settings["activation"] = name.lower()
    for name, value in given.items():
        refuse(f"policy_kwargs[{name!r}]", value, f"supported are {', '.join(NETWORK_KEYS)}")
    return settings


def train_freq_of(train_freq: Any) -> TrainFreq:
    """The time between rounds of updates, of a number of steps or a number with its unit."""
    pair = train_freq if isinstance(train_freq, (tuple, list)) else (train_freq, "step")
    name = str(getattr(pair[-1], "value", pair[-1]))
    if len(pair) != 2 or not isinstance(pair[0], (int, np.integer)) or name not in ("step", "episode"):
        refuse("train_freq", train_freq, 'it is a number of steps, or (n, "step") or (n, "episode")')
    return TrainFreq(int(pair[0]), TrainFrequencyUnit(name))


def seed_of(seed: int | None) -> int:
    """The seed of a training, drawn if none is given."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ValueError(f"seed={seed!r}: it must be a whole number from 0 to below 2**63")
    return int(seed)


def rounds_settings(train_freq: TrainFreq, gradient_steps: int, learning_starts: int) -> dict[str, Any]:
    """The engine's settings of rounds of updates. Where no updates are wanted, learning never starts."""
    if gradient_steps == 0:
        return {"train_freq": 1, "learning_starts": NEVER, "warmup_steps": learning_starts}
    return {
        "train_freq": [train_freq.frequency, train_freq.unit.value],
        "gradient_steps": gradient_steps,
        "learning_starts": learning_starts,
    }


def exploration_noise(action_noise: Any) -> float:
    """The standard deviation of Gaussian exploration noise, the same in every dimension of the action; 0 without noise."""
    if action_noise is None:
        return 0.0
    mean, sigma = getattr(action_noise, "_mu", None), getattr(action_noise, "_sigma", None)
    if type(action_noise).__name__ != "NormalActionNoise" or mean is None or sigma is None:
        refuse("action_noise", type(action_noise).__name__, "exploration noise is Gaussian: use NormalActionNoise")
    sigmas = {float(x) for x in _flat(sigma)}
    if any(float(x) != 0.0 for x in _flat(mean)) or len(sigmas) != 1:
        refuse("action_noise", action_noise, "its mean must be 0 and its standard deviation the same in every dimension")
    return sigmas.pop()


def _flat(values: Any) -> Any:
    return getattr(values, "ravel", lambda: [values])()


def check_no_action_noise(action_noise: Any) -> None:
    """Refuses noise on top of the policy's own."""
    if action_noise is not None:
        refuse("action_noise", type(action_noise).__name__, "this algorithm explores by the noise of its own policy")


def schedule_of(learning_rate: float | str | Schedule) -> Schedule:
    """A learning rate as a function of the share of the training that is left."""
    if callable(learning_rate):
        return learning_rate
    if isinstance(learning_rate, str):
        refuse("learning_rate", learning_rate, "give a number, or a function of the share of the training that is left")
    rate = float(learning_rate)
    return lambda _progress_remaining: rate
