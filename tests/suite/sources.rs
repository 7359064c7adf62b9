//! Content in a bucket: the same site as from a folder, and nothing fetched that need not be.

mod bucket;

use crate::archive::{archive, leaves, plate, sized};
use crate::deploy::{self, server};
use crate::draw::{grey, png};
use crate::project::Project;
use crate::recorded;
use bucket::{Bucket, Fault};
use iiif_build::build::progress::Silent;
use iiif_build::build::{self, Report};
use iiif_build::error::Error;
use iiif_build::input::source::ContentSource;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The files below a folder, by their `/`-separated paths.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    drop(files.insert(name, fs::read(&path).unwrap()));
                }
            }
        }
    }
    files
}

/// The content of `local` in a bucket, and a project that builds from there; `further`: more of its settings.
fn moved(local: &Project, further: &str) -> (Project, Arc<Bucket>) {
    let bucket = Bucket::holding(files(&local.root().join("content")));
    let project = Project::new();
    for (path, bytes) in files(local.root()) {
        if !["content/", "public/", ".iiif-build/"].iter().any(|folder| path.starts_with(folder)) {
            project.write(&path, bytes);
        }
    }
    let settings = fs::read_to_string(local.root().join("iiif-build.toml")).unwrap_or_default();
    project.write("iiif-build.toml", format!("content = \"s3://masters/archive\"\n{settings}\n{further}"));
    (project, bucket)
}

fn try_build(project: &Project, bucket: &Arc<Bucket>) -> Result<Report, Error> {
    let config = project.config()?;
    build::build_from(&ContentSource::of_bucket(bucket.clone(), &config)?, &config, None, &Silent)
}

fn build(project: &Project, bucket: &Arc<Bucket>) -> Report {
    try_build(project, bucket).unwrap_or_else(|error| panic!("the build ended: {error:?}"))
}

fn built(project: &Project, bucket: &Arc<Bucket>) -> Report {
    let report = build(project, bucket);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    report
}

/// Bytes of masters on this machine.
fn cached(project: &Project) -> u64 {
    let all = files(&project.root().join(".iiif-build"));
    all.iter().filter(|(path, _)| path.contains("/masters/")).map(|(_, bytes)| bytes.len() as u64).sum()
}

fn masters(asked: &[String]) -> Vec<&str> {
    let is_master = |path: &&str| path.ends_with(".tif");
    asked.iter().map(String::as_str).filter(is_master).collect()
}

/// Everything that a build reads of content: descriptions, tables, text, annotations, files that are linked, a watermark.
fn rich() -> Project {
    archive()
        .file("content/marked/1.tif", plate(7))
        .file("content/marked/mark.png", png(grey(40, 30)))
        .file("content/marked/1.txt", "what is written there")
        .file("content/marked/guide.pdf", "%PDF")
        .file(
            "content/marked/item.toml",
            "label = \"Marked\"\nrendering = { file = \"guide.pdf\", label = \"A guide\" }\nannotations = \"notes.csv\"\n\
             [images.watermark]\nfile = \"mark.png\"\n",
        )
        .file("content/marked/notes.csv", "page,xywh,text\n1,\"1,1,20,20\",A note\n")
        .file("content/several/leaves.tif", leaves(&[1, 2, 3]))
        .file("content/concert/1.wav", recorded::wav(2.0))
        .file("content/items.csv", "item,label\nseveral,Leaves\n")
}

