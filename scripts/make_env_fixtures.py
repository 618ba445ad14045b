"""Write golden trajectories of Gymnasium's own environments to tests/fixtures/env/*.json.

The test tests/env_golden.rs replays them. To write them anew, from the root of the repository:

    pip install gymnasium==1.4.0 numpy
    python scripts/make_env_fixtures.py

Each file holds the versions of the packages and a list of episodes. An episode has the `start`
state, and for every step the `actions`, the `states` and `observations` that follow, the `rewards`
and the `terminated` flags. All numbers are written as float64, with the digits it takes to read them
back exactly; that holds for the float32 numbers among them too.
"""

import json
import math
import platform
from pathlib import Path

import gymnasium
import numpy as np

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "env"


def numbers(array):
    return [float(x) for x in array]


def play(env, start, policy, steps):
    """One episode from the state `start`; it ends early where the environment terminates."""
    env.reset(seed=0)
    env.state = np.array(start, dtype=np.float64)
    episode = {"start": numbers(start), "actions": [], "states": [], "observations": []}
    episode |= {"rewards": [], "terminated": []}
    for t in range(steps):
        action = np.float64(policy(t, env.state))
        observation, reward, terminated, _, _ = env.step(np.array([action]))
        episode["actions"].append(float(action))
        episode["states"].append(numbers(env.state))
        episode["observations"].append(numbers(observation))
        episode["rewards"].append(float(reward))
        episode["terminated"].append(terminated)
        if terminated:
            break
    return episode


def pendulum(rng):
    """Random, extreme and out-of-range torques, and swinging up, from all over the state space."""
    policies = [
        lambda t, s: rng.uniform(-2, 2),
        lambda t, s: rng.choice([-2.0, 2.0]),
        lambda t, s: rng.uniform(-5, 5),
        lambda t, s: math.copysign(3.0, s[1]),
        lambda t, s: 0.0,
    ]
    env = gymnasium.make("Pendulum-v1").unwrapped
    starts = [(rng.uniform(-np.pi, np.pi), rng.uniform(-1, 1)) for _ in range(10)]
    starts += [(rng.uniform(-20, 20), rng.uniform(-8, 8)) for _ in range(10)]
    return [play(env, s, policies[i % len(policies)], 200) for i, s in enumerate(starts)]


def mountain_car(rng):
    """Random forces, walls, clipped speeds, and episodes that rock the car up to the goal."""
    policies = [
        lambda t, s: rng.uniform(-1, 1),
        lambda t, s: rng.uniform(-3, 3),
        lambda t, s: -1.0,
        lambda t, s: math.copysign(1.0, s[1]),
        lambda t, s: math.copysign(rng.uniform(0.5, 2.0), s[1]),
    ]
    env = gymnasium.make("MountainCarContinuous-v0").unwrapped
    starts = [(rng.uniform(-0.6, -0.4), 0.0) for _ in range(10)]
    starts += [(rng.uniform(-1.2, 0.44), rng.uniform(-0.07, 0.07)) for _ in range(10)]
    episodes = [play(env, s, policies[i % len(policies)], 200) for i, s in enumerate(starts)]
    assert any(episode["terminated"][-1] for episode in episodes), "no episode reached the goal"
    return episodes


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    versions = {
        "gymnasium": gymnasium.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    for name, make in [("Pendulum-v1", pendulum), ("MountainCarContinuous-v0", mountain_car)]:
        fixture = {"env": name, "versions": versions}
        fixture["episodes"] = make(np.random.default_rng(20240))
        text = json.dumps(fixture, separators=(",", ":")).replace('{"start"', '\n{"start"')
        (OUT / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
