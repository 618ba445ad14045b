// Measures RLtools. This is the only file here that includes RLtools' headers.
//
// RLtools takes sizes as template parameters, so `rltools.py` compiles a binary for each size. Sizes are these
// macros: PEER_HIDDEN_LAYERS, PEER_HIDDEN, PEER_BATCH, PEER_LEARNING_STARTS, PEER_BUFFER, PEER_GAMMA, PEER_TAU
// and PEER_LEARNING_RATE; and one of these two groups, which says what the binary does:
//
//     PEER_OBSERVATION, PEER_ACTION
//         `driver SECONDS` measures updates for so many seconds
//         -> {"updates_per_second": ..., "alpha": ...}
//     PEER_TIMESTEPS
//         `driver SEED` trains on RLtools' own Pendulum; the return is the mean of the last ten episodes
//         -> {"mean_return": ..., "alpha": ...}
//
// If alpha is not finite, the answer is not JSON, and `run.py` reports it.

#include <rl_tools/operations/cpu_mux.h>

#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
#include <rl_tools/nn/operations_cpu_mux.h>
#include <rl_tools/nn/layers/sample_and_squash/operations_generic.h>
#include <rl_tools/rl/environments/pendulum/operations_cpu.h>
#include <rl_tools/nn_models/mlp/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn_models/random_uniform/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>

namespace rlt = rl_tools;
using Real = float;
using Device = rlt::devices::DEVICE_FACTORY<>;
using Index = Device::index_t;
using Random = Device::SPEC::RANDOM::ENGINE<>;
using Types = rlt::numeric_types::Policy<Real>;

#ifdef PEER_TIMESTEPS
using Environment = rlt::rl::environments::Pendulum<rlt::rl::environments::pendulum::Specification<Real, Index>>;
constexpr Index STEPS = PEER_TIMESTEPS;
#else
// An environment for its dimensions only. The driver never steps it.
struct Environment : rlt::rl::environments::Environment<Real, Index> {
    struct State {};
    struct Parameters {};
    struct Observation {
        static constexpr Index DIM = PEER_OBSERVATION;
    };
    using ObservationPrivileged = Observation;
    static constexpr Index ACTION_DIM = PEER_ACTION;
    static constexpr Index EPISODE_STEP_LIMIT = 1000;
};
constexpr Index STEPS = 0;
constexpr double WARM_UP_SECONDS = 1.0;
constexpr long WARM_UP_UPDATES = 3;

// RLtools calls these by their qualified names, so they must be declared before the loop is included.
namespace rl_tools {
void malloc(Device&, Environment&) {}
void init(Device&, Environment&) {}
void free(Device&, Environment&) {}
void initial_parameters(Device&, const Environment&, Environment::Parameters&) {}
}  // namespace rl_tools
#endif

#include <rl_tools/rl/algorithms/sac/loop/core/operations_generic.h>

namespace core = rlt::rl::algorithms::sac::loop::core;

// Other settings have RLtools' defaults, which are also those of Stable-Baselines3.
struct Adam : rlt::nn::optimizers::adam::DEFAULT_PARAMETERS_PYTORCH<Types> {
    static constexpr Real ALPHA = PEER_LEARNING_RATE;
};
struct Settings : core::DefaultParameters<Types, Index, Environment> {
    struct SAC_PARAMETERS : rlt::rl::algorithms::sac::DefaultParameters<Types, Index, Environment::ACTION_DIM> {
        static constexpr Index ACTOR_BATCH_SIZE = PEER_BATCH;
        static constexpr Index CRITIC_BATCH_SIZE = PEER_BATCH;
        static constexpr Real GAMMA = PEER_GAMMA;
        static constexpr Real ALPHA = 1;
        static constexpr Real ACTOR_POLYAK = 1 - PEER_TAU;
        static constexpr Real CRITIC_POLYAK = 1 - PEER_TAU;
    };
    static constexpr Index N_WARMUP_STEPS = PEER_LEARNING_STARTS;
    static constexpr Index N_WARMUP_STEPS_CRITIC = PEER_LEARNING_STARTS;
    static constexpr Index N_WARMUP_STEPS_ACTOR = PEER_LEARNING_STARTS;
    static constexpr Index STEP_LIMIT = STEPS;
    static constexpr Index REPLAY_BUFFER_CAP = PEER_BUFFER;
    // RLtools counts the output layer as well.
    static constexpr Index ACTOR_NUM_LAYERS = PEER_HIDDEN_LAYERS + 1;
    static constexpr Index ACTOR_HIDDEN_DIM = PEER_HIDDEN;
    static constexpr Index CRITIC_NUM_LAYERS = PEER_HIDDEN_LAYERS + 1;
    static constexpr Index CRITIC_HIDDEN_DIM = PEER_HIDDEN;
    using ACTOR_OPTIMIZER_PARAMETERS = Adam;
    using CRITIC_OPTIMIZER_PARAMETERS = Adam;
    using ALPHA_OPTIMIZER_PARAMETERS = Adam;
};
using Config = core::Config<Types, Index, Random, Environment, Settings, core::ConfigApproximatorsMLP>;
using Learner = Config::State<Config>;