#[test]
fn a_site_from_a_bucket_is_the_one_from_a_folder() {
    let local = rich();
    local.built();
    let (project, bucket) = moved(&local, "");
    built(&project, &bucket);
    let (there, here) = (local.site().contents(""), project.site().contents(""));
    assert_eq!(there.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>());
    let differing: Vec<_> = there.iter().filter(|(path, bytes)| here[*path] != **bytes).map(|(path, _)| path).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn a_build_of_the_same_lists_once_and_fetches_nothing() {
    // Nothing of it stays from one build to the next.
    let (project, bucket) = moved(&rich(), "[source]\ncache-size = \"0\"\n");
    built(&project, &bucket);
    bucket.asked();
    let report = built(&project, &bucket);
    assert_eq!((report.images, report.written), (0, 0));
    assert_eq!(bucket.asked(), (vec![], 1));
}

#[test]
fn one_replaced_master_is_one_that_is_fetched() {
    let (project, bucket) = moved(&archive(), "");
    built(&project, &bucket);
    let (asked, _) = bucket.asked();
    let master = (*masters(&asked).first().unwrap()).to_owned();
    bucket.hold(&master, plate(99));
    let report = built(&project, &bucket);
    assert_eq!((report.images, bucket.asked()), (1, (vec![master], 1)));
}

#[test]
fn a_changed_description_is_all_that_is_fetched_for_it() {
    let (project, bucket) = moved(&rich(), "[source]\ncache-size = \"0\"\n");
    built(&project, &bucket);
    bucket.asked();
    bucket.hold("several/item.toml", "label = \"Other leaves\"\n");
    let report = built(&project, &bucket);
    assert_eq!(report.images, 0);
    // The page of its neighbour names it, and holds its own text.
    assert_eq!(bucket.asked().0, ["marked/1.txt", "several/item.toml"]);
    assert!(project.site().text("several/manifest.json").contains("Other leaves"));
}

#[test]
fn a_changed_file_that_is_published_as_it_is_is_all_that_is_fetched_for_it() {
    let (project, bucket) = moved(&rich(), "[source]\ncache-size = \"0\"\n");
    built(&project, &bucket);
    bucket.asked();
    bucket.hold("marked/guide.pdf", "%PDF, second edition");
    built(&project, &bucket);
    assert_eq!(bucket.asked().0, ["marked/guide.pdf"]);
    assert_eq!(project.site().read("marked/files/guide.pdf"), b"%PDF, second edition");
}

#[test]
fn a_recording_that_another_version_looked_at_is_looked_at_again() {
    let (project, bucket) = moved(&rich(), "[source]\ncache-size = \"0\"\n");
    built(&project, &bucket);
    bucket.asked();
    let noted = files(&project.root().join(".iiif-build"));
    let [(note, bytes)] = &noted.iter().filter(|(path, _)| path.ends_with(".known")).collect::<Vec<_>>()[..] else {
        panic!("{:?}", noted.keys())
    };
    let now: Value = serde_json::from_slice(bytes).unwrap();
    let mut header = now["header"].clone();
    header["duration"] = 99.0.into();
    for stale in [json!({ "version": 0, "header": header }), header] {
        project.write(&format!(".iiif-build/{note}"), stale.to_string());
        built(&project, &bucket);
        assert_eq!(bucket.asked().0, ["concert/1.wav"]);
        assert_eq!(project.site().canvases("concert")[0]["duration"], 2.0);
    }
}

#[test]
fn masters_on_this_machine_are_no_more_than_is_allowed() {
    let images: Vec<Vec<u8>> = (0..12).map(|seed| sized(300, 300, seed)).collect();
    let largest = images.iter().map(Vec::len).max().unwrap() as u64;
    let local = images
        .into_iter()
        .enumerate()
        .fold(Project::new(), |project, (index, bytes)| project.file(&format!("content/book/{index}.tif"), bytes));
    let limit = 3 * largest;
    let (project, bucket) = moved(&local, &format!("[source]\ncache-size = \"{limit}\"\n"));
    let report = built(&project, &bucket);
    assert_eq!(report.images, 12);
    let there = cached(&project);
    assert!(there > 0 && there <= limit, "{there} of {limit}");
    // One that is larger than all of it.
    let (project, bucket) = moved(&local, "[source]\ncache-size = \"10\"\n");
    assert_eq!((built(&project, &bucket).images, cached(&project)), (12, 0));
}

#[test]
fn an_image_that_the_store_does_not_give_fails_alone_and_is_made_by_the_next_build() {
    let local = ["a", "b", "c", "d"]
        .into_iter()
        .zip(0..)
        .fold(Project::new(), |project, (name, seed)| project.file(&format!("content/book/{name}.tif"), plate(seed)));
    let (project, bucket) = moved(&local, "");
    for (path, fault) in [("book/a.tif", Fault::Denied), ("book/b.tif", Fault::Gone), ("book/c.tif", Fault::Changed)] {
        bucket.fail(path, fault);
    }
    let report = build(&project, &bucket);
    let told: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!((report.images, told.len()), (1, 3), "{told:?}");
    for (path, words) in [("a", "as the test wants it"), ("b", "no longer in the bucket"), ("c", "changed")] {
        let path = format!("s3://masters/archive/book/{path}.tif: ");
        assert!(told.iter().any(|told| told.starts_with(&path) && told.contains(words)), "{path} {told:?}");
    }
    bucket.mend();
    assert_eq!(built(&project, &bucket).images, 3);
    // What was published of one that is not given any more stays.
    let before = project.site().contents("iiif/3/book_d");
    bucket.hold("book/d.tif", plate(50));
    bucket.fail("book/d.tif", Fault::Denied);
    assert_eq!(build(&project, &bucket).failures.len(), 1);
    assert!(!before.is_empty() && project.site().contents("iiif/3/book_d") == before);
}

#[test]
fn what_breaks_off_is_fetched_again() {
    let (project, bucket) = moved(&Project::new().file("content/book/1.tif", plate(1)), "");
    bucket.fail("book/1.tif", Fault::Breaks(2));
    assert_eq!(built(&project, &bucket).images, 1);
    assert_eq!(bucket.asked().0.len(), 3);
}

#[test]
fn damage_is_told_of_the_file_in_the_bucket() {
    let (project, bucket) = moved(&Project::new().file("content/book/1.tif", plate(1)), "");
    let whole = plate(2);
    bucket.hold("book/2.tif", whole[..whole.len() / 2].to_vec());
    let report = build(&project, &bucket);
    let told: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].starts_with("s3://masters/archive/book/2.tif: "), "{told:?}");
}

