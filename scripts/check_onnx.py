"""Checks an ONNX export with ONNX's own packages, and what ONNX Runtime makes of it with the safetensors export of the same
policy, computed by NumPy in double precision.

    python scripts/check_onnx.py policy.onnx policy.safetensors
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open

path, weights = sys.argv[1:]
model = onnx.load(path)
onnx.checker.check_model(model, full_check=True)
assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
origin = json.loads({entry.key: entry.value for entry in model.metadata_props}["softac"])

with safe_open(weights, "numpy") as file:
    policy = json.loads(file.metadata()["policy"])
    tensors = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}
assert policy["env"] == origin["env"] and policy["net_arch"] == origin["net_arch"]
assert policy["numerics"] == "portable" and all(tensor.ndim == 2 for tensor in tensors.values())

low, high = np.array(policy["action_low"]), np.array(policy["action_high"])
activation = {"relu": lambda x: np.maximum(x, 0.0), "tanh": np.tanh, "identity": lambda x: x}[policy["activation"]]


def act(observation):
    x = observation.astype(np.float64)
    if statistics := policy.get("standardisation"):
        x = (x - statistics["mean"]) * statistics["scale"]
        x = np.clip(x, -statistics["clip"], statistics["clip"])
    layers = len(tensors) // 2
    for layer in range(layers):
        x = x @ tensors[f"{layer}.weight"] + tensors[f"{layer}.bias"]
        if layer < layers - 1:
            x = activation(x)
    mu = x[:, : len(low)]
    return np.clip((low + high) / 2 + (high - low) / 2 * np.tanh(mu), low, high)


session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
random = np.random.default_rng(0)
worst = 0.0
for scale in [0.1, 1.0, 10.0]:
    observation = (scale * random.standard_normal((1000, policy["observation_dim"]))).astype(np.float32)
    (action,) = session.run(["action"], {"observation": observation})
    assert action.shape == (1000, len(low)) and action.dtype == np.float32
    assert np.all(action >= low) and np.all(action <= high)
    worst = max(worst, np.max(np.abs(action - act(observation)) / (high - low)))
print(f"ONNX {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}: 3,000 actions within {worst:.1e} of the range")
sys.exit(int(worst > 1e-5))
