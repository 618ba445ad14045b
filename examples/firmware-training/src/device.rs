//! What a program needs on the device before and after its work: a heap, a console, an end.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt::Write;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use cortex_m_semihosting::{debug, hio};
use embedded_alloc::LlffHeap as Heap;

use crate::{Failed, HEAP_BYTES};

#[global_allocator]
static ALLOCATOR: Watched = Watched { heap: Heap::empty(), peak: AtomicUsize::new(0) };

/// A heap that remembers the most that was ever in use of it.
struct Watched {
    heap: Heap,
    peak: AtomicUsize,
}

// SAFETY: what the heap gives and takes is passed on as it is.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let address = unsafe { self.heap.alloc(layout) };
        self.peak.fetch_max(self.heap.used(), Relaxed);
        address
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        unsafe { self.heap.dealloc(address, layout) }
    }
}

/// The debugger's console. On a board without debugger, put the UART here.
struct Console(hio::HostStream);

impl Write for Console {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.write_str(text)
    }
}

/// Does the work, says how much of the heap it took, and ends the emulator.
pub fn start(run: impl FnOnce(&mut dyn Write) -> Result<(), Failed>) -> ! {
    let heap = &ALLOCATOR.heap;
    // SAFETY: once, before anything is allocated.
    unsafe {
        embedded_alloc::init!(heap, HEAP_BYTES);
    }
    let (Ok(out), Ok(log)) = (hio::hstdout(), hio::hstderr()) else { end(false) };
    let (mut out, mut log) = (Console(out), Console(log));
    let done = run(&mut out);
    let peak = ALLOCATOR.peak.load(Relaxed);
    // Where nobody reads this, the way it ends remains.
    let _ = writeln!(log, "heap: {peak} of {HEAP_BYTES} bytes at most");
    if let Err(error) = &done {
        let _ = writeln!(log, "{error:?}");
    }
    end(done.is_ok())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Ok(log) = hio::hstderr() {
        let _ = writeln!(Console(log), "{info}");
    }
    end(false)
}

fn end(well: bool) -> ! {
    debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}
