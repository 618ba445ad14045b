//! The files of a run against damage of every kind, and configurations against arbitrary text.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use softac::agent::Algorithm;
use softac::agent::settings::{NetArch, TrainFreq};
use softac::algorithms::ddpg::DdpgConfig;
use softac::algorithms::td3::Td3Config;
use softac::env;
use softac::nn::Activation;
use softac::policy::Kind;
use softac::sac::{EntCoef, SacConfig, TargetEntropy};
use softac::train::{
    Algo, Config, EvalEnv, Precision, Quiet, RunConfig, RunFolder, SavedPolicy, Schedule,
    TrainError, Trainer, Work,
};
use softac::{Numerics, Scalar};
use tempfile::tempdir;

fn tiny_config() -> Config {
    Config {
        run: RunConfig { env: "Pendulum-v1".into(), total_timesteps: 5, ..RunConfig::default() },
        algo: SacConfig { net_arch: vec![3, 2].into(), buffer_size: 10, ..SacConfig::default() }
            .into(),
    }
}

/// A policy as it is on disk, and a place for damaged copies of it.
struct Policy {
    bytes: Vec<u8>,
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Policy {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        let path = folder.path().join("policy.safetensors");
        let env = || env::make("pendulum").unwrap();
        let trainer = Trainer::<f32>::new(tiny_config(), env(), env()).unwrap();
        trainer.policy().unwrap().save(&path).unwrap();
        Self { bytes: fs::read(&path).unwrap(), _folder: folder, path }
    }

    /// Where the weights begin.
    fn data(&self) -> usize {
        8 + u64::from_le_bytes(self.bytes[..8].try_into().unwrap()) as usize
    }

    /// Loads a file of these bytes. The policy, if it is one, must be able to act where it says it can.
    fn load(&self, bytes: &[u8]) -> Result<SavedPolicy<f32>, TrainError> {
        fs::write(&self.path, bytes).unwrap();
        load_and_act(&self.path, bytes.len())
    }
}

fn load_and_act(path: &Path, len: usize) -> Result<SavedPolicy<f32>, TrainError> {
    let mut loaded = None;
    let allocated = allocation_counter::measure(|| {
        loaded = Some(SavedPolicy::<f32>::load(path));
    });
    let bytes = allocated.bytes_total;
    assert!(bytes <= 64 * len as u64 + 16_384, "{bytes} bytes for a file of {len}");
    let mut policy = loaded.unwrap()?;
    let pendulum = env::make("pendulum").unwrap();
    if policy.check_spaces(pendulum.as_ref()).is_ok() {
        policy.act(&[1.0, 0.0, 0.0], &mut [0.0]);
    }
    Ok(policy)
}

fn reason(error: &TrainError) -> &str {
    let TrainError::Damaged { reason, .. } = error else { panic!("{error} is not about damage") };
    reason
}

#[test]
fn a_policy_cut_short_anywhere_is_refused() {
    let policy = Policy::new();
    assert!(policy.load(&policy.bytes).is_ok());
    for len in 0..policy.bytes.len() {
        assert!(policy.load(&policy.bytes[..len]).is_err(), "{len} bytes");
    }
    let longer = [&policy.bytes[..], &[0; 4]].concat();
    assert!(policy.load(&longer).is_err());
}

#[test]
fn every_flipped_bit_of_a_policy_is_noticed() {
    let policy = Policy::new();
    for byte in 0..policy.bytes.len() {
        for bit in 0..8 {
            let mut bytes = policy.bytes.clone();
            bytes[byte] ^= 1 << bit;
            let loaded = policy.load(&bytes);
            assert!(loaded.is_err(), "bit {bit} of byte {byte}");
        }
    }
}

