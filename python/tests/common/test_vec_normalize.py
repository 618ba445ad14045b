"""VecNormalize: agreement with a computation by hand, files, and statistics of evaluations."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import Count, Model
from softac.common.running_mean_std import RunningMeanStd
from softac.common.vec_env import (
    DummyVecEnv,
    VecCheckNan,
    VecNormalize,
    is_vecenv_wrapped,
    sync_envs_normalization,
    unwrap_vec_normalize,
)


def venv(**kwargs: Any) -> DummyVecEnv:
    """Two environments with episodes of different lengths."""
    return DummyVecEnv([lambda: Count(3, start=-1.0, **kwargs), lambda: Count(5, start=4.0, **kwargs)])


def play(env: Any, steps: int, seed: int = 0) -> list[Any]:
    """The results of random actions."""
    rng = np.random.default_rng(seed)
    env.reset()
    return [env.step(rng.uniform(-1, 1, (2, 1)).astype(np.float32)) for _ in range(steps)]


def moments(batches: list[Any]) -> tuple[Any, Any, float]:
    """Mean, variance and number of all elements, with the weight 1e-4 of the initial mean 0 and variance 1."""
    elements = np.concatenate([np.asarray(batch, np.float64) for batch in batches])
    prior, count = 1e-4, len(elements) + 1e-4
    mean = elements.sum(axis=0) / count
    second = (np.square(elements).sum(axis=0) + prior) / count
    return mean, second - np.square(mean), count


def test_running_statistics_are_those_of_all_elements() -> None:
    rng = np.random.default_rng(0)
    batches = [rng.normal(3, 2, (n, 4)) for n in (1, 5, 100)]
    statistics = RunningMeanStd(shape=(4,))
    for batch in batches:
        statistics.update(batch)
    mean, var, count = moments(batches)
    np.testing.assert_allclose(statistics.mean, mean)
    np.testing.assert_allclose(statistics.var, var)
    assert statistics.count == pytest.approx(count)


def test_statistics_combine_and_copy() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(10, 2)), rng.normal(size=(20, 2))
    one, other, both = (RunningMeanStd(epsilon=0.0, shape=(2,)) for _ in range(3))
    one.update(first)
    other.update(second)
    copied = one.copy()
    one.combine(other)
    both.update(np.concatenate([first, second]))
    np.testing.assert_allclose(one.mean, both.mean)
    np.testing.assert_allclose(one.var, both.var)
    assert copied.count == 10 and copied.mean.tolist() == first.mean(axis=0).tolist()


def test_observations_and_rewards_agree_with_a_computation_by_hand() -> None:
    raw = venv()
    first = raw.reset()
    plain = play(venv(), 12)
    env = VecNormalize(venv(), gamma=0.9, clip_obs=1.5)
    normalized = play(env, 12)
    seen, returns, seen_returns = [first], np.zeros(2), []
    for (obs, rewards, dones, _), (got_obs, got_rewards, got_dones, _) in zip(plain, normalized, strict=True):
        seen.append(obs)
        mean, var, _ = moments(seen)
        expected = np.clip((obs - mean) / np.sqrt(var + 1e-8), -1.5, 1.5)
        np.testing.assert_allclose(got_obs, expected, rtol=1e-4, atol=1e-5)
        assert got_obs.dtype == np.float32
        returns = 0.9 * returns + rewards
        seen_returns.append(returns.copy())
        scale = np.sqrt(moments(seen_returns)[1] + 1e-8)
        np.testing.assert_allclose(got_rewards, np.clip(rewards / scale, -10, 10), rtol=1e-4)
        assert got_rewards.dtype == np.float32 and (got_dones == dones).all()
        returns[dones] = 0
    assert (env.returns == returns).all()


def test_terminal_observations_are_standardised() -> None:
    env = VecNormalize(venv())
    *_, (_, _, dones, infos) = play(env, 3)
    assert dones.tolist() == [True, False]
    np.testing.assert_allclose(infos[0]["terminal_observation"], env.normalize_obs(np.array([-1.0, 3.0])))
    assert env.old_terminal_obs[0].tolist() == [-1, 3]


def test_originals_are_kept() -> None:
    env, plain = VecNormalize(venv()), venv()
    normalized, original = play(env, 4)[-1], play(plain, 4)[-1]
    assert (env.get_original_obs() == original[0]).all() and (env.get_original_reward() == original[1]).all()
    np.testing.assert_allclose(env.unnormalize_obs(normalized[0]), original[0], atol=1e-5)
    np.testing.assert_allclose(env.unnormalize_reward(normalized[1]), original[1], atol=1e-5)


def test_without_training_the_statistics_stand_still() -> None:
    env = VecNormalize(venv(), training=False)
    play(env, 5)
    assert env.obs_rms.count == env.ret_rms.count == 1e-4


def test_nothing_changes_if_neither_is_normalized() -> None:
    env = VecNormalize(venv(), norm_obs=False, norm_reward=False)
    for got, expected in zip(play(env, 4), play(venv(), 4), strict=True):
        assert (got[0] == expected[0]).all() and (got[1] == expected[1]).all()


def test_statistics_survive_a_file(tmp_path: Path) -> None:
    env = VecNormalize(venv(), clip_obs=3.0, norm_reward=False, gamma=0.5)
    play(env, 7)
    path = tmp_path / "statistics.pkl"
    env.save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["statistics.pkl"] and zipfile.is_zipfile(path)
    loaded = VecNormalize.load(str(path), venv())
    assert (loaded.clip_obs, loaded.norm_reward, loaded.gamma, loaded.training) == (3.0, False, 0.5, True)
    for name in ("obs_rms", "ret_rms"):
        for part in ("mean", "var", "count"):
            assert np.all(getattr(getattr(loaded, name), part) == getattr(getattr(env, name), part))
    assert type(loaded.training) is bool and type(loaded.clip_obs) is float


def test_other_files_and_other_shapes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickled"
    path.write_bytes(pickle.dumps({"obs_rms": 1}))
    with pytest.raises(ValueError, match=r"save them with save\(\)"):
        VecNormalize.load(path, venv())
    env = VecNormalize(venv())
    env.obs_rms = RunningMeanStd(shape=(7,))
    env.save(path)
    with pytest.raises(ValueError, match=r"\(7,\)"):
        VecNormalize.load(path, venv())


def test_pickle_keeps_the_statistics_without_the_environment() -> None:
    env = VecNormalize(venv())
    play(env, 3)
    copied = pickle.loads(pickle.dumps(env))
    copied.set_venv(venv())
    assert copied.reset().shape == (2, 2) and copied.obs_rms.count == env.obs_rms.count + 2
    with pytest.raises(ValueError, match="already wraps"):
        copied.set_venv(venv())


def test_statistics_are_synchronised() -> None:
    env, evaluation = VecNormalize(venv()), VecNormalize(venv(), training=False)
    play(env, 5)
    sync_envs_normalization(env, evaluation)
    assert (evaluation.obs_rms.mean == env.obs_rms.mean).all() and evaluation.obs_rms is not env.obs_rms
    assert evaluation.ret_rms.var == env.ret_rms.var
    with pytest.raises(ValueError, match="wrap both alike"):
        sync_envs_normalization(env, venv())


def test_the_wrapper_is_found_within_others() -> None:
    normalize = VecNormalize(venv())
    env = VecCheckNan(normalize)
    assert unwrap_vec_normalize(env) is normalize and unwrap_vec_normalize(venv()) is None
    assert is_vecenv_wrapped(env, VecCheckNan) and not is_vecenv_wrapped(normalize, VecCheckNan)
    assert Model(env).get_vec_normalize_env() is normalize


def test_nan_and_infinity_are_reported() -> None:
    env = VecCheckNan(venv(), raise_exception=True)
    env.reset()
    with pytest.raises(ValueError, match="NaN in actions; it comes from the model"):
        env.step(np.array([[np.nan], [0]]))
    with pytest.raises(ValueError, match="infinity in rewards; it comes from the environment"):
        env.venv.step(np.array([[0.0], [0.0]]))
        env._check("the environment", rewards=np.array([np.inf]))
    once = VecCheckNan(DummyVecEnv([lambda: Count(start=np.nan)]))
    with pytest.warns(UserWarning, match="NaN in observations; it comes from the reset") as warned:
        once.reset()
        once.reset()
    assert len(warned) == 1
