//! Every kind of value that a call of an environment may return, and every kind of space it may have: each is taken for
//! what it is, or refused by a sentence that names the call, what came, and what it must be.

use super::*;

/// The environment whose calls return what these Python expressions say.
fn returning(args: &[(&str, &str)]) -> Result<GymEnv, EnvError> {
    let args = args.iter().map(|&(name, value)| (name.to_string(), value.into())).collect();
    let args = softac::gym::Arguments::new(args).unwrap();
    start(GymSpec::new("Returns-v0").with(args, Default::default(), 31))
}

/// What a reset and a step say.
fn played(call: &str, expression: &str) -> Result<f64, EnvError> {
    let mut env = returning(&[(call, expression)])?;
    let mut observation = [0.0; 2];
    env.reset(7, &mut observation)?;
    Ok(env.step(&[0.1, 0.1], &mut observation)?.reward)
}

/// Does the work for every case, some at a time: most of the time is Python's start.
fn for_each<C: Sync>(cases: &[C], work: impl Fn(&C) + Sync) {
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            let work = &work;
            scope.spawn(move || part.iter().for_each(work));
        }
    });
}

/// A refusal in a sentence, and not by a traceback.
fn assert_said(error: &EnvError, words: &[&str], case: &str) {
    let said = error.to_string();
    assert!(said.starts_with("gym:Returns-v0: "), "{case}: {said}");
    assert!(!said.contains("Traceback") && !said.contains("panicked"), "{case}: {said}");
    assert!(words.iter().any(|word| said.contains(word)), "{case}: {said}");
}

/// Values that are none of five, or of two.
const NO_TUPLES: [&str; 18] = [
    "None",
    "()",
    "[]",
    "{}",
    "0",
    "1.5",
    "True",
    "'text'",
    "b'bytes'",
    "object()",
    "iter([1])",
    "[0.0, 0.0]",
    "([0.0, 0.0],)",
    "{'observation': [0.0, 0.0]}",
    "range(3)",
    "{1, 2, 3}",
    "good[:1] * 3",
    "(i for i in good)",
];

#[test]
fn what_is_no_result_of_a_step_is_named() {
    let others = ["good + (1,)", "good + good", "list(good)", "(good,)", "good[:4]"];
    let cases: Vec<_> = NO_TUPLES.into_iter().chain(others).collect();
    for_each(&cases, |expression| {
        let error = played("step", expression).unwrap_err();
        assert_said(&error, &["step returned"], expression);
        assert!(error.to_string().contains("(observation, reward, terminated, truncated, info)"));
    });
}

#[test]
fn what_is_no_result_of_a_reset_is_named() {
    let others = ["good + ({},)", "list(good)", "(good,)", "good[0]"];
    let cases: Vec<_> = NO_TUPLES.into_iter().chain(others).collect();
    for_each(&cases, |expression| {
        let error = played("reset", expression).unwrap_err();
        assert_said(&error, &["reset returned"], expression);
        assert!(error.to_string().contains("(observation, info)"), "{expression}: {error}");
    });
}

#[test]
fn a_reward_is_a_number_or_an_array_of_one() {
    let kept =
        ["1", "1.0", "True", "-0.0", "'1.5'", "Element(2.0)", "Element(3)", "1e300", "10**20"];
    for_each(&kept, |reward| {
        let step = format!("(good[0], {reward}, False, False, {{}})");
        let played = played("step", &step);
        assert!(played.is_ok(), "{reward}: {played:?}");
    });
    let refused = [
        "None",
        "[]",
        "[1.0]",
        "(1.0,)",
        "{}",
        "'high'",
        "''",
        "1j",
        "object()",
        "lambda: 1",
        "[[1.0]]",
        "Element('x')",
        "Element(None)",
        "b''",
        "Walk",
        "{1.0}",
        "range(1)",
        "10**400",
    ];
    for_each(&refused, |reward| {
        let step = format!("(good[0], {reward}, False, False, {{}})");
        let error = played("step", &step).unwrap_err();
        assert_said(&error, &["step returned", "the environment raised"], reward);
        assert!(error.to_string().contains("reward") || error.to_string().contains("raised"));
    });
}