#[test]
fn names_of_objects_lead_nowhere_but_into_the_cache() {
    let local = Project::new().file("content/book/1.tif", plate(1));
    let (project, bucket) = moved(&local, "");
    let long = "x".repeat(900);
    // What object stores take for a name; those with segments such as `..`, or control characters, cannot be listed.
    for (name, seed) in [
        ("Book/1.tif", 2),
        ("book/1.TIF", 3),
        ("back\\..\\..\\slash/1.tif", 5),
        (&*format!("{long}/1.tif"), 6),
        ("e\u{301}/1.tif", 7),
        ("~root/$HOME/1.tif", 8),
    ] {
        bucket.hold(name, plate(seed));
    }
    bucket.hold("folder", vec![]);
    bucket.hold("folder/1.tif", plate(10));
    let report = build(&project, &bucket);
    let is_hash = |name: &str| name.split('.').next().is_some_and(|hash| hash.len() == 32);
    let names = files(&project.root().join(".iiif-build/source"));
    let strange: Vec<_> =
        names.keys().filter(|path| !path.ends_with("/lock") && !path.rsplit('/').next().is_some_and(is_hash)).collect();
    assert!(strange.is_empty() && names.len() > 4, "{strange:?}");
    // Two that no address can hold, and one that differs in case only.
    assert_eq!(report.failures.len(), 3, "{:?}", report.failures);
    let outside: Vec<_> = fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(outside.len() <= 4, "{outside:?}");
    assert!(
        ["folder", "\u{e9}", "~root/$HOME"].iter().all(|item| project.site().has(&format!("{item}/manifest.json")))
    );
}

#[test]
fn documents_are_made_without_masters() {
    let (project, bucket) = moved(&archive(), "");
    built(&project, &bucket);
    let (asked, _) = bucket.asked();
    masters(&asked).into_iter().for_each(|master| bucket.remove(master));
    let mut config = project.config().unwrap();
    config.scope = iiif_build::config::Scope::Documents;
    let before = project.site().contents("");
    let source = ContentSource::of_bucket(bucket.clone(), &config).unwrap();
    build::build_from(&source, &config, None, &Silent).unwrap();
    assert_eq!(before, project.site().contents(""));
}

#[test]
fn an_empty_bucket_is_not_taken_for_an_archive_that_is_gone() {
    let (project, bucket) = moved(&archive(), "");
    built(&project, &bucket);
    let before = project.site().contents("");
    assert!(try_build(&project, &Bucket::holding(BTreeMap::new())).is_err());
    assert_eq!(before, project.site().contents(""));
}

#[test]
fn the_program_builds_from_servers_that_speak_s3() {
    server::each(|server| {
        let local = rich();
        local.built();
        let (project, _) = moved(&local, "");
        let bucket = deploy::bucket::Bucket::on(server);
        let settings = fs::read_to_string(project.root().join("iiif-build.toml")).unwrap();
        let endpoint = format!("[source]\nendpoint = \"http://127.0.0.1:{}\"\n", server.port);
        let run = |name: &str, command: &str| {
            project.write("iiif-build.toml", settings.replace("//masters/", &format!("//{name}/")) + &endpoint);
            let mut program = project.command(&[command]);
            program.env("AWS_ACCESS_KEY_ID", server::KEY).env("AWS_SECRET_ACCESS_KEY", server::SECRET);
            let output = program.output().unwrap();
            let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            assert!(!said.contains(server::SECRET), "{said}");
            (output.status.code(), said)
        };
        let (code, said) = run("no-such-bucket", "build");
        assert!(code == Some(1) && said.contains("no-such-bucket"), "{}: {said}", server.name);
        // More than one page of a list.
        let many = (0..1100).map(|index| (format!("more/{index}.dat"), vec![]));
        for (path, bytes) in files(&local.root().join("content")).into_iter().chain(many) {
            bucket.client.put(&path, bytes, "application/octet-stream");
        }
        for _ in 0..2 {
            let (code, said) = run(&bucket.name, "build");
            assert_eq!(code, Some(0), "{}: {said}", server.name);
            assert_eq!(local.site().contents(""), project.site().contents(""));
        }
        let (code, said) = run(&bucket.name, "plan");
        assert!(code == Some(0) && said.contains("several"), "{}: {said}", server.name);
    });
}
