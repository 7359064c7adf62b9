//! What a deploy did, for programs, and what it says when it is interrupted.

use super::deployed;
use super::place::{Place, each};
use crate::deploy::proxy::Faults;
use crate::deploy::{bucket::Bucket, server};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_report_says_what_was_put_and_deleted_and_why_a_deploy_failed() {
    each(|place| {
        let project = deployed(place);
        let file = project.root().join("deploy.json");
        let report = || -> Value { serde_json::from_slice(&fs::read(&file).unwrap()).unwrap() };
        let path = file.to_str().unwrap();
        project.write("content/a/item.toml", "label = \"Cards\"\n");
        project.remove("content/shelf");
        project.built();
        assert_eq!(place.deploy(&project, &["--report", path]).code, Some(1));
        let refused = report();
        assert!(refused["failures"][0]["hint"].as_str().unwrap().contains("--allow-shrink"), "{refused}");
        place.deployed(&project, &["--report", path, "--delete-now", "--allow-shrink", "9"]);
        let done = report();
        assert_eq!((&done["target"], &done["dry_run"]), (&"live".into(), &false.into()));
        assert!(done["put"]["kinds"]["manifests"]["files"].as_u64().unwrap() > 0, "{done}");
        assert!(done["deleted"]["done"].as_u64().unwrap() > 0, "{done}");
        assert!(done["changed"].as_array().unwrap().contains(&"a/manifest.json".into()), "{done}");
        assert_eq!(done["failures"], Value::Array(vec![]));
    });
}

#[test]
fn the_plan_of_a_dry_run_is_one_object_for_programs() {
    each(|place| {
        let project = deployed(place);
        project.write("content/a/item.toml", "label = \"Cards\"\n");
        project.built();
        let said = place.deployed(&project, &["--dry-run", "--log", "json"]);
        let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let plan = lines.iter().find(|line| line["dry_run"] == true).unwrap_or_else(|| panic!("{said}"));
        assert!(plan["put"]["files"].as_u64().unwrap() > 0 && plan["deleted"]["due"] == 0, "{plan}");
        assert!(!plan["changed"].as_array().unwrap().iter().any(|path| path.as_str().unwrap().ends_with(".jpg")));
    });
}

#[test]
fn a_report_writes_over_no_other_file() {
    let place = Place::Folder(tempfile::tempdir().unwrap());
    let project = deployed(&place);
    for file in ["content/a/1.tif", "iiif-build.toml", "content/a/item.toml"] {
        let path = project.root().join(file);
        let before = fs::read(&path).unwrap();
        let said = place.deploy(&project, &["--report", path.to_str().unwrap()]);
        assert!(said.code == Some(2) && said.text.contains("name another file"), "{}", said.text);
        assert!(fs::read(&path).unwrap() == before, "{file}");
    }
    let report = project.root().join("deploy.json");
    for _ in 0..2 {
        place.deployed(&project, &["--report", report.to_str().unwrap()]);
    }
}

#[test]
fn a_deploy_that_is_told_to_end_says_what_becomes_of_it_and_leaves_no_lease() {
    let Some(server) = server::moto() else { return };
    let place = Place::Bucket(Box::new(Bucket::on(server)));
    let Place::Bucket(bucket) = &place else { return };
    let project = crate::archive::built_archive();
    place.is_target_of(&project, "");
    bucket.proxy.set(Faults { latency: 400, ..Faults::default() });
    let mut command = bucket.strict_command(&project, &[]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while bucket.proxy.counts().puts < 20 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("the next one goes on from here") && !said.contains("images"), "{said}");
    assert!(place.pointer()["lease"].is_null());
    bucket.proxy.set(Faults::default());
    place.deployed(&project, &[]);
    place.assert_shows(&project);
}
