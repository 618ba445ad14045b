"""Search in the wrappers of vectorised environments, and conversion to one."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeVar

import gymnasium as gym

from .dummy_vec_env import DummyVecEnv
from .vec_normalize import VecNormalize

Wrapper = TypeVar("Wrapper")


def _layers(env: Any) -> Iterator[Any]:
    """A vectorised environment and everything that it wraps, from the outside."""
    while env is not None:
        yield env
        env = vars(env).get("venv")


def unwrap_vec_wrapper(env: Any, vec_wrapper_class: type[Wrapper]) -> Wrapper | None:
    """Returns the outermost wrapper of a class, or None."""
    return next((layer for layer in _layers(env) if isinstance(layer, vec_wrapper_class)), None)


def unwrap_vec_normalize(env: Any) -> VecNormalize | None:
    """Returns the outermost `VecNormalize`, or None."""
    return unwrap_vec_wrapper(env, VecNormalize)


def is_vecenv_wrapped(env: Any, vec_wrapper_class: type[Any]) -> bool:
    """Tells whether a vectorised environment has a wrapper of a class."""
    return unwrap_vec_wrapper(env, vec_wrapper_class) is not None


def sync_envs_normalization(env: Any, eval_env: Any) -> None:
    """
    Copies the statistics of each `VecNormalize` to the one of another environment. Both may be of Stable-Baselines3.

    :param env: environment of the training
    :param eval_env: environment of the evaluation
    """
    sources = [layer for layer in _layers(env) if "ret_rms" in vars(layer)]
    targets = [layer for layer in _layers(eval_env) if "ret_rms" in vars(layer)]
    if len(sources) != len(targets):
        raise ValueError(
            f"the training environment has {len(sources)} VecNormalize, and the evaluation environment {len(targets)}: "
            "wrap both alike, the latter with training=False and norm_reward=False"
        )
    for source, target in zip(sources, targets, strict=True):
        target.ret_rms = deepcopy(source.ret_rms)
        if hasattr(source, "obs_rms"):
            target.obs_rms = deepcopy(source.obs_rms)


def as_vec_env(env: Any) -> Any:
    """Returns a vectorised environment as it is, and any other one as a vectorised environment of one."""
    if isinstance(env, gym.vector.VectorEnv):
        raise ValueError("vectorised environments of gymnasium have another interface: use softac.common.env_util.make_vec_env")
    if hasattr(env, "num_envs") and hasattr(env, "step_async"):
        return env
    if not isinstance(env, gym.Env):
        raise TypeError(f"{env!r} is not an environment: give a gymnasium.Env or a VecEnv")
    return DummyVecEnv([lambda: env])
