"""Write reference fixtures for the SAC update step, computed with PyTorch.

Every fixture holds one small learner before an update, the batches and the
noise of K consecutive updates, and everything PyTorch computed from them:
targets, losses, gradients, and all parameters after each update. The Rust
tests replay the updates from the same inputs and compare. All numbers are
float64 and all computation is on one CPU thread, so that the same versions
write the same bytes again.

How to run
----------
    pip install torch safetensors numpy
    python scripts/make_update_fixtures.py                     # every case
    python scripts/make_update_fixtures.py --case small-auto   # only some
    python scripts/make_update_fixtures.py --out /tmp/somewhere
    python scripts/make_update_fixtures.py --custom '{"batch_size": 256}' \\
        --seed 7 --name large                 # keys left out: see DEFAULTS

The committed files were written with Python 3.11.7, torch 2.15.0, numpy 2.4.6
and safetensors 0.8.0. Other versions may differ in the last digits.

The update step
---------------
With alpha = exp(log_alpha) read once, at the start of the step, and the
gradient step counted from 1:

 1. Targets    y = r + gamma (1 - d) (min_i Q'_i(s', a') - alpha log pi(a'|s'))
               with a' from the policy and the noise xi'; no gradient.
 2. Critics    J_Q_i = mean(1/2 (Q_i(s, a) - y)^2), one Adam step per critic.
 3. Actor      if step % policy_delay == 0, with the critics *after* 2:
               J_pi = mean(alpha log pi(a|s) - min_i Q_i(s, a)),
               a and log pi from the noise xi; one Adam step.
 4. Temperature, when 3 took place and alpha is learned, with the log pi of 3
               (from before the actor's Adam step) as a constant:
               J_alpha = mean(-exp(log_alpha) (log pi + target_entropy)),
               one Adam step on log_alpha.
 5. Polyak     if step % target_update_interval == 0:
               target <- tau online + (1 - tau) target.

Each critic, the policy and log_alpha have an Adam of their own (betas 0.9 and
0.999, eps 1e-8, one learning rate for all). An Adam counts its own steps: the
policy's counter stands still in the updates that policy_delay leaves out.

The networks are MLPs (in -> net_arch -> out) with relu or tanh after every
hidden layer. A critic reads concat(s, a). The policy's output holds A means,
then A log standard deviations, clamped to [-20, 2]; a clamped entry passes no
gradient.

File format ("softac-update-1")
-------------------------------
One safetensors file per case; every tensor is float64. Metadata:

    format      "softac-update-1"
    config      JSON object: observation_dim, action_dim, net_arch, activation
                ("relu" or "tanh"), n_critics, batch_size, gamma, tau,
                learning_rate, ent_coef (a number: fixed; "auto" or "auto_0.3":
                learned, starting from 1 or 0.3), target_entropy, policy_delay,
                target_update_interval, updates (K)
    versions    JSON object: torch, numpy, python

A network NET is a set of tensors "NET/0.weight", "NET/0.bias", "NET/1.weight"
and so on, numbered by linear layer. Weights are stored [in, out] (PyTorch's
transposed), biases [out]. With S, A, B for the observation, action and batch
sizes, i = 0 .. n_critics - 1 and k = 0 .. K - 1:

    before/policy/*                     parameters before the first update;
    before/critics/i/*                  the targets differ from the critics
    before/targets/i/*
    before/log_alpha            [1]     ln(ent_coef) if alpha is fixed

    k/batch/observations        [B, S]
    k/batch/actions             [B, A]  within (-1, 1)
    k/batch/rewards             [B, 1]
    k/batch/next_observations   [B, S]
    k/batch/terminated          [B, 1]  0.0 or 1.0
    k/noise/next                [B, A]  xi', for the targets
    k/noise/current             [B, A]  xi, for the actor

    k/result/target             [B, 1]  y
    k/result/critic_losses      [n]     J_Q_i
    k/result/critic_loss        [1]     their sum
    k/result/actor_loss         [1]     these three only when the actor
    k/result/log_pi             [B, 1]  was updated
    k/result/q_min              [B, 1]
    k/result/ent_coef_loss      [1]     only when alpha was updated as well

    k/grad/critics/i/*                  dJ_Q_i
    k/grad/policy/*                     only when the actor was updated
    k/grad/log_alpha            [1]     only when alpha was updated

    k/after/policy/*                    parameters after update k, always all
    k/after/critics/i/*
    k/after/targets/i/*
    k/after/log_alpha           [1]
"""

