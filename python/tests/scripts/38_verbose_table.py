"""Trains with verbose=1 and checks the table on standard output."""

import contextlib
import io

import gymnasium as gym

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1", max_episode_steps=50)

output = io.StringIO()
with contextlib.redirect_stdout(output):
    model = SAC("MlpPolicy", env, verbose=1, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    model.learn(total_timesteps=250, log_interval=4)
text = output.getvalue()
print(text)

assert model.verbose == 1
assert "Using cpu device" in text or "Using cuda device" in text
# The table appears after the fourth episode only.
lines = text.splitlines()
rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
table = {row[0].strip(): row[1].strip() for row in rows}
assert list(table)[0] == "rollout/"
for key in ["ep_len_mean", "ep_rew_mean", "time/", "episodes", "fps", "time_elapsed", "total_timesteps"]:
    assert key in table, key
for key in ["train/", "actor_loss", "critic_loss", "ent_coef", "ent_coef_loss", "learning_rate", "n_updates"]:
    assert key in table, key
# Three groups and twelve numbers; a package may show more.
assert len(rows) >= 15
assert table["episodes"] == "4" and table["total_timesteps"] == "200"
assert table["ep_len_mean"] == "50" and table["learning_rate"] == "0.0003"

# The default prints nothing.
output = io.StringIO()
with contextlib.redirect_stdout(output):
    model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    model.learn(total_timesteps=60, log_interval=1)
assert output.getvalue() == ""
