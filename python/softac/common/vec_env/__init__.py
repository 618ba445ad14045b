"""Vectorised environments: several environments that are stepped together."""

from .base import VecEnv, VecEnvWrapper
from .dummy_vec_env import DummyVecEnv
from .subproc_vec_env import SubprocVecEnv
from .util import is_vecenv_wrapped, sync_envs_normalization, unwrap_vec_normalize, unwrap_vec_wrapper
from .vec_check_nan import VecCheckNan
from .vec_monitor import VecMonitor
from .vec_normalize import VecNormalize

__all__ = [
    "DummyVecEnv",
    "SubprocVecEnv",
    "VecCheckNan",
    "VecEnv",
    "VecEnvWrapper",
    "VecMonitor",
    "VecNormalize",
    "is_vecenv_wrapped",
    "sync_envs_normalization",
    "unwrap_vec_normalize",
    "unwrap_vec_wrapper",
]
