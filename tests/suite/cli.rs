//! The program itself: exit codes, what it says and where it says it.

use crate::draw::{bilevel, colour, grey, page, png};
use crate::project::Project;
use crate::prove::{assert_proven, picture, service::Service};
use crate::site::Site;
use crate::tiff;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

/// The program, undisturbed by the environment of whoever runs the tests.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iiif-build"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IIIF_BUILD_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

/// A small project with a base URL of its own.
pub fn project() -> Project {
    Project::new()
        .with_base_url("https://published.example/x/")
        .file("iiif-build.toml", "base-url = \"https://published.example/x/\"\n")
        .file("content/letters/1.png", png(colour(700, 500)))
        .file("content/letters/Thumbs.db", "junk")
        .file(
            "content/letters/2.tif",
            tiff::encode(&[tiff::Page::grey(&grey(90, 60)), tiff::Page::min_is_white(&bilevel(600, 20))], true),
        )
}

pub fn run(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command(arguments).arg("--root").arg(project.root()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

#[test]
fn build_ends_with_0_and_says_what_it_did_on_standard_error() {
    let project = project();
    let (code, out, said) = run(&project, &["build"]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("3 images"), "{said}");
    assert_proven(&project.site());
}

#[test]
fn build_ends_with_1_if_an_image_fails_and_names_it_with_a_hint() {
    let project = project().file("content/letters/3.tif", "no image");
    let (code, _, said) = run(&project, &["build"]);
    assert_eq!(code, Some(1));
    let line = said.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(line.contains("3.tif") && said.contains("hint: "), "{said}");
    assert!(said.contains("1 problem"), "{said}");
    assert_proven(&project.site());
}

#[test]
fn mistakes_in_settings_and_usage_end_with_2_and_nothing_is_written() {
    let project = project().file("iiif-build.toml", "[images]\ntile-sise = 512\n");
    let (code, _, said) = run(&project, &["build"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("iiif-build.toml:2:1:") && said.contains("tile-sise"), "{said}");
    assert!(!project.public().exists() && !project.root().join(".iiif-build").exists());
    for arguments in [
        &["build", "--no-such-flag"][..],
        &["build", "--jobs", "0"],
        &["bild"],
        &["build", "--base-url", "x"],
        &["build", "--memory", "lots"],
    ] {
        assert_eq!(run(&project, arguments).0, Some(2), "{arguments:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(command(&["build", "--root"]).arg(empty.path()).status().unwrap().code(), Some(2));
}

#[test]
fn flags_win_over_environment_and_environment_over_file() {
    let project = project();
    let collection =
        |output: &str| std::fs::read_to_string(project.root().join(output).join("collection.json")).unwrap();
    let out = |name: &str| project.root().join(name);
    let mut from_environment = command(&["build", "--root"]);
    from_environment
        .arg(project.root())
        .arg("--output")
        .arg(out("a"))
        .env("IIIF_BUILD_BASE_URL", "https://env.example/");
    assert!(from_environment.status().unwrap().success());
    assert!(collection("a").contains("https://env.example/collection.json"));
    let mut from_flag = command(&["build", "--base-url", "https://flag.example/", "--root"]);
    from_flag.arg(project.root()).arg("--output").arg(out("b")).env("IIIF_BUILD_BASE_URL", "https://env.example/");
    assert!(from_flag.status().unwrap().success());
    assert!(collection("b").contains("https://flag.example/collection.json"));
}

#[test]
fn plan_names_each_file_rule_and_id_and_counts_exactly_what_build_writes() {
    let project = project();
    let (code, out, _) = run(&project, &["plan", "--files"]);
    assert_eq!(code, Some(0));
    for row in [
        &["letters/1.png", "PNG 700x500", "letters_1", "whole name"][..],
        &["letters/2.tif", "TIFF 90x60", "letters_2-1"],
        &["letters/2.tif", "600x20", "letters_2-2"],
    ] {
        assert!(out.lines().any(|line| row.iter().all(|cell| line.contains(cell))), "{row:?} is not in\n{out}");
    }
    assert!(out.contains("ignored: letters/Thumbs.db"), "{out}");
    assert!(!project.public().exists(), "plan wrote something");
    for tile_size in [256, 512, 1024] {
        let counted: usize = out
            .lines()
            .find_map(|line| line.strip_prefix(&format!("tile size {tile_size:>4}: ")))
            .and_then(|rest| rest.split(' ').next())
            .unwrap()
            .parse()
            .unwrap();
        project.write(
            "iiif-build.toml",
            format!("base-url = \"https://published.example/x/\"\n[images]\ntile-size = {tile_size}\n"),
        );
        assert_eq!(run(&project, &["build"]).0, Some(0));
        assert_eq!(project.site().files("iiif").len(), counted, "tile size {tile_size}");
    }
}

#[test]
fn logs_and_plans_in_json_are_one_object_a_line() {
    let project = project().file("content/letters/3.tif", "no image");
    let (code, out, said) = run(&project, &["build", "--log", "json"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let lines = json_lines(&said);
    assert!(lines.iter().all(Value::is_object), "{said}");
    let error = lines.iter().find(|line| line["event"] == "error").unwrap();
    assert!(
        error["path"].as_str().unwrap().ends_with("3.tif") && error["kind"] == "image" && error["hint"].is_string()
    );
    let summary = lines.iter().find(|line| line["event"] == "summary").unwrap();
    assert_eq!((summary["images"].as_u64(), summary["failed"].as_u64()), (Some(3), Some(1)));
    let stages: BTreeSet<&str> =
        lines.iter().filter(|line| line["event"] == "stage").filter_map(|line| line["stage"].as_str()).collect();
    assert_eq!(stages.len(), 8, "{stages:?}");

    let (_, out, _) = run(&project, &["plan", "--log", "json"]);
    let ids: Vec<Value> =
        json_lines(&out).iter().filter(|line| line["id"].is_string()).map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["letters_1", "letters_2-1", "letters_2-2"]);
}

#[test]
fn quiet_says_nothing_but_errors() {
    let project = project();
    assert_eq!(run(&project, &["build", "--quiet"]), (Some(0), String::new(), String::new()));
    project.write("content/letters/3.tif", "no image");
    assert!(run(&project, &["build", "-q"]).2.contains("3.tif"));
}

#[test]
fn init_makes_a_project_that_builds_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("new");
    assert!(command(&["init"]).arg(&root).output().unwrap().status.success());
    let built = command(&["build", "--root"]).arg(&root).output().unwrap();
    assert!(built.status.success(), "{built:?}");
    let collection: Value =
        serde_json::from_slice(&std::fs::read(root.join("public/collection.json")).unwrap()).unwrap();
    let base_url = collection["id"].as_str().unwrap().strip_suffix("collection.json").unwrap().to_owned();
    assert_proven(&Site { root: root.join("public"), base_url, max_size: 4096, _folder: None });
    assert_eq!(command(&["init"]).arg(&root).output().unwrap().status.code(), Some(2));
}

fn tile(source: &Path, target: &Path, arguments: &[&str]) -> Output {
    command(&["tile"]).arg(source).arg(target).args(arguments).output().unwrap()
}

#[test]
fn tile_makes_a_complete_folder_of_one_image() {
    let project = Project::new().file("scan.png", png(colour(1300, 700)));
    let (source, target) = (project.root().join("scan.png"), project.root().join("public/scan"));
    let id = "https://example.org/iiif/scan";
    let output = tile(&source, &target, &["--id", id, "--tile-size", "256", "--quality", "70"]);
    assert!(output.status.success(), "{output:?}");
    let site = Site { root: target, base_url: id.to_owned(), max_size: 4096, _folder: None };
    let expected = Service::read(&site.json("info.json"), id, 4096).unwrap().files(4096);
    assert_eq!(
        expected.iter().filter_map(|(path, size)| picture::problem(&site, path, *size)).collect::<Vec<_>>(),
        [""; 0]
    );
    let known: BTreeSet<String> = expected.into_keys().chain(["info.json".to_owned()]).collect();
    assert_eq!(site.files(""), known);
}

#[test]
fn tile_refuses_what_it_must_not_overwrite_and_what_it_cannot_read() {
    let project = Project::new().file("scan.png", page()).file("other/thesis.doc", "work").file("bad.png", "text");
    let path = |name: &str| project.root().join(name);
    assert_eq!(tile(&path("scan.png"), &path("other"), &[]).status.code(), Some(2));
    assert_eq!(tile(&path("scan.png"), &path("new"), &["--tile-size", "100"]).status.code(), Some(2));
    assert_eq!(tile(&path("scan.png"), &path("new"), &["--page", "2"]).status.code(), Some(2));
    let bad = tile(&path("bad.png"), &path("new"), &[]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("bad.png"));
    assert!(!path("new").exists(), "something was left behind");
    assert!(tile(&path("scan.png"), &path("new"), &[]).status.success());
    assert!(tile(&path("scan.png"), &path("new"), &[]).status.success(), "its own folder is replaced");
}

#[test]
fn tile_knows_the_settings_of_images_by_the_same_names() {
    let project = Project::new().file("scan.png", png(colour(1300, 700)));
    let (source, target) = (project.root().join("scan.png"), project.root().join("scan"));
    let id = "https://example.org/iiif/scan";
    let settings = ["--formats", "jpg,webp", "--max-resolution", "650", "--huffman", "progressive"];
    let output = tile(&source, &target, &[&["--id", id, "--max-size", "full"][..], &settings].concat());
    assert!(output.status.success(), "{output:?}");
    let site = Site { root: target, base_url: id.to_owned(), max_size: u32::MAX, _folder: None };
    let service = Service::read(&site.json("info.json"), id, u32::MAX).unwrap();
    assert_eq!((service.full, service.formats.len()), ((650, 350), 2));
    let expected = service.files(u32::MAX);
    let problems = expected.iter().filter_map(|(path, size)| picture::problem(&site, path, *size));
    assert_eq!(problems.collect::<Vec<_>>(), [""; 0]);
    for (flag, value) in [
        ("--formats", "webp"),
        ("--formats", "jpg,gif"),
        ("--background", "sand"),
        ("--huffman", "slow"),
        ("--subsampling", "4:1:1"),
        ("--max-size", "100"),
        ("--max-resolution", "half"),
    ] {
        let output = tile(&source, &project.root().join("new"), &[flag, value]);
        assert_eq!(output.status.code(), Some(2), "{flag} {value}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(flag.trim_start_matches('-')), "{output:?}");
    }
}
