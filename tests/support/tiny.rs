/// Settings of a training that takes no time worth mentioning.
pub const TINY: [&str; 12] = [
    "--total-timesteps=150",
    "--n-final-eval-episodes=2",
    "--net-arch=4",
    "--batch-size=4",
    "--buffer-size=500",
    "--log-freq=50",
    "--eval-freq=60",
    "--n-eval-episodes=1",
    "--learning-starts=20",
    "--stats-window-size=3",
    "--eval-seed=1",
    "--policy-delay=2",
];
