//! A small archive to change and build again, and the promises that hold for every change.

use crate::project::Project;
use crate::site::Site;
use crate::tiff;
use crate::told::Told;
use crate::trace::{Changes, Trace};
use image::{GrayImage, Luma};
use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::time::{Duration, SystemTime};

/// Two items, and two more on a shelf; eight images in seven files.
pub fn archive() -> Project {
    Project::new()
        .file("iiif-build.toml", "[images]\ntile-size = 64\n")
        .file("content/collection.toml", "label = \"Archive\"\n")
        .file("content/a/item.toml", "label = \"Letters\"\n")
        .file("content/a/1.tif", plate(1))
        .file("content/a/2.tif", plate(2))
        .file("content/b/1.tif", plate(3))
        .file("content/b/2.tif", leaves(&[4, 5, 6]))
        .file("content/shelf/collection.toml", "label = \"Shelf\"\n")
        .file("content/shelf/c/1.tif", plate(7))
        .file("content/shelf/d/1.tif", plate(8))
}

/// The ids of its images.
pub const IMAGES: [&str; 8] = ["a_1", "a_2", "b_1", "b_2-1", "b_2-2", "b_2-3", "shelf-c_1", "shelf-d_1"];

/// The archive after its first build.
pub fn built_archive() -> Project {
    let project = archive();
    project.built();
    project
}

fn picture(width: u32, height: u32, seed: u8) -> tiff::Page {
    let tone = |x: u32, y: u32| (x * 2 + y + x * y / 40) as u8 ^ seed.wrapping_mul(29);
    tiff::Page::grey(&GrayImage::from_fn(width, height, |x, y| Luma([tone(x, y)])))
}

/// A TIFF that is another for each seed, and always of the same size in pixels and in bytes.
pub fn plate(seed: u8) -> Vec<u8> {
    sized(96, 80, seed)
}

pub fn sized(width: u32, height: u32, seed: u8) -> Vec<u8> {
    tiff::encode(&[picture(width, height, seed)], true)
}

/// A TIFF of many pages.
pub fn leaves(seeds: &[u8]) -> Vec<u8> {
    let pages: Vec<tiff::Page> = seeds.iter().map(|seed| picture(96, 80, *seed)).collect();
    tiff::encode(&pages, true)
}

/// What came of a change.
pub struct Effect {
    pub changes: Changes,
    pub told: Told,
}

/// Changes a built project and builds it again, well. Whatever the change, the site is then that of a clean build,
/// exactly the images that the build says it made are new, and another build does nothing.
pub fn after(project: &Project, change: impl FnOnce(&Project)) -> Effect {
    let before = Trace::of(&project.public());
    change(project);
    let told = Told::by(project, &[]).well();
    let now = Trace::of(&project.public());
    let changes = now.since(&before);
    assert_eq!(changes.images(), told.images(), "images written, and images said to be made: {}", told.said);
    assert_as_clean(project);
    assert_at_rest(project);
    Effect { changes, told }
}

impl Effect {
    /// Exactly these were written, and nothing removed.
    #[track_caller]
    pub fn wrote(&self, paths: &[&str]) -> &Effect {
        self.wrote_and_removed(paths, &[])
    }

    #[track_caller]
    pub fn wrote_and_removed(&self, written: &[&str], removed: &[&str]) -> &Effect {
        assert_eq!(self.changes.written, set(written), "written; the build said: {}", self.told.said);
        assert_eq!(self.changes.removed, set(removed), "removed");
        self
    }

    /// Only documents of these kinds were written, and all of them; `endings` such as `.html`.
    #[track_caller]
    pub fn wrote_all(&self, project: &Project, endings: &[&str]) -> &Effect {
        let all = project.site().files("").into_iter().filter(|path| endings.iter().any(|end| path.ends_with(end)));
        assert_eq!(self.changes.written, all.collect(), "written; the build said: {}", self.told.said);
        assert_eq!(self.changes.removed, set(&[]), "removed");
        self
    }
}

pub fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The site is byte for byte that of a clean build of the same sources, and so are the notes in it.
#[track_caller]
pub fn assert_as_clean(project: &Project) {
    let (site, fresh) = (project.site(), project.afresh().built());
    let notes = |site: &Site| {
        let list = fs::read_to_string(site.file(".iiif-build/output.jsonl")).unwrap();
        (list, fs::read_dir(site.file(".iiif-build")).unwrap().count())
    };
    assert_eq!(notes(&site), notes(&fresh));
    let (ours, clean) = (site.contents(""), fresh.contents(""));
    let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
    let (here, there) = (names(&ours), names(&clean));
    let missing: Vec<_> = there.difference(&here).collect();
    let stale: Vec<_> = here.difference(&there).collect();
    assert!(missing.is_empty() && stale.is_empty(), "missing: {missing:?}; stale: {stale:?}");
    let wrong: Vec<_> = ours.keys().filter(|path| ours[*path] != clean[*path]).collect();
    assert!(wrong.is_empty(), "other bytes than a clean build: {wrong:?}");
    let empty = empty_folders(&project.public());
    assert!(empty.is_empty(), "empty folders: {empty:?}");
}

/// One more build says that it made nothing, and touches no file and no folder.
#[track_caller]
pub fn assert_at_rest(project: &Project) {
    let before = Trace::of(&project.public());
    let told = Told::by(project, &[]).well();
    assert!(told.made_nothing(), "made again: {}", told.said);
    before.assert_still(&project.public());
}

fn empty_folders(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let own = entries.is_empty().then(|| folder.to_path_buf());
    let below = entries.iter().filter(|path| path.is_dir()).flat_map(|path| empty_folders(path));
    own.into_iter().chain(below).collect()
}

/// Says that a file was last written at another time.
pub fn set_time(project: &Project, path: &str, time: SystemTime) {
    let file = File::options().append(true).open(project.root().join(path)).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

pub fn time_of(project: &Project, path: &str) -> SystemTime {
    fs::metadata(project.root().join(path)).unwrap().modified().unwrap()
}

/// Gives every file below `content/` and the settings another time.
pub fn touch_all(project: &Project) {
    let later = SystemTime::now() + Duration::from_secs(7);
    let mut open = vec!["content".to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(project.root().join(&folder)).unwrap().map(|entry| entry.unwrap()) {
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() { open.push(path) } else { set_time(project, &path, later) }
        }
    }
    set_time(project, "iiif-build.toml", later);
}
