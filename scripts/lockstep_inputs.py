"""Fixtures of many consecutive updates: what goes in, and what is kept.

A thousand batches would be a large file. They are instead drawn anew on either
side, to the bit, with no operation that could round:

    word      the next output of SplitMix64, 64 bits
    uniform   (2 floor(word / 2^48) - 65535) / 65536: in (-1, 1), variance 1/3
    normal    the sum of the next 12 uniforms, halved: mean 0, variance 1

Both are integers of at most 20 bits over a power of two, so that single
precision holds them exactly as well. Drawn first are the initial parameters:
the policy's, then each critic's (a target starts as a copy), layer by layer the
weight [in, out], row after row, and the bias; each is uniform in +-2^-k, the
greatest such bound within PyTorch's 1 / sqrt(in). Then for every update, each
matrix row after row:

    observations s          [B, S]  normal
    actions a               [B, A]  uniform
    drift w                 [B, S]  normal
    terminated              [B, 1]  1 where a uniform is below -3/4
    noise xi' (targets)     [B, A]  normal; not for DDPG
    noise xi (actor)        [B, A]  normal; only for SAC

with next observations s' = 3/4 s + 1/4 a_0 + 1/2 w and the reward
r = sum_j a_j (s_j - a_j / 2), which a_j = s_j maximises within the box.

The digest in a file's metadata is that of the initial parameters, then update by
update of s, a, r, s', terminated and the noise, in this order: h = 0, and with
the bits of each float64 in turn h = (h xor bits) * 0x100000001b3 modulo 2^64;
hexadecimal.
"""

import numpy
import torch

# A fixture keeps what was learned after these updates, and after the last.
CHECKPOINTS = [1, 10, 30, 100, 300, 1000, 3000, 10000]


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


def draw_parameters(networks, generator):
    with torch.no_grad():
        for network in networks:
            for layer in network.layers:
                n_in, n_out = layer.in_features, layer.out_features
                bound = 1.0
                while bound * bound * n_in > 1.0:
                    bound /= 2.0
                layer.weight.copy_(generator.record(bound * generator.uniform(n_in, n_out)).T)
                layer.bias.copy_(generator.record(bound * generator.uniform(n_out)))


def draw_inputs(config, generator, noises):
    """Batch of one update, and noise under these names."""
    assert config["observation_dim"] >= config["action_dim"], "the reward pairs s_j and a_j"
    size, s_dim, a_dim = (
        config[key] for key in ["batch_size", "observation_dim", "action_dim"]
    )
    s = generator.normal(size, s_dim)
    a = generator.uniform(size, a_dim)
    drift = generator.normal(size, s_dim)
    terminated = (generator.uniform(size, 1) < -0.75).astype(numpy.float64)
    noise = {name: generator.normal(size, a_dim) for name in noises}
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


def run(learner, networks, noises, seed, checkpoint):
    """Run all updates of a learner whose `networks` are drawn in this order.

    Returns what `checkpoint(learner, out, last)` keeps, and the digest.
    """
    config, generator = learner.config, SplitMix64(seed)
    draw_parameters(networks, generator)
    learner.copy_targets()
    tensors = {}
    for k in range(1, config["updates"] + 1):
        out = learner.update(k, *draw_inputs(config, generator, noises))
        last = k == config["updates"]
        if k in CHECKPOINTS or last:
            kept = checkpoint(learner, out, last)
            tensors |= {f"{k}/{name}": tensor for name, tensor in kept.items()}
    return tensors, f"{generator.digest:016x}"
