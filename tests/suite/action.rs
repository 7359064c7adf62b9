//! The GitHub Action, run as its runner would, with files in the place of GitHub; and the template repository.

use crate::cli::command;
use crate::draw::{colour, page, png};
use crate::project::Project;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

struct Run {
    code: Option<i32>,
    outputs: BTreeMap<String, String>,
    summary: String,
    said: String,
    pages: PathBuf,
}

/// Runs a step of the action for `project`, whose report comes into `runner`.
fn step(name: &str, project: &Path, runner: &Path, inputs: &[(&str, &str)]) -> Run {
    let (output, summary) = (runner.join("output"), runner.join("summary"));
    [&output, &summary].iter().for_each(|file| fs::write(file, "").unwrap());
    let mut shell = Command::new("bash");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IIIF_BUILD")) {
        shell.env_remove(name);
    }
    let defaults = [
        ("BINARY", env!("CARGO_BIN_EXE_iiif-build")),
        ("IIIF_BUILD", env!("CARGO_BIN_EXE_iiif-build")),
        ("VERSION", "latest"),
        ("REPOSITORY", "owner/iiif-build"),
        ("ROOT", "."),
        ("BASE_URL", ""),
        ("COMMAND", "build"),
        ("ARGUMENTS", ""),
        ("PUBLISH_INCOMPLETE", "false"),
        ("GITHUB_REPOSITORY", "Owner/letters"),
    ];
    shell.envs(defaults).envs(inputs.iter().copied());
    shell.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary).env("RUNNER_TEMP", runner);
    let done = shell.arg(format!("{REPOSITORY}/scripts/action/{name}")).current_dir(project).output().unwrap();
    let outputs = fs::read_to_string(&output).unwrap();
    let outputs: BTreeMap<String, String> = outputs
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Run {
        code: done.status.code(),
        pages: PathBuf::from(outputs.get("pages").cloned().unwrap_or_default()),
        outputs,
        summary: fs::read_to_string(&summary).unwrap(),
        said: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

#[test]
fn the_action_builds_and_says_what_was_made_and_what_failed() {
    let runner = tempfile::tempdir().unwrap();
    let project =
        Project::new().file("content/letters/1.png", page()).file("content/letters/2.png", png(colour(40, 30)));
    let installed = step("install", project.root(), runner.path(), &[]);
    assert!(Path::new(&installed.outputs["binary"]).is_file(), "{}", installed.said);

    let run = step("build", project.root(), runner.path(), &[]);
    assert_eq!(
        (run.code, run.outputs["result"].as_str(), run.outputs["code"].as_str()),
        (Some(0), "complete", "0"),
        "{}",
        run.said
    );
    assert!(
        run.summary.contains("The site is complete.") && run.summary.contains("| images made | 2 |"),
        "{}",
        run.summary
    );
    let manifest = fs::read_to_string(run.pages.join("letters/manifest.json")).unwrap();
    assert!(manifest.contains("https://owner.github.io/letters/letters/manifest.json"), "the address of GitHub Pages");
    assert!(!run.pages.join(".iiif-build").exists() && project.public().join(".iiif-build").exists());

    // A mistake: a table, an annotation on the line, and nothing is published unless that is wanted.
    project.write("content/diary/1.png", page());
    project.write("content/diary/item.toml", "label = \"Diary\"\nlable = \"a | b\"\n");
    let run = step("build", project.root(), runner.path(), &[]);
    assert_eq!(
        (run.outputs["result"].as_str(), run.outputs["code"].as_str(), run.outputs["pages"].as_str()),
        ("incomplete", "1", "")
    );
    assert!(run.said.contains("::error file=content/diary/item.toml,line=2,col=1::"), "{}", run.said);
    assert!(run.summary.contains("| `content/diary/item.toml:2` |"), "{}", run.summary);
    let run = step("build", project.root(), runner.path(), &[("PUBLISH_INCOMPLETE", "true")]);
    assert!(run.pages.join("letters/manifest.json").is_file());

    project.write("iiif-build.toml", "[images]\ntile-size = 500\n");
    let run = step("build", project.root(), runner.path(), &[("PUBLISH_INCOMPLETE", "true")]);
    assert_eq!((run.outputs["result"].as_str(), run.outputs["pages"].as_str()), ("refused", ""), "{}", run.said);
}

#[test]
fn no_text_of_a_project_is_a_command_for_the_runner() {
    let runner = tempfile::tempdir().unwrap();
    let project = Project::new().file("content/letters/1.png", page());
    project.write("content/a%0A::set-env name=X,b::y/item.toml", "label = 1\n");
    project.write("content/a:: b/item.toml", "lable = \"$(touch evil)\"\n");
    project.write("content/a:: b/1.png", page());
    let run = step("build", project.root(), runner.path(), &[("ARGUMENTS", "--keep-going ; touch evil $(touch evil)")]);
    assert!(!run.said.lines().any(|line| line.starts_with("::set-env")), "{}", run.said);
    assert!(!project.root().join("evil").exists());
    let run = step("build", project.root(), runner.path(), &[("ARGUMENTS", "--keep-going")]);
    assert!(run.said.contains("::error file=content/a%3A%3A b::"), "{}", run.said);
}

#[test]
fn the_template_repository_is_a_site_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let copied =
        Command::new("cp").args(["-r", &format!("{REPOSITORY}/examples/template/.")]).arg(folder.path()).status();
    assert!(copied.unwrap().success());
    let output =
        command(&["build", "--strict", "--base-url", "https://a.example/"]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for item in ["mimili", "balloon"] {
        assert!(folder.path().join("public").join(item).join("manifest.json").is_file(), "{item}");
    }
    // The workflow asks for nothing that the action does not have.
    let action = fs::read_to_string(format!("{REPOSITORY}/action.yml")).unwrap();
    let workflow = fs::read_to_string(format!("{REPOSITORY}/examples/template/.github/workflows/publish.yml")).unwrap();
    let (_, with) = workflow.split_once("OWNER/iiif-build@").unwrap();
    let inputs =
        with.lines().skip(2).map_while(|line| line.strip_prefix("          ")).filter(|line| !line.starts_with('#'));
    for input in inputs.filter_map(|line| line.split_once(':')).map(|(name, _)| name) {
        assert!(action.contains(&format!("\n  {input}:\n")), "{input}");
    }
}
