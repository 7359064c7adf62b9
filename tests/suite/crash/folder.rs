//! `kill -9` of deploys to a folder, at random moments: readers never miss a file, and the deploy that follows ends as if nothing
//! had happened.

use super::scan;
use crate::cli::command;
use crate::project::{BASE_URL, Project};
use crate::random::Random;
use crate::site::Site;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const KILLS: usize = 20;

/// However slow the machine is, the loop ends after this.
const AT_MOST: Duration = Duration::from_secs(40);

/// A project without content, and the folder that it is deployed to.
fn project() -> (Project, PathBuf) {
    let project = Project::new();
    let www = project.root().join("www");
    let settings = format!(
        "base-url = \"{BASE_URL}\"\n[images]\ntile-size = 128\n[deploy.live]\nurl = \"file://{}\"\ngrace = \"0h\"\n",
        www.display()
    );
    (project.file("iiif-build.toml", settings), www)
}

/// Other bytes at the same addresses, and files more and less.
fn edit(project: &Project, turn: u32) {
    for page in 0..4 {
        let side = if (turn + page).is_multiple_of(2) { 300 } else { 200 };
        project.write(&format!("content/a/{page}.tif"), scan(side, turn * 10 + page));
    }
    project.write("content/a/item.toml", format!("label = \"Turn {turn}\"\n"));
    project.built();
}

fn deploy(project: &Project) -> Command {
    let mut deploy = command(&["deploy", "--no-probe", "--root"]);
    deploy.arg(project.root()).stdin(Stdio::null()).stdout(Stdio::null());
    deploy
}

fn tree(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let site = Site { root: folder.to_path_buf(), base_url: String::new(), max_size: 0, _folder: None };
    let mut files = site.contents("");
    files.retain(|path, _| !path.starts_with(".iiif-build/"));
    files
}

#[test]
fn a_deploy_to_a_folder_that_is_killed_is_gone_on_with_and_leaves_nothing_behind() {
    let ((project, www), mut random) = (project(), Random(20_261_130));
    edit(&project, 0);
    let began = Instant::now();
    assert!(deploy(&project).status().unwrap().success());
    let usual = began.elapsed().as_micros() as u32;
    let mut kills = 0;
    for turn in 1..=KILLS as u32 {
        if began.elapsed() > AT_MOST {
            break;
        }
        let before = tree(&www);
        edit(&project, turn);
        let mut killed = deploy(&project).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_micros(random.below(usual).into()));
        killed.kill().unwrap();
        kills += usize::from(!killed.wait().unwrap().success());
        let (here, there) = (tree(&project.public()), tree(&www));
        let is_whole = |path: &String, bytes| [&before, &here].iter().any(|tree| tree.get(path) == Some(bytes));
        let torn: Vec<_> = there.iter().filter(|(path, bytes)| !is_whole(path, bytes)).map(|(path, _)| path).collect();
        assert!(torn.is_empty(), "turn {turn}: half a file is public: {torn:?}");
        let again = deploy(&project).output().unwrap();
        assert!(again.status.success(), "turn {turn}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(tree(&www) == here, "turn {turn}: the folder is not the site");
    }
    println!("{kills} deploys were killed");
    assert!(kills > 3, "only {kills} deploys were killed");
}
