"""Environments as a model takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_vec_env(env: Any, verbose: int = 0) -> Any:
    """A vectorised environment: the one that is given, or one of a single environment or an id."""
    if env is None:
        raise ValueError("a model needs an environment: env=gym.make(…), an id, or a vectorised environment")
    if hasattr(env, "step_async") and hasattr(env, "num_envs"):
        return env
    import gymnasium

    from .common.env_util import is_wrapped
    from .common.monitor import Monitor
    from .common.vec_env import DummyVecEnv

    if isinstance(env, gymnasium.vector.VectorEnv):
        raise ValueError(
            "gymnasium's own vectorised environments begin episodes in another way: use "
            "softac.common.env_util.make_vec_env(id, n_envs=n)"
        )
    if isinstance(env, str):
        env = gymnasium.make(env)
    if not isinstance(env, gymnasium.Env):
        raise TypeError(f"{type(env).__name__} is no environment: it must be a gymnasium.Env, an id, or a vectorised one")
    if not is_wrapped(env, Monitor):
        if verbose >= 1:
            print("Wrapping the env with a `Monitor` wrapper")
        env = Monitor(env)
    if verbose >= 1:
        print("Wrapping the env in a DummyVecEnv.")
    return DummyVecEnv([lambda: env])


class Unattached:
    """The place of the environments of a model that was loaded without one: their spaces and number."""

    def __init__(self, observation_space: Mapping[str, Any], action_space: Mapping[str, Any], num_envs: int) -> None:
        self.observation_space, self.action_space = Box.of(observation_space), Box.of(action_space)
        self.num_envs = num_envs


@dataclass(frozen=True, eq=False)
class Box:
    """A box of numbers where Gymnasium, which has a class for it, is not needed."""

    low: NDArray[Any]
    high: NDArray[Any]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Any:
        """The box that `box_of` gave; Gymnasium's, where it is installed."""
        shape, dtype = tuple(plain["shape"]), np.dtype(plain["dtype"])
        low, high = (np.array(plain[bound], dtype).reshape(shape) for bound in ("low", "high"))
        try:
            from gymnasium import spaces
        except ImportError:
            return Box(low, high, shape, dtype)
        return spaces.Box(low, high, shape, dtype.type)


def box_of(space: Any) -> dict[str, Any]:
    """Bounds, shape and type of a box, as JSON has them."""
    low, high = (np.asarray(bound, np.float64).ravel().tolist() for bound in (space.low, space.high))
    return {"low": low, "high": high, "shape": list(space.shape), "dtype": str(space.dtype)}


def check_same(env: Any, n_envs: int, observations: dict[str, Any], actions: dict[str, Any]) -> None:
    """Refuses environments other than those that a model learned in."""
    if env.num_envs != n_envs:
        raise ValueError(f"the model learns in {n_envs} environments, and {env.num_envs} were given")
    for what, ours in (("observation space", observations), ("action space", actions)):
        theirs = box_of(getattr(env, what.replace(" ", "_")))
        if theirs != ours:
            raise ValueError(f"the {what} is {theirs}, and the model's is {ours}")


def check_spaces(observations: Any, actions: Any) -> None:
    """Refuses spaces that are no boxes of numbers, with what to do."""
    if not _is_box(observations):
        raise ValueError(
            f"observations are {observations}: only boxes of numbers can be learned from; "
            "gymnasium.wrappers.FlattenObservation makes one of dictionaries and tuples"
        )
    if not _is_box(actions):
        raise ValueError(f"actions are {actions}: this algorithm chooses real numbers, a gymnasium.spaces.Box")
    if not np.issubdtype(actions.dtype, np.floating):
        raise ValueError(
            f"actions are {actions}: give the space the type numpy.float32, and round in the environment's step"
        )
    if not (np.all(np.isfinite(actions.low)) and np.all(np.isfinite(actions.high))):
        raise ValueError(f"actions are {actions}: every dimension needs finite bounds; gymnasium.wrappers.RescaleAction gives them")


def _is_box(space: Any) -> bool:
    return hasattr(space, "low") and hasattr(space, "high")


def normalisation_of(env: Any) -> dict[str, Any]:
    """The engine's settings for what a `VecNormalize` around the environment does; none without one."""
    normalised = find_vec_normalize(env)
    if normalised is None:
        return {}
    return {
        "norm_obs": normalised.norm_obs,
        "norm_reward": normalised.norm_reward,
        "clip_obs": float(normalised.clip_obs),
        "clip_reward": float(normalised.clip_reward),
    }


def find_vec_normalize(env: Any) -> Any:
    """The `VecNormalize` among the wrappers of a vectorised environment, if there is one."""
    while env is not None:
        if hasattr(env, "obs_rms") and hasattr(env, "norm_obs"):
            return env
        env = vars(env).get("venv")
    return None
