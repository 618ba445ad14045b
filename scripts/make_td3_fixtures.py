"""Write reference fixtures for the updates of TD3 and DDPG, computed with PyTorch.

As make_update_fixtures.py and make_lockstep_fixtures.py do it for SAC: small
learners with a few updates of which every number is kept, and learners with
1,000 updates of which only what was learned is kept.

How to run
----------
    pip install torch safetensors numpy
    python scripts/make_td3_fixtures.py td3               # every case
    python scripts/make_td3_fixtures.py ddpg-lockstep
    python scripts/make_td3_fixtures.py td3 --case small-relu --out /tmp/somewhere
    python scripts/make_td3_fixtures.py td3 --out /tmp/somewhere \\
        --custom '{"batch_size": 256}' --seed 7 --name large

The first word is td3, ddpg, td3-lockstep or ddpg-lockstep: the kind of the
fixtures, and their folder in tests/fixtures/. The committed files were written
with Python 3.11.7, torch 2.15.0, numpy 2.4.6 and safetensors 0.8.0.

The update step
---------------
With sigma = target_policy_noise and c = target_noise_clip, and updates counted
from 1:

 1. Targets    a~ = clip(pi'(s') + clip(sigma xi, -c, c), -1, 1)
               y = r + gamma (1 - d) min_i Q'_i(s', a~); no gradient.
               pi' and Q'_i are the targets of policy and critics.
 2. Critics    J_Q_i = mean((Q_i(s, a) - y)^2), one Adam step per critic.
 3. Actor      if step % policy_delay == 0, with the critics *after* 2:
               J_pi = -mean(Q_0(s, pi(s))), one Adam step.
 4. Targets    if step % policy_delay == 0, of all critics and the policy:
               target <- tau online + (1 - tau) target.

DDPG is the same with one critic, policy_delay 1 and a~ = pi'(s').

As a control, the authors' own code (sfujim/TD3, commit 34770cc), with layers of
8 units and in float64, was run from the start and on the inputs of small-relu:
after both updates, all its parameters and targets are the file's to the bit.

Each network has an Adam of its own (betas 0.9 and 0.999, eps 1e-8, one learning
rate for all), which counts its own steps.

The networks are MLPs (in -> net_arch -> out) with relu or tanh after every
hidden layer. A critic reads concat(s, a). The policy is tanh(MLP), with A
outputs: actions, and with them sigma and c, are in units of the half range.

File format ("softac-td3-1", "softac-ddpg-1")
---------------------------------------------
As "softac-update-1" in make_update_fixtures.py, with these differences.

    config      JSON object: observation_dim, action_dim, net_arch, activation,
                batch_size, gamma, tau, learning_rate, updates (K); for TD3 also
                n_critics, policy_delay, target_policy_noise, target_noise_clip

    before/policy_target/*              and k/after/policy_target/*
    k/noise/next                [B, A]  xi; only for TD3
    k/result/next_action        [B, A]  a~
    k/result/target             [B, 1]  y
    k/result/critic_losses      [n]     J_Q_i
    k/result/critic_loss        [1]     their sum
    k/result/q_mean             [1]     mean(Q_0(s, a)), before its step
    k/result/actor_loss         [1]     only when the policy was updated
    adam/policy/m               [P]     after the last update: Adam's moments of
    adam/policy/v               [P]     the policy, parameter after parameter in
    adam/critics/i/m            [P']    the order of the layers (weight row after
    adam/critics/i/v            [P']    row, bias), and of each critic

There is no log_alpha.

File format ("softac-td3-lockstep-1", "softac-ddpg-lockstep-1")
---------------------------------------------------------------
As "softac-lockstep-1" in make_lockstep_fixtures.py, with these tensors for some
updates k, counted from 1, and always the last:

    k/policy            [P]     every STRIDE-th number, and all of them after the
    k/critics           [n P']  last update
    k/policy_target     [P]
    k/targets           [n P']
    k/moments           [2 P + 2 n P']  every STRIDE-th number of: the policy's m
                                and v, then those of each critic
    k/losses            [2..3]  of update k: critics (their sum), q_mean, and
                                policy, if it was updated
"""

import argparse
import copy
import sys
from pathlib import Path

import torch

import lockstep_inputs
from lockstep_inputs import flat
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

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"

STRIDE = 16

