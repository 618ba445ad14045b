//! Whole updates, and their products alone.

use softac::sac::SacConfig;
use softac::workload::{ProductShape, Workload};

use crate::kernels::{Kernel, Memory};
use crate::turns::{Table, Turns, median, seconds};

/// Dimensions of observations and actions, width of the two hidden layers, batch size.
type Size = [usize; 4];

const SIZES: [Size; 12] = [
    [17, 6, 256, 256],
    [3, 1, 64, 256],
    [3, 1, 64, 100],
    // Width.
    [17, 6, 64, 256],
    [17, 6, 128, 256],
    [17, 6, 512, 256],
    [17, 6, 768, 256],
    [17, 6, 1024, 256],
    // Batch size.
    [17, 6, 256, 32],
    [17, 6, 256, 100],
    [17, 6, 256, 1024],
    [17, 6, 256, 4096],
];

/// Prints updates per second, and the share of the products alone by the fastest library for each of them.
pub fn table(kernels: &[Kernel], turns: Turns) {
    println!(
        "\nUpdates of SAC on one thread, and their products alone, per second: medians of turns."
    );
    println!(
        "Fastest: each product by the library that is fastest for it. Share: of the update in"
    );
    println!("that, the median over turns of the ratio in a turn.");
    print!("{:20}{:>8}{:>9} |", "obs/act width batch", "MFLOP", "update");
    kernels.iter().for_each(|kernel| print!("{:>15}", kernel.name));
    println!("{:>9} |{:>7}", "fastest", "share");
    for size in SIZES {
        let [s, a, width, batch_size] = size;
        let config =
            SacConfig { net_arch: vec![width, width].into(), batch_size, ..SacConfig::default() };
        let mut work = Workload::<f32>::new(config, s, a).expect("the sizes are possible");
        let times = Times::measure(&mut work, kernels, turns);
        let name = format!("{s}/{a} {width}² b{batch_size}");
        let update = 1.0 / median(times.updates.iter().copied());
        print!("{name:20}{:8.1}{update:9.1} |", work.flop() / 1e6);
        for kernel in 0..kernels.len() {
            print!("{:15.1}", 1.0 / median(times.products_by(|_| kernel)));
        }
        let best: Vec<_> =
            times.products.iter().map(|product| product.times.fastest_library()).collect();
        let fastest: Vec<_> = times.products_by(|product| best[product]).collect();
        let share = median(fastest.iter().zip(&times.updates).map(|(alone, all)| alone / all));
        println!("{:9.1} |{share:7.3}", 1.0 / median(fastest));
    }
}

/// A product of the update, and how often it is in it.
struct OfUpdate {
    count: f64,
    memory: Memory,
    times: Table,
}

/// Seconds, turn by turn.
struct Times {
    updates: Vec<f64>,
    products: Vec<OfUpdate>,
}

impl Times {
    fn measure(work: &mut Workload<f32>, kernels: &[Kernel], turns: Turns) -> Self {
        let mut products = products(work);
        products.iter_mut().for_each(|product| product.memory.check(kernels));
        let mut update = || work.update().expect("the sizes are possible");
        // The first also asks for memory.
        update();
        let mut updates = vec![];
        for _ in 0..turns.count {
            updates.push(seconds(turns.update, &mut update));
            for OfUpdate { memory, times, .. } in &mut products {
                let kernels = kernels.iter();
                let time = |kernel| seconds(turns.product_of_update, || memory.compute(kernel));
                times.0.push(kernels.map(time).collect());
            }
        }
        Self { updates, products }
    }

    /// Of all products together, each by the kernel that is chosen for it.
    fn products_by(&self, kernel: impl Fn(usize) -> usize) -> impl Iterator<Item = f64> {
        (0..self.updates.len()).map(move |turn| {
            let products = self.products.iter().enumerate();
            products
                .map(|(at, OfUpdate { count, times, .. })| count * times.0[turn][kernel(at)])
                .sum()
        })
    }
}

/// The different products of an update. With the settings used here, every update has the same.
fn products(work: &mut Workload<f32>) -> Vec<OfUpdate> {
    let mut counted: Vec<(ProductShape, f64)> = vec![];
    work.each_product(|operands| {
        let shape = operands.shape;
        match counted.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, count)) => *count += 1.0,
            None => counted.push((shape, 1.0)),
        }
    });
    let product =
        |(shape, count)| OfUpdate { count, memory: Memory::new(shape), times: Table(vec![]) };
    counted.into_iter().map(product).collect()
}
