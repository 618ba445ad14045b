"""Shows a progress bar, with the argument of learn and with the callback."""
# needs: tqdm
# needs: rich

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback, ProgressBarCallback
from stable_baselines3.common.env_util import make_vec_env


class Count(BaseCallback):
    """Counts its calls."""

    def _on_step(self):
        return True


settings = dict(learning_starts=100, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

count = Count()
model = SAC("MlpPolicy", "Pendulum-v1", **settings)
model.learn(total_timesteps=200, progress_bar=True, callback=count)
assert model.num_timesteps == 200
assert count.n_calls == 200

# The bar counts the steps of all environments in this call of learn.
bar = ProgressBarCallback()
model = SAC("MlpPolicy", make_vec_env("Pendulum-v1", n_envs=2), **settings)
model.learn(total_timesteps=120)
model.learn(total_timesteps=100, reset_num_timesteps=False, callback=bar)
assert bar.pbar.total == 100
assert bar.pbar.n == 100
