"""Vectorised environments and their wrappers."""

from .base import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn
from .dummy_vec_env import DummyVecEnv
from .images import tile_images
from .subproc_vec_env import SubprocVecEnv
from .util import (
    as_vec_env,
    is_vecenv_wrapped,
    sync_envs_normalization,
    unwrap_vec_normalize,
    unwrap_vec_wrapper,
)
from .vec_check_nan import VecCheckNan
from .vec_monitor import VecMonitor
from .vec_normalize import VecNormalize
from .wrapper import VecEnvWrapper

__all__ = [
    "DummyVecEnv",
    "SubprocVecEnv",
    "VecCheckNan",
    "VecEnv",
    "VecEnvIndices",
    "VecEnvObs",
    "VecEnvStepReturn",
    "VecEnvWrapper",
    "VecMonitor",
    "VecNormalize",
    "as_vec_env",
    "is_vecenv_wrapped",
    "sync_envs_normalization",
    "tile_images",
    "unwrap_vec_normalize",
    "unwrap_vec_wrapper",
]
