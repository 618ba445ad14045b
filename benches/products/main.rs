//! Matrix products and the update, beside the fastest libraries of matrix products, on one thread:
//!
//! ```sh
//! cargo bench --bench products                          # both tables
//! cargo bench --bench products -- shapes                # single products
//! cargo bench --bench products -- updates --turns 5     # updates, and their products alone
//! SOFTAC_MKL=…/libmkl_rt.so cargo bench --bench products
//! ```
//!
//! `SOFTAC_MKL` is the path of the single dynamic library of Intel MKL, for instance of the PyPI package `mkl`. Without it
//! the tables have no column for MKL.

mod kernels;
mod mkl;
mod shapes;
mod turns;
mod updates;

use std::process::ExitCode;

use mkl::Mkl;
use turns::Turns;

const USAGE: &str = "usage: cargo bench --bench products -- [shapes] [updates] [--turns N]";

/// What to measure, and how often.
struct Arguments {
    shapes: bool,
    updates: bool,
    turns: Turns,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut shapes, mut updates, mut turns) = (false, false, Turns::MEASURE);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "shapes" => shapes = true,
                "updates" => updates = true,
                // Cargo says so.
                "--bench" => {}
                // `cargo bench -- --test` only shows that it runs.
                "--test" => turns = Turns::TEST,
                "--turns" => {
                    let count = arguments.next().and_then(|count| count.parse().ok());
                    turns.count =
                        count.filter(|&count| count > 0).ok_or("--turns needs a number above 0")?;
                }
                other => return Err(format!("unknown argument `{other}`")),
            }
        }
        let both = !shapes && !updates;
        Ok(Self { shapes: shapes || both, updates: updates || both, turns })
    }
}

fn main() -> ExitCode {
    // Another thread would help with the update.
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("no pool yet");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("products: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments =
        Arguments::parse(std::env::args().skip(1)).map_err(|error| format!("{error}\n{USAGE}"))?;
    let mkl = Mkl::from_environment()?;
    match &mkl {
        Some(mkl) => println!("MKL: {}", mkl.version()),
        None => println!("MKL: absent. Set {} to the path of libmkl_rt.so to compare.", mkl::PATH),
    }
    if arguments.turns.count == 1 {
        println!("One turn only: the figures show that the benchmark runs, and nothing else.");
    }
    let kernels = kernels::all(mkl);
    if arguments.shapes {
        shapes::table(&kernels, arguments.turns);
    }
    if arguments.updates {
        updates::table(&kernels, arguments.turns);
    }
    Ok(())
}
