//! `examples/gnu-parallel` as it stands.

use super::{DONE, assert_code, assert_same_as_single, library, place, run};
use std::path::Path;
use std::process::Command;

/// `None`: the program is not installed.
pub fn installed(program: &str) -> Option<()> {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status().unwrap().success();
    if !found {
        println!("skipped: no {program}");
    }
    found.then_some(())
}

pub fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

#[test]
fn gnu_parallel_builds_the_shards_of_a_plan() {
    let Some(()) = installed("parallel") else { return };
    let project = library(60);
    let mut command = Command::new(example("gnu-parallel/build.sh"));
    command.arg(project.root()).arg("5").arg(place(&project));
    command.env("IIIF_BUILD", env!("CARGO_BIN_EXE_iiif-build")).env("IIIF_BUILD_BASE_URL", crate::project::BASE_URL);
    assert_code(DONE, run(command));
    assert_same_as_single(&project);
}