import copy
import math
from pathlib import Path

import torch
from torch.distributions import Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform

from torch_fixtures import (
    Mlp,
    adam_step,
    checked,
    complete,
    draw_batch,
    move_target,
    parse_arguments,
    prepare_torch,
    q_values,
    serialise,
)

FORMAT = "softac-update-1"
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "update"

LOG_STD_MIN, LOG_STD_MAX = -20.0, 2.0

# target_entropy None stands for -action_dim; the file always holds a number.
DEFAULTS = {
    "observation_dim": 3,
    "action_dim": 1,
    "net_arch": [8, 8],
    "activation": "relu",
    "n_critics": 2,
    "batch_size": 16,
    "gamma": 0.99,
    "tau": 0.005,
    "learning_rate": 3e-4,
    "ent_coef": "auto",
    "target_entropy": None,
    "policy_delay": 1,
    "target_update_interval": 1,
    "updates": 1,
}

# name -> (seed, what differs from DEFAULTS)
# The seeds are chosen so that each critic gives the least value somewhere, among
# the targets of transitions that go on and in the actor's loss (as far as a batch
# of one allows): an implementation without the minimum does not pass.
CASES = {
    "small-auto": (21, {}),
    # Three action dimensions of different spread, some log sigma clamped at 2.
    "anisotropic-tanh": (145, {
        "observation_dim": 4, "action_dim": 3, "net_arch": [7, 5, 6],
        "activation": "tanh", "batch_size": 9, "gamma": 0.95, "tau": 0.02,
        "learning_rate": 1e-3, "ent_coef": 0.2,
    }),
    # Actor in updates 2, 4, 6 and targets in 3, 6, counted from 1.
    "delays": (2, {
        "observation_dim": 2, "action_dim": 2, "net_arch": [6],
        "batch_size": 8, "gamma": 0.9, "tau": 0.1, "learning_rate": 3e-3,
        "ent_coef": "auto_0.3", "target_entropy": -1.3,
        "policy_delay": 2, "target_update_interval": 3, "updates": 7,
    }),
    # Only the second of the two transitions terminates.
    "batch-one": (0, {
        "action_dim": 2, "net_arch": [4], "activation": "tanh",
        "batch_size": 1, "tau": 0.05, "learning_rate": 1e-3, "updates": 2,
    }),
    "no-hidden": (2, {
        "action_dim": 2, "net_arch": [], "batch_size": 6,
        "tau": 0.05, "learning_rate": 1e-3, "ent_coef": "auto_0.5", "updates": 2,
    }),
    "three-critics": (8, {
        "action_dim": 2, "net_arch": [6, 5], "n_critics": 3, "batch_size": 10,
        "tau": 0.05, "learning_rate": 1e-3, "updates": 2,
    }),
    "pendulum-64": (5, {"net_arch": [64, 64], "batch_size": 32}),
}


def softplus(x):
    """ln(1 + e^x), exact everywhere.

    Not torch.nn.functional.softplus, which returns x itself above x = 20 and
    is then wrong by up to 2e-9.
    """
    return torch.logaddexp(x, torch.zeros_like(x))


def sample_action(policy, observations, noise):
    """The squashed action a = tanh(mu + sigma xi) [B, A] and log pi(a|s) [B, 1]."""
    mean, log_std = policy(observations).chunk(2, dim=1)
    log_std = log_std.clamp(LOG_STD_MIN, LOG_STD_MAX)
    u = mean + log_std.exp() * noise
    log_normal = -0.5 * noise**2 - log_std - 0.5 * math.log(2.0 * math.pi)
    log_one_minus_tanh_squared = 2.0 * (math.log(2.0) - u - softplus(-2.0 * u))
    log_prob = log_normal - log_one_minus_tanh_squared
    check_log_prob(mean.detach(), log_std.detach(), u.detach(), log_prob.detach())
    return torch.tanh(u), log_prob.sum(dim=1, keepdim=True)