#[test]
fn a_policy_without_its_checksum_or_with_another_is_refused() {
    let policy = Policy::new();
    let at = policy.bytes.windows(6).position(|bytes| bytes == b"sha256").unwrap();
    for (place, byte, says) in
        [(at, b'S', "unknown field `Sha256`"), (at + 11, b'g', "its checksum differs")]
    {
        let mut bytes = policy.bytes.clone();
        bytes[place] = byte;
        let error = policy.load(&bytes).err().expect("it is refused");
        assert!(reason(&error).starts_with(says), "{error}");
    }
    // None at all, in the format that has one.
    let format = r#""format":"softac-policy-3","algorithm":"sac","policy":"squashed_gaussian""#;
    let error = policy.load(&one_layer(format, 2)).err().expect("it is refused");
    assert!(reason(&error).starts_with("its checksum differs"), "{error}");
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let policy = Policy::new();
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in (policy.data()..policy.bytes.len()).step_by(4) {
            let mut bytes = policy.bytes.clone();
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            let error = policy.load(&bytes).err().expect("it is refused");
            assert!(reason(&error).ends_with("holds a NaN or an infinity"), "{error}");
        }
    }
}

/// The keys by which a file names its format, and what it holds.
const FORMATS: [&str; 3] = [
    r#""format":"softac-policy-1""#,
    r#""format":"softac-policy-2","algorithm":"sac","policy":"squashed_gaussian""#,
    r#""format":"softac-policy-2","algorithm":"td3","policy":"deterministic""#,
];

/// A file with this description and one tensor.
fn described(
    format: &str,
    observation_dim: u64,
    net_arch: &[u64],
    actions: usize,
    more: &str,
) -> Vec<u8> {
    let (low, high) = (vec![-2.0; actions], vec![2.0; actions]);
    let header = format!(
        r#"{{{format},"env":"Pendulum-v1","observation_dim":{observation_dim},
        "action_low":{low:?},"action_high":{high:?},"net_arch":{net_arch:?},
        "activation":"relu","numerics":"fast"{more}}}"#
    );
    let tensor = TensorView::new(Dtype::F32, vec![4], &[0; 16]).unwrap();
    let metadata = HashMap::from([("policy".to_string(), header)]);
    safetensors::serialize([("0.weight", tensor)], Some(metadata)).unwrap()
}

#[test]
fn descriptions_that_do_not_fit_the_weights_are_refused() {
    let policy = Policy::new();
    let does_not_fit = "its layer sizes do not fit its length";
    let shapes =
        [2, 2, 1].map(|outputs| format!("`0.weight` is F32 [4], expected F32 [3, {outputs}]"));
    for (format, shape) in FORMATS.into_iter().zip(&shapes) {
        let described = |s, net_arch: &[u64], a, more| described(format, s, net_arch, a, more);
        for (bytes, expected) in [
            (described(3, &[1 << 40], 1, ""), does_not_fit),
            (described(u64::MAX, &[u64::MAX, u64::MAX], 1, ""), does_not_fit),
            (described(0, &[], 1, ""), does_not_fit),
            (described(3, &[0], 1, ""), does_not_fit),
            // Each layer is no larger than the file, all of them together are.
            (described(20, &[20; 1000], 1, ""), does_not_fit),
            (described(3, &[], 0, ""), "a space needs as many lower as upper bounds"),
            (described(3, &[], 1, ""), shape),
            (described(3, &[], 1, ",\"more\":1"), "unknown field `more`"),
        ] {
            let error = policy.load(&bytes).err().expect("it is refused");
            assert!(reason(&error).starts_with(expected), "{error}");
        }
    }
}

/// A file of one layer with three inputs, whose weights and biases count upwards from 1.
fn one_layer(format: &str, outputs: usize) -> Vec<u8> {
    let header = format!(
        r#"{{{format},"env":"Pendulum-v1","observation_dim":3,"action_low":[-2.0],"action_high":[2.0],
        "net_arch":[],"activation":"relu","numerics":"fast"}}"#
    );
    let numbers = |from: usize, count: usize| -> Vec<u8> {
        (from..from + count).flat_map(|x| (x as f32).to_le_bytes()).collect()
    };
    let (weight, bias) = (numbers(1, 3 * outputs), numbers(1 + 3 * outputs, outputs));
    let weight = TensorView::new(Dtype::F32, vec![3, outputs], &weight).unwrap();
    let bias = TensorView::new(Dtype::F32, vec![1, outputs], &bias).unwrap();
    let metadata = HashMap::from([("policy".to_string(), header)]);
    safetensors::serialize([("0.weight", weight), ("0.bias", bias)], Some(metadata)).unwrap()
}

