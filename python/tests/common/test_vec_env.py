"""Vectorised environments: automatic resets, seeds, attributes, and errors of other processes."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from fakes import Count
from gymnasium import spaces
from softac.common.monitor import Monitor
from softac.common.vec_env import DummyVecEnv, SubprocVecEnv, VecEnv, VecEnvWrapper, VecMonitor, as_vec_env
from softac.common.vec_env.images import tile_images

Make = Callable[..., Any]


@pytest.fixture(params=["dummy", "fork", "forkserver"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes vectorised environments of each kind."""
    made: list[VecEnv] = []

    def _make(env_fns: list[Any]) -> VecEnv:
        if request.param == "dummy":
            made.append(DummyVecEnv(env_fns))
        else:
            made.append(SubprocVecEnv(env_fns, start_method=request.param))
        return made[-1]

    yield _make
    for venv in made:
        venv.close()


def ones(n: int) -> Any:
    """Actions for n environments."""
    return np.ones((n, 1), np.float32)


def test_shapes_and_types(make: Make) -> None:
    venv = make([Count, Count])
    observations = venv.reset()
    assert observations.shape == (2, 2) and observations.dtype == np.float32
    observations, rewards, dones, infos = venv.step(ones(2))
    assert observations.tolist() == [[0, 1], [0, 1]] and observations.dtype == np.float32
    assert rewards.tolist() == [1, 1] and rewards.dtype == np.float32
    assert dones.tolist() == [False, False] and dones.dtype == np.bool_
    assert isinstance(infos, list) and infos[0]["TimeLimit.truncated"] is False


@pytest.mark.parametrize("truncates", [False, True])
def test_an_episode_that_ends_is_reset(make: Make, truncates: bool) -> None:
    venv = make([partial(Count, 2, truncates), partial(Count, 5)])
    venv.reset()
    venv.step(ones(2))
    observations, _, dones, infos = venv.step(ones(2))
    assert dones.tolist() == [True, False]
    assert observations.tolist() == [[0, 0], [0, 2]]
    assert infos[0]["terminal_observation"].tolist() == [0, 2]
    assert infos[0]["TimeLimit.truncated"] is truncates
    assert "terminal_observation" not in infos[1]


def test_results_are_not_overwritten_by_later_steps(make: Make) -> None:
    venv = make([Count])
    first = venv.reset()
    second, rewards, dones, infos = venv.step(ones(1))
    kept = second.copy(), rewards.copy(), dones.copy(), dict(infos[0])
    venv.step(5 * ones(1))
    venv.step(ones(1))
    assert first.tolist() == [[0, 0]]
    assert (second == kept[0]).all() and (rewards == kept[1]).all() and (dones == kept[2]).all() and infos[0] == kept[3]


def test_an_environment_may_reuse_its_observation_and_info() -> None:
    class Reuses(Count):
        """Returns the same array and the same dictionary each time."""

        shared = np.zeros(2, np.float32)
        info: dict[str, Any] = {}

        def _observation(self) -> Any:
            self.shared[:] = [self.start, self.count]
            return self.shared

        def step(self, action: Any) -> Any:
            return *super().step(action)[:4], self.info

    venv = DummyVecEnv([lambda: Reuses(2)])
    venv.reset()
    venv.step(ones(1))
    _, _, _, infos = venv.step(ones(1))
    assert infos[0]["terminal_observation"].tolist() == [0, 2]
    _, _, _, infos = venv.step(ones(1))
    assert "terminal_observation" not in infos[0]


def test_seed_reaches_only_the_next_reset(make: Make) -> None:
    venv = make([partial(Count, 1), partial(Count, 1)])
    assert venv.seed(7) == [7, 8]
    venv.reset()
    assert [info["seed"] for info in venv.reset_infos] == [7, 8]
    venv.step(ones(2))
    venv.reset()
    assert venv.get_attr("seeds") == [[7, None, None], [8, None, None]]


def test_seed_next_reaches_one_automatic_reset(make: Make) -> None:
    venv = make([partial(Count, 2), partial(Count, 2)])
    venv.reset()
    venv.seed_next(1, 42)
    for _ in range(4):
        venv.step(ones(2))
    assert venv.get_attr("seeds") == [[None, None, None], [None, 42, None]]
    venv.reset()
    assert venv.get_attr("seeds", 1) == [[None, 42, None, None]]


def test_seed_next_reaches_reset(make: Make) -> None:
    venv = make([partial(Count, 1)])
    venv.seed_next(0, 5)
    venv.reset()
    venv.step(ones(1))
    assert venv.get_attr("seeds") == [[5, None]]