DDPG_DEFAULTS = {
    "observation_dim": 3,
    "action_dim": 2,
    "net_arch": [8, 8],
    "activation": "relu",
    "batch_size": 16,
    "gamma": 0.99,
    "tau": 0.005,
    "learning_rate": 3e-4,
    "updates": 2,
}

TD3_DEFAULTS = DDPG_DEFAULTS | {
    "n_critics": 2,
    "policy_delay": 2,
    "target_policy_noise": 0.2,
    "target_noise_clip": 0.5,
}

# name -> (seed, what differs from the defaults)
# The seeds are chosen so that, in one update or another, each target critic gives the
# least value for some transition that goes on, some noise is clipped and some is not,
# some action is clipped at the box, and the first critic is not always the least where
# the policy is updated: an implementation without one of these does not pass.
TD3_CASES = {
    "small-relu": (11, {}),
    "small-tanh": (4, {"net_arch": [7, 5], "activation": "tanh"}),
    # Three action dimensions of different spread.
    "anisotropic-tanh": (2, {
        "observation_dim": 4, "action_dim": 3, "net_arch": [7, 5, 6],
        "activation": "tanh", "batch_size": 9, "gamma": 0.95, "tau": 0.02,
        "learning_rate": 1e-3,
    }),
    # Policy and targets in updates 3 and 6, counted from 1.
    "delays": (2, {
        "observation_dim": 2, "net_arch": [6], "batch_size": 8, "gamma": 0.9,
        "tau": 0.1, "learning_rate": 3e-3, "policy_delay": 3, "updates": 7,
    }),
    # Every second of the four transitions terminates.
    "batch-one": (5, {
        "net_arch": [4], "activation": "tanh", "batch_size": 1, "tau": 0.05,
        "learning_rate": 1e-3, "policy_delay": 1, "updates": 4,
    }),
    "no-hidden": (1, {"net_arch": [], "batch_size": 6, "tau": 0.05, "learning_rate": 1e-3}),
    "three-critics": (48, {
        "net_arch": [6, 5], "n_critics": 3, "batch_size": 10, "tau": 0.05,
        "learning_rate": 1e-3,
    }),
    # Most noise is clipped, and many actions are clipped at the box.
    "clipped": (3, {
        "target_policy_noise": 2.0, "target_noise_clip": 0.7, "batch_size": 10,
        "policy_delay": 1,
    }),
    "no-noise": (3, {"target_policy_noise": 0.0, "batch_size": 6}),
    "pendulum": (11, {"action_dim": 1, "net_arch": [16, 12], "batch_size": 32}),
}

DDPG_CASES = {
    "small": (1, {"activation": "tanh", "learning_rate": 1e-3, "tau": 0.05, "updates": 3}),
    "batch-one": (1, {"net_arch": [4], "batch_size": 1, "learning_rate": 1e-3, "updates": 2}),
    "pendulum": (1, {"action_dim": 1, "net_arch": [16, 12], "batch_size": 32}),
}

TD3_LOCKSTEP_CASES = {
    "wide": (1, {
        "action_dim": 1, "net_arch": [64, 64], "batch_size": 32, "gamma": 0.95,
        "learning_rate": 1e-3, "updates": 1000,
    }),
    "delayed": (2, {
        "observation_dim": 6, "net_arch": [32, 32], "activation": "tanh",
        "batch_size": 64, "gamma": 0.95, "tau": 0.02, "learning_rate": 1e-3,
        "policy_delay": 3, "n_critics": 3, "target_policy_noise": 0.4, "updates": 1000,
    }),
}

DDPG_LOCKSTEP_CASES = {
    "tanh": (3, {
        "observation_dim": 6, "net_arch": [32, 32], "activation": "tanh",
        "batch_size": 64, "gamma": 0.95, "tau": 0.02, "learning_rate": 1e-3,
        "updates": 1000,
    }),
    # Not 1,000: the policy saturates, its gradients fall to the size of Adam's eps, and
    # a nudge of one unit in the last place then grows beyond what the test allows.
    "relu": (9, {
        "action_dim": 1, "net_arch": [48, 32], "batch_size": 32, "gamma": 0.95,
        "learning_rate": 1e-3, "updates": 100,
    }),
}

