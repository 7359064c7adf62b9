//! The site that is served: where its files lie, and which files are documents with the site's address in them.

use super::live::Live;
use super::place::Place;
use crate::config::Config;
use crate::model::SiteViewer;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::{IMAGES, IMAGES_2};
use crate::publish::headers::{CONTENT_SECURITY_POLICY, headers, viewers_policy};
use axum::http::header::HeaderValue;
use parking_lot::RwLock;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that is needed to answer requests.
pub struct Shown {
    pub site: RwLock<Arc<Site>>,
    pub live: Option<Arc<Live>>,
}

impl Shown {
    pub fn site(&self) -> Arc<Site> {
        self.site.read().clone()
    }
}

/// A built site, and the address that its documents show instead of the published one.
pub struct Site {
    pub output: PathBuf,
    static_files: PathBuf,
    base_url: String,
    local_url: String,
    viewers: Vec<SiteViewer>,
}

impl Site {
    pub fn new(config: &Config, local_url: &str) -> Site {
        Site {
            output: config.output.clone(),
            static_files: config.static_files.clone(),
            base_url: config.base_url.as_str().to_owned(),
            local_url: local_url.to_owned(),
            viewers: config.viewers.clone(),
        }
    }

    /// The file or folder at a place.
    pub fn file(&self, place: &Place) -> PathBuf {
        place.names().fold(self.output.clone(), |folder, name| folder.join(name))
    }

    /// The path of `file` below the site's root, with `/`.
    fn path(&self, file: &Path) -> String {
        file.strip_prefix(&self.output).unwrap_or(file).to_string_lossy().replace('\\', "/")
    }

    /// Whether the build wrote `file` and may name the site's address in it. Files of the project, such as METS or
    /// pages in `static/`, are in any encoding, and readers compare them with the original.
    pub fn is_own_document(&self, file: &Path) -> bool {
        let path = self.path(file);
        is_document(&path) && !self.static_files.join(&path).is_file()
    }

    /// The text of a document with this server's address instead of the published one.
    pub fn localized(&self, text: &str) -> String {
        let text = text.replace(&self.base_url, &self.local_url);
        text.replace(&in_query(&self.base_url), &in_query(&self.local_url))
    }

    /// The policy of a page. `None`: the file is one of the project's own, which can be anything.
    pub fn policy(&self, file: &Path) -> Option<HeaderValue> {
        let path = self.path(file);
        let is_of_viewer = |viewer: &SiteViewer| Path::new(&path).starts_with(viewer.folder());
        match self.viewers.iter().any(is_of_viewer) {
            true => HeaderValue::from_str(&viewers_policy(&self.viewers)).ok(),
            false => self.is_own_document(file).then_some(HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        }
    }

    pub fn content_type(&self, file: &Path) -> HeaderValue {
        HeaderValue::from_static(headers(&self.path(file)).content_type)
    }
}

/// Whether documents that name the site's address have such a path below the site's root.
fn is_document(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_in_root = folder.is_empty();
    match name {
        INFO_JSON => [IMAGES, IMAGES_2].iter().any(|images| folder.starts_with(images)),
        "manifest.json" | "manifest.v2.json" | "collection.json" | "collection.v2.json" | "index.html" => true,
        "404.html" | "atom.xml" | "oai-pmh.xml" | "robots.txt" => is_in_root,
        _ if is_in_root => name.starts_with("sitemap") && name.ends_with(".xml"),
        _ if !name.ends_with(".json") => false,
        _ => ["activity", "dump"].contains(&folder) || folder.split('/').any(|folder| folder == "annotations"),
    }
}

/// A URL as the value of a parameter of another, as templates write it.
fn in_query(url: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(url, ENCODED).to_string()
}
