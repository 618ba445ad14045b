"""Creation of environments, and search in their wrappers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def unwrap_wrapper(env: Any, wrapper_class: type[Any]) -> Any:
    """Returns the outermost wrapper of a class around an environment, or None."""
    import gymnasium as gym

    while isinstance(env, gym.Wrapper):
        if isinstance(env, wrapper_class):
            return env
        env = env.env
    return None


def is_wrapped(env: Any, wrapper_class: type[Any]) -> bool:
    """Tells whether an environment has a wrapper of a class."""
    return unwrap_wrapper(env, wrapper_class) is not None


def make_vec_env(
    env_id: str | Callable[..., Any],
    n_envs: int = 1,
    seed: int | None = None,
    start_index: int = 0,
    monitor_dir: str | None = None,
    wrapper_class: Callable[..., Any] | None = None,
    env_kwargs: dict[str, Any] | None = None,
    vec_env_cls: Callable[..., Any] | None = None,
    vec_env_kwargs: dict[str, Any] | None = None,
    monitor_kwargs: dict[str, Any] | None = None,
    wrapper_kwargs: dict[str, Any] | None = None,
) -> Any:
    """
    Creates a vectorised environment. Each environment has a `Monitor`.

    :param env_id: id, class or function of the environment
    :param n_envs: number of environments
    :param seed: environment i receives `seed + i` at its first reset, its action space `seed + start_index + i`
    :param start_index: number of the first environment, for names of files and seeds of action spaces
    :param monitor_dir: folder of the monitors' files; None writes none
    :param wrapper_class: wrapper around each `Monitor`
    :param env_kwargs: arguments of the environment
    :param vec_env_cls: class of the vectorised environment; `DummyVecEnv` by default
    :param vec_env_kwargs: arguments of that class
    :param monitor_kwargs: arguments of the `Monitor`
    :param wrapper_kwargs: arguments of the wrapper
    """
    if vec_env_cls is None:
        from .vec_env import DummyVecEnv

        vec_env_cls = DummyVecEnv
    makers = [
        Maker(
            env_id,
            start_index + i,
            seed,
            monitor_dir,
            wrapper_class,
            env_kwargs or {},
            monitor_kwargs or {},
            wrapper_kwargs or {},
        )
        for i in range(n_envs)
    ]
    venv = vec_env_cls(makers, **(vec_env_kwargs or {}))
    venv.seed(seed)
    return venv


@dataclass(frozen=True)
class Maker:
    """Makes one environment. Unlike a lambda, it reaches other processes by pickle."""

    env_id: str | Callable[..., Any]
    rank: int
    seed: int | None
    monitor_dir: str | None
    wrapper_class: Callable[..., Any] | None
    env_kwargs: dict[str, Any]
    monitor_kwargs: dict[str, Any]
    wrapper_kwargs: dict[str, Any]

    def __call__(self) -> Any:
        """Makes the environment with its wrappers."""
        from .monitor import Monitor

        env = self._bare()
        if self.seed is not None:
            env.action_space.seed(self.seed + self.rank)
        path = None if self.monitor_dir is None else os.path.join(self.monitor_dir, str(self.rank))
        env = Monitor(env, filename=path, **self.monitor_kwargs)
        return env if self.wrapper_class is None else self.wrapper_class(env, **self.wrapper_kwargs)

    def _bare(self) -> Any:
        import gymnasium as gym

        if not isinstance(self.env_id, str):
            return self.env_id(**self.env_kwargs)
        try:
            return gym.make(self.env_id, **{"render_mode": "rgb_array", **self.env_kwargs})
        except TypeError:
            # The environment does not know render modes.
            return gym.make(self.env_id, **self.env_kwargs)
