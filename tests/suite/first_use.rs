//! The first minute: a folder of scans becomes a site with one command, and each mistake of a beginner gets the next step.

use crate::cli::command;
use crate::draw::colour;
use crate::draw::{page, png};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use tempfile::TempDir;

pub fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, file) in (1u32..).zip(files) {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, if file.ends_with(".png") { png(colour(200 + number, 100)) } else { vec![b'x'] }).unwrap();
    }
    folder
}

pub fn run_in(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(arguments).current_dir(folder).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn files(folder: &Path) -> BTreeSet<String> {
    crate::site::Site { root: folder.to_owned(), base_url: String::new(), max_size: 0, _folder: None }.files("")
}

#[test]
fn a_folder_of_scans_is_a_project_with_one_file_more() {
    let folder = folder(&[
        "scans/letters/1.png",
        "scans/letters/2.png",
        "scans/maps/city/1.png",
        "scans/map.png",
        "scans/notes.txt",
    ]);
    let scans = folder.path().join("scans");
    let before = files(&scans);
    let (code, said) = run_in(&scans, &["init"]);
    assert_eq!(code, Some(0), "{said}");
    let mut after = files(&scans);
    assert!(after.remove("iiif-build.toml") && after == before, "{after:?}");
    assert!(said.contains("next: iiif-build serve --open\n"), "{said}");

    let (code, said) = run_in(&scans, &["build"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 images") && said.contains("next: `iiif-build serve --open`"), "{said}");
    let public = scans.join("public");
    for page in ["letters/manifest.json", "maps/city/manifest.json", "scans/manifest.json"] {
        assert!(public.join(page).is_file(), "{page}");
    }
    // The site is not its own content, nor is what stands beside it.
    fs::create_dir_all(scans.join("static")).unwrap();
    fs::write(scans.join("static/logo.png"), page()).unwrap();
    let (code, said) = run_in(&scans, &["build"]);
    assert!(code == Some(0) && said.contains("0 images") && said.contains("4 kept"), "{said}");
    assert!(!said.contains("next:"), "it is not the first build: {said}");
    assert!(public.join("logo.png").is_file() && !public.join("static").exists() && !public.join("public").exists());
    assert_eq!(run_in(&scans, &["build", "--strict", "--base-url", "https://a.example/"]).0, Some(0));
}

#[test]
fn scans_in_content_stay_there_and_a_project_is_not_made_twice() {
    let scans = folder(&["content/letters/1.png"]);
    assert_eq!(run_in(scans.path(), &["init", "."]).0, Some(0));
    assert!(!fs::read_to_string(scans.path().join("iiif-build.toml")).unwrap().contains("\ncontent ="));
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    assert!(scans.path().join("public/letters/manifest.json").is_file());
    let (code, said) = run_in(scans.path(), &["init", "."]);
    assert!(code == Some(2) && said.contains("project already") && said.contains("iiif-build serve"), "{said}");
}

#[cfg(unix)]
#[test]
fn no_settings_are_written_through_a_link() {
    let scans = folder(&["1.png"]);
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("new"), scans.path().join("iiif-build.toml")).unwrap();
    assert_eq!(run_in(scans.path(), &["init"]).0, Some(2));
    assert!(fs::read_dir(elsewhere.path()).unwrap().next().is_none());
}

#[test]
fn the_output_may_not_be_the_scans_themselves() {
    let scans = folder(&["letters/1.png"]);
    fs::write(scans.path().join("iiif-build.toml"), "content = \".\"\noutput = \".\"\n").unwrap();
    let before = files(scans.path());
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(2));
    assert_eq!(files(scans.path()), before);
}

#[test]
fn the_example_is_a_site_of_its_own() {
    let empty = folder(&[]);
    let (code, said) = run_in(empty.path(), &["init", "--example", "example"]);
    assert!(code == Some(0) && said.contains("next: iiif-build serve --open example"), "{said}");
    let (code, said) = run_in(empty.path(), &["build", "example"]);
    assert_eq!(code, Some(0), "{said}");
    for item in ["balloon-1786", "books/german/bebel-1879", "books/german/mimili-1815"] {
        assert!(empty.path().join("example/public").join(item).join("manifest.json").is_file(), "{item}");
    }
    assert_eq!(run_in(empty.path(), &["init", "--example", "example"]).0, Some(2), "the folder is not empty");
}

#[test]
fn a_project_can_be_named_without_a_flag() {
    let scans = folder(&["a/content/letters/1.png"]);
    for arguments in [&["plan", "a"][..], &["build", "a"], &["build", "--root", "elsewhere", "a"]] {
        let (code, said) = run_in(scans.path(), arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    assert!(scans.path().join("a/public/letters/manifest.json").is_file());
}

#[test]
fn each_error_of_first_use_has_the_next_step() {
    let empty = folder(&["notes.txt"]);
    let (code, said) = run_in(empty.path(), &["build"]);
    assert!(code == Some(2) && said.contains("iiif-build init"), "{said}");
    let (code, said) = run_in(empty.path(), &["init"]);
    assert!(code == Some(2) && said.contains("hint: "), "a folder without scans: {said}");

    let scans = folder(&["content/letters/1.png"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = run_in(scans.path(), &["serve", "--port", &port]);
    assert!(code == Some(1) && said.contains("another program uses it") && said.contains("--port 8001"), "{said}");
    fs::write(scans.path().join("public"), "a file").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(2) && said.contains("hint: move the file away"), "{said}");
    let (code, said) = run_in(scans.path(), &["build", "--output", "/proc/nothing"]);
    assert!(code != Some(0) && said.contains("hint: "), "{said}");
    let (code, said) = run_in(scans.path(), &["build", "--output", "out", "--memory", "1K"]);
    assert!(code != Some(0) && said.contains("--memory"), "{said}");
}

#[test]
fn the_doctor_names_what_the_machine_has_and_what_will_hurt() {
    let scans = folder(&["content/letters/1.png"]);
    let output = command(&["doctor"]).current_dir(scans.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for what in [
        "codecs",
        "libjpeg-turbo 3.",
        "OpenJPEG 2.",
        "processor",
        "memory",
        "disk",
        "hard links",
        "file names",
        "watched folders",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    assert_eq!(output.status.success(), !said.contains("hurts"), "{said}");
    let json = command(&["doctor", "--log", "json"]).current_dir(scans.path()).output().unwrap();
    let lines = String::from_utf8(json.stdout).unwrap();
    assert!(lines.lines().count() > 6 && lines.lines().all(|line| line.starts_with("{\"what\":")), "{lines}");
    assert_eq!(files(scans.path()), ["content/letters/1.png".to_owned()].into(), "a trial leaves nothing behind");
    // It also helps where there is no project, and says what cannot be written.
    let output = command(&["doctor", "--output", "/proc/nothing"]).current_dir(scans.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("hurts output"), "{said}");
}

#[test]
fn the_plan_is_a_narrow_tree_and_counts_the_files_that_a_build_makes() {
    let scans = folder(&["content/maps/city/1.png", "content/maps/city/2.png", "content/Thumbs.db"]);
    for number in 0..30 {
        fs::create_dir_all(scans.path().join(format!("content/letters/{number:02}"))).unwrap();
        fs::write(scans.path().join(format!("content/letters/{number:02}/1.png")), png(colour(60, 40 + number)))
            .unwrap();
    }
    fs::write(scans.path().join("content/maps/city/item.toml"), "label = \"The city, as it was\"\n").unwrap();
    let plan = |arguments: &[&str]| {
        let output = command(&[&["plan"], arguments].concat()).current_dir(scans.path()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let tree = plan(&[]);
    let lines: Vec<Vec<&str>> =
        tree.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect();
    for line in [
        &["content/", "31 items, 32 pages", "Collection"][..],
        &["letters/", "30 items, 30 pages"],
        &["00", "1 page"],
        &["… and 5 more; -v shows all"],
        &["maps/", "1 item, 2 pages"],
        &["city", "2 pages", "The city, as it was"],
    ] {
        assert!(lines.iter().any(|found| found == line), "{line:?} is not in\n{tree}");
    }
    assert!(tree.contains("not used: 1 of 34 files"), "{tree}");
    assert!(tree.lines().all(|line| line.chars().count() <= 110) && plan(&["-v"]).contains("    29 "), "{tree}");
    let chosen = tree.lines().find(|line| line.contains("chosen")).unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    let made = said.lines().find(|line| line.contains("cut into")).unwrap();
    let figure =
        |line: &str, before: &str| line.split(before).next().unwrap().rsplit(' ').next().unwrap().replace(',', "");
    assert_eq!((code, figure(chosen, " image files")), (Some(0), figure(made, " files")), "{chosen} / {made}");
    assert!(plan(&["--json"]).lines().all(|line| line.starts_with('{')));
}

#[test]
fn what_lies_beside_the_content_or_is_nearly_the_name_of_a_record_is_a_warning() {
    let scans = folder(&["content/closd/1.png", "content/letters/1.png"]);
    fs::write(scans.path().join("items.csv"), "item,publish\nletters,no\n").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("warning[not-read]") && said.contains("items.csv"), "{said}");
    fs::rename(scans.path().join("items.csv"), scans.path().join("content/items.csv")).unwrap();
    fs::write(scans.path().join("content/items.csv"), "item,publish\nletters,no\nclosed,no\n").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("\"closd\" goes by no record; did you mean \"closed\"?"), "{said}");
    assert!(!said.contains("warning[not-read]"), "{said}");
}

#[test]
fn a_folder_in_the_content_of_a_project_is_no_project_of_its_own() {
    for settings in ["", "content = \".\"\n"] {
        let scans = folder(&["content/letters/1.png"]);
        fs::write(scans.path().join("iiif-build.toml"), settings).unwrap();
        let letters = scans.path().join("content/letters");
        let (code, said) = run_in(&letters, &["build"]);
        assert!(code == Some(2) && said.contains("you are inside of the project"), "{said}");
        let (code, said) = run_in(&letters, &["init"]);
        assert!(code == Some(2) && said.contains("inside of the project"), "{said}");
        assert!(!letters.join("iiif-build.toml").exists());
    }
}

#[test]
fn settings_of_the_site_below_a_table_are_told_where_they_belong() {
    let scans = folder(&["content/letters/1.png"]);
    fs::write(scans.path().join("iiif-build.toml"), "[images]\nquality = 80\nbase-url = \"https://a.example/\"\n")
        .unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(2) && said.contains("write it above the first line in brackets"), "{said}");
    fs::write(scans.path().join("iiif-build.toml"), "").unwrap();
    let (code, said) = run_in(scans.path(), &["deploy"]);
    assert!(code == Some(2) && said.contains("[deploy.live]") && said.contains("file:///"), "{said}");
}

#[test]
fn a_site_that_was_built_for_another_address_is_not_deployed() {
    let scans = folder(&["content/letters/1.png"]);
    let target = format!("[deploy.live]\nurl = \"file://{}\"\n", scans.path().join("live").display());
    let settings = |address: &str| {
        fs::write(scans.path().join("iiif-build.toml"), format!("base-url = \"{address}\"\n{target}")).unwrap()
    };
    settings("https://old.example/");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    settings("https://new.example/");
    let (code, said) = run_in(scans.path(), &["deploy"]);
    assert!(code == Some(1) && said.contains("was built for https://old.example/"), "{said}");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    let (code, said) = run_in(scans.path(), &["deploy"]);
    assert_eq!(code, Some(0), "{said}");
}
