//! The Rust export with C's names, for the harness.
#![no_std]

mod policy;

use core::ffi::c_int;
use policy::{ACTIONS, Mismatch, OBSERVATIONS};

/// # Safety
/// The pointers lead to as many numbers as the policy has observations and actions.
#[unsafe(export_name = concat!(env!("NAME"), "_act"))]
pub unsafe extern "C" fn act(observation: *const [f32; OBSERVATIONS], action: *mut [f32; ACTIONS]) -> c_int {
    // SAFETY: so the caller has to see to it.
    let (observation, action) = unsafe { (&*observation, &mut *action) };
    policy::act(observation, action) as c_int
}

#[unsafe(export_name = concat!(env!("NAME"), "_selftest"))]
pub extern "C" fn selftest() -> c_int {
    match policy::selftest() {
        Ok(()) => 0,
        Err(Mismatch::Parameters) => -1,
        Err(Mismatch::Vector(i)) => i as c_int + 1,
    }
}

#[unsafe(export_name = concat!(env!("NAME"), "_checksum"))]
pub extern "C" fn checksum() -> u32 {
    policy::checksum()
}

/// The compiler asks for it; that nothing leads here is what the harness looks for.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
