//! A project in a temporary folder: files in, build, look at what was written, change a file, build again.

use crate::cli;
use crate::site::Site;
use iiif_build::build::progress::Silent;
use iiif_build::build::{self, Planned, Report};
use iiif_build::config::{Config, Overrides};
use iiif_build::error::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// Has a path, so that nothing passes only because the site is at a host's root.
pub const BASE_URL: &str = "https://scans.example.org/archive/";

pub struct Project {
    root: PathBuf,
    overrides: Overrides,
    /// Removed when nobody looks at it any more.
    folder: Option<Arc<TempDir>>,
}

impl Project {
    /// An empty `content/`.
    pub fn new() -> Project {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path().join("content")).unwrap();
        Project { folder: Some(folder.clone()), ..Project::at(folder.path().to_path_buf()) }
    }

    /// Below cargo's folder for tests instead of a temporary one, emptied first; `content/` is `content`.
    pub fn of_content(name: &str, content: &Path) -> Project {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        link_folder(content, &root.join("content"));
        Project::at(root)
    }

    fn at(root: PathBuf) -> Project {
        let mut overrides = Overrides::default();
        overrides.base_url = Some(BASE_URL.to_owned());
        // Most tests are about what is built in spite of a mistake.
        overrides.keep_going = true;
        Project { root, overrides, folder: None }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// Writes a file; `path` is below the project's root.
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Project {
        self.write(path, bytes);
        self
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.root.join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    pub fn with_base_url(mut self, base_url: &str) -> Project {
        self.overrides.base_url = Some(base_url.to_owned());
        self
    }

    pub fn with_jobs(mut self, jobs: usize) -> Project {
        self.overrides.jobs = Some(jobs);
        self
    }

    /// Images are decoded by a process of this program.
    pub fn with_worker(mut self, program: &Path) -> Project {
        self.overrides.worker = Some(program.to_path_buf());
        self
    }

    /// A first build writes nothing if metadata has mistakes, as it is without a flag.
    pub fn stops_at_mistakes(mut self) -> Project {
        self.overrides.keep_going = false;
        self
    }

    pub fn with_fail_fast(mut self) -> Project {
        self.overrides.fail_fast = true;
        self
    }

    pub fn config(&self) -> Result<Config> {
        Config::load(&self.root, &self.overrides)
    }

    pub fn try_build(&self) -> Result<Report> {
        build::build(&self.config()?, &Silent)
    }

    /// Builds; failures of single images are in the report.
    pub fn build(&self) -> Report {
        self.try_build().unwrap_or_else(|error| panic!("the build ended: {error:?}"))
    }

    /// Builds, and nothing may fail.
    pub fn built(&self) -> Site {
        let report = self.build();
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        self.site()
    }

    /// Builds; exactly one thing fails.
    pub fn build_with_failure(&self) -> Error {
        let mut failures = self.build().failures;
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.remove(0)
    }

    /// Does not build, and why.
    pub fn refused(&self) -> Error {
        match self.try_build() {
            Ok(mut report) if report.refused.is_some() => report.failures.remove(0),
            built => built.map(|report| report.failures).expect_err("the build should be refused"),
        }
    }

    /// The program with `arguments`, on this project and with its base URL.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = cli::command(arguments);
        command.args(["--base-url", self.overrides.base_url.as_deref().unwrap_or(BASE_URL), "--root"]).arg(&self.root);
        if arguments.first() == Some(&"build") && self.overrides.keep_going {
            command.arg("--keep-going");
        }
        command
    }

    /// The same sources in a folder that never saw a build.
    pub fn afresh(&self) -> Project {
        let fresh = Project::new();
        fs::remove_dir(fresh.root.join("content")).unwrap();
        for entry in fs::read_dir(&self.root).unwrap().map(|entry| entry.unwrap()) {
            let target = fresh.root.join(entry.file_name());
            match entry.path().is_dir() {
                true if entry.file_name() == "public" || entry.file_name() == ".iiif-build" => {}
                true => link_folder(&entry.path(), &target),
                false => assert!(fs::copy(entry.path(), target).is_ok()),
            }
        }
        Project { overrides: self.overrides.clone(), ..fresh }
    }

    /// A copy with all that builds left, as a clone with a restored cache is: other folder, other times, other inodes.
    pub fn cloned(&self) -> Project {
        let copy = Project::new();
        copy_folder(&self.root, &copy.root);
        Project { overrides: self.overrides.clone(), ..copy }
    }

    pub fn plan(&self) -> Planned {
        build::plan(&self.config().unwrap(), &Silent).unwrap()
    }

    /// What was built.
    pub fn site(&self) -> Site {
        let config = self.config().unwrap();
        Site {
            root: self.public(),
            base_url: config.base_url.as_str().to_owned(),
            max_size: config.images.max_size.side(),
            _folder: self.folder.clone(),
        }
    }
}

/// A link where the system has them, else a copy.
fn link_folder(from: &Path, to: &Path) {
    #[cfg(unix)]
    if std::os::unix::fs::symlink(from, to).is_ok() {
        return;
    }
    copy_folder(from, to);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => assert!(fs::copy(entry.path(), target).is_ok()),
        }
    }
}