def check_log_prob(mean, log_std, u, log_prob):
    """Compare with torch.distributions, as an independent control."""
    tanh = TanhTransform(cache_size=1)  # remembers u: no atanh in log_prob
    distribution = TransformedDistribution(Normal(mean, log_std.exp()), [tanh])
    control = distribution.log_prob(tanh(u))
    # TanhTransform uses the softplus that is cut off at -2u = 20.
    tolerance = torch.where(-2.0 * u > 20.0, 1e-8, 1e-10)
    assert ((log_prob - control).abs() <= tolerance).all(), "log pi disagrees"


class Learner:
    """Networks, temperature and optimisers, with randomly drawn parameters."""

    def __init__(self, config):
        self.config = config
        observation_dim, action_dim = config["observation_dim"], config["action_dim"]

        def mlp(n_in, n_out):
            return Mlp([n_in, *config["net_arch"], n_out], config["activation"])

        self.policy = mlp(observation_dim, 2 * action_dim)
        self.critics = [
            mlp(observation_dim + action_dim, 1) for _ in range(config["n_critics"])
        ]
        with torch.no_grad():
            # Spread the policy's outputs, more so in the later action dimensions.
            last = self.policy.layers[-1]
            last.weight *= 3.0
            last.bias[action_dim:] += torch.linspace(-1.0, 1.0, action_dim)
            # Values that vary enough for each critic to be the least of some row.
            for critic in self.critics:
                critic.layers[-1].weight *= 3.0
            # Targets unlike their critics, so that mixing them up shows.
            self.targets = copy.deepcopy(self.critics)
            for target in self.targets:
                for parameter in target.parameters():
                    parameter += 0.2 * torch.randn_like(parameter)

        ent_coef = config["ent_coef"]
        self.alpha_is_learned = isinstance(ent_coef, str)
        if self.alpha_is_learned:
            auto, _, initial = ent_coef.partition("_")
            assert auto == "auto", f"ent_coef {ent_coef!r}"
            ent_coef = float(initial or 1.0)
        self.fixed_alpha = torch.tensor([ent_coef])
        self.log_alpha = self.fixed_alpha.log().requires_grad_()

        def adam(parameters):
            return torch.optim.Adam(parameters, lr=config["learning_rate"])

        self.policy_adam = adam(self.policy.parameters())
        self.critic_adams = [adam(critic.parameters()) for critic in self.critics]
        self.log_alpha_adam = adam([self.log_alpha])

    def copy_targets(self):
        """Make the targets exact copies of the critics."""
        self.targets = copy.deepcopy(self.critics)

    def parameters(self, prefix):
        """A copy of every parameter, named for the file."""
        named = self.policy.named_tensors(f"{prefix}/policy")
        for i, (critic, target) in enumerate(zip(self.critics, self.targets)):
            named |= critic.named_tensors(f"{prefix}/critics/{i}")
            named |= target.named_tensors(f"{prefix}/targets/{i}")
        named[f"{prefix}/log_alpha"] = self.log_alpha
        return {name: tensor.detach().clone() for name, tensor in named.items()}

    def update(self, step, batch, noise):
        """One SAC update; `step` counts from 1. Returns results and gradients."""
        config = self.config
        out = {}

        # 0. The temperature of the whole step.
        alpha = self.log_alpha.detach().exp() if self.alpha_is_learned else self.fixed_alpha

        # 1. Targets.
        with torch.no_grad():
            next_action, next_log_pi = sample_action(
                self.policy, batch["next_observations"], noise["next"]
            )
            next_q = q_values(self.targets, batch["next_observations"], next_action)
            next_value = next_q.min(dim=1, keepdim=True).values - alpha * next_log_pi
            target = batch["rewards"] + config["gamma"] * (1.0 - batch["terminated"]) * next_value
        out["result/target"] = target

        # 2. Critics.
        losses = []
        for i, (critic, optimiser) in enumerate(zip(self.critics, self.critic_adams)):
            q = q_values([critic], batch["observations"], batch["actions"])
            loss = (0.5 * (q - target) ** 2).mean()
            gradients = adam_step(optimiser, loss)
            out |= critic.named_tensors(f"grad/critics/{i}", gradients)
            losses.append(loss.detach())
        out["result/critic_losses"] = torch.stack(losses)
        out["result/critic_loss"] = torch.stack(losses).sum().reshape(1)

        if step % config["policy_delay"] == 0:
            # 3. Actor, against the updated critics.
            action, log_pi = sample_action(
                self.policy, batch["observations"], noise["current"]
            )
            q = q_values(self.critics, batch["observations"], action)
            q_min = q.min(dim=1, keepdim=True).values
            loss = (alpha * log_pi - q_min).mean()
            gradients = adam_step(self.policy_adam, loss)
            out |= self.policy.named_tensors("grad/policy", gradients)
            out["result/actor_loss"] = loss.reshape(1)
            out["result/log_pi"] = log_pi
            out["result/q_min"] = q_min

            # 4. Temperature.
            if self.alpha_is_learned:
                excess = log_pi.detach() + config["target_entropy"]
                loss = (-self.log_alpha.exp() * excess).mean()
                (gradient,) = adam_step(self.log_alpha_adam, loss)
                out["result/ent_coef_loss"] = loss.reshape(1)
                out["grad/log_alpha"] = gradient

        # 5. Polyak averaging.
        if step % config["target_update_interval"] == 0:
            for critic, target in zip(self.critics, self.targets):
                move_target(target, critic, config["tau"])

        return {name: tensor.detach().clone() for name, tensor in out.items()}


