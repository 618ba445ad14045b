"""
A model as a file: a zip archive that is read without executing anything.

| member | holds |
|---|---|
| `model.json` | class, arguments, spaces, counters, episodes under way |
| `state.safetensors` | everything that determines how the training goes on, with or without the replay buffer |
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ._core import SoftacError
from .arguments import train_freq_of
from .environments import Unattached, as_vec_env, box_of, check_same

if TYPE_CHECKING:
    from .base import OffPolicyAlgorithm

Model = TypeVar("Model", bound="OffPolicyAlgorithm")

FORMAT = "softac-model-1"
HEAD, STATE = "model.json", "state.safetensors"

# What a model keeps of its own besides the engine's state.
COUNTERS = ("num_timesteps", "_episode_num", "_total_timesteps", "_num_timesteps_at_start")


def save(
    model: OffPolicyAlgorithm,
    path: Any,
    exclude: Iterable[str] | None = None,
    include: Iterable[str] | None = None,
    replay_buffer: bool = False,
) -> None:
    """
    Writes everything that the model needs to go on to the same bits, in one file.

    :param path: the file; `.zip` is added if it has no extension. A file that was there is replaced as a whole
    :param exclude: without effect; nothing is left out
    :param include: `["replay_buffer"]` writes the replay buffer, too
    :param replay_buffer: the same
    """
    with_replay = replay_buffer or "replay_buffer" in (include or ())
    if hasattr(path, "write"):
        with tempfile.TemporaryDirectory(prefix="softac-") as folder:
            _write(model, path, Path(folder), with_replay)
        return
    target = _with_extension(path, ".zip")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".softac-") as folder:
        archive = Path(folder) / "archive"
        _write(model, archive, Path(folder), with_replay)
        os.replace(archive, target)


def _write(model: OffPolicyAlgorithm, archive: Any, folder: Path, with_replay: bool) -> None:
    state = folder / STATE
    model.core.save(state, "all" if with_replay else "all but replay")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        file.writestr(HEAD, json.dumps(_head(model, with_replay), indent=1))
        file.write(state, STATE)


def _head(model: OffPolicyAlgorithm, with_replay: bool) -> dict[str, Any]:
    episodes = [dict(episode) for episode in model.ep_info_buffer]
    return {
        "format": FORMAT,
        "algo": model.algo,
        "settings": _plain(model._settings),
        # A function has no place in a file.
        "arguments": _plain({k: None if callable(v) else v for k, v in model._named.items()}),
        "first_learning_rate": float(model.lr_schedule(1.0)),
        "normalisation": model._normalisation,
        "n_envs": model.n_envs,
        "counters": {name: getattr(model, name) for name in COUNTERS},
        "observation_space": box_of(model.observation_space),
        "action_space": box_of(model.action_space),
        "with_replay": with_replay,
        "episodes": _plain(episodes),
        "under_way": model._driver.journal() if model._driver is not None else model._under_way,
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it; classes by their names."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, type):
        return value.__name__
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _with_extension(path: Any, extension: str) -> Path:
    plain = Path(path)
    return plain if plain.suffix else plain.with_name(plain.name + extension)


def load(
    cls: type[Model], path: Any, env: Any, custom_objects: dict[str, Any], replaced: dict[str, Any]
) -> Model:
    """The model of a file, with some of its arguments replaced."""
    source = path if hasattr(path, "read") else _existing(path, ".zip")
    try:
        with zipfile.ZipFile(source) as file, tempfile.TemporaryDirectory(prefix="softac-") as folder:
            head = json.loads(file.read(HEAD))
            if head.get("format") != FORMAT:
                raise SoftacError(f"{source}: its format is {head.get('format')!r}, this version reads {FORMAT!r}")
            if head["algo"] != cls.algo:
                raise ValueError(f"{source} holds a model of {head['algo'].upper()}: load it by that class")
            model = _made(cls, head, env, {**_known(head, custom_objects), **replaced})
            file.extract(STATE, folder)
            model.core.load(Path(folder) / STATE, _part(head, model))
    except (zipfile.BadZipFile, json.JSONDecodeError, KeyError) as error:
        raise SoftacError(f"{source} is no model of softac, or damaged: {error}") from error
    return model


def _known(head: dict[str, Any], custom_objects: dict[str, Any]) -> dict[str, Any]:
    """Those of the objects that replace an argument; the others replace what only pickled files hold."""
    known = {name: value for name, value in custom_objects.items() if name in head["arguments"] | head["settings"]}
    if "lr_schedule" in custom_objects:
        known.setdefault("learning_rate", custom_objects["lr_schedule"])
    return known


def _part(head: dict[str, Any], model: OffPolicyAlgorithm) -> str:
    """The part of the state that a model takes: in another number of environments no episodes, streams and transitions."""
    if model.n_envs != head["n_envs"]:
        return "learned"
    return "all" if head["with_replay"] else "all but replay"


def _existing(path: Any, extension: str) -> Path:
    path = Path(path)
    found = path if path.is_file() else _with_extension(path, extension)
    if not found.is_file():
        raise FileNotFoundError(f"there is no file {found}")
    return found


def _made(cls: type[Model], head: dict[str, Any], env: Any, replaced: dict[str, Any]) -> Model:
    """A model with the arguments of a file, at its beginning."""
    spaces = (head["observation_space"], head["action_space"])
    if env is None:
        env = Unattached(*spaces, head["n_envs"])
    else:
        env = as_vec_env(env)
        check_same(env, env.num_envs, *spaces)
    named, settings = dict(head["arguments"]), dict(head["settings"])
    if named["learning_rate"] is None and "learning_rate" not in replaced:
        named["learning_rate"] = head["first_learning_rate"]
        what = "the learning rate was a function, which no file holds, and stays at its first value now: load(…, learning_rate=f)"
        warnings.warn(what, stacklevel=4)
    for name, value in replaced.items():
        if name not in named and name not in settings:
            raise ValueError(f"{name} is no argument that can be replaced; those are {sorted([*named, *settings])}")
        (named if name in named else settings)[name] = value
    named["train_freq"] = train_freq_of(named["train_freq"])
    model = cls.__new__(cls)
    model._set_up(env, named, settings, head["normalisation"])
    for name in COUNTERS:
        setattr(model, name, head["counters"][name])
    model.ep_info_buffer.extend(head["episodes"])
    model._under_way = head["under_way"] if model.n_envs == head["n_envs"] else None
    return model


def save_replay_buffer(model: OffPolicyAlgorithm, path: Any) -> None:
    """Writes the replay buffer alone. The file ends in `.pkl`, as scripts expect it, and is of the safetensors format."""
    target = _with_extension(path, ".pkl")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".softac-") as folder:
        written = Path(folder) / "replay"
        model.core.save(written, "replay")
        os.replace(written, target)


def load_replay_buffer(model: OffPolicyAlgorithm, path: Any, truncate_last_traj: bool = True) -> None:
    """Replaces the replay buffer by that of a file; it must have the same capacity and spaces."""
    model.core.load(_existing(path, ".pkl"), "replay")
