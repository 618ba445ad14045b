"""What the scripts that write fixtures with PyTorch share: networks, optimiser steps, batches, files."""

import argparse
import json
import platform
import struct
from pathlib import Path

import numpy
import safetensors.torch
import torch
from torch import nn


class Mlp(nn.Module):
    """Linear layers with an activation after each but the last."""

    def __init__(self, sizes, activation):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Linear(n_in, n_out) for n_in, n_out in zip(sizes, sizes[1:])
        )
        self.activation = {"relu": torch.relu, "tanh": torch.tanh}[activation]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)

    def named_tensors(self, prefix, tensors=None):
        """Name `tensors`, one per parameter (default: the parameters themselves)."""
        tensors = list(self.parameters() if tensors is None else tensors)
        named = {}
        for index in range(len(self.layers)):
            weight, bias = tensors[2 * index], tensors[2 * index + 1]
            named[f"{prefix}/{index}.weight"] = weight.T  # [out, in] -> [in, out]
            named[f"{prefix}/{index}.bias"] = bias
        return named


def q_values(critics, observations, actions):
    """[B, n]: the value each critic gives each row."""
    inputs = torch.cat([observations, actions], dim=1)
    return torch.cat([critic(inputs) for critic in critics], dim=1)


def adam_step(optimiser, loss):
    """Step the optimiser's own parameters, and only those; return their gradients."""
    (group,) = optimiser.param_groups
    gradients = torch.autograd.grad(loss, group["params"])
    for parameter, gradient in zip(group["params"], gradients):
        parameter.grad = gradient.clone()
    optimiser.step()
    return gradients


def move_target(target, network, tau):
    """target <- tau network + (1 - tau) target, parameter by parameter."""
    with torch.no_grad():
        for slow, online in zip(target.parameters(), network.parameters()):
            slow.copy_(tau * online + (1.0 - tau) * slow)


def draw_batch(config, update):
    """Random transitions; every second one terminates."""
    size = config["batch_size"]
    index = update * size + torch.arange(size)  # goes on counting between updates
    return {
        "observations": torch.randn(size, config["observation_dim"]),
        "actions": torch.tanh(torch.randn(size, config["action_dim"])),
        "rewards": torch.randn(size, 1),
        "next_observations": torch.randn(size, config["observation_dim"]),
        "terminated": (index % 2).double().reshape(size, 1),
    }


def complete(config, defaults):
    """Fill in what `config` leaves out."""
    unknown = set(config) - set(defaults)
    assert not unknown, f"unknown keys: {sorted(unknown)}"
    return defaults | config


def checked(tensors):
    """The tensors as they are written: float64, finite, contiguous."""
    for name, tensor in tensors.items():
        assert tensor.dtype == torch.float64 and tensor.isfinite().all(), name
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def serialise(tensors, config, format, **others):
    """The bytes of the safetensors file, the same in every run.

    The library keeps metadata in a hash map and so writes its keys in an
    arbitrary order; the header is therefore written again with sorted keys.
    """
    metadata = {
        **others,
        "format": format,
        "config": json.dumps(config),
        "versions": json.dumps({
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "python": platform.python_version(),
        }),
    }
    raw = safetensors.torch.save(tensors, metadata)
    (length,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + length])
    header = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # keep the data aligned to 8 bytes
    return struct.pack("<Q", len(header)) + header + raw[8 + length :]


def parse_arguments(description, out, cases, words=None):
    """The folder to write to and the cases asked for: name -> (seed, changes).

    From `words`, or else from the command line.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=out, help="folder to write to")
    parser.add_argument("--case", nargs="+", choices=cases, help="only these cases")
    parser.add_argument("--custom", metavar="JSON", help="a case of your own; see DEFAULTS")
    parser.add_argument("--seed", type=int, default=0, help="seed of --custom")
    parser.add_argument("--name", default="custom", help="file name of --custom")
    arguments = parser.parse_args(words)
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.custom is not None:
        cases = {arguments.name: (arguments.seed, json.loads(arguments.custom))}
    else:
        cases = {name: cases[name] for name in arguments.case or cases}
    return arguments.out, cases


def prepare_torch():
    """float64 on one thread, the same numbers in every run."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
