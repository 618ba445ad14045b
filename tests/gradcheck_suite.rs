//! Every operation, network, equation and composed loss of the crate, under the gradient checker.

use softac::gradcheck::{Checker, Coverage, suite};

#[test]
fn everything_that_is_differentiated_passes_the_check() {
    let mut coverage = Coverage::default();
    let (mut worst, mut at) = (0.0, String::new());
    for case in suite() {
        let report = case.run().unwrap();
        assert!(report.is_ok(), "{}\n{report}", case.id());
        coverage.absorb(&report.coverage);
        if let Some(row) = report.worst().filter(|row| row.error_to_bound() > worst) {
            (worst, at) = (row.error_to_bound(), format!("{} {}", case.id(), row.path));
        }
    }
    println!("{coverage}; worst error to bound {worst:.3} in {at}");
    assert!(coverage.share() > 0.99, "{coverage}");
    assert!(coverage.components > 10_000, "{coverage}");
}

#[test]
fn another_seed_checks_other_points() {
    let run = |seed| {
        let case = suite().find(|case| case.name == "squashed_gaussian Tanh").unwrap();
        case.run_with(&Checker::new().seed(seed)).unwrap()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    run(2).assert_ok();
}
