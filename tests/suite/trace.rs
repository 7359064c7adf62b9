//! What was written in a folder between two looks at it: bytes, times and inodes of every file and folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// Every file and folder below one folder, as it stands now.
#[derive(PartialEq, Eq)]
pub struct Trace(BTreeMap<String, Mark>);

#[derive(PartialEq, Eq)]
struct Mark {
    /// `None`: a folder.
    bytes: Option<Vec<u8>>,
    written: SystemTime,
    /// A file that is replaced by one of the same bytes has another.
    inode: u64,
}

/// Paths that differ between two traces. All files of one image below `iiif/3/` are one entry, `iiif/3/ID/…`, and
/// likewise below `iiif/2/`; its info.json is an entry of its own only if no tile was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub written: BTreeSet<String>,
    pub removed: BTreeSet<String>,
}

impl Trace {
    pub fn of(folder: &Path) -> Trace {
        let mut marks = BTreeMap::new();
        gather(folder, "", &mut marks);
        Trace(marks)
    }

    /// What happened to published files since `before` was taken.
    pub fn since(&self, before: &Trace) -> Changes {
        let differs = |path: &String| before.0.get(path) != self.0.get(path);
        let is_file = |path: &String| self.0.get(path).is_some_and(|mark| mark.bytes.is_some());
        let mut written: BTreeSet<String> = self
            .0
            .keys()
            .filter(|path| is_published(path) && differs(path) && (is_file(path) || is_within_image(path)))
            .map(|path| unit(path))
            .collect();
        let whole = written.clone();
        let is_of_written = |path: &String| path.ends_with("/info.json") && whole.contains(&image_of(path));
        written.retain(|path| !is_of_written(path));
        let gone = before.0.iter().filter(|(path, mark)| mark.bytes.is_some() && !self.0.contains_key(*path));
        let removed = gone.filter(|(path, _)| is_published(path)).map(|(path, _)| unit(path));
        let removed = removed.filter(|path| !whole.contains(path) && !is_of_written(path)).collect();
        Changes { written, removed }
    }

    /// Everything in `folder`, folders too, is exactly as it was.
    #[track_caller]
    pub fn assert_still(&self, folder: &Path) {
        let now = Trace::of(folder);
        let paths: BTreeSet<&String> = now.0.keys().chain(self.0.keys()).collect();
        let touched: Vec<_> = paths.into_iter().filter(|path| self.0.get(*path) != now.0.get(*path)).collect();
        assert!(
            touched.is_empty(),
            "{} files and folders were touched: {:?} …",
            touched.len(),
            &touched[..touched.len().min(9)]
        );
    }
}

impl Changes {
    /// The images of which tiles were written.
    pub fn images(&self) -> BTreeSet<String> {
        let id = |path: &String| path.strip_prefix("iiif/3/")?.strip_suffix("/…").map(str::to_owned);
        self.written.iter().filter_map(id).collect()
    }
}

fn is_published(path: &str) -> bool {
    !path.starts_with(".iiif-build")
}

/// Deeper than an image's own folder and its info.json.
fn is_within_image(path: &str) -> bool {
    (path.starts_with("iiif/3/") || path.starts_with("iiif/2/"))
        && path.split('/').count() > 3
        && !path.ends_with("/info.json")
}

fn unit(path: &str) -> String {
    if is_within_image(path) { image_of(path) } else { path.to_owned() }
}

fn image_of(path: &str) -> String {
    path.split('/').take(3).collect::<Vec<_>>().join("/") + "/…"
}

fn gather(folder: &Path, path: &str, marks: &mut BTreeMap<String, Mark>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    marks.insert(path.to_owned(), Mark { bytes: None, ..mark(folder) });
    for entry in entries.map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        let (inner, path) = (entry.path(), if path.is_empty() { name } else { format!("{path}/{name}") });
        if inner.is_dir() {
            gather(&inner, &path, marks);
        } else {
            marks.insert(path, Mark { bytes: Some(fs::read(&inner).unwrap()), ..mark(&inner) });
        }
    }
}

fn mark(path: &Path) -> Mark {
    let metadata = fs::metadata(path).unwrap();
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Mark { bytes: None, written: metadata.modified().unwrap(), inode }
}
