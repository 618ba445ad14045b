"""Write reference fixtures for 1,000 consecutive SAC updates, computed with PyTorch.

The Rust test runs the same updates from the same parameters, on the same
batches with the same noise, and compares what has been learned along the way.
The update step is that of make_update_fixtures.py, which documents it.

How to run
----------
    pip install torch safetensors numpy
    python scripts/make_lockstep_fixtures.py               # every case
    python scripts/make_lockstep_fixtures.py --case wide   # only some
    python scripts/make_lockstep_fixtures.py --out /tmp/somewhere \\
        --custom '{"net_arch": [128], "updates": 3000}' --seed 7 --name large

The committed files were written with Python 3.11.7, torch 2.15.0, numpy 2.4.6
and safetensors 0.8.0.

The numbers that go in
----------------------
A thousand batches would be a large file. They are instead drawn anew on either
side, to the bit, with no operation that could round:

    word      the next output of SplitMix64, 64 bits
    uniform   (2 floor(word / 2^48) - 65535) / 65536: in (-1, 1), variance 1/3
    normal    the sum of the next 12 uniforms, halved: mean 0, variance 1

Both are integers of at most 20 bits over a power of two, so that single
precision holds them exactly as well. Drawn first are the initial parameters:
the policy's, then each critic's (its target starts as a copy), layer by layer
the weight [in, out], row after row, and the bias; each is uniform in
+-2^-k, the greatest such bound within PyTorch's 1 / sqrt(in). Then for every
update, each matrix row after row:

    observations s          [B, S]  normal
    actions a               [B, A]  uniform
    drift w                 [B, S]  normal
    terminated              [B, 1]  1 where a uniform is below -3/4
    noise xi' (targets)     [B, A]  normal
    noise xi (actor)        [B, A]  normal

with next observations s' = 3/4 s + 1/4 a_0 + 1/2 w and the reward
r = sum_j a_j (s_j - a_j / 2), which a_j = s_j maximises within the box.

File format ("softac-lockstep-1")
---------------------------------
One safetensors file per case; every tensor is float64. Metadata:

    format, config, versions    as in make_update_fixtures.py
    seed                        the initial state of SplitMix64
    digest                      of the initial parameters, then update by update
                                of s, a, r, s', terminated, xi', xi: h = 0, and
                                with the bits of each float64 in turn
                                h = (h xor bits) * 0x100000001b3 modulo 2^64;
                                hexadecimal

For some updates k, counted from 1, and always the last:

    k/policy        [P]     the policy's parameters, in the order above
    k/critics       [n P']  those of all critics, one after another
    k/targets       [n P']
    k/log_alpha     [1]
    k/losses        [1..3]  of update k: critics (their sum), and if they were
                            updated, policy and temperature

Before the last update only every STRIDE-th number of a network is kept, from
the first on, in the interest of the file's size.
"""

from pathlib import Path

import numpy
import torch

from make_update_fixtures import Learner, complete, parse_arguments, prepare_torch, serialise

FORMAT = "softac-lockstep-1"
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "lockstep"

CHECKPOINTS = [1, 10, 30, 100, 300, 1000, 3000, 10000]
STRIDE = 8

# name -> (seed, what differs from make_update_fixtures.DEFAULTS)
CASES = {
    "wide": (1, {
        "net_arch": [64, 64], "batch_size": 32, "gamma": 0.95,
        "learning_rate": 1e-3, "updates": 1000,
    }),
    "delayed": (2, {
        "observation_dim": 6, "action_dim": 2, "net_arch": [32, 32],
        "activation": "tanh", "batch_size": 64, "gamma": 0.95, "tau": 0.02,
        "learning_rate": 1e-3, "policy_delay": 2, "updates": 1000,
    }),
}


