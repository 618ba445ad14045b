//! An update, and its matrix products alone, by this crate's kernel and by the libraries that have one, in
//! turn on one thread: `cargo bench --bench products`.

use std::time::{Duration, Instant};

use softac::sac::SacConfig;
use softac::workload::{ProductOperands, ProductShape, Workload};

type Kernel = fn(&mut Workload<f32>);

const KERNELS: [(&str, Kernel); 4] = [
    ("the whole update", |work| work.update().expect("the sizes are possible")),
    ("softac", Workload::products_alone),
    ("gemm 0.19, x86-v4", |work| work.each_product(by_gemm)),
    ("matrixmultiply 0.3, avx512", |work| work.each_product(by_matrixmultiply)),
];

/// Strides of A, from row to row and from column to column.
fn strides(ProductShape { m, k, transposed, .. }: ProductShape) -> (isize, isize) {
    if transposed { (1, m as isize) } else { (k as isize, 1) }
}

fn by_gemm(product: ProductOperands<'_, f32>) {
    let ProductOperands { shape, left, right, result } = product;
    let ProductShape { m, k, n, .. } = shape;
    assert!(left.len() == m * k && right.len() == k * n && result.len() == m * n);
    let (row, column) = strides(shape);
    // The library works by columns, so that C is computed as (Bᵀ Aᵀ)ᵀ.
    // SAFETY: the three matrices fill their slices exactly, with these strides.
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            n,
            m,
            k,
            result.as_mut_ptr(),
            n as isize,
            1,
            false,
            right.as_ptr(),
            n as isize,
            1,
            left.as_ptr(),
            column,
            row,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm_common::Parallelism::None,
        );
    }
}

fn by_matrixmultiply(product: ProductOperands<'_, f32>) {
    let ProductOperands { shape, left, right, result } = product;
    let ProductShape { m, k, n, .. } = shape;
    assert!(left.len() == m * k && right.len() == k * n && result.len() == m * n);
    let (row, column) = strides(shape);
    // SAFETY: the three matrices fill their slices exactly, with these strides.
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            left.as_ptr(),
            row,
            column,
            right.as_ptr(),
            n as isize,
            1,
            0.0,
            result.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}

/// How often in a second.
fn rate(time: Duration, mut work: impl FnMut()) -> f64 {
    let (start, mut count) = (Instant::now(), 0.0);
    while start.elapsed() < time {
        work();
        count += 1.0;
    }
    count / start.elapsed().as_secs_f64()
}

fn main() {
    // Another thread would help with the update.
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("no pool yet");
    // `cargo bench -- --test` only shows that it runs.
    let test = std::env::args().any(|argument| argument == "--test");
    let (turns, time) = if test { (1, Duration::ZERO) } else { (15, Duration::from_millis(100)) };
    for (s, a, width, batch_size) in [(17, 6, 256, 256), (3, 1, 64, 256), (3, 1, 64, 100)] {
        let config = SacConfig { net_arch: vec![width, width], batch_size, ..SacConfig::default() };
        let mut work = Workload::<f32>::new(config, s, a).expect("the sizes are possible");
        let mflop = work.flop() / 1e6;
        println!("obs {s}, act {a}, {width}x{width}, batch {batch_size}: {mflop:.1} MFLOP");
        let mut rates = KERNELS.map(|_| vec![]);
        for _ in 0..=turns {
            for ((_, kernel), rates) in KERNELS.iter().zip(&mut rates) {
                rates.push(rate(time, || kernel(&mut work)));
            }
        }
        for ((name, _), rates) in KERNELS.iter().zip(&mut rates) {
            rates.remove(0);
            rates.sort_by(f64::total_cmp);
            let median = rates.get(rates.len() / 2).copied().unwrap_or_default();
            let gflops = median * mflop / 1e3;
            println!("  {name:28} {median:9.1} per second {gflops:7.1} GFLOP/s");
        }
    }
}