# kind -> cases, defaults
KINDS = {
    "td3": (TD3_CASES, TD3_DEFAULTS),
    "ddpg": (DDPG_CASES, DDPG_DEFAULTS),
    "td3-lockstep": (TD3_LOCKSTEP_CASES, TD3_DEFAULTS),
    "ddpg-lockstep": (DDPG_LOCKSTEP_CASES, DDPG_DEFAULTS),
}


class Learner:
    """Networks, targets and optimisers of TD3 or DDPG, with randomly drawn parameters."""

    def __init__(self, config):
        self.config = config
        # What DDPG does not have.
        self.policy_delay = config.get("policy_delay", 1)
        self.smooths = "target_policy_noise" in config
        observation_dim, action_dim = config["observation_dim"], config["action_dim"]

        def mlp(n_in, n_out):
            return Mlp([n_in, *config["net_arch"], n_out], config["activation"])

        self.policy = mlp(observation_dim, action_dim)
        self.critics = [
            mlp(observation_dim + action_dim, 1) for _ in range(config.get("n_critics", 1))
        ]
        with torch.no_grad():
            # Spread the policy's outputs, more so in the later action dimensions.
            last = self.policy.layers[-1]
            last.weight *= torch.linspace(2.0, 4.0, action_dim).reshape(action_dim, 1)
            # Values that vary enough for each critic to be the least of some row.
            for critic in self.critics:
                critic.layers[-1].weight *= 3.0
            # Targets unlike their networks, so that mixing them up shows.
            self.copy_targets()
            for target in [self.policy_target, *self.targets]:
                for parameter in target.parameters():
                    parameter += 0.2 * torch.randn_like(parameter)

        def adam(network):
            return torch.optim.Adam(network.parameters(), lr=config["learning_rate"])

        self.policy_adam = adam(self.policy)
        self.critic_adams = [adam(critic) for critic in self.critics]

    def copy_targets(self):
        """Make the targets exact copies of policy and critics."""
        self.policy_target = copy.deepcopy(self.policy)
        self.targets = copy.deepcopy(self.critics)

    def parameters(self, prefix):
        """A copy of every parameter, named for the file."""
        named = self.policy.named_tensors(f"{prefix}/policy")
        named |= self.policy_target.named_tensors(f"{prefix}/policy_target")
        for i, (critic, target) in enumerate(zip(self.critics, self.targets)):
            named |= critic.named_tensors(f"{prefix}/critics/{i}")
            named |= target.named_tensors(f"{prefix}/targets/{i}")
        return {name: tensor.detach().clone() for name, tensor in named.items()}

    def moments(self):
        """Adam's moments: name -> all numbers of a network, in the order of its layers."""
        networks = {"policy": (self.policy, self.policy_adam)}
        for i, pair in enumerate(zip(self.critics, self.critic_adams)):
            networks[f"critics/{i}"] = pair
        found = {}
        for name, (network, optimiser) in networks.items():
            for short, long in [("m", "exp_avg"), ("v", "exp_avg_sq")]:
                # Before its first step, Adam has no state.
                moments = [
                    optimiser.state[parameter].get(long, torch.zeros_like(parameter))
                    for parameter in network.parameters()
                ]
                named = network.named_tensors("", moments)
                found[f"{name}/{short}"] = torch.cat([x.flatten() for x in named.values()])
        return found

    def next_action(self, observations, noise):
        """The target policy's action, for TD3 with clipped noise."""
        action = torch.tanh(self.policy_target(observations))
        if not self.smooths:
            return action
        clip = self.config["target_noise_clip"]
        noise = (self.config["target_policy_noise"] * noise["next"]).clamp(-clip, clip)
        return (action + noise).clamp(-1.0, 1.0)

    def update(self, step, batch, noise):
        """One update; `step` counts from 1. Returns results and gradients."""
        config = self.config
        out = {}

        # 1. Targets.
        with torch.no_grad():
            next_action = self.next_action(batch["next_observations"], noise)
            next_q = q_values(self.targets, batch["next_observations"], next_action)
            next_value = next_q.min(dim=1, keepdim=True).values
            target = batch["rewards"] + config["gamma"] * (1.0 - batch["terminated"]) * next_value
        out["result/next_action"] = next_action
        out["result/target"] = target

        # 2. Critics.
        losses = []
        for i, (critic, optimiser) in enumerate(zip(self.critics, self.critic_adams)):
            q = q_values([critic], batch["observations"], batch["actions"])
            if i == 0:
                out["result/q_mean"] = q.mean().reshape(1)
            loss = ((q - target) ** 2).mean()
            gradients = adam_step(optimiser, loss)
            out |= critic.named_tensors(f"grad/critics/{i}", gradients)
            losses.append(loss.detach())
        out["result/critic_losses"] = torch.stack(losses)
        out["result/critic_loss"] = torch.stack(losses).sum().reshape(1)

        if step % self.policy_delay == 0:
            # 3. Actor, against the first of the updated critics.
            action = torch.tanh(self.policy(batch["observations"]))
            loss = -q_values(self.critics[:1], batch["observations"], action).mean()
            gradients = adam_step(self.policy_adam, loss)
            out |= self.policy.named_tensors("grad/policy", gradients)
            out["result/actor_loss"] = loss.reshape(1)

            # 4. All targets.
            networks = zip([self.policy, *self.critics], [self.policy_target, *self.targets])
            for network, target in networks:
                move_target(target, network, config["tau"])

        return {name: tensor.detach().clone() for name, tensor in out.items()}


