"""Monitor, its files, plots of them, and make_vec_env."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium
import matplotlib
import numpy as np
import pytest
from fakes import Count
from softac.common.env_util import is_wrapped, make_vec_env, unwrap_wrapper
from softac.common.monitor import LoadMonitorResultsError, Monitor, get_monitor_files, load_results
from softac.common.results_plotter import X_EPISODES, X_TIMESTEPS, X_WALLTIME, plot_results, ts2xy, window_func
from softac.common.vec_env import SubprocVecEnv, VecMonitor

matplotlib.use("Agg")

ONE = np.ones(1, np.float32)


def play(env: Any, episodes: int) -> list[dict[str, Any]]:
    """The entries of the monitor."""
    entries = []
    for _ in range(episodes):
        env.reset()
        is_over = False
        while not is_over:
            _, _, terminated, truncated, info = env.step(ONE / 3)
            is_over = terminated or truncated
        entries.append(info["episode"])
    return entries


def test_the_last_info_has_the_episode() -> None:
    env = Monitor(Count(3))
    first, second = play(env, 2)
    assert set(first) == {"r", "l", "t"} and (first["r"], first["l"]) == (1.0, 3)
    assert 0 <= first["t"] <= second["t"] and first["t"] == round(first["t"], 6)
    assert env.get_total_steps() == 6
    assert env.get_episode_lengths() == [3, 3] and len(env.get_episode_times()) == 2
    assert env.get_episode_rewards() == pytest.approx([1.0, 1.0])


def test_the_file_reads_back(tmp_path: Path) -> None:
    env = Monitor(Count(3), str(tmp_path / "run" / "a"), info_keywords=("is_success",))
    entries = play(env, 3)
    env.close()
    (path,) = get_monitor_files(str(tmp_path / "run"))
    assert path.endswith("a.monitor.csv")
    header, columns, *rows = Path(path).read_text().splitlines()
    assert json.loads(header[1:]) == {"t_start": env.t_start, "env_id": "None"} and header[0] == "#"
    assert columns == "r,l,t,is_success" and len(rows) == 3
    table = load_results(str(tmp_path / "run"))
    assert table.l.tolist() == [3, 3, 3] and table.r.tolist() == [entry["r"] for entry in entries]
    np.testing.assert_allclose(table.t, [entry["t"] for entry in entries], atol=1e-6)


def test_files_of_several_runs_are_in_the_order_of_time(tmp_path: Path) -> None:
    for name, start, rows in (("a", 100.0, "1,1,5.0\n3,1,20.0\n"), ("b", 110.0, "2,1,2.0\n"), ("c", 90.0, "")):
        (tmp_path / f"{name}.monitor.csv").write_text(f'#{{"t_start": {start}}}\nr,l,t\n{rows}')
    table = load_results(str(tmp_path))
    assert table.r.tolist() == [1, 2, 3] and table.t.tolist() == [15, 22, 30]


def test_an_existing_file_is_kept_on_demand(tmp_path: Path) -> None:
    for _ in range(2):
        env = Monitor(Count(), str(tmp_path / "a"), override_existing=False)
        play(env, 1)
        env.close()
    assert len(load_results(str(tmp_path))) == 2
    Monitor(Count(), str(tmp_path / "a")).close()
    assert len(load_results(str(tmp_path))) == 0


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LoadMonitorResultsError, match="has no file"):
        load_results(str(tmp_path))


def test_a_step_after_the_end_is_refused() -> None:
    env = Monitor(Count(1))
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(ONE)
    play(env, 1)
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(ONE)


def test_early_resets_may_be_forbidden() -> None:
    env = Monitor(Count(2), allow_early_resets=False)
    env.reset()
    with pytest.raises(RuntimeError, match="allow_early_resets"):
        env.reset()


def test_arguments_of_reset_are_added() -> None:
    env = Monitor(Count(1), reset_keywords=("options",))
    with pytest.raises(ValueError, match="'options'"):
        env.reset()
    env.reset(options={"level": 2})
    assert env.step(ONE)[4]["episode"]["options"] == {"level": 2}


def test_curves_of_the_files(tmp_path: Path) -> None:
    env = Monitor(Count(3), str(tmp_path / "a"))
    play(env, 120)
    table = load_results(str(tmp_path))
    assert ts2xy(table, X_TIMESTEPS)[0][:3].tolist() == [3, 6, 9]
    assert ts2xy(table, X_EPISODES)[0][:3].tolist() == [0, 1, 2]
    assert (ts2xy(table, X_WALLTIME)[0] == table.t / 3600).all()
    with pytest.raises(ValueError, match="timesteps, episodes"):
        ts2xy(table, "days")
    plot_results([str(tmp_path)], 350, X_TIMESTEPS, "counting")


def test_windows_of_a_curve() -> None:
    x, y = window_func(np.arange(5), np.array([1.0, 2, 3, 4, 5]), 2, np.mean)
    assert x.tolist() == [1, 2, 3, 4] and y.tolist() == [1.5, 2.5, 3.5, 4.5]


# make_vec_env


def test_environments_of_an_id_have_monitors_and_seeds() -> None:
    venv = make_vec_env("Pendulum-v1", n_envs=2, seed=3)
    again = make_vec_env("Pendulum-v1", n_envs=2, seed=3)
    assert venv.env_is_wrapped(Monitor) == [True, True] and venv.render_mode == "rgb_array"
    assert (venv.reset() == again.reset()).all()
    expected, _ = gymnasium.make("Pendulum-v1").reset(seed=4)
    assert (make_vec_env("Pendulum-v1", n_envs=2, seed=3).reset()[1] == expected).all()
    samples = [env.action_space.sample() for env in venv.envs]
    assert samples == [env.action_space.sample() for env in again.envs] and samples[0] != samples[1]


class Outer(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A wrapper with an argument."""

    def __init__(self, env: Any, level: int = 0) -> None:
        super().__init__(env)
        self.level = level


