//! Where a site is published: a folder, or a bucket of each server that is installed.

use crate::cli;
use crate::deploy::bucket::Bucket;
use crate::deploy::server;
use crate::project::Project;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub type Files = BTreeMap<String, Vec<u8>>;

pub enum Place {
    Folder(TempDir),
    Bucket(Box<Bucket>),
}

/// Calls `test` with an empty place of each kind.
pub fn each(test: impl Fn(&Place)) {
    test(&Place::Folder(tempfile::tempdir().unwrap()));
    server::each(|server| test(&Place::Bucket(Box::new(Bucket::on(server)))));
}

pub struct Said {
    pub code: Option<i32>,
    pub text: String,
}

impl Place {
    pub fn www(folder: &TempDir) -> PathBuf {
        folder.path().join("www")
    }

    /// The project has it as its target `live`, with `more` settings. What it deploys is kept for an hour.
    pub fn is_target_of(&self, project: &Project, more: &str) {
        let path = project.root().join("iiif-build.toml");
        match self {
            Place::Bucket(bucket) => bucket.is_target_of(project, "1h"),
            Place::Folder(folder) => {
                let settings = fs::read_to_string(&path).unwrap_or_default();
                let settings = settings.split("[deploy.live]").next().unwrap().to_owned();
                let url = Place::www(folder).display().to_string();
                fs::write(&path, format!("{settings}[deploy.live]\nurl = \"file://{url}\"\ngrace = \"1h\"\n")).unwrap();
            }
        }
        let settings = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{settings}{more}\n")).unwrap();
    }

    fn command(&self, project: &Project, arguments: &[&str]) -> Command {
        match self {
            Place::Bucket(bucket) => bucket.strict_command(project, arguments),
            Place::Folder(_) => {
                let mut command = cli::command(&[&["deploy", "live"], arguments].concat());
                command.arg("--root").arg(project.root());
                command
            }
        }
    }

    pub fn deploy(&self, project: &Project, arguments: &[&str]) -> Said {
        let output = self.command(project, arguments).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        Said { code: output.status.code(), text }
    }

    /// Deploys, and nothing stands against it.
    #[track_caller]
    pub fn deployed(&self, project: &Project, arguments: &[&str]) -> String {
        let said = self.deploy(project, arguments);
        assert_eq!(said.code, Some(0), "{}", said.text);
        said.text
    }

    /// Does not deploy, says `words`, with --dry-run too, and nothing changes.
    #[track_caller]
    pub fn refuses(&self, project: &Project, arguments: &[&str], words: &[&str]) -> String {
        let before = self.live();
        let notes = notes(project);
        let said = self.deploy(project, &[arguments, &["--dry-run"]].concat());
        assert_eq!(said.code, Some(1), "--dry-run: {}", said.text);
        assert!(notes == self::notes(project), "a dry run changed notes");
        let said = self.deploy(project, arguments);
        assert_eq!(said.code, Some(1), "{}", said.text);
        assert!(words.iter().all(|word| said.text.contains(word)), "{words:?} are not in: {}", said.text);
        assert!(said.text.contains("hint: "), "{}", said.text);
        assert!(self.live() == before, "the site changed: {}", said.text);
        said.text
    }

    /// What readers can see.
    pub fn live(&self) -> Files {
        match self {
            Place::Bucket(bucket) => bucket.client.contents(),
            Place::Folder(folder) => {
                let mut files = Files::new();
                gather(&Place::www(folder), "", &mut files);
                files.retain(|path, _| !path.starts_with(".iiif-build/"));
                files
            }
        }
    }

    /// Readers see this site, and nothing else.
    #[track_caller]
    pub fn assert_shows(&self, project: &Project) {
        let (live, built) = (self.live(), project.site().contents(""));
        let keys = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&live), keys(&built));
        assert!(live == built, "the site has other bytes");
    }

    /// As somebody else puts it there.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        match self {
            Place::Bucket(bucket) => bucket.client.put(path, bytes.to_vec(), "text/plain"),
            Place::Folder(folder) => {
                let file = Place::www(folder).join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
        }
    }
}

/// What a project remembers of its builds and deploys, without locks.
fn notes(project: &Project) -> Files {
    let mut files = Files::new();
    gather(&project.root().join(".iiif-build"), "", &mut files);
    files.retain(|path, _| !path.ends_with(".lock"));
    files
}

fn gather(folder: &Path, path: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        let inner = if path.is_empty() { name } else { format!("{path}/{name}") };
        match entry.path().is_dir() {
            true => gather(&entry.path(), &inner, files),
            false => drop(files.insert(inner, fs::read(entry.path()).unwrap())),
        }
    }
}
