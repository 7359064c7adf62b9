//! A built site as a web host would see it: files, and the addresses that lead to them.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tempfile::TempDir;

pub struct Site {
    pub root: PathBuf,
    pub base_url: String,
    /// The setting of that name: nothing published says it of an image that is smaller.
    pub max_size: u32,
    /// Keeps the project's folder as long as somebody looks at the site.
    pub _folder: Option<Arc<TempDir>>,
}

impl Site {
    /// The path below the root that an absolute address names, if it begins with the base URL and is percent-encoded
    /// as RFC 3986 asks.
    pub fn path_of(&self, address: &str) -> Result<String, String> {
        let path = address
            .strip_prefix(&self.base_url)
            .ok_or_else(|| format!("{address:?} does not begin with {}", self.base_url))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~%,/".contains(c);
        if !path.chars().all(is_plain) {
            return Err(format!("{address:?} is not percent-encoded"));
        }
        let decoded = percent_decode_str(path).decode_utf8().map_err(|_| format!("{address:?} is not UTF-8"))?;
        Ok(decoded.into_owned())
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn has(&self, path: &str) -> bool {
        self.file(path).is_file()
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    pub fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every file below `folder` (empty: the whole site), as paths from the root with `/`. Notes are not published.
    pub fn files(&self, folder: &str) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        gather(&self.root, &self.root.join(folder), &mut files);
        files.retain(|path| path.split('/').next() != Some(".iiif-build"));
        files
    }

    /// Every file with its bytes.
    pub fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        self.files(folder).into_iter().map(|path| (path.clone(), self.read(&path))).collect()
    }

    /// Every file with the time at which it was last written.
    pub fn times(&self, folder: &str) -> BTreeMap<String, SystemTime> {
        let time = |path: &String| fs::metadata(self.file(path)).unwrap().modified().unwrap();
        self.files(folder).into_iter().map(|path| (path.clone(), time(&path))).collect()
    }

    /// The labels of an item's canvases, in order.
    pub fn page_labels(&self, item: &str) -> Vec<String> {
        self.canvases(item).iter().map(|canvas| plain_label(&canvas["label"])).collect()
    }

    pub fn canvases(&self, item: &str) -> Vec<Value> {
        self.json(&format!("{item}/manifest.json"))["items"].as_array().unwrap().clone()
    }

    /// The ids below `iiif/3/`.
    pub fn image_ids(&self) -> BTreeSet<String> {
        self.files("iiif/3").iter().map(|path| path.split('/').nth(2).unwrap().to_owned()).collect()
    }
}

/// The first value of a language map.
pub fn plain_label(label: &Value) -> String {
    let languages = label.as_object().unwrap_or_else(|| panic!("{label} is no language map"));
    languages.values().next().unwrap()[0].as_str().unwrap().to_owned()
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let path = path.strip_prefix(root).unwrap();
            let segments: Vec<&str> = path.components().map(|segment| segment.as_os_str().to_str().unwrap()).collect();
            files.insert(segments.join("/"));
        }
    }
}