#[test]
fn files_of_every_format_act_and_are_saved_as_the_present_one() {
    let place = Policy::new();
    // Weights from row to row, and the bias: of the squashed Gaussian the first column is μ.
    let (gaussian, deterministic) = ([1.0, 3.0, 5.0, 7.0], [1.0, 2.0, 3.0, 4.0]);
    let observation = [0.1, -0.4, 0.05];
    for (format, algorithm, kind, [w0, w1, w2, bias]) in [
        (FORMATS[0], "sac", Kind::SquashedGaussian, gaussian),
        (FORMATS[1], "sac", Kind::SquashedGaussian, gaussian),
        (FORMATS[2], "td3", Kind::Deterministic, deterministic),
    ] {
        let outputs = kind.outputs_per_dimension();
        let mut policy = place.load(&one_layer(format, outputs)).unwrap();
        assert_eq!((policy.algorithm(), policy.kind()), (algorithm, kind));
        let mut action = [0.0];
        policy.act(&observation, &mut action);
        let mu: f64 = w0 * observation[0] + w1 * observation[1] + w2 * observation[2] + bias;
        assert!((action[0] - 2.0 * mu.tanh()).abs() < 1e-6, "{action:?}");
        policy.save(&place.path).unwrap();
        let saved = fs::read(&place.path).unwrap();
        let text = String::from_utf8_lossy(&saved);
        assert!(text.contains(r#"\"format\":\"softac-policy-3\""#), "{text}");
        let mut again = place.load(&saved).unwrap();
        assert_eq!((again.algorithm(), again.kind()), (algorithm, kind));
        let mut same = [0.0];
        again.act(&observation, &mut same);
        assert_eq!(same, action);
    }
}

#[test]
fn formats_and_kinds_of_a_later_version_are_named_with_what_to_do() {
    let place = Policy::new();
    let later = r#""format":"softac-policy-4","parts":[1,2]"#;
    let error = place.load(&one_layer(later, 2)).err().expect("it is refused");
    assert!(
        matches!(&error, TrainError::UnknownPolicyFormat { found, .. } if found == "softac-policy-4")
    );
    assert!(error.to_string().ends_with("does not know; update softac"), "{error}");
    let kind = r#""format":"softac-policy-2","algorithm":"dqn","policy":"categorical""#;
    let error = place.load(&one_layer(kind, 2)).err().expect("it is refused");
    assert!(
        matches!(&error, TrainError::UnknownPolicyKind { found, .. } if found == "categorical")
    );
    assert!(error.to_string().contains("`categorical`"), "{error}");
}

/// Trains for some steps, and reads the policy that was saved: it must say what it is, and act as the learner does.
struct SaveAndAct<'a>(&'a Config);

impl Work for SaveAndAct<'_> {
    type Output = (String, Kind);

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        let place = tempdir().unwrap();
        let folder = RunFolder::create(&place.path().join("run"), self.0).unwrap();
        let env = || env::make("pendulum").unwrap();
        let mut trainer = Trainer::<T, A>::new(self.0.clone(), env(), env()).unwrap();
        trainer.train(Some(&folder), &mut Quiet).unwrap();
        let mut kept = trainer.policy().unwrap();
        let mut read = folder.policy::<T>().unwrap();
        read.check_spaces(env().as_ref()).unwrap();
        assert_eq!(read.params().as_slice(), kept.params().as_slice());
        for observation in [[1.0, 0.0, 0.3], [-0.6, 0.8, -7.0]] {
            let act = |policy: &mut SavedPolicy<T>| {
                let mut action = [f64::NAN];
                policy.act(&observation, &mut action);
                action
            };
            assert_eq!(act(&mut read), act(&mut kept));
            assert!((-2.0..=2.0).contains(&act(&mut read)[0]));
        }
        (read.algorithm().into(), read.kind())
    }
}