#[test]
fn an_observation_has_the_shape_of_its_space() {
    let refused = [
        "None",
        "[]",
        "[0.0]",
        "[0.0] * 3",
        "0.0",
        "{}",
        "{'a': 1.0}",
        "'ab'",
        "'abc'",
        "object()",
        "[[0.0, 0.0]]",
        "[None, 0.0]",
        "['x', 0.0]",
        "[1j, 0.0]",
        "[[0.0], [0.0]]",
        "iter([0.0, 0.0])",
        "(0.0 for _ in range(2))",
        "lambda: 0",
        "[0.0, [0.0]]",
        "Walk",
        "[10**400, 0.0]",
    ];
    for_each(&refused, |observation| {
        for call in ["reset", "step"] {
            let rest = if call == "step" { "0.0, False, False, {}" } else { "{}" };
            let error = played(call, &format!("({observation}, {rest})")).unwrap_err();
            assert_said(&error, &["observation", "the environment raised"], observation);
        }
    });
    for_each(
        &["(1, 2)", "[True, False]", "(0.5, 1)", "bytes([1, 2])", "range(2)"],
        |observation| {
            assert!(played("reset", &format!("({observation}, {{}})")).is_ok(), "{observation}");
        },
    );
}

#[test]
fn ends_are_true_or_false_however_they_are_written() {
    for_each(&["True", "0", "1", "None", "[]", "'x'", "Element(0)", "0.0"], |flag| {
        let played = played("step", &format!("(good[0], 0.0, {flag}, {flag}, {{}})"));
        assert!(played.is_ok(), "{flag}: {played:?}");
    });
    for end in ["Several(), False", "False, Several()"] {
        let error = played("step", &format!("(good[0], 0.0, {end}, {{}})")).unwrap_err();
        assert_said(&error, &["true or false as `t"], end);
    }
}

/// Spaces of observations and of actions that cannot be learned in, with what is said of them.
const SPACES: [(&str, &str); 24] = [
    ("Discrete()", "is Discrete, and only Box"),
    ("Dict()", "is Dict, and only Box"),
    ("None", "is NoneType, and only Box"),
    ("[1, 2]", "is list, and only Box"),
    ("Box", "is type, and only Box"),
    ("SimpleNamespace(low=[0], high=[1], shape=(1,))", "is SimpleNamespace, and only Box"),
    ("Box([], [])", "at least one"),
    ("Box([1.0], [0.0])", "low must be below high"),
    ("Box([float('nan')], [1.0])", "low must be below high"),
    ("Box([0.0], [float('nan')])", "low must be below high"),
    ("Box([0.0, 2.0], [1.0, 1.0])", "dimension 1"),
    ("Box([0.0], [1.0, 2.0])", "1 lower and 2 upper bounds"),
    ("Box([0.0, 0.0], [1.0])", "2 lower and 1 upper bounds"),
    ("Box(['a'], ['b'])", "raised"),
    ("Box([None], [None])", "raised"),
    ("Box([1j], [2j])", "raised"),
    ("Box([[0.0]], [[1.0]])", "raised"),
    ("Box([{}], [{}])", "raised"),
    ("Box([0.0], [-float('inf')])", "low must be below high"),
    ("Box([float('inf')], [float('inf')])", "low must be below high"),
    ("Box('ab', 'cd')", "raised"),
    ("Box({0.0: 1}, {1.0: 1, 2.0: 2})", "1 lower and 2 upper bounds"),
    ("Box([10**400], [10**401])", "raised"),
    ("Box(range(0), range(0))", "at least one"),
];

#[test]
fn a_space_that_is_no_box_is_named_with_what_to_do() {
    let spaces = ["observation_space", "action_space"];
    let cases: Vec<_> =
        SPACES.iter().flat_map(|case| spaces.iter().map(move |space| (space, case))).collect();
    for_each(&cases, |(space, (expression, message))| {
        let Err(error) = returning(&[(space, expression)]) else {
            panic!("{space} {expression} was taken");
        };
        let said = error.to_string();
        assert!(said.contains(message) && !said.contains("Traceback"), "{expression}: {said}");
        if said.contains("only Box") {
            assert!(said.contains("--wrapper") || said.contains("give it real numbers"), "{said}");
        }
    });
}

#[test]
fn what_is_no_picture_is_named() {
    let cases = [
        "None",
        "[]",
        "{}",
        "0",
        "'text'",
        "[[]]",
        "[[(0, 0)]]",
        "[[(0, 0, 0, 0)]]",
        "[[0, 0]]",
        "[None]",
        "object()",
        "[[(0.5, 0, 0)]]",
        "[[(300, 0, 0)]]",
        "[[('a', 0, 0)]]",
        "True",
        "b'bytes'",
    ];
    for_each(&cases, |expression| {
        let options = GymOptions { python: python(), draw: true, ..GymOptions::default() };
        let args = [("render".to_string(), (*expression).into())].into_iter().collect();
        let args = softac::gym::Arguments::new(args).unwrap();
        let spec = GymSpec::new("Returns-v0").with(args, Default::default(), 31);
        let mut env = GymEnv::start(spec, &options).unwrap();
        env.reset(7, &mut [0.0; 2]).unwrap();
        let error = env.picture(None).unwrap_err();
        assert_said(&error, &["it cannot be drawn", "the environment raised"], expression);
    });
}
