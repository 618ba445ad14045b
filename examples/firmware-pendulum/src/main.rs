//! A Pendulum policy in its control loop on a Cortex-M4F: `src/policy.rs` is what `softac export --format rust` has
//! written, and the environment is softac's own, which computes in double precision in software.
//!
//! Episodes begin where those of `softac eval` begin, and each return is printed with its bits, so that it can be
//! compared with the host's. On a real device the environment is the device's sensors and motors.
#![no_std]
#![no_main]

extern crate alloc;

#[rustfmt::skip]
mod policy;

use core::mem::MaybeUninit;
use core::panic::PanicInfo;
use core::ptr::addr_of_mut;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;
use embedded_alloc::LlffHeap;
use policy::{ACTIONS, OBSERVATIONS, Status};
use rand::Rng;
use softac::env::{Env, EnvError, Pendulum, TimeLimit};
use softac::random::{Purpose, stream};

/// The policy needs no heap; the environment's spaces do.
#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

const HEAP_SIZE: usize = 16 * 1024;
static mut HEAP_MEMORY: [MaybeUninit<u8>; HEAP_SIZE] = [MaybeUninit::uninit(); HEAP_SIZE];

/// The seed of the start states: the default of `eval_seed`.
const SEED: u64 = 0;
const EPISODES: usize = 3;

#[entry]
fn main() -> ! {
    // SAFETY: once, before anything is allocated, and nothing else uses this memory.
    unsafe { HEAP.init(addr_of_mut!(HEAP_MEMORY) as usize, HEAP_SIZE) }
    let done = policy::selftest().is_ok() && episodes().is_ok();
    exit(if done { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

fn episodes() -> Result<(), EnvError> {
    let mut env = TimeLimit::new(Pendulum::new(), 200);
    let mut starts = stream(SEED, Purpose::Evaluation);
    for _ in 0..EPISODES {
        let mut seen = [0.0_f64; OBSERVATIONS];
        env.reset(starts.next_u64(), &mut seen)?;
        let (mut total, mut action) = (0.0_f64, [0.0; ACTIONS]);
        // ANCHOR: control_loop
        loop {
            let status = policy::act(&seen.map(|x| x as f32), &mut action);
            assert_eq!(status, Status::Ok);
            let step = env.step(&action.map(f64::from), &mut seen)?;
            total += step.reward;
            if step.done() {
                break;
            }
        }
        // ANCHOR_END: control_loop
        hprintln!("return {:016x}", total.to_bits());
    }
    Ok(())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    exit(EXIT_FAILURE);
    loop {
        cortex_m::asm::wfi();
    }
}
