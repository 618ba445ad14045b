"""Sets network sizes with policy_kwargs: net_arch as a list and as a dictionary, n_critics."""

import os

import numpy as np

from stable_baselines3 import SAC, TD3

policies = {
    "small": dict(net_arch=[16]),
    "small actor": dict(net_arch=dict(pi=[16], qf=[200, 200])),
    "large": dict(net_arch=[200, 200]),
    "three critics": dict(net_arch=[200, 200], n_critics=3),
}
observations = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)

sizes = {}
for name, policy_kwargs in policies.items():
    model = SAC("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=32, policy_kwargs=policy_kwargs)
    model.learn(80)
    actions, _ = model.predict(observations, deterministic=True)
    assert actions.shape == (5, 1) and np.isfinite(actions).all(), name

    # The sizes are saved with the model.
    model.save("sized")
    sizes[name] = os.path.getsize("sized.zip")
    loaded = SAC.load("sized")
    assert loaded.policy_kwargs["net_arch"] == policy_kwargs["net_arch"], name
    assert np.array_equal(loaded.predict(observations, deterministic=True)[0], actions), name

# More weights make a larger file.
assert sizes["small"] < sizes["small actor"] < sizes["large"] < sizes["three critics"], sizes

policy_kwargs = dict(net_arch=dict(pi=[16, 16], qf=[48, 32]))
model = TD3("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=32, policy_kwargs=policy_kwargs)
model.learn(80)
assert np.isfinite(model.predict(observations)[0]).all()
