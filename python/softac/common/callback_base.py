"""Base classes of callbacks, and conversion to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any


class BaseCallback(ABC):
    """
    An object that a training calls after each step, and that can stop it.

    Subclasses implement `_on_step`, and any other method with an underscore.

    :param verbose: 0 prints nothing, 1 information, 2 details
    """

    # The model that is trained.
    model: Any

    def __init__(self, verbose: int = 0) -> None:
        # Number of calls of `on_step`.
        self.n_calls = 0
        # Number of environment steps of the model.
        self.num_timesteps = 0
        self.verbose = verbose
        # Local and global variables of the training.
        self.locals: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}
        # The callback that calls this one, if any.
        self.parent: Any = None

    @property
    def training_env(self) -> Any:
        """The vectorised environment of the training."""
        env = self.model.get_env()
        if env is None:
            raise ValueError("the model has no environment: call set_env(env) before the training")
        return env

    @property
    def logger(self) -> Any:
        """The logger of the model."""
        return self.model.logger

    def init_callback(self, model: Any) -> None:
        """Connects the callback with a model."""
        self.model = model
        self._init_callback()

    def _init_callback(self) -> None:
        """Prepares the callback, once it has a model."""

    def on_training_start(self, locals_: dict[str, Any], globals_: dict[str, Any]) -> None:
        """Receives the variables of the training, at its start."""
        self.locals, self.globals = locals_, globals_
        self.num_timesteps = self.model.num_timesteps
        self._on_training_start()

    def _on_training_start(self) -> None:
        """Runs before the first step."""

    def on_rollout_start(self) -> None:
        """Announces steps of the environment."""
        self._on_rollout_start()

    def _on_rollout_start(self) -> None:
        """Runs before the environment steps."""

    def on_step(self) -> bool:
        """Runs the callback after a step; False stops the training."""
        self.n_calls += 1
        self.num_timesteps = self.model.num_timesteps
        return self._on_step()

    @abstractmethod
    def _on_step(self) -> bool:
        """Runs after each step; False stops the training."""

    def on_rollout_end(self) -> None:
        """Announces updates of the model."""
        self._on_rollout_end()

    def _on_rollout_end(self) -> None:
        """Runs before the updates."""

    def on_training_end(self) -> None:
        """Announces the end of the training."""
        self._on_training_end()

    def _on_training_end(self) -> None:
        """Runs after the last step."""

    def update_locals(self, locals_: dict[str, Any]) -> None:
        """Receives new values of the local variables."""
        self.locals.update(locals_)
        self.update_child_locals(locals_)

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        """Passes new values of the local variables to further callbacks."""


class EventCallback(BaseCallback):
    """
    A callback that calls another one at certain events.

    :param callback: callback for the event, or None
    :param verbose: 0 prints nothing, 1 information, 2 details
    """

    def __init__(self, callback: Any = None, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.callback = callback
        for child in self._children():
            child.parent = self

    def _children(self) -> list[Any]:
        return [] if self.callback is None else [self.callback]

    def init_callback(self, model: Any) -> None:
        super().init_callback(model)
        for child in self._children():
            child.init_callback(model)

    def _on_training_start(self) -> None:
        for child in self._children():
            child.on_training_start(self.locals, self.globals)

    def _on_event(self) -> bool:
        """Calls the callback for the event; False stops the training."""
        return True if self.callback is None else bool(self.callback.on_step())

    def _on_step(self) -> bool:
        return True

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        for child in self._children():
            child.update_locals(locals_)


class CallbackList(BaseCallback):
    """
    Calls several callbacks in turn. The training stops if one of them stops it.

    :param callbacks: the callbacks
    """

    def __init__(self, callbacks: Sequence[Any]) -> None:
        super().__init__()
        self.callbacks = list(callbacks)

    def _init_callback(self) -> None:
        for callback in self.callbacks:
            callback.init_callback(self.model)
            # A stop callback in the list reads the EvalCallback around the list.
            callback.parent = self.parent

    def _on_training_start(self) -> None:
        for callback in self.callbacks:
            callback.on_training_start(self.locals, self.globals)

    def _on_rollout_start(self) -> None:
        for callback in self.callbacks:
            callback.on_rollout_start()

    def _on_step(self) -> bool:
        # Each callback is called, even after one that stops the training.
        results = [callback.on_step() for callback in self.callbacks]
        return all(results)

    def _on_rollout_end(self) -> None:
        for callback in self.callbacks:
            callback.on_rollout_end()

    def _on_training_end(self) -> None:
        for callback in self.callbacks:
            callback.on_training_end()

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        for callback in self.callbacks:
            callback.update_locals(locals_)


class ConvertCallback(BaseCallback):
    """
    A callback made of a function.

    :param callback: function of `locals` and `globals` that returns False to stop the training; None does nothing
    :param verbose: 0 prints nothing, 1 information, 2 details
    """

    def __init__(self, callback: Callable[..., Any] | None, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.callback = callback

    def _on_step(self) -> bool:
        return True if self.callback is None else bool(self.callback(self.locals, self.globals))


def as_callback(callback: Any) -> Any:
    """
    Returns the callback of a training.

    :param callback: a callback, a list of them, a function of `locals` and `globals`, or None. Callbacks of other packages
        need the methods `init_callback` and `on_step`.
    """
    if isinstance(callback, type):
        raise TypeError(f"the callback is the class {callback.__name__}: give an instance, {callback.__name__}()")
    if isinstance(callback, (list, tuple)):
        return CallbackList([as_callback(each) for each in callback])
    if hasattr(callback, "init_callback") and hasattr(callback, "on_step"):
        return callback
    if callback is None or callable(callback):
        return ConvertCallback(callback)
    raise TypeError(f"{callback!r} is not a callback: give a BaseCallback, a list of them, or a function of locals and globals")
