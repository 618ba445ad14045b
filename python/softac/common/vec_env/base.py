"""Interface of vectorised environments and of their wrappers."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, Union

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .images import show, tile_images

Array = NDArray[Any]
VecEnvObs = Array
VecEnvStepReturn = tuple[Array, Array, Array, list[dict[str, Any]]]
VecEnvIndices = Union[None, int, Iterable[int]]
Options = Union[dict[str, Any], list[dict[str, Any]], None]


class VecEnv(ABC):
    """
    Several environments that step together.

    An environment resets itself when its episode ends. `step` then returns the first observation of the next episode; the
    last observation of the old one is `infos[i]["terminal_observation"]`.

    :param num_envs: number of environments
    :param observation_space: observation space of one environment
    :param action_space: action space of one environment
    """

    def __init__(self, num_envs: int, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> None:
        self.num_envs = num_envs
        self.observation_space = observation_space
        self.action_space = action_space
        # The infos of the last resets.
        self.reset_infos: list[dict[str, Any]] = [{} for _ in range(num_envs)]
        # Seeds and options of the next `reset`.
        self._seeds: list[int | None] = [None] * num_envs
        self._options: list[dict[str, Any]] = [{} for _ in range(num_envs)]
        self.render_mode: str | None = self._common_render_mode()
        self.metadata: dict[str, Any] = {"render_modes": [] if self.render_mode is None else [self.render_mode]}

    def _common_render_mode(self) -> str | None:
        try:
            modes = self.get_attr("render_mode")
        except AttributeError:
            return None
        if any(mode != modes[0] for mode in modes):
            raise ValueError(f"the environments have the render modes {modes}: make them all with the same render_mode")
        mode: str | None = modes[0]
        return mode

    @abstractmethod
    def reset(self) -> VecEnvObs:
        """Resets all environments and returns the first observations."""

    @abstractmethod
    def step_async(self, actions: Array) -> None:
        """Starts a step with one action for each environment."""

    @abstractmethod
    def step_wait(self) -> VecEnvStepReturn:
        """Finishes the step and returns observations, rewards, dones and infos."""

    @abstractmethod
    def close(self) -> None:
        """Closes all environments."""

    @abstractmethod
    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Returns an attribute of each environment."""

    @abstractmethod
    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Sets an attribute of each environment."""

    @abstractmethod
    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Calls a method of each environment and returns the results."""

    @abstractmethod
    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        """Tells for each environment whether it has a wrapper of this class."""

    def step(self, actions: Array) -> VecEnvStepReturn:
        """Steps all environments and returns observations, rewards, dones and infos."""
        self.step_async(actions)
        return self.step_wait()

    def has_attr(self, attr_name: str) -> bool:
        """Tells whether all environments have an attribute."""
        try:
            self.get_attr(attr_name)
        except AttributeError:
            return False
        return True

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """
        Seeds the next `reset`: environment i receives `seed + i`.

        :param seed: seed of the first environment; None draws one
        :return: the seeds of all environments
        """
        first = int(np.random.randint(2**31 - self.num_envs)) if seed is None else seed
        self._seeds = [first + i for i in range(self.num_envs)]
        return list(self._seeds)

    def seed_next(self, index: int, seed: int) -> None:
        """
        Seeds the next reset of one environment, once. Environments without support ignore the seed.

        :param index: number of the environment
        :param seed: seed of its next reset, automatic or not
        """

    def set_options(self, options: Options = None) -> None:
        """Sets the options of the next `reset`: one dictionary for all environments, or one for each."""
        each = options if isinstance(options, list) else [options or {}] * self.num_envs
        if len(each) != self.num_envs:
            raise ValueError(f"{len(each)} options for {self.num_envs} environments: give one for each")
        self._options = [deepcopy(one) for one in each]

    def _reset_seeds(self) -> None:
        self._seeds = [None] * self.num_envs

    def _reset_options(self) -> None:
        self._options = [{} for _ in range(self.num_envs)]

    def get_images(self) -> Sequence[Array | None]:
        """Returns an image of each environment; needs render_mode="rgb_array"."""
        if self.render_mode != "rgb_array":
            return [None] * self.num_envs
        return self.env_method("render")

    def render(self, mode: str | None = None) -> Array | None:
        """
        Renders all environments.

        :param mode: None for the mode of the environments; "human" shows the images of "rgb_array" in a window (needs
            OpenCV)
        :return: one image with all environments if the mode is "rgb_array", else None
        """
        mode = mode or self.render_mode
        if self.render_mode == "rgb_array" and mode in ("rgb_array", "human"):
            image = tile_images(self.get_images())
            if mode == "rgb_array":
                return image
            show(image)
            return None
        if mode is None or mode != self.render_mode:
            warnings.warn(
                f"render({mode!r}) shows nothing: the environments were made with render_mode={self.render_mode!r}",
                UserWarning,
                stacklevel=2,
            )
            return None
        self.env_method("render")
        return None

    @property
    def unwrapped(self) -> VecEnv:
        """The vectorised environment without its wrappers."""
        return self

    def _get_indices(self, indices: VecEnvIndices) -> Iterable[int]:
        if indices is None:
            return range(self.num_envs)
        return [indices] if isinstance(indices, int) else indices


class SeededVecEnv(VecEnv):
    """A vectorised environment whose automatic resets take the seeds of `seed_next`."""

    def __init__(self, num_envs: int, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> None:
        self._next_seeds: list[int | None] = [None] * num_envs
        # The rewards of the last step as the environments gave them.
        self.exact_rewards: NDArray[np.float64] = np.zeros(num_envs)
        super().__init__(num_envs, observation_space, action_space)

    def seed_next(self, index: int, seed: int) -> None:
        self._next_seeds[index] = self._seeds[index] = int(seed)

    def _use_next_seed(self, index: int) -> int | None:
        """The seed of an automatic reset, which is then used up."""
        seed, self._next_seeds[index] = self._next_seeds[index], None
        if seed is not None and self._seeds[index] == seed:
            self._seeds[index] = None
        return seed

    def _reset_seeds(self) -> None:
        super()._reset_seeds()
        self._next_seeds = [None] * self.num_envs


def check_observation_space(space: spaces.Space[Any]) -> None:
    """Refuses dictionaries and tuples of observations."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        raise ValueError(
            f"{type(space).__name__} observations are not supported: "
            "wrap each environment in gymnasium.wrappers.FlattenObservation"
        )
