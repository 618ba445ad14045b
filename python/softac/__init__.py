"""
Soft Actor-Critic and its family on a Rust engine, under Stable-Baselines3's names.

    from softac import SAC

    model = SAC("MlpPolicy", "Pendulum-v1").learn(10_000)
    model.save("pendulum")
"""

from ._core import SoftacError, __version__, set_num_threads
from .ddpg import DDPG
from .gradient import gradcheck
from .sac import SAC
from .td3 import TD3

__all__ = ["DDPG", "SAC", "TD3", "SoftacError", "__version__", "gradcheck", "set_num_threads"]
