//! Single products.

use softac::workload::{ProductShape, Transposed};

use crate::kernels::{Kernel, Memory};
use crate::turns::{Table, Turns, median, seconds};

/// M, K, N; the factor that lies transposed in memory; the place in an update
type Row = ([usize; 3], Transposed, &'static str);

use Transposed::{Left, Neither, Right};

const SHAPES: [Row; 27] = [
    ([256, 256, 256], Neither, "forward, 256 wide"),
    ([256, 256, 256], Left, "weight gradient"),
    ([256, 256, 256], Right, "input gradient"),
    ([256, 17, 256], Neither, "first layer, policy"),
    ([256, 23, 256], Neither, "first layer, critic"),
    ([17, 256, 256], Left, "its weight gradient, policy"),
    ([23, 256, 256], Left, "its weight gradient, critic"),
    ([256, 256, 12], Neither, "last layer, policy"),
    ([256, 256, 12], Left, "its weight gradient"),
    ([256, 12, 256], Right, "its input gradient"),
    ([256, 256, 1], Neither, "last layer, critic"),
    ([1, 256, 256], Neither, "its weight gradient"),
    ([256, 1, 256], Right, "its input gradient"),
    ([256, 256, 6], Neither, "six columns"),
    ([256, 256, 6], Right, "action gradient"),
    ([256, 64, 64], Neither, "forward, 64 wide"),
    ([64, 256, 64], Left, "weight gradient"),
    ([256, 64, 64], Right, "input gradient"),
    ([100, 64, 64], Neither, "forward, batch 100"),
    ([100, 64, 2], Neither, "last layer, policy"),
    ([256, 512, 512], Neither, "forward, 512 wide"),
    ([256, 768, 768], Neither, "forward, 768 wide"),
    ([256, 1024, 1024], Neither, "forward, 1024 wide"),
    ([1024, 256, 1024], Left, "weight gradient"),
    ([256, 1024, 1024], Right, "input gradient"),
    ([4096, 256, 256], Neither, "forward, batch 4096"),
    ([256, 4096, 256], Left, "weight gradient"),
];

/// Prints GFLOP/s of each kernel for each product, and this crate's share of the fastest library.
pub fn table(kernels: &[Kernel], turns: Turns) {
    println!("\nSingle products on one thread, operands at hand, GFLOP/s: medians of turns.");
    println!("Share: of the fastest library, the median over turns of the ratio in a turn.");
    print!("{:13} {:6} ", "M·K·N", "form");
    kernels.iter().for_each(|kernel| print!("{:>15}", kernel.name));
    println!("{:>7}  fastest library  in an update", "share");
    for ([m, k, n], transposed, place) in SHAPES {
        let shape = ProductShape { m, k, n, transposed };
        let times = measure(kernels, shape, turns);
        let form = match transposed {
            Neither => "A B",
            Left => "Aᵀ B",
            Right => "A Bᵀ",
        };
        print!("{:13} {form:6} ", format!("{m}·{k}·{n}"));
        for kernel in 0..kernels.len() {
            print!("{:15.1}", shape.flop() / times.median(kernel) / 1e9);
        }
        let best = times.fastest_library();
        let share = median(times.0.iter().map(|turn| turn[best] / turn[0]));
        println!("{share:7.2}  {:15}  {place}", kernels[best].name);
    }
}

fn measure(kernels: &[Kernel], shape: ProductShape, turns: Turns) -> Table {
    let mut memory = Memory::new(shape);
    memory.check(kernels);
    let mut turn = || {
        let kernels = kernels.iter();
        kernels.map(|kernel| seconds(turns.product, || memory.compute(kernel))).collect()
    };
    Table((0..turns.count).map(|_| turn()).collect())
}
