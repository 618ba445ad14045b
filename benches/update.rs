//! How long an update of everything takes, and each of its parts: `cargo bench --bench update`.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use softac::env;
use softac::nn::{Activation, Adam, AdamConfig, Mlp, Scratch, polyak};
use softac::policy::{Policy, SquashedGaussian};
use softac::random::{Purpose, fill_normal, stream};
use softac::replay::{Batch, ReplayBuffer, Successors, Transition};
use softac::sac::{SacConfig, actor_loss, critic_loss, q_min, soft_target};
use softac::tape::{Gradients, Tape, Var};
use softac::workload::Workload;

/// Observation and action dimensions, hidden layers and batch size of an update.
struct Size {
    name: &'static str,
    dims: [usize; 2],
    net_arch: [usize; 2],
    batch_size: usize,
}

const SIZES: [Size; 3] = [
    Size {
        name: "obs 3, act 1, 64x64, batch 100",
        dims: [3, 1],
        net_arch: [64, 64],
        batch_size: 100,
    },
    Size {
        name: "obs 3, act 1, 64x64, batch 256",
        dims: [3, 1],
        net_arch: [64, 64],
        batch_size: 256,
    },
    Size {
        name: "obs 17, act 6, 256x256, batch 256",
        dims: [17, 6],
        net_arch: [256, 256],
        batch_size: 256,
    },
];

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn normal(rows: usize, columns: usize) -> Array2<f32> {
    let mut matrix = Array2::zeros((rows, columns));
    fill_normal(matrix.as_slice_mut().expect("rows follow one another"), &mut numbers());
    matrix
}

fn numbers() -> softac::random::Stream {
    stream(0, Purpose::Policy)
}

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update, f32");
    for Size { name, dims: [s, a], net_arch, batch_size } in SIZES {
        let config =
            SacConfig { net_arch: net_arch.to_vec().into(), batch_size, ..SacConfig::default() };
        let mut work = Workload::<f32>::new(config, s, a).unwrap();
        group.bench_function(name, |bencher| bencher.iter(|| work.update().unwrap()));
    }
    group.finish();
}

/// The networks of an update with a batch for them.
struct Setting {
    policy: SquashedGaussian,
    critic: Mlp,
    phi: Vec<f32>,
    theta: Vec<f32>,
    s: Array2<f32>,
    a: Array2<f32>,
    r: Array2<f32>,
    d: Array2<f32>,
}

impl Setting {
    fn new(Size { dims: [s, a], net_arch, batch_size, .. }: &Size) -> Self {
        let policy = SquashedGaussian::new(*s, *a, net_arch, Activation::Relu);
        let critic = Mlp::new(s + a, net_arch, 1, Activation::Relu);
        let init = |mlp: &Mlp| mlp.init(&mut stream(0, Purpose::Init)).as_slice().to_vec();
        Self {
            phi: init(policy.mlp()),
            theta: init(&critic),
            s: normal(*batch_size, *s),
            a: normal(*batch_size, *a).mapv(f32::tanh),
            r: normal(*batch_size, 1),
            d: Array2::zeros((*batch_size, 1)),
            policy,
            critic,
        }
    }

    /// Two critics' smaller values of the policy's actions.
    fn q<'t, 'p>(&'p self, tape: &'t Tape<'p, f32>, s_a: Var<'t, f32>) -> Var<'t, f32> {
        q_min((0..2).map(|_| self.critic.forward(tape.frozen(&self.theta), s_a)))
    }

    fn targets(&self, tape: Tape<'_, f32>) -> Tape<'static, f32> {
        let tape = tape.recycle();
        let s = tape.constant(&self.s);
        let next = self.policy.sample(tape.frozen(&self.phi), s, tape.constant(&self.a));
        let q = self.q(&tape, s.concat(next.action));
        let (r, d) = (tape.constant(&self.r), tape.constant(&self.d));
        black_box(soft_target(r, d, q, tape.scalar(0.2), next.log_pi, 0.99));
        tape.recycle()
    }

    fn critic_step(
        &self,
        tape: Tape<'_, f32>,
        gradients: &mut Gradients<f32>,
    ) -> Tape<'static, f32> {
        let tape = tape.recycle();
        let s_a = tape.constant(&self.s).concat(tape.constant(&self.a));
        let q = self.critic.forward(tape.params(&self.theta), s_a);
        critic_loss(q, tape.constant(&self.r)).backward_into(gradients).unwrap();
        tape.recycle()
    }

    fn actor_step(
        &self,
        tape: Tape<'_, f32>,
        gradients: &mut Gradients<f32>,
    ) -> Tape<'static, f32> {
        let tape = tape.recycle();
        let s = tape.constant(&self.s);
        let sample = self.policy.sample(tape.params(&self.phi), s, tape.constant(&self.a));
        let q = self.q(&tape, s.concat(sample.action));
        actor_loss(tape.scalar(0.2), sample.log_pi, q).backward_into(gradients).unwrap();
        tape.recycle()
    }
}

