//! What `driver.c` is for C.

mod policy;

use policy::{ACTIONS, Mismatch, OBSERVATIONS, act, checksum, selftest};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let result = match selftest() {
        Ok(()) => 0,
        Err(Mismatch::Parameters) => -1,
        Err(Mismatch::Vector(i)) => i as i32 + 1,
    };
    print!("{result}");
    assert_eq!(checksum(), checksum());
    let numbers: Vec<f32> = std::fs::read(&arguments[1])
        .unwrap()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let mut outcomes = Vec::new();
    for observation in numbers.chunks_exact(OBSERVATIONS) {
        let mut action = [0.0; ACTIONS];
        let status = act(observation.try_into().unwrap(), &mut action);
        outcomes.extend((status as i32).to_le_bytes());
        outcomes.extend(action.iter().flat_map(|a| a.to_le_bytes()));
    }
    std::fs::write(&arguments[2], outcomes).unwrap();
}