#[test]
fn policies_of_every_algorithm_say_what_they_are_and_act_as_the_learner_does() {
    macro_rules! algo {
        ($config:ident) => {
            $config {
                net_arch: vec![5, 4].into(),
                batch_size: 4,
                buffer_size: 50,
                learning_starts: 10,
                norm_obs: true,
                ..$config::default()
            }
            .into()
        };
    }
    let algos: [Algo; 3] = [algo!(SacConfig), algo!(Td3Config), algo!(DdpgConfig)];
    for precision in [Precision::F32, Precision::F64] {
        let saved = algos.clone().map(|algo| {
            let run = RunConfig { total_timesteps: 30, precision, ..tiny_config().run };
            let run = RunConfig { n_final_eval_episodes: 1, ..run };
            let config = Config { run, algo };
            config.with_types(SaveAndAct(&config))
        });
        let expected = [
            ("sac", Kind::SquashedGaussian),
            ("td3", Kind::Deterministic),
            ("ddpg", Kind::Deterministic),
        ];
        assert_eq!(saved, expected.map(|(name, kind)| (name.to_string(), kind)));
    }
}

#[test]
fn a_stored_policy_of_the_first_format_is_one_of_sac() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("docs/results/half-cheetah/softac/seed-0/policy.safetensors");
    let mut policy = SavedPolicy::<f32>::load(&path).unwrap();
    assert_eq!((policy.algorithm(), policy.kind()), ("sac", Kind::SquashedGaussian));
    assert_eq!((policy.observation_dim(), policy.action_dim()), (17, 6));
    let mut action = [9.0; 6];
    policy.act(&[0.1; 17], &mut action);
    assert!(action.iter().all(|a| a.abs() <= 1.0), "{action:?}");
}

#[test]
fn double_precision_is_not_read_as_single() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("policy.safetensors");
    let env = || env::make("pendulum").unwrap();
    let trainer = Trainer::<f64>::new(tiny_config(), env(), env()).unwrap();
    trainer.policy().unwrap().save(&path).unwrap();
    let read = SavedPolicy::<f64>::load(&path).unwrap();
    assert_eq!(read.params().as_slice(), trainer.policy().unwrap().params().as_slice());
    let error = SavedPolicy::<f32>::load(&path).err().expect("it is refused");
    assert!(reason(&error).contains("is F64"), "{error}");
}

#[test]
fn one_of_two_runs_that_begin_at_once_gets_the_folder() {
    let folder = tempdir().unwrap();
    let config = tiny_config();
    for round in 0..20 {
        let path = folder.path().join(round.to_string());
        let create = || RunFolder::create(&path, &config).is_ok();
        let made: usize = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(create)).collect();
            runs.into_iter().map(|run| usize::from(run.join().unwrap())).sum()
        });
        assert_eq!(made, 1);
    }
    let create = || RunFolder::create_numbered(&folder.path().join("runs"), &config).unwrap();
    let mut paths: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(create)).collect();
        runs.into_iter().map(|run| run.join().unwrap().path().to_path_buf()).collect()
    });
    paths.sort();
    let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap()).collect();
    assert_eq!(names, ["seed-0", "seed-0-2", "seed-0-3", "seed-0-4"]);
}

fn temperature() -> impl Strategy<Value = EntCoef> {
    let initial = 1e-300..1e300_f64;
    prop_oneof![
        (0.0..1e300_f64).prop_map(EntCoef::Fixed),
        Just(EntCoef::Auto { initial: 1.0 }),
        initial.prop_map(|initial| EntCoef::Auto { initial }),
    ]
}

fn target() -> impl Strategy<Value = TargetEntropy> {
    prop_oneof![Just(TargetEntropy::Auto), (-1e300..0.69_f64).prop_map(TargetEntropy::Nats)]
}

