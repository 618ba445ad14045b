"""What all algorithms share: a model with its environment, training and acting."""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import arguments, exporting, parameters, saving
from ._core import Learner
from .driver import Driver
from .environments import Unattached, as_vec_env, box_of, check_same, check_spaces, find_vec_normalize, normalisation_of
from .interrupt import Interrupt
from .policies import Actor, Networks, Policy
from .replay import ReplayBuffer

Self = TypeVar("Self", bound="OffPolicyAlgorithm")
Array = NDArray[Any]

# Arguments that are settings of the engine, too, under the same names.
SETTINGS = (
    "buffer_size",
    "batch_size",
    "tau",
    "gamma",
)

# Updates between two looks at Ctrl-C.
UPDATES_AT_A_TIME = 64


class Device(str):
    """The name of a device, with the attribute that torch's have."""

    @property
    def type(self) -> str:
        """The kind of device."""
        return str(self)


class OffPolicyAlgorithm:
    """
    A model: an algorithm of the engine, its replay buffer, and the environment that it learns in.

    Everything is computed by the engine (`softac._core.Learner`); Python steps the environments, calls callbacks and logs.
    """

    algo: ClassVar[str]
    policy_class: ClassVar[type[Policy]]
    # The policy has noise of its own, which predictions draw unless they are to be deterministic.
    is_stochastic: ClassVar[bool] = True

    def __init__(
        self,
        policy: Any,
        env: Any,
        own: Mapping[str, Any],
        *,
        learning_rate: float | arguments.Schedule,
        buffer_size: int,
        learning_starts: int,
        batch_size: int,
        tau: float,
        gamma: float,
        train_freq: Any,
        gradient_steps: int,
        action_noise: Any,
        replay_buffer_class: Any,
        replay_buffer_kwargs: Mapping[str, Any] | None,
        optimize_memory_usage: bool,
        n_steps: int,
        tensorboard_log: str | None,
        policy_kwargs: Mapping[str, Any] | None,
        verbose: int,
        seed: int | None,
        device: Any,
        use_sde: bool = False,
        stats_window_size: int = 100,
    ) -> None:
        arguments.check_policy(policy, self.policy_class)
        arguments.check_device(device)
        if verbose >= 1:
            print("Using cpu device")
        arguments.check_absent(
            use_sde=use_sde,
            replay_buffer_class=replay_buffer_class,
            replay_buffer_kwargs=replay_buffer_kwargs,
            n_steps=n_steps,
        )
        named = {
            "learning_rate": learning_rate,
            "buffer_size": buffer_size,
            "learning_starts": learning_starts,
            "batch_size": batch_size,
            "tau": tau,
            "gamma": gamma,
            "train_freq": arguments.train_freq_of(train_freq),
            "gradient_steps": gradient_steps,
            "action_noise": action_noise,
            "seed": seed,
            "verbose": verbose,
            "tensorboard_log": tensorboard_log,
            "stats_window_size": stats_window_size,
            "policy_kwargs": dict(policy_kwargs or {}),
        }
        settings = {
            "seed": arguments.seed_of(seed),
            "optimize_memory_usage": optimize_memory_usage,
            **own,
            **arguments.network_settings(policy_kwargs),
        }
        env = as_vec_env(env, verbose)
        self._set_up(env, named, settings, normalisation_of(env))

    def _set_up(
        self, env: Any, named: dict[str, Any], settings: dict[str, Any], normalisation: dict[str, Any]
    ) -> None:
        """
        Makes the model at its beginning: with arguments that it keeps under their names, the engine's other settings, and
        those of a `VecNormalize`.
        """
        vars(self).update(named)
        self._named, self._settings, self._normalisation = named, settings, normalisation
        self.lr_schedule = arguments.schedule_of(self.learning_rate)
        self._take_env(env)
        self._begin()

    def _take_env(self, env: Any) -> None:
        self.env = env
        self.n_envs: int = env.num_envs
        self.observation_space, self.action_space = env.observation_space, env.action_space
        check_spaces(self.observation_space, self.action_space)
        self._vec_normalize = find_vec_normalize(env)
        self._driver: Driver | None = None

    def _begin(self) -> None:
        """Makes the engine's part of the model."""
        rate = float(self.lr_schedule(1.0))
        settings = {
            **{name: self._named[name] for name in SETTINGS},
            **self._settings,
            **self._normalisation,
            **arguments.rounds_settings(self.train_freq, self.gradient_steps, self.learning_starts),
            "algo": self.algo,
            # A model of which nothing but acting is wanted is loaded with a rate of 0, with which no training begins.
            "learning_rate": rate or 1.0,
            "num_envs": self.n_envs,
        }
        low, high = (np.asarray(x, np.float64).ravel() for x in (self.action_space.low, self.action_space.high))
        size = int(np.prod(self.observation_space.shape))
        self.core = Learner(settings, size, low.tolist(), high.tolist())
        if rate == 0.0:
            self.core.set_learning_rates(rate, rate)
        self.num_timesteps = 0
        self._episode_num = 0
        self._total_timesteps = 0
        self._num_timesteps_at_start = 0
        self._current_progress_remaining = 1.0
        self.start_time = 0
        # Episodes under way of a model that was loaded, by which its environments come to where they were.
        self._under_way: list[Any] | None = None
        self.ep_info_buffer: deque[dict[str, Any]] = deque(maxlen=self.stats_window_size)
        self.ep_success_buffer: deque[Any] = deque(maxlen=self.stats_window_size)
        self._logger: Any = None
        self._logger_is_given = False
        self.policy = self.policy_class(self)
        self.replay_buffer = ReplayBuffer(self)

    def __getattr__(self, name: str) -> Any:
        # Settings of an algorithm of its own, such as `policy_delay`.
        settings = vars(self).get("_settings", {})
        if name in settings:
            return settings[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    # What a script looks at.

    @property
    def actor(self) -> Actor:
        """The policy network."""
        return self.policy.actor

    @property
    def critic(self) -> Networks:
        """The critics."""
        return self.policy.critic

    @property
    def critic_target(self) -> Networks:
        """The critics' targets."""
        return self.policy.critic_target

    @property
    def device(self) -> Device:
        """Where everything is computed: the processor."""
        return Device("cpu")

    @property
    def _last_obs(self) -> Array | None:
        return None if self._driver is None else self._driver.observations

    @property
    def _n_updates(self) -> int:
        return int(self.core.updates)

    @property
    def logger(self) -> Any:
        """The logger of the training."""
        if self._logger is None:
            raise ValueError("there is no logger before learn() or set_logger()")
        return self._logger

    def set_logger(self, logger: Any) -> None:
        """Logs through this logger from now on."""
        self._logger, self._logger_is_given = logger, True

    def get_env(self) -> Any:
        """The vectorised environment that the model learns in, if it has one."""
        return None if isinstance(self.env, Unattached) else self.env

    def get_vec_normalize_env(self) -> Any:
        """The `VecNormalize` around the environment, if there is one."""
        return self._vec_normalize

    def set_env(self, env: Any, force_reset: bool = True) -> None:
        """Learns in another environment from now on, which must have the same spaces and be as many."""
        env = as_vec_env(env, self.verbose)
        check_same(env, self.n_envs, box_of(self.observation_space), box_of(self.action_space))
        self._take_env(env)
        if force_reset:
            self.core.abandon_episodes()

    def set_random_seed(self, seed: int | None = None) -> None:
        """Seeds the noise of `predict`. What the training draws was seeded when the model was made."""
        if seed is not None:
            self.core.reseed(seed)

    # Acting.

    def _rows(self, observation: ArrayLike) -> tuple[NDArray[np.float64], bool]:
        """Observations as rows, and whether there were several."""
        array = np.asarray(observation, np.float64)
        shape = self.observation_space.shape
        if array.shape == shape:
            return array.reshape(1, -1), False
        if array.shape[1:] == shape:
            return np.ascontiguousarray(array.reshape(len(array), int(np.prod(shape)))), True
        raise ValueError(
            f"the observation has the shape {array.shape}; the model's have {shape}, or {('n', *shape)} for n of them"
        )

    def predict(
        self,
        observation: ArrayLike,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[Array, Any]:
        """
        The action for an observation, or actions for several.

        :param observation: of the shape of the space, or with one dimension more for several of them
        :param state: given back as it is; no policy has a memory
        :param episode_start: not needed
        :param deterministic: the policy's own action instead of one with its noise
        :return: actions in the environment's units, and the state
        """
        rows, several = self._rows(observation)
        actions = self.core.act(rows, deterministic or not self.is_stochastic, bool(self._normalisation))
        space = self.action_space
        taken = actions.astype(space.dtype).reshape((len(rows), *space.shape))
        return (taken if several else taken[0]), state

    # Learning.

    def learn(
        self: Self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int = 4,
        tb_log_name: str | None = None,
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        """
        Trains for so many environment steps.

        :param total_timesteps: steps, those of all environments together
        :param callback: a callback, a list of them, or a function of `locals` and `globals`; False ends the training
        :param log_interval: episodes between two rows of the log
        :param tb_log_name: name of the run in TensorBoard
        :param reset_num_timesteps: counts steps from 0, warm-up included, and begins new episodes; False goes on where the
            model is
        :param progress_bar: shows a progress bar (`pip install softac[extra]`)
        :return: the model
        """
        observer = self._prepare(total_timesteps, callback, tb_log_name or type(self).__name__, reset_num_timesteps, progress_bar)
        observer.on_training_start(locals(), globals())
        with Interrupt() as interrupt:
            while self.num_timesteps < self._total_timesteps:
                if not self._collect(observer, log_interval, interrupt):
                    break
                self._update(interrupt)
        observer.on_training_end()
        return self

    def _prepare(
        self, total_timesteps: int, callback: Any, tb_log_name: str, reset_num_timesteps: bool, progress_bar: bool
    ) -> Any:
        from .common.callbacks import CallbackList, ProgressBarCallback, as_callback
        from .common.utils import configure_logger

        if self._vec_normalize is not None and not self._vec_normalize.training:
            raise ValueError("VecNormalize has training=False: statistics that stand still are for evaluations")
        self.start_time = time.time_ns()
        if isinstance(self.env, Unattached):
            raise ValueError("the model has no environment: load(path, env=…) or set_env(…) gives it one")
        if self._driver is None:
            self._driver = Driver(self.env, self._vec_normalize)
            if self._under_way is None:
                self.core.abandon_episodes()
            elif not reset_num_timesteps:
                self._driver.replay(self._under_way)
            self._under_way = None
        if reset_num_timesteps:
            self.num_timesteps = self._episode_num = 0
            self.ep_info_buffer.clear()
            self.ep_success_buffer.clear()
            self.core.abandon_episodes()
            self.core.count_anew()
            self._driver.forget()
        else:
            total_timesteps += self.num_timesteps
        self._total_timesteps, self._num_timesteps_at_start = total_timesteps, self.num_timesteps
        if not self._logger_is_given:
            self._logger = configure_logger(self.verbose, self.tensorboard_log, tb_log_name, reset_num_timesteps)
        observer = as_callback(callback)
        if progress_bar:
            observer = CallbackList([observer, ProgressBarCallback()])
        observer.init_callback(self)
        return observer

    def _collect(self, callback: Any, log_interval: int, interrupt: Interrupt) -> bool:
        """Steps the environments for a round of `train_freq`: False if a callback ends the training."""
        driver = self._driver
        assert driver is not None
        callback.on_rollout_start()
        is_over = False
        while not is_over:
            driver.announce(self.core.next_seed)
            interrupt.check()
            try:
                self.core.interact(driver)
            except BaseException:
                driver.forget()
                raise
            self.num_timesteps += self.n_envs
            new_obs, actions, rewards = driver.observations, driver.actions, driver.rewards
            dones, infos = driver.dones, driver.infos
            callback.update_locals(locals())
            self._current_progress_remaining = 1.0 - self.num_timesteps / self._total_timesteps
            if not callback.on_step():
                return False
            self._note_episodes(dones, infos, log_interval)
            is_over = self._round_is_over(dones)
        callback.on_rollout_end()
        return True

    def _round_is_over(self, dones: Array) -> bool:
        if self.train_freq.unit is arguments.TrainFrequencyUnit.STEP:
            return bool(self.core.steps // self.n_envs % self.train_freq.frequency == 0)
        # A round of several episodes is over for the engine alone; callbacks see one at a time.
        return bool(dones.any())

    def _note_episodes(self, dones: Array, infos: list[dict[str, Any]], log_interval: int) -> None:
        for done, info in zip(dones, infos):
            if "episode" in info:
                self.ep_info_buffer.append(info["episode"])
            if done and "is_success" in info:
                self.ep_success_buffer.append(info["is_success"])
            if done:
                self._episode_num += 1
                if log_interval is not None and self._episode_num % log_interval == 0:
                    self.dump_logs()

    def dump_logs(self) -> None:
        """Writes a row of the log."""
        seconds = max((time.time_ns() - self.start_time) / 1e9, 1e-9)
        record = self.logger.record
        record("time/episodes", self._episode_num, exclude="tensorboard")
        if self.ep_info_buffer:
            record("rollout/ep_rew_mean", float(np.mean([episode["r"] for episode in self.ep_info_buffer])))
            record("rollout/ep_len_mean", float(np.mean([episode["l"] for episode in self.ep_info_buffer])))
        if self.ep_success_buffer:
            record("rollout/success_rate", float(np.mean(self.ep_success_buffer)))
        record("time/fps", int((self.num_timesteps - self._num_timesteps_at_start) / seconds))
        record("time/time_elapsed", int(seconds), exclude="tensorboard")
        record("time/total_timesteps", self.num_timesteps, exclude="tensorboard")
        for name, value in self.core.take_metrics().items():
            record(name, value)
        if self._n_updates > 0:
            record("train/n_updates", self._n_updates, exclude="tensorboard")
            record("train/learning_rate", self.core.learning_rates[0])
        self.logger.dump(step=self.num_timesteps)

    def _update(self, interrupt: Interrupt) -> None:
        """Does the updates that are due."""
        if callable(self.learning_rate):
            rate = float(self.lr_schedule(self._current_progress_remaining))
            self.core.set_learning_rates(rate, rate)
        while not self.core.update(UPDATES_AT_A_TIME):
            interrupt.check()

    def train(self, gradient_steps: int, batch_size: int | None = None) -> None:
        """Does so many updates now, on minibatches of the model's own size."""
        if gradient_steps < 0:
            raise ValueError(f"gradient_steps is {gradient_steps}: it must be 0 or more")
        if batch_size not in (None, self.batch_size):
            arguments.refuse("batch_size", batch_size, f"the model was made for minibatches of {self.batch_size}")
        if self.replay_buffer.size() == 0:
            raise ValueError("the replay buffer is empty: learn() or load_replay_buffer() fills it")
        self.core.add_updates(gradient_steps)
        with Interrupt() as interrupt:
            self._update(interrupt)

    def fingerprint(self) -> str:
        """A hash of everything that was learned, the same as in the column `train/params_hash` of `metrics.csv`."""
        return str(self.core.fingerprint())

    # Keeping.

    get_parameters = parameters.get_parameters
    set_parameters = parameters.set_parameters
    save = saving.save
    export = exporting.export
    save_run = exporting.save_run
    save_replay_buffer = saving.save_replay_buffer
    load_replay_buffer = saving.load_replay_buffer

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy has no environment, as a model that was loaded without one.
        written = io.BytesIO()
        self.save(written, include=["replay_buffer"])
        return _of_bytes, (type(self), written.getvalue())

    @classmethod
    def load(
        cls: type[Self],
        path: Any,
        env: Any = None,
        device: Any = "auto",
        custom_objects: dict[str, Any] | None = None,
        print_system_info: bool = False,
        force_reset: bool = True,
        **kwargs: Any,
    ) -> Self:
        """
        The model of a file.

        :param path: as it was given to `save`
        :param env: the environment to go on in; without one the model acts, and `set_env` gives it one
        :param custom_objects: replaces arguments, such as a learning rate that is a function, which no file holds
        :param force_reset: without effect; `learn(reset_num_timesteps=False)` goes on in the episode under way
        :param kwargs: replaces arguments
        """
        arguments.check_device(device)
        return saving.load(cls, path, env, custom_objects or {}, kwargs)


def _of_bytes(cls: type[Self], written: bytes) -> Self:
    return cls.load(io.BytesIO(written))
