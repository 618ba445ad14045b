//! Polyak averaging.

#[cfg_attr(not(feature = "solutions"), path = "../holes/13_polyak.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/13_polyak.rs")]
mod hole;

use hole::polyak;
use softac_holes::claims::{number, numbers};

#[test]
fn the_target_goes_its_share_of_the_way() {
    let mut target = [0.0, 10.0];
    polyak(&mut target, &[1.0, 20.0], 0.25);
    let known: [(&[f64], _); 2] = [
        (
            &[0.75, 17.5],
            "θ and θ̄ are exchanged: τ is the small step, with the weight of the *new* parameters.",
        ),
        (&[0.0, 10.0], "Nothing has moved."),
    ];
    numbers(
        "θ̄ = (0, 10) after a step towards θ = (1, 20), τ = 0.25",
        &target,
        &[0.25, 12.5],
        &known,
    );
}

#[test]
fn with_tau_one_it_is_a_copy_and_with_tau_zero_it_stands() {
    let online = [3.0, -1.0];
    let (mut copied, mut kept) = ([0.5, 0.5], [0.5, 0.5]);
    polyak(&mut copied, &online, 1.0);
    polyak(&mut kept, &online, 0.0);
    numbers("θ̄ after a step with τ = 1", &copied, &online, &[]);
    numbers("θ̄ after a step with τ = 0", &kept, &[0.5, 0.5], &[]);
}

#[test]
fn half_of_the_distance_is_gone_after_138_updates() {
    let (mut target, tau) = ([1.0], 0.005);
    for _ in 0..1000 {
        polyak(&mut target, &[0.0], tau);
    }
    number("the distance after 1000 updates, τ = 0.005", target[0], (1.0 - tau).powi(1000), &[]);
    let half = 0.5_f64.ln() / target[0].powf(1e-3).ln();
    number("after how many updates half of it is gone", half, 0.5_f64.ln() / (1.0 - tau).ln(), &[]);
}