def test_the_later_of_seed_and_seed_next_reaches_reset(make: Make) -> None:
    venv = make([Count])
    venv.seed_next(0, 5)
    venv.seed(6)
    venv.reset()
    venv.seed(7)
    venv.seed_next(0, 8)
    venv.reset()
    assert venv.get_attr("seeds") == [[6, 8]]


def test_seed_does_not_reach_automatic_resets(make: Make) -> None:
    venv = make([partial(Count, 1)])
    venv.reset()
    venv.seed(3)
    venv.step(ones(1))
    venv.reset()
    assert venv.get_attr("seeds") == [[None, None, 3]]


def test_seed_without_a_number_depends_on_numpys_generator(make: Make) -> None:
    venv = make([Count])
    np.random.seed(0)
    first = venv.seed()
    np.random.seed(0)
    assert venv.seed() == first


def test_options_reach_only_the_next_reset(make: Make) -> None:
    venv = make([Count, Count])
    venv.set_options([{"a": 1}, {"b": 2}])
    venv.reset()
    venv.reset()
    assert venv.get_attr("options") == [[{"a": 1}, None], [{"b": 2}, None]]
    with pytest.raises(ValueError, match="one for each"):
        venv.set_options([{}])


def test_attributes_and_methods_pass_wrappers(make: Make) -> None:
    venv = make([partial(monitored, 2), partial(monitored, 4)])
    assert venv.get_attr("length") == [2, 4]
    venv.set_attr("length", 9, indices=[1])
    assert venv.env_method("double", 3, indices=0) == [6]
    assert [env.length for env in venv.get_attr("unwrapped")] == [2, 9]
    assert venv.env_is_wrapped(Monitor) == [True, True]
    assert venv.has_attr("length") and not venv.has_attr("no_such_attribute")
    with pytest.raises(AttributeError, match="no_such_attribute"):
        venv.get_attr("no_such_attribute")
    assert venv.get_attr("length") == [2, 9]


def monitored(length: int) -> Any:
    """An environment with a monitor."""
    return Monitor(Count(length))


def test_a_wrong_number_of_actions_is_refused(make: Make) -> None:
    venv = make([Count, Count])
    venv.reset()
    with pytest.raises(ValueError, match="one row for each"):
        venv.step(ones(3))


def test_two_functions_may_not_return_the_same_environment() -> None:
    env = Count()
    with pytest.raises(ValueError, match="same environment"):
        DummyVecEnv([lambda: env, lambda: env])


class Pairs(Count):
    """Observations in a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.observation_space = spaces.Dict({"a": self.observation_space})


def test_dictionaries_of_observations_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="FlattenObservation"):
        make([Pairs])


def test_discrete_actions_arrive_as_integers() -> None:
    class Choice(Count):
        """Notes its actions."""

        def __init__(self) -> None:
            super().__init__()
            self.action_space = spaces.Discrete(3)

        def step(self, action: Any) -> Any:
            assert self.action_space.contains(action)
            return super().step([float(action)])

    venv = DummyVecEnv([Choice])
    venv.reset()
    assert venv.step(np.array([2]))[1].tolist() == [2]


# Other processes.


@pytest.fixture
def processes() -> Iterator[Any]:
    """Two environments in processes."""
    venv = SubprocVecEnv([partial(Count, 5), partial(Count, 5)], start_method="fork")
    venv.reset()
    yield venv
    venv.close()


def test_an_error_in_a_worker_has_its_type_and_traceback(processes: Any) -> None:
    with pytest.raises(ArithmeticError, match=r"(?s)environment 1 .*in step.*the action is too large"):
        processes.step(np.array([[1.0], [11.0]], np.float32))
    observations, _, _, _ = processes.step(ones(2))
    assert observations.tolist() == [[0, 2], [0, 1]]


class Strict(Exception):
    """An error that cannot be made from its message alone."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"{a} and {b}")


class Fails(Count):
    """Raises errors that are hard to send."""

    def step(self, action: Any) -> Any:
        raise Strict(1, 2) if action[0] > 0 else KeyError("name")


@pytest.mark.parametrize(("action", "text"), [(1.0, "1 and 2"), (-1.0, "KeyError")])
def test_errors_that_cannot_be_sent_are_told_as_text(action: float, text: str) -> None:
    venv = SubprocVecEnv([Fails], start_method="fork")
    venv.reset()
    with pytest.raises(RuntimeError, match=f"(?s)in step.*{text}"):
        venv.step(action * ones(1))
    venv.close()


