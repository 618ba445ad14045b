"""A policy as a file for another place: a microcontroller, an inference engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .driver import Driver
from .environments import Unattached, as_vec_env, box_of, check_same

if TYPE_CHECKING:
    from .base import OffPolicyAlgorithm

EXTENSIONS = {"c": ".c", "rust": ".rs", "onnx": ".onnx", "safetensors": ".safetensors"}


def export(
    model: OffPolicyAlgorithm,
    format: str,
    path: Any = None,
    *,
    name: str = "policy",
    env: Any = None,
    overwrite: bool = False,
) -> list[Path]:
    """
    Writes the policy for another place.

    :param format: "c", C99 with its header; "rust", a module without std; "onnx"; or "safetensors"
    :param path: the file; `name` with the format's extension if not given
    :param name: the name that functions begin with
    :param env: an environment of its own for "c" and "rust", whose self-test has observations of a rollout in it; made by its
        id if not given
    :param overwrite: replaces files that are there
    :return: the files
    """
    if format not in EXTENSIONS:
        raise ValueError(f"there is no format {format!r}; it is one of {', '.join(EXTENSIONS)}")
    target = Path(path) if path is not None else Path(name + EXTENSIONS[format])
    driver = None
    if format in ("c", "rust"):
        venv = as_vec_env(env if env is not None else _another(model))
        check_same(venv, 1, box_of(model.observation_space), box_of(model.action_space))
        driver = Driver(venv)
    written = model.core.export(format, name, target, _name_of(model), overwrite, driver)
    return [Path(file) for file in written]


def save_run(model: OffPolicyAlgorithm, path: Any) -> Path:
    """
    Writes a run folder of the command, with which `softac resume`, `eval`, `watch`, `compare` and `export` go on.

    The environment must be one of Gymnasium's by its id, without wrappers of one's own. `softac resume PATH --total-timesteps N`
    comes to the bits of `learn(…, reset_num_timesteps=False)`.

    :param path: the folder, which must not be there yet
    :return: the folder
    """
    if model._driver is None:
        raise ValueError("the model has not learned: there is nothing to go on with")
    spec = _spec_of(model)
    own = [wrapper.name for wrapper in spec.additional_wrappers if wrapper.name != "Monitor"] if spec is not None else []
    if spec is None or own:
        what = f"the wrappers {own}" if own else "no id"
        raise ValueError(f"the environment has {what}: the command makes environments of Gymnasium's by their ids")
    target = Path(path)
    model.core.save_run(target, f"gym:{spec.id}", model._driver.episodes())
    return target


def _spec_of(model: OffPolicyAlgorithm) -> Any:
    return None if isinstance(model.env, Unattached) else model.env.get_attr("spec", [0])[0]


def _name_of(model: OffPolicyAlgorithm) -> str:
    """The environment's name, as the command calls it."""
    spec = _spec_of(model)
    return f"gym:{spec.id}" if spec is not None else "an environment of Python's"


def _another(model: OffPolicyAlgorithm) -> Any:
    """Another environment of the model's kind."""
    import gymnasium

    spec = _spec_of(model)
    if spec is None:
        raise ValueError("the model's environment has no id by which another one is made: give one, export(…, env=env)")
    # A monitor may write a file, which has one writer.
    wrappers = tuple(wrapper for wrapper in spec.additional_wrappers if wrapper.name != "Monitor")
    return gymnasium.make(replace(spec, additional_wrappers=wrappers))
