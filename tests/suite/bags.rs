//! `--checksums`: whether BagIt bags hold what their manifests say.

use crate::cli::run;
use crate::draw::{grey, png};
use crate::project::Project;
use sha2::Digest;

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A bag of two pages with manifests in all algorithms.
fn bag() -> Project {
    let pages = [("data/1.png", png(grey(20, 30))), ("data/2 é.png", png(grey(21, 30)))];
    let manifest = |digest: &dyn Fn(&[u8]) -> String| -> String {
        pages.iter().map(|(path, bytes)| format!("{}  {path}\n", digest(bytes))).collect()
    };
    let project = Project::new()
        .file("content/a/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        .file("content/a/manifest-md5.txt", manifest(&|bytes| hex(md5::Md5::digest(bytes))))
        .file("content/a/manifest-sha1.txt", manifest(&|bytes| hex(sha1::Sha1::digest(bytes))))
        .file("content/a/manifest-sha256.txt", manifest(&|bytes| hex(sha2::Sha256::digest(bytes)).to_uppercase()))
        .file("content/a/manifest-sha512.txt", manifest(&|bytes| hex(sha2::Sha512::digest(bytes))));
    pages.iter().fold(project, |project, (path, bytes)| project.file(&format!("content/a/{path}"), bytes))
}

/// What is found with `--checksums`, as `code file`.
fn found(project: &Project) -> Vec<String> {
    let (_, _, said) = run(project, &["plan", "--checksums", "--log", "json"]);
    let events = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let told = events.filter(|event| event["code"].is_string()).map(|event| {
        let path = event["path"].as_str().or(event["paths"][0].as_str()).unwrap_or_default();
        let below = path.split_once("content/a/").map_or("", |(_, below)| below);
        format!("{} {below}", event["code"].as_str().unwrap())
    });
    told.collect()
}

#[test]
fn a_bag_that_is_whole_is_verified_and_damage_is_named() {
    let project = bag();
    assert_eq!(found(&project), [""; 0]);
    project.write("content/a/data/1.png", png(grey(22, 30)));
    std::fs::remove_file(project.root().join("content/a/data/2 é.png")).unwrap();
    project.write("content/a/data/.DS_Store", "junk");
    let mut told = found(&project);
    told.sort();
    assert_eq!(
        told,
        ["checksum-absent data/2 é.png", "checksum-mismatch data/1.png", "checksum-unlisted data/.DS_Store"]
    );
    assert!(project.build().failures.is_empty(), "only on request");
    assert_eq!(run(&project, &["build", "--checksums"]).0, Some(1));
}

#[test]
fn names_in_another_unicode_form_are_the_same_files() {
    let project = bag();
    for name in ["md5", "sha1", "sha256", "sha512"] {
        let path = project.root().join(format!("content/a/manifest-{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace('é', "e\u{301}")).unwrap();
    }
    assert_eq!(found(&project), [""; 0]);
}

#[test]
fn paths_that_leave_the_bag_are_refused_and_never_read() {
    let project = bag();
    project.write("secret.txt", "secret");
    let digest = hex(md5::Md5::digest("secret"));
    for path in ["data/../../../secret.txt", "../../secret.txt", "/etc/passwd", "~root/x"] {
        project.write("content/a/manifest-md5.txt", format!("{digest}  {path}\n"));
        let told = found(&project);
        assert_eq!(told, ["bad-manifest manifest-md5.txt"], "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(project.root().join("secret.txt"), project.root().join("content/a/data/link.txt"))
            .unwrap();
        project.write("content/a/manifest-md5.txt", format!("{digest}  data/link.txt\n"));
        assert_eq!(found(&project), ["bad-manifest data/link.txt"]);
    }
}
