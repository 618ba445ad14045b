use super::*;
use softac::gradcheck::Verdict;
use softac::policy::Gaussian;
use softac::sac::actor_loss;

fn points() -> impl Iterator<Item = TapeMicroscope> {
    let leaves = [[0.3, -0.5, 0.8, 0.2], [-1.3, 0.4, -0.6, 0.7], [2.0, -3.0, 2.5, 0.0]];
    leaves.into_iter().map(|leaves| TapeMicroscope { leaves, ..Default::default() })
}

#[test]
fn the_loss_and_its_gradients_are_those_of_the_crates_own_functions() {
    for figure in points() {
        let matrices = figure.matrices();
        let tape = Tape::new();
        let [mu, log_sigma, alpha] = [0, 1, 3].map(|i: usize| tape.leaf(&matrices[i]));
        let sample = Gaussian { mu, log_sigma }.sample(tape.constant(&matrices[2]));
        let a = sample.action;
        let q = q_min([first_critic(a), second_critic(a, GAP)]);
        let loss = actor_loss(alpha, sample.log_pi, q);
        let found = figure.found();
        assert_eq!(found[LOSS].value, loss.item().unwrap());
        let gradients = loss.backward().unwrap();
        for (node, leaf) in [(0, mu), (1, log_sigma), (ALPHA, alpha)] {
            assert_eq!(found[node].adjoint, Some(gradients.wrt(leaf)[[0, 0]]));
        }
    }
}

#[test]
fn every_adjoint_is_the_difference_quotient_of_its_node() {
    for figure in points() {
        for (node, found) in figure.found().into_iter().enumerate() {
            let row = figure.differences(node, Checker::new());
            assert_eq!(row.verdict, Verdict::Pass, "{}: {row:?}", NODES[node].name);
            if let Some(adjoint) = found.adjoint {
                assert!((adjoint - row.analytic).abs() < 1e-14, "{}", NODES[node].name);
            }
        }
    }
}

#[test]
fn only_constants_and_what_is_detached_have_no_adjoint() {
    let found = TapeMicroscope::default().found();
    let without = (0..COUNT).filter(|&node| found[node].adjoint.is_none());
    assert_eq!(without.map(|node| NODES[node].name).collect::<Vec<_>>(), ["ξ", "detach α"]);
    assert_eq!(found[ALPHA].adjoint, Some(0.0));
}

#[test]
fn plain_differences_see_through_the_detach() {
    let figure = TapeMicroscope::default();
    let log_pi = figure.found()[10].value;
    assert_eq!(figure.differences(ALPHA, Checker::new()).numeric, 0.0);
    let unpinned = figure.differences(ALPHA, Checker::new().unpinned());
    assert!((unpinned.numeric - log_pi).abs() < 1e-9, "{unpinned:?}");
    assert_eq!(unpinned.verdict, Verdict::Mismatch);
}

#[test]
fn the_rules_beside_the_nodes_hold() {
    for figure in points() {
        let found = figure.found();
        let value = |i: usize| found[i].value;
        let adjoint = |i: usize| found[i].adjoint.unwrap();
        let [a, alpha] = [value(8), value(ALPHA)];
        let slopes = [0.5 - 1.2 * a, -0.4 - 0.4 * a];
        for (node, expected) in [
            (0, adjoint(6)),
            (1, value(4) * adjoint(4) - adjoint(7)),
            (4, value(2) * adjoint(5)),
            (5, adjoint(6)),
            (6, (1.0 - a * a) * adjoint(8) - 2.0 * a * adjoint(9)),
            (7, adjoint(10)),
            (8, slopes[0] * adjoint(11) + slopes[1] * adjoint(12)),
            (9, -adjoint(10)),
            (10, alpha * adjoint(15)),
            (13, -adjoint(LOSS)),
            (15, adjoint(LOSS)),
            (LOSS, 1.0),
        ] {
            assert!((adjoint(node) - expected).abs() < 1e-14, "{}", NODES[node].name);
        }
        let smaller = usize::from(value(12) < value(11));
        assert_eq!(adjoint(11 + smaller), adjoint(13));
        assert_eq!(adjoint(12 - smaller), 0.0);
    }
}

#[test]
fn the_walk_goes_once_through_the_list_and_back() {
    let mut figure = TapeMicroscope { step: 0, ..Default::default() };
    let mut visited = vec![];
    loop {
        let more = figure.tick();
        visited.push(figure.node());
        if !more {
            break;
        }
    }
    let expected: Vec<_> = (0..COUNT).chain((0..COUNT).rev()).collect();
    assert_eq!(visited, expected);
}

#[test]
fn no_node_stands_before_its_inputs() {
    for (index, node) in NODES.iter().enumerate() {
        assert!(node.inputs.iter().all(|&input| input < index), "{}", node.name);
    }
}
