"""Base class of wrappers around vectorised environments."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from gymnasium import spaces

from .base import Array, Options, VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn


class VecEnvWrapper(VecEnv):
    """
    A vectorised environment around another one. The wrapper forwards everything that it does not define.

    :param venv: the vectorised environment to wrap
    :param observation_space: observation space, if it differs from that of `venv`
    :param action_space: action space, if it differs from that of `venv`
    """

    def __init__(
        self,
        venv: VecEnv,
        observation_space: spaces.Space[Any] | None = None,
        action_space: spaces.Space[Any] | None = None,
    ) -> None:
        # `VecEnv.__init__` would hide `reset_infos` of the wrapped environment.
        self.venv = venv
        self.num_envs = venv.num_envs
        self.observation_space = observation_space or venv.observation_space
        self.action_space = action_space or venv.action_space
        self.render_mode = venv.render_mode
        self.metadata = venv.metadata

    @abstractmethod
    def reset(self) -> VecEnvObs:
        """Resets all environments and returns the first observations."""

    @abstractmethod
    def step_wait(self) -> VecEnvStepReturn:
        """Finishes the step and returns observations, rewards, dones and infos."""

    def step_async(self, actions: Array) -> None:
        self.venv.step_async(actions)

    def close(self) -> None:
        self.venv.close()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        return self.venv.seed(seed)

    def seed_next(self, index: int, seed: int) -> None:
        self.venv.seed_next(index, seed)

    def set_options(self, options: Options = None) -> None:
        self.venv.set_options(options)

    def get_images(self) -> Sequence[Array | None]:
        return self.venv.get_images()

    def render(self, mode: str | None = None) -> Array | None:
        return self.venv.render(mode)

    def has_attr(self, attr_name: str) -> bool:
        return self.venv.has_attr(attr_name)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        return self.venv.get_attr(attr_name, indices)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        self.venv.set_attr(attr_name, value, indices)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        return self.venv.env_method(method_name, *method_args, indices=indices, **method_kwargs)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        return self.venv.env_is_wrapped(wrapper_class, indices=indices)

    @property
    def unwrapped(self) -> VecEnv:
        return self.venv.unwrapped

    def __getattr__(self, name: str) -> Any:
        # Pickle and copy ask for private names, and for names before `venv` exists.
        if name.startswith("_") or name == "venv":
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.venv, name)