double temperature(Device& device, Learner& learner) {
    return std::exp(rlt::get(device, rlt::get_last_layer(learner.actor_critic.actor).log_alpha.parameters, 0));
}

#ifdef PEER_TIMESTEPS

void answer(Device& device, Learner& learner, const char* argument) {
    rlt::init(device, learner, std::strtoul(argument, nullptr, 10));
    while (!rlt::step(device, learner)) {
    }
    auto& episodes = rlt::get(learner.off_policy_runner.episode_stats, 0, 0);
    const Index last = std::min<Index>(10, episodes.next_episode_i);
    double sum = 0;
    for (Index i = 0; i < last; i++) {
        sum += rlt::get(episodes.returns, episodes.next_episode_i - 1 - i, 0);
    }
    std::cout << "{\"mean_return\": " << sum / last << ", \"alpha\": " << temperature(device, learner) << "}\n";
}

#else

// Random transitions, one in a hundred of them terminal. Each is an episode of its own.
void fill(Device& device, Learner& learner) {
    using Observation = rlt::Matrix<rlt::matrix::Specification<Real, Index, 1, PEER_OBSERVATION, false>>;
    using Action = rlt::Matrix<rlt::matrix::Specification<Real, Index, 1, PEER_ACTION, false>>;
    std::mt19937 random(0);
    std::normal_distribution<Real> normal;
    std::uniform_real_distribution<Real> uniform(-1, 1);
    std::bernoulli_distribution one_in_a_hundred(0.01);
    auto& buffer = rlt::get(learner.off_policy_runner.replay_buffers, 0, 0);
    Observation before, after;
    Action taken;
    for (Index row = 0; row < PEER_BUFFER; row++) {
        for (Index i = 0; i < PEER_OBSERVATION; i++) {
            rlt::set(before, 0, i, normal(random));
            rlt::set(after, 0, i, normal(random));
        }
        for (Index i = 0; i < PEER_ACTION; i++) {
            rlt::set(taken, 0, i, uniform(random));
        }
        const Environment::State state;
        rlt::add(device, buffer, state, before, before, taken, normal(random), state, after, after,
                 one_in_a_hundred(random), true);
    }
}

// One update of SAC, in the order of RLtools' own loop. The critics and the policy share a minibatch.
void update(Device& device, Learner& learner) {
    auto& networks = learner.actor_critic;
    rlt::gather_batch(device, learner.off_policy_runner, learner.critic_batch, learner.rng);
    rlt::randn(device, learner.action_noise_critic, learner.rng);
    for (int i = 0; i < 2; i++) {
        rlt::train_critic(device, networks, networks.critics[i], learner.critic_batch, networks.critic_optimizers[i],
                          learner.actor_target_buffers[i], learner.critic_buffers[i], learner.critic_target_buffers[i],
                          learner.critic_training_buffers[i], learner.action_noise_critic, learner.rng);
    }
    rlt::update_critic_targets(device, networks);
    rlt::randn(device, learner.action_noise_actor, learner.rng);
    // This trains the temperature as well.
    rlt::train_actor(device, networks, learner.critic_batch, networks.actor_optimizer, learner.actor_buffers[0],
                     learner.critic_buffers[0], learner.actor_training_buffers, learner.action_noise_actor,
                     learner.rng);
}

// Updates for so many seconds, and at least so many times. Returns updates per second.
double repeat(Device& device, Learner& learner, double seconds, long at_least) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    double elapsed = 0;
    long updates = 0;
    while (elapsed < seconds || updates < at_least) {
        update(device, learner);
        updates++;
        elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    }
    return updates / elapsed;
}

void answer(Device& device, Learner& learner, const char* argument) {
    rlt::init(device, learner, 0);
    fill(device, learner);
    repeat(device, learner, WARM_UP_SECONDS, WARM_UP_UPDATES);
    const double rate = repeat(device, learner, std::strtod(argument, nullptr), 1);
    std::cout << "{\"updates_per_second\": " << rate << ", \"alpha\": " << temperature(device, learner) << "}\n";
}

#endif

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: " << arguments[0] << " SECONDS, or SEED where compiled to train\n";
        return 2;
    }
    Device device;
    const auto learner = std::make_unique<Learner>();
    rlt::malloc(device, *learner);
    answer(device, *learner, arguments[1]);
    rlt::free(device, *learner);
}
