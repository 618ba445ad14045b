//! What lies in the flash of a linked program.

/// A linked program, as `size` and `nm` describe it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Image {
    /// Bytes of instructions, constants and initial values.
    pub flash: usize,
    symbols: Vec<String>,
}

/// Parts of the names of what panics, and of what allocates.
const UNWANTED: [&str; 8] = [
    "panic",
    "unwind",
    "unwrap_failed",
    "expect_failed",
    "rust_alloc",
    "malloc",
    "calloc",
    "realloc",
];

impl Image {
    /// From what the two print; `None` if that is something else.
    pub fn of(size: &str, nm: &str) -> Option<Self> {
        let mut numbers = size.lines().nth(1)?.split_whitespace();
        let mut number = || numbers.next()?.parse::<usize>().ok();
        let flash = number()? + number()?;
        let symbols = nm.lines().filter_map(|line| line.split_whitespace().last());
        Some(Self { flash, symbols: symbols.map(str::to_string).collect() })
    }

    /// The names that tell of a panic or of a heap.
    pub fn unwanted(&self) -> Vec<String> {
        let is_unwanted = |name: &&String| UNWANTED.iter().any(|part| name.contains(part));
        self.symbols.iter().filter(is_unwanted).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: &str = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n  19064\t      8\t     20\t  19092\t   4a94\ta.elf\n";

    #[test]
    fn the_flash_holds_instructions_constants_and_initial_values() {
        assert_eq!(Image::of(SIZE, "").unwrap().flash, 19_072);
        assert_eq!(Image::of("", ""), None);
    }

    #[test]
    fn what_panics_or_allocates_is_found_by_its_name() {
        let nm = "00000544 T policy_act\n00000600 t _ZN4core9panicking18panic_bounds_check17h5E\n\
                  00000700 T malloc\n         U __aeabi_fadd\n00000710 W __aeabi_memclr4\n";
        let unwanted = Image::of(SIZE, nm).unwrap().unwanted();
        assert_eq!(unwanted, ["_ZN4core9panicking18panic_bounds_check17h5E", "malloc"]);
    }
}