prop_compose! {
    fn run_config()(
        wrappers in (1..=u32::MAX, 1..=1000_usize, 1..=1000_u32),
        seed in 0..=i64::MAX as u64,
        double in any::<bool>(),
        total_timesteps in 1..=i64::MAX as u64,
        log_freq in 1..=i64::MAX as u64,
        stats_window_size in 1..=i64::MAX as usize,
        eval_freq in 1..1_000_000_u64,
        n_eval_episodes in 1..=i64::MAX as usize,
        n_final_eval_episodes in 1..1_000_usize,
        eval_seed in 0..=i64::MAX as u64,
        schedules in (schedule(), proptest::option::of(schedule())),
        checkpoints in (0..=i64::MAX as u64, 1..=i64::MAX as usize),
        ends in (proptest::option::of(-1e300..1e300_f64), proptest::option::of(1..=i64::MAX as u64)),
        tensorboard in any::<bool>(),
        env in (prop_oneof![Just("size = 5\nx = [0.5, inf]"), Just("")], 16..=63_u32, any::<bool>()),
    ) -> RunConfig {
        RunConfig {
            env: "Pendulum-v1".into(),
            env_args: env.0.parse().unwrap(),
            wrappers: env.2.then(|| "A = { x = 1 }".parse().unwrap()).into_iter().collect(),
            env_seed_bits: env.1,
            from: env.2.then(|| "runs/first".into()),
            with_replay: env.2,
            eval_env: if env.2 { EvalEnv::Training } else { EvalEnv::Own },
            action_repeat: wrappers.0,
            frame_stack: wrappers.1,
            num_envs: wrappers.2,
            seed,
            precision: if double { Precision::F64 } else { Precision::F32 },
            total_timesteps,
            log_freq,
            stats_window_size,
            eval_freq,
            n_eval_episodes,
            n_final_eval_episodes,
            eval_seed,
            learning_rate_schedule: schedules.0,
            critic_learning_rate_schedule: schedules.1,
            checkpoint_freq: checkpoints.0,
            keep_checkpoints: checkpoints.1,
            reward_threshold: ends.0,
            max_no_improvement_evals: ends.1,
            tensorboard,
        }
    }
}

prop_compose! {
    fn sac_config()(
        rates in (1e-300..1e300_f64, 0.0..=1.0_f64, 0.0..=1.0_f64),
        sizes in (1..1_000_000_usize, 1..5_000_usize, 1..9_usize),
        steps in (0..=i64::MAX as u64, proptest::option::of(0..=i64::MAX as u64)),
        train_freq in prop_oneof![
            (1..=i64::MAX as u64).prop_map(TrainFreq::Steps),
            (1..=i64::MAX as u64).prop_map(TrainFreq::Episodes),
        ],
        intervals in (1..=i64::MAX as u64, 1..=i64::MAX as u64),
        gradient_steps in prop_oneof![Just(-1), 1..=i64::MAX],
        ent_coef in temperature(),
        target_entropy in target(),
        net_arch in net_arch(),
        activation in prop_oneof![
            Just(Activation::Relu), Just(Activation::Tanh), Just(Activation::Identity)
        ],
        optimize_memory_usage in any::<bool>(),
        norm in (any::<bool>(), any::<bool>(), 1e-300..1e300_f64, 1e-300..1e300_f64),
        optional in (
            proptest::option::of(1e-300..1e300_f64),
            proptest::option::of(1e-300..1e300_f64),
        ),
        numerics in prop_oneof![Just(Numerics::Fast), Just(Numerics::Portable)],
    ) -> SacConfig {
        SacConfig {
            learning_rate: rates.0,
            critic_learning_rate: optional.0,
            max_grad_norm: optional.1,
            buffer_size: sizes.0,
            learning_starts: steps.0,
            warmup_steps: steps.1,
            batch_size: sizes.1,
            tau: rates.1,
            gamma: rates.2,
            train_freq,
            gradient_steps,
            ent_coef,
            target_entropy,
            policy_delay: intervals.0,
            target_update_interval: intervals.1,
            net_arch,
            activation,
            n_critics: sizes.2,
            numerics,
            optimize_memory_usage,
            norm_obs: norm.0,
            norm_reward: norm.1,
            clip_obs: norm.2,
            clip_reward: norm.3,
        }
    }
}

fn schedule() -> impl Strategy<Value = Schedule> {
    prop_oneof![Just(Schedule::Constant), Just(Schedule::Linear), Just(Schedule::Cosine)]
}