class SplitMix64:
    """Steele, Lea and Flood (2014), and the numbers made of its outputs.

    Its outputs are a function of a counter, hence many at once.
    """

    def __init__(self, seed):
        self.state = seed
        self.digest = 0

    def words(self, count):
        gamma = 0x9E3779B97F4A7C15
        z = numpy.uint64(self.state) + numpy.uint64(gamma) * numpy.arange(
            1, count + 1, dtype=numpy.uint64
        )
        self.state = (self.state + gamma * count) % 2**64
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))

    def uniform(self, *shape):
        words = self.words(int(numpy.prod(shape))).reshape(shape)
        return (2.0 * (words >> numpy.uint64(48)).astype(numpy.float64) - 65535.0) / 65536.0

    def normal(self, *shape):
        return self.uniform(*shape, 12).sum(axis=-1) / 2.0

    def record(self, array):
        """Take the array into the digest; return it as a tensor."""
        for bits in array.ravel().view(numpy.uint64).tolist():
            self.digest = ((self.digest ^ bits) * 0x100000001B3) % 2**64
        return torch.from_numpy(array)


def draw_parameters(learner, generator):
    with torch.no_grad():
        for network in [learner.policy, *learner.critics]:
            for layer in network.layers:
                n_in, n_out = layer.in_features, layer.out_features
                bound = 1.0
                while bound * bound * n_in > 1.0:
                    bound /= 2.0
                layer.weight.copy_(generator.record(bound * generator.uniform(n_in, n_out)).T)
                layer.bias.copy_(generator.record(bound * generator.uniform(n_out)))
        for critic, target in zip(learner.critics, learner.targets):
            target.load_state_dict(critic.state_dict())


def draw_inputs(config, generator):
    """Batch and noise of one update."""
    size, s_dim, a_dim = (
        config[key] for key in ["batch_size", "observation_dim", "action_dim"]
    )
    s = generator.normal(size, s_dim)
    a = generator.uniform(size, a_dim)
    drift = generator.normal(size, s_dim)
    terminated = (generator.uniform(size, 1) < -0.75).astype(numpy.float64)
    noise = {name: generator.normal(size, a_dim) for name in ["next", "current"]}
    batch = {
        "observations": s,
        "actions": a,
        "rewards": (a * (s[:, :a_dim] - a / 2.0)).sum(axis=1, keepdims=True),
        "next_observations": 0.75 * s + 0.25 * a[:, :1] + 0.5 * drift,
        "terminated": terminated,
    }
    record = generator.record
    return tuple({name: record(x) for name, x in part.items()} for part in [batch, noise])


def flat(networks):
    """All parameters in the order of the file."""
    named = [network.named_tensors("").values() for network in networks]
    return torch.cat([tensor.detach().flatten() for tensors in named for tensor in tensors])


def checkpoint(learner, out, stride):
    learned = {
        "policy": flat([learner.policy]),
        "critics": flat(learner.critics),
        "targets": flat(learner.targets),
    }
    learned = {name: tensor[::stride].clone() for name, tensor in learned.items()}
    losses = [f"result/{name}_loss" for name in ["critic", "actor", "ent_coef"]]
    losses = torch.cat([out[name] for name in losses if name in out])
    return learned | {"log_alpha": learner.log_alpha.detach().clone(), "losses": losses}


def make_fixture(config, seed):
    assert config["observation_dim"] >= config["action_dim"], "the reward pairs s_j and a_j"
    learner, generator = Learner(config), SplitMix64(seed)
    draw_parameters(learner, generator)
    tensors = {}
    for k in range(1, config["updates"] + 1):
        out = learner.update(k, *draw_inputs(config, generator))
        last = k == config["updates"]
        if k in CHECKPOINTS or last:
            kept = checkpoint(learner, out, 1 if last else STRIDE)
            tensors |= {f"{k}/{name}": tensor for name, tensor in kept.items()}
    return tensors, f"{generator.digest:016x}"


def main():
    description = "Write fixtures of consecutive SAC updates."
    out, cases = parse_arguments(description, DEFAULT_OUT, CASES)
    prepare_torch()
    for name, (seed, changes) in cases.items():
        config = complete(changes)
        tensors, digest = make_fixture(config, seed)
        path = out / f"{name}.safetensors"
        path.write_bytes(serialise(tensors, config, FORMAT, seed=str(seed), digest=digest))
        print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors")


if __name__ == "__main__":
    main()