def test_all_arguments_arrive(tmp_path: Path) -> None:
    venv = make_vec_env(
        Count,
        n_envs=2,
        start_index=5,
        monitor_dir=str(tmp_path / "logs"),
        wrapper_class=Outer,
        env_kwargs={"length": 2},
        vec_env_cls=SubprocVecEnv,
        vec_env_kwargs={"start_method": "fork"},
        monitor_kwargs={"info_keywords": ("count",)},
        wrapper_kwargs={"level": 7},
    )
    assert isinstance(venv, SubprocVecEnv)
    venv.reset()
    for _ in range(2):
        infos = venv.step(np.ones((2, 1), np.float32))[3]
    assert infos[0]["episode"]["count"] == 2 and venv.get_attr("level") == [7, 7]
    assert venv.env_is_wrapped(Outer) == [True, True]
    venv.close()
    assert [Path(path).name for path in get_monitor_files(str(tmp_path / "logs"))] == ["5.monitor.csv", "6.monitor.csv"]


def test_wrappers_are_found() -> None:
    monitor = Monitor(Count())
    env = Outer(monitor)
    assert unwrap_wrapper(env, Monitor) is monitor and unwrap_wrapper(Count(), Monitor) is None
    assert is_wrapped(env, Outer) and not is_wrapped(monitor, Outer)


def test_vec_monitor_writes_a_file_and_warns_about_a_monitor(tmp_path: Path) -> None:
    inner = make_vec_env(Count, env_kwargs={"length": 1})
    with pytest.warns(UserWarning, match="already have a Monitor"):
        venv = VecMonitor(inner, str(tmp_path / "a"), info_keywords=("count",))
    venv.reset()
    venv.step(np.ones((1, 1), np.float32))
    venv.close()
    assert load_results(str(tmp_path))["count"].tolist() == [1]
