"""Environments from their ids, and their wrappers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def unwrap_wrapper(env: Any, wrapper_class: type[Any]) -> Any:
    """The outermost wrapper of a class around an environment, or None."""
    import gymnasium

    while isinstance(env, gymnasium.Wrapper):
        if isinstance(env, wrapper_class):
            return env
        env = env.env
    return None


def is_wrapped(env: Any, wrapper_class: type[Any]) -> bool:
    """Tells whether an environment has such a wrapper."""
    return unwrap_wrapper(env, wrapper_class) is not None


def make_vec_env(
    env_id: str | Callable[..., Any],
    n_envs: int = 1,
    seed: int | None = None,
    start_index: int = 0,
    monitor_dir: str | None = None,
    wrapper_class: Callable[..., Any] | None = None,
    env_kwargs: dict[str, Any] | None = None,
    vec_env_cls: type[Any] | None = None,
    vec_env_kwargs: dict[str, Any] | None = None,
    monitor_kwargs: dict[str, Any] | None = None,
    wrapper_kwargs: dict[str, Any] | None = None,
) -> Any:
    """
    Several environments of a kind, each in a `Monitor`.

    :param env_id: an id of Gymnasium's, or a class or function that makes an environment
    :param n_envs: how many
    :param seed: seeds the first resets with `seed + i`, and action spaces
    :param start_index: index of the first one
    :param monitor_dir: folder of the monitors' files
    :param wrapper_class: put around each, outside the monitor
    :param env_kwargs: arguments of the environment
    :param vec_env_cls: `DummyVecEnv` unless another is given
    """
    from .vec_env import DummyVecEnv

    def maker(rank: int) -> Callable[[], Any]:
        return _Maker(env_id, rank, seed, monitor_dir, wrapper_class, env_kwargs, monitor_kwargs, wrapper_kwargs)

    cls = vec_env_cls or DummyVecEnv
    venv = cls([maker(i + start_index) for i in range(n_envs)], **(vec_env_kwargs or {}))
    if seed is not None:
        venv.seed(seed)
    return venv


class _Maker:
    """Makes one of the environments; a class, so that it reaches another process without cloudpickle."""

    def __init__(self, env_id: Any, rank: int, seed: int | None, monitor_dir: str | None, *rest: Any) -> None:
        self.env_id, self.rank, self.seed, self.monitor_dir = env_id, rank, seed, monitor_dir
        self.wrapper_class, self.env_kwargs, self.monitor_kwargs, self.wrapper_kwargs = rest

    def __call__(self) -> Any:
        import gymnasium

        from .monitor import Monitor

        arguments = dict(self.env_kwargs or {})
        if isinstance(self.env_id, str):
            # Pictures for films, where the environment has them.
            try:
                env = gymnasium.make(self.env_id, **{"render_mode": "rgb_array", **arguments})
            except TypeError:
                env = gymnasium.make(self.env_id, **arguments)
        else:
            env = self.env_id(**arguments)
        if self.seed is not None:
            env.action_space.seed(self.seed + self.rank)
        path = None
        if self.monitor_dir is not None:
            os.makedirs(self.monitor_dir, exist_ok=True)
            path = os.path.join(self.monitor_dir, str(self.rank))
        env = Monitor(env, filename=path, **(self.monitor_kwargs or {}))
        return self.wrapper_class(env, **(self.wrapper_kwargs or {})) if self.wrapper_class else env