def draw_noise(learner):
    if not learner.smooths:
        return {}
    return {"next": torch.randn(learner.config["batch_size"], learner.config["action_dim"])}


def make_fixture(config, seed):
    """Draw a learner and its inputs, run the updates, return all named tensors."""
    torch.manual_seed(seed)
    learner = Learner(config)
    tensors = learner.parameters("before")
    for k in range(config["updates"]):
        batch, noise = draw_batch(config, k), draw_noise(learner)
        tensors |= {f"{k}/batch/{name}": tensor for name, tensor in batch.items()}
        tensors |= {f"{k}/noise/{name}": tensor for name, tensor in noise.items()}
        out = learner.update(k + 1, batch, noise)
        tensors |= {f"{k}/{name}": tensor for name, tensor in out.items()}
        tensors |= learner.parameters(f"{k}/after")
    tensors |= {f"adam/{name}": tensor for name, tensor in learner.moments().items()}
    return checked(tensors)


def checkpoint(learner, out, last):
    learned = {
        "policy": flat([learner.policy]),
        "critics": flat(learner.critics),
        "policy_target": flat([learner.policy_target]),
        "targets": flat(learner.targets),
    }
    learned = {name: tensor[:: 1 if last else STRIDE].clone() for name, tensor in learned.items()}
    learned["moments"] = torch.cat(list(learner.moments().values()))[::STRIDE].clone()
    losses = [f"result/{name}" for name in ["critic_loss", "q_mean", "actor_loss"]]
    return learned | {"losses": torch.cat([out[name] for name in losses if name in out])}


def make_lockstep_fixture(config, seed):
    learner = Learner(config)
    networks = [learner.policy, *learner.critics]
    noises = ["next"] if learner.smooths else []
    return lockstep_inputs.run(learner, networks, noises, seed, checkpoint)


def describe(tensors, config):
    """How much of the first update's next actions is clipped."""
    noise, action = tensors.get("0/noise/next"), tensors["0/result/next_action"]
    at_box = int((action.abs() == 1.0).sum())
    clipped = 0
    if noise is not None:
        scaled = config["target_policy_noise"] * noise
        clipped = int((scaled.abs() > config["target_noise_clip"]).sum())
    return f"of {action.numel()} next actions: {clipped} noises clipped, {at_box} at the box"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], add_help=False)
    parser.add_argument("kind", choices=KINDS, help="what to write")
    kind, others = parser.parse_known_args()[0].kind, sys.argv[2:]
    cases, defaults = KINDS[kind]
    out, cases = parse_arguments(f"Write {kind} fixtures.", FIXTURES / kind, cases, others)
    prepare_torch()
    for name, (seed, changes) in cases.items():
        config = complete(changes, defaults)
        if kind.endswith("lockstep"):
            tensors, digest = make_lockstep_fixture(config, seed)
            metadata, said = {"seed": str(seed), "digest": digest}, ""
        else:
            tensors, metadata = make_fixture(config, seed), {}
            said = f", {describe(tensors, config)}"
        path = out / f"{name}.safetensors"
        path.write_bytes(serialise(tensors, config, f"softac-{kind}-1", **metadata))
        print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors{said}")


if __name__ == "__main__":
    main()
