//! Films of what Gymnasium draws.

use super::*;

/// A folder with a run in this environment.
fn trained(env: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), env, "run");
    command.args(["--set", "total_timesteps=30"]);
    succeed(command);
    folder
}

#[test]
fn what_gymnasium_draws_is_filmed_and_the_episodes_are_those_of_an_evaluation() {
    let folder = trained("gym:Works-v0");
    let watched = succeed(softac(folder.path(), &["watch", "run", "--episodes=2"]));
    let told = String::from_utf8_lossy(&watched.stdout).into_owned();
    let evaluated = succeed(softac(folder.path(), &["eval", "run", "--episodes=2", "--json"]));
    let report: serde_json::Value = serde_json::from_slice(&evaluated.stdout).unwrap();
    let mut frames = 0;
    for n in 0..2 {
        let (reward, steps) =
            (report["rewards"][n].as_f64().unwrap(), report["lengths"][n].as_u64().unwrap());
        let line = format!("episode {}: return {reward:.2} in {steps} steps\n", n + 1);
        assert!(told.contains(&line), "{told}");
        frames += steps + 1;
    }
    let last = format!("run/watch.gif: {frames} frames, 25 a second, ");
    assert!(told.contains(&last), "{told}");

    let shown = played::play(&folder.path().join("run/watch.gif"));
    assert_eq!(shown.len() as u64, frames);
    let mut moments = (0..2).flat_map(|n| 0..=report["lengths"][n].as_u64().unwrap());
    for frame in &shown {
        let elapsed = moments.next().unwrap();
        assert_eq!((frame.width, frame.delay % 100), (64, 4));
        for x in 0..64 {
            let red = if (x as u64) < elapsed { 17 * (x % 15 + 1) as u8 } else { 0 };
            assert_eq!(frame.at(x, 47), [red, 0, 0], "column {x} after {elapsed} steps");
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_said_with_what_mends_it_and_no_file_is_left() {
    let folder = trained("gym:Works-v0");
    let config = folder.path().join("run/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let cases = [
        ("HasNoPixels", "it has no render mode rgb_array, but ['human', 'ansi']"),
        ("KnowsNoModes", "unexpected keyword argument 'render_mode'"),
        ("LacksItsPainter", "-m pip install pygame` installs what draws it"),
        ("HasNoScreen", "MUJOCO_GL=egl, on Debian after `apt-get install libegl1 libgl1`"),
        ("HangsPainting", "did not answer within 2 s"),
        ("DiesPainting", "the Python process is gone (signal: 11 (SIGSEGV)"),
        ("PaintsNothing", "it gave no rows of pixels of three bytes: NoneType"),
        ("PaintsGrey", "it gave no rows of pixels of three bytes: list"),
    ];
    for (kind, message) in cases {
        fs::write(&config, text.replace("Works-v0", &format!("{kind}-v0"))).unwrap();
        let words = ["watch", "run", "--env-timeout=2"];
        let output = softac(folder.path(), &words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{kind}: {said}");
        assert!(said.contains(message), "{kind}: {said}");
        assert!(!folder.path().join("run/watch.gif").exists(), "{kind}");
        // To play in it needs no painter.
        succeed(softac(folder.path(), &["eval", "run", "--episodes=1", "--json"]));
    }
}

#[test]
fn an_mp4_is_written_by_python_where_it_can() {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), "pendulum", "run");
    command.args(["--set", "total_timesteps=30"]);
    succeed(command);
    let watch = |name: &str| {
        let mut command = softac(folder.path(), &["watch", "run", "--out", name]);
        command.args(["--size=101", "--every=50", "--fps=3"]);
        command
    };
    let with_writer = |mut command: Command| {
        let imageio = packages().replace("fake_gymnasium", "fake_imageio");
        command.env("PYTHONPATH", imageio);
        command
    };
    let refused = watch("lacks.mp4").output().unwrap();
    let text = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("-m pip install imageio-ffmpeg`"), "{text}");
    let mut command = watch("lacks.mp4");
    let refused = command.env("SOFTAC_PYTHON", "./no-python").output().unwrap();
    let text = said(&refused);
    assert!(text.contains("there is no Python interpreter `./no-python`"), "{text}");
    let mut command = with_writer(watch("fails.mp4"));
    let refused = command.env("FAKE_FILM_FAILS", "3").output().unwrap();
    let text = said(&refused);
    assert!(text.contains("OSError: the disk is full of films"), "{text}");

    let made = succeed(with_writer(watch("film.mp4")));
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(told.contains("film.mp4: 5 frames, 3 a second, "), "{told}");
    let film = fs::read(folder.path().join("film.mp4")).unwrap();
    // An even number of pixels each way; five frames, and the last one for another second.
    let (head, frames) = film.split_at(film.iter().position(|&byte| byte == b'\n').unwrap() + 1);
    assert_eq!(String::from_utf8_lossy(head), "102 126 3.0\n");
    let frames: Vec<_> = frames.chunks(3 * 102 * 126).collect();
    assert_eq!(frames.len(), 5 + 3);
    assert!(frames[0] != frames[1] && frames[4] == frames[7]);
    // White in the corner, red where the pole is.
    assert_eq!(frames[0][..3], [255; 3]);
    assert!(frames[0].chunks(3).any(|pixel| pixel == [204, 68, 68]));
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["film.mp4", "run"]);
}
