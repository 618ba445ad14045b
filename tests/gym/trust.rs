//! Whose code is run: modules in the current folder, and a run folder that names one.

use super::*;

/// A folder with a module of an environment, which notes that it was run.
fn with_a_module() -> TempDir {
    let folder = tempdir().unwrap();
    let module = "import gymnasium\nopen('ran', 'a').close()\nclass Own(gymnasium.Works): pass\n";
    fs::write(folder.path().join("own.py"), module).unwrap();
    folder
}

#[test]
fn a_module_in_the_current_folder_is_run_where_a_person_names_it_and_not_where_a_file_does() {
    let folder = with_a_module();
    let (folder, ran) = (folder.path(), folder.path().join("ran"));
    succeed(train(folder, "gym:own:Own-v0", "run"));
    assert!(ran.exists());
    succeed(softac(folder, &["check-env", "gym:own:Own-v0"]));
    fs::remove_file(&ran).unwrap();
    let commands = [
        &["eval", "run"][..],
        &["verify", "run", "--quiet"],
        &["resume", "run", "--quiet", "--total-timesteps=160"],
        &["watch", "run", "--out=film.gif"],
        &["export", "run", "--format=c", "--out=exported"],
    ];
    for words in commands {
        let output = softac(folder, words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(
            said.contains("there is no Python module `own`") && said.contains("`--trust`"),
            "{said}"
        );
        assert!(!ran.exists(), "{words:?} ran the module");
    }
    for words in commands {
        let mut command = softac(folder, words);
        command.arg("--trust");
        if words[0] != "watch" {
            succeed(command);
        }
    }
    assert!(ran.exists());
    // A folder that the user lists is searched everywhere.
    let mut command = softac(folder, &["eval", "run", "--episodes=1"]);
    command.env("PYTHONPATH", format!("{}:{}", packages(), folder.display()));
    succeed(command);
}

#[test]
fn what_lies_in_the_current_folder_does_not_stand_in_for_pythons_modules() {
    let folder = tempdir().unwrap();
    for name in ["struct", "signal", "traceback", "gymnasium", "numpy", "random", "types"] {
        let module = "open('ran', 'a').close()\n";
        fs::write(folder.path().join(format!("{name}.py")), module).unwrap();
    }
    succeed(train(folder.path(), "gym:Works-v0", "run"));
    succeed(softac(folder.path(), &["eval", "run", "--episodes=1"]));
    assert!(!folder.path().join("ran").exists());
}
