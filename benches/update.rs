//! How long an update of everything takes, and a step of an environment.

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use softac::Scalar;
use softac::env;
use softac::random::{Purpose, fill_normal, fill_uniform, stream};
use softac::replay::Batch;
use softac::sac::{Noise, Sac, SacConfig};

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

fn random_batch<T: Scalar>(batch_size: usize, [s, a]: [usize; 2]) -> Batch<T> {
    let mut batch = Batch::new(batch_size, s, a);
    let mut numbers = stream(0, Purpose::Replay);
    let fill = |x: &mut Array2<T>, numbers: &mut _| fill_normal(x.as_slice_mut().unwrap(), numbers);
    fill(&mut batch.observations, &mut numbers);
    fill(&mut batch.next_observations, &mut numbers);
    fill(&mut batch.rewards, &mut numbers);
    fill_uniform(batch.actions.as_slice_mut().unwrap(), 1.0, &mut numbers);
    batch
}

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update, f32");
    for Size { name, dims, net_arch, batch_size } in SIZES {
        let config = SacConfig { net_arch: net_arch.to_vec(), batch_size, ..SacConfig::default() };
        let [s, a] = dims;
        let mut sac = Sac::<f32>::new(config, s, a, &mut stream(0, Purpose::Init)).unwrap();
        let batch = random_batch(batch_size, dims);
        let mut noise = Noise::new(batch_size, a);
        noise.draw(&mut stream(0, Purpose::Policy));
        group.bench_function(name, |bencher| bencher.iter(|| sac.update(&batch, &noise).unwrap()));
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

criterion_group!(benches, updates, environment_steps);
criterion_main!(benches);
