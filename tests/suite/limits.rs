//! Small or strange files that could take all memory, all time, or wait for ever: each is refused by name or built, soon
//! and in little memory, and the rest of the site is built.

mod growth;
mod kinds;
mod work;

use crate::draw::page;
use crate::project::Project;
use crate::usage::{Usage, watch};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// MiB that a build may take, with 64 of them for pixels.
const MEMORY: u64 = 256;

/// Computing that is enough for any of these files.
const ENOUGH: Duration = Duration::from_secs(10);

/// How long a program that hangs is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project with an ordinary item `good`, beside which other things can go wrong.
fn project() -> Project {
    Project::new().file("content/good/1.png", page()).file("content/good/item.toml", "label = \"Good\"\n")
}

fn run(project: &Project, arguments: &[&str]) -> Usage {
    watch(&mut project.command(arguments), PATIENCE)
}

fn build(project: &Project) -> Usage {
    run(project, &["build", "--jobs", "2", "--memory", "64M"])
}

fn assert_soon(name: &str, usage: &Usage) {
    let Usage { code, peak, computing, said } = usage;
    println!("{name}: {code:?}, {peak} MiB, {computing:?}");
    let said: String = said.chars().take(2000).collect();
    assert!(code.is_some(), "{name} was never done: {said}");
    assert!(*peak <= MEMORY, "{name}: {peak} MiB: {said}");
    assert!(*computing <= ENOUGH, "{name}: {computing:?}: {said}");
}

/// The build ends soon, names `file` and says `why`.
fn assert_refused(project: &Project, file: &str, why: &str) {
    let usage = build(project);
    assert_soon(file, &usage);
    assert!(matches!(usage.code, Some(1 | 2)), "{file}: {:?}: {}", usage.code, usage.said);
    assert!(usage.said.contains(file) && usage.said.contains(why), "{file}: {why}: {}", usage.said);
}

/// The build ends soon and without a failure.
fn assert_built(name: &str, project: &Project) {
    let usage = build(project);
    assert_soon(name, &usage);
    assert_eq!(usage.code, Some(0), "{name}: {}", usage.said);
}

fn pipe(project: &Project, path: &str) {
    let path = project.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn link(project: &Project, target: impl AsRef<Path>, path: &str) {
    let path = project.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// A file of 6 GB that takes no room.
fn sparse(project: &Project, path: &str) {
    project.write(path, "");
    let file = std::fs::File::options().write(true).open(project.root().join(path)).unwrap();
    file.set_len(6 << 30).unwrap();
}
