"""The interface of vectorised environments, and of wrappers around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Union

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

Array = NDArray[Any]
Infos = list[dict[str, Any]]
Stepped = tuple[Array, NDArray[np.float32], NDArray[np.bool_], Infos]
Indices = Union[None, int, Iterable[int]]


class VecEnv(ABC):
    """
    Several environments that are stepped together, and begin the next episode by themselves.

    Where an episode ends, `step` gives the first observation of the next one; the last one is
    `infos[i]["terminal_observation"]`.
    """

    def __init__(self, num_envs: int, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> None:
        self.num_envs = num_envs
        self.observation_space = observation_space
        self.action_space = action_space
        self.reset_infos: Infos = [{} for _ in range(num_envs)]
        # Seeds and options of the next resets.
        self._seeds: list[int | None] = [None] * num_envs
        self._options: list[dict[str, Any]] = [{} for _ in range(num_envs)]
        self.render_mode: str | None = None
        self.metadata: dict[str, Any] = {}

    @abstractmethod
    def reset(self) -> Array:
        """Begins an episode in every environment: the first observations, [N, …]."""

    @abstractmethod
    def step_async(self, actions: Array) -> None:
        """Begins a step with these actions, [N, …]."""

    @abstractmethod
    def step_wait(self) -> Stepped:
        """Ends the step: observations [N, …], rewards [N], dones [N], and infos."""

    @abstractmethod
    def close(self) -> None:
        """Closes all environments."""

    @abstractmethod
    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """An attribute of each of these environments."""

    @abstractmethod
    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        """Sets an attribute of these environments."""

    @abstractmethod
    def env_method(self, method_name: str, *args: Any, indices: Indices = None, **kwargs: Any) -> list[Any]:
        """Calls a method of each of these environments."""

    @abstractmethod
    def env_is_wrapped(self, wrapper_class: type[Any], indices: Indices = None) -> list[bool]:
        """Tells of each of these environments whether it has such a wrapper."""

    def step(self, actions: Array) -> Stepped:
        """One step of all environments."""
        self.step_async(actions)
        return self.step_wait()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Seeds the next reset of each environment: `seed`, `seed + 1`, …"""
        first = int(np.random.randint(2**31 - 1)) if seed is None else seed
        self._seeds = [first + i for i in range(self.num_envs)]
        return list(self._seeds)

    def seed_next(self, index: int, seed: int) -> None:
        """Seeds the next reset of one environment, also one that it does by itself."""
        self._seeds[index] = seed

    def set_options(self, options: dict[str, Any] | list[dict[str, Any]] | None = None) -> None:
        """Options of the next call of `reset`, for all environments or for each."""
        options = options or {}
        self._options = list(options) if isinstance(options, list) else [dict(options)] * self.num_envs

    def get_images(self) -> Sequence[Array | None]:
        """A picture of each environment that is made with `render_mode="rgb_array"`."""
        return self.env_method("render")

    def render(self, mode: str | None = None) -> Array | None:
        """The pictures side by side, in rows; or None, where the environments show themselves."""
        if (mode or self.render_mode) == "human":
            self.env_method("render")
            return None
        images = [np.asarray(image) for image in self.get_images() if image is not None]
        if not images:
            return None
        columns = int(np.ceil(np.sqrt(len(images))))
        missing = -len(images) % columns
        images += [np.zeros_like(images[0])] * missing
        rows = [np.concatenate(images[i : i + columns], axis=1) for i in range(0, len(images), columns)]
        return np.concatenate(rows, axis=0)

    @property
    def unwrapped(self) -> VecEnv:
        """The environment within all wrappers."""
        return self

    def _indices(self, indices: Indices) -> list[int]:
        if indices is None:
            return list(range(self.num_envs))
        return [indices] if isinstance(indices, int) else list(indices)


class VecEnvWrapper(VecEnv):
    """A vectorised environment around another one, to which everything goes that it does not do itself."""

    def __init__(
        self,
        venv: VecEnv,
        observation_space: spaces.Space[Any] | None = None,
        action_space: spaces.Space[Any] | None = None,
    ) -> None:
        self.venv = venv
        super().__init__(venv.num_envs, observation_space or venv.observation_space, action_space or venv.action_space)
        self.render_mode, self.metadata = venv.render_mode, venv.metadata
        self.reset_infos = venv.reset_infos

    def step_async(self, actions: Array) -> None:
        self.venv.step_async(actions)

    def close(self) -> None:
        self.venv.close()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        return self.venv.seed(seed)

    def seed_next(self, index: int, seed: int) -> None:
        self.venv.seed_next(index, seed)

    def set_options(self, options: dict[str, Any] | list[dict[str, Any]] | None = None) -> None:
        self.venv.set_options(options)

    def get_images(self) -> Sequence[Array | None]:
        return self.venv.get_images()

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        return self.venv.get_attr(attr_name, indices)

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        self.venv.set_attr(attr_name, value, indices)

    def env_method(self, method_name: str, *args: Any, indices: Indices = None, **kwargs: Any) -> list[Any]:
        return self.venv.env_method(method_name, *args, indices=indices, **kwargs)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Indices = None) -> list[bool]:
        return self.venv.env_is_wrapped(wrapper_class, indices)

    @property
    def unwrapped(self) -> VecEnv:
        return self.venv.unwrapped

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "venv":
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.venv, name)


def check_observation_space(space: spaces.Space[Any]) -> None:
    """Refuses observations of several arrays, with what to do."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        raise ValueError(
            f"observations are {type(space).__name__}: put gymnasium.wrappers.FlattenObservation around the environment"
        )