def test_a_result_that_cannot_be_sent_is_an_error(processes: Any) -> None:
    with pytest.raises((AttributeError, pickle.PicklingError, TypeError), match="lambda"):
        processes.env_method("give_lambda")
    assert processes.env_method("double", 2) == [4, 4]


def broken() -> Any:
    """No environment."""
    raise OSError("no such simulator")


def test_an_environment_that_cannot_be_made_is_an_error() -> None:
    with pytest.raises((OSError, RuntimeError), match="no such simulator"):
        SubprocVecEnv([Count, broken], start_method="fork")


def test_a_dead_process_is_an_error(processes: Any) -> None:
    os.kill(processes.processes[0].pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="environment 0 ended with exit code -9"):
        processes.step(ones(2))


def test_close_ends_all_processes_and_may_be_repeated(processes: Any) -> None:
    processes.step_async(ones(2))
    processes.close()
    processes.close()
    assert not any(process.is_alive() for process in processes.processes)
    with pytest.raises(RuntimeError, match="closed"):
        processes.reset()


def test_garbage_collection_ends_all_processes() -> None:
    venv = SubprocVecEnv([Count], start_method="fork")
    (process,) = venv.processes
    del venv
    gc.collect()
    deadline = time.monotonic() + 5
    while process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process.is_alive()


def test_ctrl_c_does_not_end_the_processes(processes: Any) -> None:
    for process in processes.processes:
        os.kill(process.pid, signal.SIGINT)
    assert processes.step(ones(2))[0].tolist() == [[0, 1], [0, 1]]


def test_lambdas_travel_with_cloudpickle() -> None:
    venv = SubprocVecEnv([lambda: Count(2)], start_method="forkserver")
    assert venv.reset().tolist() == [[0, 0]]
    venv.close()


def test_lambdas_without_cloudpickle_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(TypeError, match="pip install cloudpickle"):
        SubprocVecEnv([lambda: Count(2)], start_method="spawn")


def test_an_unknown_start_method_is_refused() -> None:
    with pytest.raises(ValueError, match="forkserver"):
        SubprocVecEnv([Count], start_method="thread")


# Wrappers and images.


class Passes(VecEnvWrapper):
    """Changes nothing."""

    def reset(self) -> Any:
        return self.venv.reset()

    def step_wait(self) -> Any:
        return self.venv.step_wait()


def test_wrappers_forward_what_they_do_not_define() -> None:
    inner = DummyVecEnv([partial(Count, 1)])
    venv = Passes(Passes(inner))
    venv.seed(1)
    venv.reset()
    venv.seed_next(0, 9)
    venv.step(ones(1))
    assert inner.envs[0].unwrapped.seeds == [1, 9]  # type: ignore[attr-defined]
    assert venv.reset_infos == [{"seed": 9}]
    assert venv.envs is inner.envs and venv.unwrapped is inner
    with pytest.raises(AttributeError):
        venv.no_such_attribute
    with pytest.raises(AttributeError):
        venv._no_such_attribute


def test_as_vec_env_accepts_environments_and_vectorised_ones() -> None:
    venv = DummyVecEnv([Count])
    assert as_vec_env(venv) is venv
    env = Count()
    assert as_vec_env(env).envs == [env]
    with pytest.raises(TypeError, match="not an environment"):
        as_vec_env("Pendulum-v1")
    with pytest.raises(ValueError, match="make_vec_env"):
        as_vec_env(gymnasium.vector.SyncVectorEnv([Count]))


def test_images_are_tiled() -> None:
    image = tile_images([np.full((2, 3, 3), i, np.uint8) for i in range(1, 4)])
    assert image.shape == (4, 6, 3)
    assert image[[0, 0, 2, 2], [0, 3, 0, 3], 0].tolist() == [1, 2, 3, 0]


def test_render_without_a_mode_warns() -> None:
    with pytest.warns(UserWarning, match="render_mode=None"):
        DummyVecEnv([Count]).render()


def test_vec_monitor_adds_the_episode() -> None:
    venv = VecMonitor(DummyVecEnv([partial(Count, 2), partial(Count, 3)]))
    venv.reset()
    venv.step(ones(2))
    _, _, _, infos = venv.step(ones(2))
    assert (infos[0]["episode"]["r"], infos[0]["episode"]["l"]) == (2.0, 2)
    assert "episode" not in infos[1]
    _, _, _, infos = venv.step(ones(2))
    assert infos[1]["episode"]["r"] == 3.0 and venv.episode_count == 2
