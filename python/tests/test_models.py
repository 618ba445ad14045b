"""A model outside its training: acting, keeping, and what it refuses."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import softac
from softac import SAC, TD3

from conftest import SMALL, Walk


def test_actions_have_the_shape_the_type_and_the_bounds_of_the_space(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", "Pendulum-v1", **small).learn(80)
    for deterministic in (True, False):
        one, state = model.predict(np.zeros(3), deterministic=deterministic)
        many, _ = model.predict(np.zeros((5, 3)), deterministic=deterministic)
        assert (one.shape, many.shape, one.dtype, state) == ((1,), (5, 1), np.float32, None)
        assert np.abs(many).max() <= 2
        assert np.ptp(many) == 0 if deterministic else np.ptp(many) > 0
    assert np.array_equal(model.predict(np.zeros(3), deterministic=True)[0], model.predict([[0, 0, 0]], deterministic=True)[0][0])
    assert model.predict(np.zeros((0, 3)))[0].shape == (0, 1)
    with pytest.raises(ValueError, match=r"shape \(4,\)"):
        model.predict(np.zeros(4))
    for wrong in (np.nan, np.inf, 1e300):
        with pytest.raises(ValueError, match="not finite"):
            model.predict(np.full(3, wrong))


def test_predictions_leave_the_training_as_it_is(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", Walk(), **small).learn(80)
    for _ in range(7):
        model.predict(np.zeros(2))
    model.learn(40, reset_num_timesteps=False)
    assert model.fingerprint() == SAC("MlpPolicy", Walk(), **small).learn(120).fingerprint()


def test_the_entropy_is_the_mean_of_the_log_probabilities(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", Walk(), **small).learn(150)
    observation = np.array([[0.3, -0.2]])
    distribution = model.actor.get_distribution(np.repeat(observation, 200_000, axis=0))
    estimate = -distribution.log_prob(distribution.sample()).mean()
    assert model.actor.get_distribution(observation).entropy().item() == pytest.approx(estimate, abs=0.02)
    assert np.allclose(distribution.mode()[:1], model.predict(observation, deterministic=True)[0], atol=1e-6)
    with pytest.raises(ValueError, match="TD3 is deterministic"):
        TD3("MlpPolicy", Walk(), **small).actor.get_distribution(observation)


def test_a_file_holds_no_code_and_acts_without_an_environment(small: dict[str, Any], tmp_path: Path) -> None:
    model = SAC("MlpPolicy", Walk(), **small).learn(80)
    model.save(tmp_path / "model")
    with zipfile.ZipFile(tmp_path / "model.zip") as file:
        assert file.namelist() == ["model.json", "state.safetensors"]
    loaded = SAC.load(tmp_path / "model.zip")
    observation = np.array([0.1, 0.2])
    assert np.array_equal(*(m.predict(observation, deterministic=True)[0] for m in (model, loaded)))
    assert loaded.get_env() is None
    with pytest.raises(ValueError, match="has no environment"):
        loaded.learn(10)
    loaded.set_env(Walk())
    loaded.learn(60, reset_num_timesteps=False)


def test_a_model_that_was_pickled_is_the_same_without_its_environment(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", Walk(), **small).learn(90)
    copied = pickle.loads(pickle.dumps(model))
    assert (copied.fingerprint(), copied.replay_buffer.size(), copied.get_env()) == (model.fingerprint(), 90, None)
    copied.set_env(Walk(), force_reset=False)
    for each in (model, copied):
        each.learn(40, reset_num_timesteps=False)
    assert copied.fingerprint() == model.fingerprint()


def test_models_learn_in_threads_of_their_own(small: dict[str, Any]) -> None:
    def trained(seed: int) -> str:
        return SAC("MlpPolicy", Walk(), **{**small, "seed": seed}).learn(150).fingerprint()

    with ThreadPoolExecutor(3) as pool:
        apart = list(pool.map(trained, range(3)))
    assert apart == [trained(seed) for seed in range(3)]


def learned_in_a_child(results: Any) -> None:
    results.put(SAC("MlpPolicy", Walk(), **SMALL).learn(120).fingerprint())


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_a_process_learns_the_same_or_says_why_it_cannot(method: str) -> None:
    """A fork of a process that has learned on several threads has none of them."""
    here = SAC("MlpPolicy", Walk(), **SMALL).learn(120).fingerprint()
    context = multiprocessing.get_context(method)
    results = context.Queue()
    child = context.Process(target=_guarded, args=(results,))
    child.start()
    found = results.get(timeout=60)
    child.join(timeout=60)
    assert found == here or (method == "fork" and "forked" in found)


def _guarded(results: Any) -> None:
    try:
        learned_in_a_child(results)
    except RuntimeError as error:
        results.put(str(error))


def test_an_episode_that_is_too_long_to_be_kept_is_begun_anew(
    small: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softac.driver.LONGEST", 5)
    model = SAC("MlpPolicy", Walk(length=10_000), **small).learn(90)
    assert model._driver is not None and max(map(len, model._driver.played)) <= 6
    model.save(tmp_path / "model", include=["replay_buffer"])
    env = Walk(length=10_000)
    SAC.load(tmp_path / "model", env=env).learn(10, reset_num_timesteps=False)
    assert len(env.seeds) >= 1


def test_files_that_are_none_are_refused(small: dict[str, Any], tmp_path: Path) -> None:
    SAC("MlpPolicy", Walk(), **small).save(tmp_path / "sac")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        SAC.load(tmp_path / "nothing")
    with pytest.raises(ValueError, match="holds a model of SAC"):
        TD3.load(tmp_path / "sac")
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(softac.SoftacError, match="no model of softac"):
        SAC.load(tmp_path / "text")
    with pytest.raises(ValueError, match="observation space"):
        SAC.load(tmp_path / "sac", env="Pendulum-v1")
    whole = (tmp_path / "sac.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(softac.SoftacError):
        SAC.load(tmp_path / "cut")


def test_parameters_go_from_one_model_to_another(small: dict[str, Any]) -> None:
    first = SAC("MlpPolicy", Walk(), **small).learn(80)
    second = SAC("MlpPolicy", Walk(), **{**small, "seed": 9})
    second.set_parameters(first.get_parameters())
    assert np.array_equal(*(m.predict(np.ones(2), deterministic=True)[0] for m in (first, second)))
    with pytest.raises(ValueError, match="no parameters of the model"):
        second.set_parameters({"policy": {"nothing": np.zeros(1)}}, exact_match=False)
    with pytest.raises(ValueError, match="missing"):
        second.set_parameters({})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"use_sde": True}, "use_sde"),
        ({"device": "cuda"}, "device"),
        ({"n_steps": 3}, "n_steps"),
        ({"replay_buffer_class": dict}, "replay_buffer_class"),
        ({"policy_kwargs": {"features_extractor_class": dict}}, "features_extractor_class"),
        ({"policy_kwargs": {"activation_fn": "elu"}}, "activation_fn"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"ent_coef": "often"}, "ent_coef"),
        ({"train_freq": (2, "hour")}, "train_freq"),
        ({"gamma": 1.5}, "gamma"),
        ({"buffer_size": 10**15}, "buffer_size"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**70}, "seed"),
        ({"train_freq": "often"}, "train_freq"),
        ({"policy_kwargs": {"net_arch": [8, 0]}}, "net_arch"),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SAC("MlpPolicy", Walk(), **arguments)


def test_numbers_of_numpy_are_taken(small: dict[str, Any]) -> None:
    given = {"gamma": np.float32(0.5), "batch_size": np.int64(8), "train_freq": np.int32(2), "seed": np.int64(3)}
    assert SAC("MlpPolicy", Walk(), **{**small, **given}).learn(60)._n_updates == 5


def test_spaces_that_cannot_be_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="chooses real numbers"):
        SAC("MlpPolicy", "CartPole-v1")
    with pytest.raises(ValueError, match="MlpPolicy"):
        SAC("CnnPolicy", Walk())
    with pytest.raises(TypeError, match="no environment"):
        SAC("MlpPolicy", object())


class Fails(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Raises in some step, once."""

    def __init__(self, env: Any, at: int, error: BaseException) -> None:
        super().__init__(env)
        self.left, self.error = at, error

    def step(self, action: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise self.error
        return super().step(action)


def test_an_exception_of_the_environment_comes_with_its_traceback_and_leaves_a_usable_model(
    small: dict[str, Any],
) -> None:
    error = RuntimeError("the ground is gone")
    model = SAC("MlpPolicy", Fails(Walk(), 70, error), **small)
    with pytest.raises(RuntimeError, match="the ground is gone") as raised:
        model.learn(200)
    assert raised.value is error and raised.traceback[-1].name == "step"
    assert model.num_timesteps == 69
    model.learn(50, reset_num_timesteps=False)
    assert model.num_timesteps == 119


def test_an_observation_that_is_not_finite_is_named() -> None:
    class Bad(Walk):
        def step(self, action: Any) -> Any:
            observation, *rest = super().step(action)
            return (observation * np.nan, *rest)

    with pytest.raises(softac.SoftacError, match=r"observation\[0\]"):
        SAC("MlpPolicy", Bad(), seed=0).learn(10)


def test_an_interrupt_ends_the_training_between_two_steps(small: dict[str, Any]) -> None:
    class Interrupts(Walk):
        calls = 0

        def step(self, action: Any) -> Any:
            self.calls += 1
            if self.calls == 80:
                os.kill(os.getpid(), signal.SIGINT)
            return super().step(action)

    model = SAC("MlpPolicy", Interrupts(), **small)
    with pytest.raises(KeyboardInterrupt):
        model.learn(200)
    assert model.num_timesteps == 80
    model.learn(40, reset_num_timesteps=False)
    assert model.fingerprint() == SAC("MlpPolicy", Walk(), **small).learn(120).fingerprint()
