//! A build on many machines: a plan in shards, tasks that are killed, repeated and doubled, and a site that is byte for byte
//! the one that a single process builds.

mod contract;
mod engines;
mod slurm;
mod stores;

use crate::archive::sized;
use crate::cli;
use crate::draw::{colour, png};
use crate::project::Project;
use std::path::PathBuf;
use std::process::{Command, Output};

const DONE: i32 = 0;
const USAGE: i32 = 64;
const BAD_DATA: i32 = 65;
const TRY_AGAIN: i32 = 75;

/// Items of different lengths, one of which has most of the pages.
fn library(images: usize) -> Project {
    let mut project = Project::new().file("iiif-build.toml", "[images]\ntile-size = 64\n");
    for image in 0..images {
        let item = if image % 3 == 0 { format!("item-{}", image % 7) } else { "huge".to_owned() };
        let (width, height) = (90 + image as u32 % 31, 70 + image as u32 % 17);
        project = project.file(&format!("content/{item}/{image:04}.tif"), sized(width, height, image as u8));
    }
    project
}

/// A scan that shows its fault only when its pixels are read.
fn torn() -> Vec<u8> {
    let whole = png(colour(400, 300));
    whole[..whole.len() / 2].to_vec()
}

/// The place of the plan, outside of the project's content and output.
fn place(project: &Project) -> PathBuf {
    project.root().join("plan")
}

fn run(mut command: Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (status.code().unwrap_or(-1), said)
}

fn freeze(project: &Project, shards: u32) -> (i32, String) {
    let (shards, place) = (shards.to_string(), place(project));
    run(project.command(&["plan", "--shards", &shards, "--to", place.to_str().unwrap()]))
}

fn task(project: &Project, shard: &str) -> Command {
    project.command(&["build", "--plan", place(project).to_str().unwrap(), "--shard", shard, "--jobs", "1"])
}

fn finish(project: &Project, arguments: &[&str]) -> (i32, String) {
    run(project.command(&[&["finish", "--plan", place(project).to_str().unwrap()], arguments].concat()))
}

fn status(project: &Project, arguments: &[&str]) -> (i32, String) {
    run(cli::command(&[&["status", "--plan", place(project).to_str().unwrap()], arguments].concat()))
}

#[track_caller]
fn assert_code(expected: i32, (code, said): (i32, String)) -> String {
    assert_eq!(code, expected, "{said}");
    said
}

/// The site is that of a build in one process, with all that lies in its output but the notes of the build.
#[track_caller]
fn assert_same_as_single(project: &Project) {
    let single = project.afresh();
    assert_code(0, run(single.command(&["build"])));
    let (sharded, single) = (project.site().contents(""), single.site().contents(""));
    let names = |site: &std::collections::BTreeMap<String, Vec<u8>>| site.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sharded), names(&single));
    let differ: Vec<_> =
        sharded.iter().filter(|(path, bytes)| single[*path] != **bytes).map(|(path, _)| path).collect();
    assert!(differ.is_empty(), "{differ:?}");
}