/// One list for both networks, or one for each.
fn net_arch() -> impl Strategy<Value = NetArch> {
    let sizes = || proptest::collection::vec(1..200_usize, 0..4);
    prop_oneof![
        sizes().prop_map(NetArch::from),
        (sizes(), sizes()).prop_map(|(pi, qf)| NetArch { pi, qf }),
    ]
}

/// Text that gets past the parser now and then.
fn almost_toml() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("gamma"),
        Just("env"),
        Just("seed"),
        Just("net_arch"),
        Just("ent_coef"),
        Just("buffer_size"),
        Just("target_entropy"),
        Just("warmup_steps"),
        Just("precision"),
        Just("batch_size"),
        Just("n_critics"),
        Just("gradient_steps"),
        Just("a.b"),
        Just("")
    ];
    let value = prop_oneof![
        any::<i64>().prop_map(|x| x.to_string()),
        any::<f64>().prop_map(|x| format!("{x:?}")),
        proptest::collection::vec(any::<u64>(), 0..4).prop_map(|x| format!("{x:?}")),
        "[a-z_0-9.-]{0,8}".prop_map(|x| format!("{x:?}")),
        Just("\"Pendulum-v1\"".to_string()),
        Just("auto".to_string()),
        "\\PC{0,8}",
    ];
    let line = (key, value).prop_map(|(key, value)| format!("{key} = {value}\n"));
    prop_oneof![
        proptest::collection::vec(line, 0..4).prop_map(|lines| lines.concat()),
        "(?s).{0,60}"
    ]
}

proptest! {
    #[test]
    fn a_configuration_is_read_as_it_was_written(mut run in run_config(), sac in sac_config()) {
        if let TrainFreq::Episodes(_) = sac.train_freq {
            run.num_envs = 1;
        }
        let config = Config { run, algo: sac.into() };
        prop_assert_eq!(config.validate(1), Ok(()));
        let text = config.to_toml().unwrap();
        prop_assert_eq!(&Config::from_toml(&text, "config.toml").unwrap(), &config);
        let pendulum = env::find("pendulum").unwrap();
        prop_assert_eq!(&Config::layered(pendulum, [text.parse().unwrap()]).unwrap(), &config);
    }

    #[test]
    fn no_text_makes_a_configuration_panic(text in almost_toml()) {
        let pendulum = env::find("pendulum").unwrap();
        let layered = text.parse().ok().and_then(|table| Config::layered(pendulum, [table]).ok());
        for config in [Config::from_toml(&text, "config.toml").ok(), layered].into_iter().flatten() {
            let _ = config.to_toml();
            if config.validate(1).is_ok() {
                let _ = config.check_memory::<f64>(3, 1);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_policy_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempdir().unwrap();
        let path = folder.path().join("policy.safetensors");
        fs::write(&path, &bytes).unwrap();
        prop_assert!(load_and_act(&path, bytes.len()).is_err());
        // Behind a true length the text is read.
        let mut longer = (bytes.len() as u64).to_le_bytes().to_vec();
        longer.extend(&bytes);
        fs::write(&path, &longer).unwrap();
        prop_assert!(load_and_act(&path, longer.len()).is_err());
    }

    #[test]
    fn a_description_takes_no_more_memory_than_its_file(
        observation_dim in prop_oneof![0..30_u64, any::<u64>()],
        net_arch in proptest::collection::vec(prop_oneof![0..30_u64, any::<u64>()], 0..40),
        actions in 0..20_usize,
    ) {
        let folder = tempdir().unwrap();
        let path = folder.path().join("policy.safetensors");
        for format in FORMATS {
            let bytes = described(format, observation_dim, &net_arch, actions, "");
            fs::write(&path, &bytes).unwrap();
            prop_assert!(load_and_act(&path, bytes.len()).is_err());
        }
    }

    #[test]
    fn scattered_damage_makes_no_policy_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        thread_local!(static POLICY: Policy = Policy::new());
        POLICY.with(|policy| {
            let mut bytes = policy.bytes.clone();
            for (index, byte) in damage {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = policy.load(&bytes);
        });
    }
}
