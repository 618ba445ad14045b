"""Wrappers of a vectorised environment: which there are, and their statistics."""

from __future__ import annotations

from typing import TypeVar

from .base import VecEnv, VecEnvWrapper
from .vec_normalize import VecNormalize

Wrapper = TypeVar("Wrapper", bound=VecEnvWrapper)


def unwrap_vec_wrapper(env: VecEnv, vec_wrapper_class: type[Wrapper]) -> Wrapper | None:
    """The outermost wrapper of a class, if there is one."""
    while isinstance(env, VecEnvWrapper):
        if isinstance(env, vec_wrapper_class):
            return env
        env = env.venv
    return None


def unwrap_vec_normalize(env: VecEnv) -> VecNormalize | None:
    """The `VecNormalize` around an environment, if there is one."""
    return unwrap_vec_wrapper(env, VecNormalize)


def is_vecenv_wrapped(env: VecEnv, vec_wrapper_class: type[VecEnvWrapper]) -> bool:
    """Tells whether a vectorised environment has such a wrapper."""
    return unwrap_vec_wrapper(env, vec_wrapper_class) is not None


def sync_envs_normalization(env: VecEnv, eval_env: VecEnv) -> None:
    """Gives the environment of evaluations the statistics of the training's."""
    ours, theirs = unwrap_vec_normalize(env), unwrap_vec_normalize(eval_env)
    if ours is None or theirs is None:
        return
    theirs.obs_rms, theirs.ret_rms = ours.obs_rms.copy(), ours.ret_rms.copy()