def draw_noise(config):
    shape = (config["batch_size"], config["action_dim"])
    return {"next": torch.randn(shape), "current": torch.randn(shape)}


def complete_sac(config):
    """Fill in what `config` leaves out."""
    config = complete(config, DEFAULTS)
    if config["target_entropy"] is None:
        config["target_entropy"] = -float(config["action_dim"])
    return config


def make_fixture(config, seed):
    """Draw a learner and its inputs, run the updates, return all named tensors."""
    torch.manual_seed(seed)
    learner = Learner(config)
    tensors = learner.parameters("before")
    for k in range(config["updates"]):
        batch, noise = draw_batch(config, k), draw_noise(config)
        tensors |= {f"{k}/batch/{name}": tensor for name, tensor in batch.items()}
        tensors |= {f"{k}/noise/{name}": tensor for name, tensor in noise.items()}
        out = learner.update(k + 1, batch, noise)
        tensors |= {f"{k}/{name}": tensor for name, tensor in out.items()}
        tensors |= learner.parameters(f"{k}/after")
    return checked(tensors)


def count_clamped(tensors, config):
    """How many log sigma of the first actor batch lie beyond the clamp."""
    x = tensors["0/batch/observations"]
    activation = {"relu": torch.relu, "tanh": torch.tanh}[config["activation"]]
    last = len(config["net_arch"])
    for i in range(last + 1):
        x = x @ tensors[f"before/policy/{i}.weight"] + tensors[f"before/policy/{i}.bias"]
        x = activation(x) if i < last else x
    log_std = x[:, config["action_dim"] :]
    return int(((log_std < LOG_STD_MIN) | (log_std > LOG_STD_MAX)).sum()), log_std.numel()


def main():
    out, cases = parse_arguments("Write SAC update fixtures.", DEFAULT_OUT, CASES)
    prepare_torch()
    for name, (seed, changes) in cases.items():
        config = complete_sac(changes)
        tensors = make_fixture(config, seed)
        path = out / f"{name}.safetensors"
        path.write_bytes(serialise(tensors, config, FORMAT))
        clamped, entries = count_clamped(tensors, config)
        print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors, "
              f"{clamped} of {entries} log sigma clamped")


if __name__ == "__main__":
    main()