/// The parts of an update, on one thread.
fn phases(criterion: &mut Criterion) {
    for size in &SIZES {
        let mut group = criterion.benchmark_group(format!("phase, f32, {}", size.name));
        let setting = Setting::new(size);
        let mut tape = Tape::new();
        let mut gradients = Gradients::of_leaves();
        group.bench_function("targets", |bencher| {
            bencher.iter(|| tape = setting.targets(std::mem::take(&mut tape)));
        });
        group.bench_function("one critic's loss and gradient", |bencher| {
            let step = |tape: &mut Tape<'static, f32>, gradients: &mut _| {
                *tape = setting.critic_step(std::mem::take(tape), gradients);
            };
            bencher.iter(|| step(&mut tape, &mut gradients));
        });
        group.bench_function("policy's loss and gradient", |bencher| {
            let step = |tape: &mut Tape<'static, f32>, gradients: &mut _| {
                *tape = setting.actor_step(std::mem::take(tape), gradients);
            };
            bencher.iter(|| step(&mut tape, &mut gradients));
        });
        optimiser(&mut group, &setting.theta);
        group.finish();
    }
}

fn optimiser(group: &mut Group<'_>, theta: &[f32]) {
    let gradient: Vec<_> = theta.iter().map(|x| 0.1 * x).collect();
    let (mut theta, mut target) = (theta.to_vec(), theta.to_vec());
    let mut adam = Adam::new(theta.len(), AdamConfig::with_learning_rate(3e-4));
    group.bench_function("Adam, one network", |bencher| {
        bencher.iter(|| adam.step(&mut theta, &gradient));
    });
    // Denormal numbers throughout, and moments that would decay among them.
    let tiny = vec![1e-41; theta.len()];
    group.bench_function("Adam, one network, gradients that are denormal", |bencher| {
        bencher.iter(|| adam.step(&mut theta, &tiny));
    });
    group.bench_function("Adam and Polyak in one pass", |bencher| {
        bencher.iter(|| adam.step_with_target(&mut theta, &gradient, &mut target, 0.005));
    });
    group.bench_function("Polyak", |bencher| {
        bencher.iter(|| polyak(&mut target, &theta, 0.005));
    });
}

/// Operations of the tape, forwards and backwards.
fn operations(criterion: &mut Criterion) {
    type Operation = for<'t> fn(Var<'t, f32>, Var<'t, f32>) -> Var<'t, f32>;
    let operations: [(&str, Operation); 8] = [
        ("tanh", |x, _| x.tanh()),
        ("softplus", |x, _| x.softplus()),
        ("exp", |x, _| x.exp()),
        ("relu", |x, _| x.relu()),
        ("mul", |x, y| x * y),
        ("min", |x, y| x.min(y)),
        ("concat", |x, y| x.concat(y)),
        ("matmul", |x, y| x.matmul(y)),
    ];
    let mut group = criterion.benchmark_group("operation and its VJP, f32, 256x256");
    let (x, y) = (normal(256, 256), normal(256, 256).reversed_axes());
    let y = y.as_standard_layout();
    let (mut tape, mut gradients) = (Tape::<f32>::new(), Gradients::new());
    for (name, operation) in operations {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let recorded = std::mem::take(&mut tape).recycle();
                let loss = operation(recorded.leaf(&x), recorded.leaf(&y)).sum();
                loss.backward_into(&mut gradients).unwrap();
                tape = recorded.recycle();
            });
        });
    }
    group.finish();
}

fn replay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay, 100,000 transitions, obs 17, act 6");
    let (observations, action) = (normal(2, 17), [0.5_f32; 6]);
    for successors in [Successors::Stored, Successors::Shared] {
        let mut buffer = ReplayBuffer::with_successors(successors, 100_000, 17, 6).unwrap();
        let push = |i: usize, buffer: &mut ReplayBuffer<f32>| {
            let row = |i: usize| observations.row(i % 2).to_slice().unwrap();
            let transition = Transition {
                observation: row(i),
                action: &action,
                reward: 1.0,
                next_observation: row(i + 1),
                terminated: false,
                truncated: false,
            };
            buffer.push(transition).unwrap();
        };
        (0..100_000).for_each(|i| push(i, &mut buffer));
        let (mut batch, mut numbers) = (Batch::new(256, 17, 6), numbers());
        group.bench_function(format!("a batch of 256, {successors:?}"), |bencher| {
            bencher.iter(|| buffer.sample(&mut batch, &mut numbers).unwrap());
        });
        let mut i = 0;
        group.bench_function(format!("a transition stored, {successors:?}"), |bencher| {
            bencher.iter(|| {
                push(i, &mut buffer);
                i += 1;
            });
        });
    }
    group.finish();
}

/// The deterministic action for one observation.
fn inference(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inference, f32");
    for (name, s, a, net_arch) in
        [("obs 3, act 1, 64x64", 3, 1, [64, 64]), ("obs 17, act 6, 256x256", 17, 6, [256, 256])]
    {
        let policy = SquashedGaussian::new(s, a, &net_arch, Activation::Relu);
        let phi = policy.mlp().init::<f32>(&mut stream(0, Purpose::Init));
        let observation = normal(1, s).into_raw_vec_and_offset().0;
        let (mut scratch, mut action) = (Scratch::default(), vec![0.0; a]);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let observation = black_box(&observation);
                policy.act(phi.as_slice(), observation, None, &mut scratch, &mut action);
                black_box(action[0])
            });
        });
    }
    group.finish();
}

fn environment_steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("environment step");
    for name in ["pendulum", "mountain-car"] {
        let mut env = env::make(name).unwrap();
        let mut observation = vec![0.0; env.observation_space().len()];
        env.reset(0, &mut observation).unwrap();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                if env.step(&[0.3], &mut observation).unwrap().done() {
                    env.reset(0, &mut observation).unwrap();
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, updates, phases, operations, replay, inference, environment_steps);
criterion_main!(benches);
