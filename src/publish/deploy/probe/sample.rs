//! The files that are requested.

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::publish::deploy::artifact::Artifact;
use crate::publish::deploy::inventory;
use crate::publish::deploy::order::Phase;
use crate::storage::store::PRIVATE;
use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

/// The kind of a requested address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ImageInfo,
    BareId,
    Tile,
    Manifest,
    Page,
    /// The notes of deploys, which must not be public.
    Private,
}

/// A request, and the answer that is expected.
pub struct Question {
    pub kind: Kind,
    /// Below the site's root.
    pub path: String,
    pub url: String,
    /// The bytes of the file, where it is on this machine.
    pub local: Option<Vec<u8>>,
}

/// Paths below the site's root. A site may lack any of them.
pub struct Sample {
    pub base_url: BaseUrl,
    image: Option<SitePath>,
    tile: Option<String>,
    manifest: Option<String>,
    page: Option<String>,
}

impl Sample {
    /// Chooses files of `changed` where there are any, else any files.
    pub fn take(config: &Config, changed: &[String]) -> Result<Sample> {
        let changed: HashSet<&str> = changed.iter().map(String::as_str).collect();
        let (read, base_url) = inventory::open(config)?;
        let known = &read.known;
        let images = || {
            known
                .images
                .iter()
                .filter_map(|(id, record)| Some((ImageId(id.clone()).site_path(), inventory::folder(record)?)))
        };
        let image = images().find(|(path, _)| changed.contains(path.as_str())).or_else(|| images().next());
        let tile = image.as_ref().and_then(|(path, folder)| {
            let files = Artifact::Image(folder.clone()).files(path.as_str());
            files.iter().find(|file| !file.contains("/full/")).or(files.first()).cloned()
        });
        let of = |phase: Phase| {
            let all = || {
                known.documents.values().flat_map(|record| &record.files).filter(move |file| Phase::of(file) == phase)
            };
            let is_page = |file: &&String| phase != Phase::Pages || file.ends_with("index.html");
            all().filter(is_page).find(|file| changed.contains(file.as_str())).or_else(|| all().find(is_page)).cloned()
        };
        let (manifest, page) = (of(Phase::Manifests), of(Phase::Pages));
        Ok(Sample { base_url, image: image.map(|(path, _)| path), tile, manifest, page })
    }

    pub fn questions(&self, output: &Path) -> Result<Vec<Question>> {
        let mut questions = vec![];
        if let Some(image) = &self.image {
            questions.push(self.file(Kind::ImageInfo, image.join(INFO_JSON).as_str(), output)?);
            questions.push(self.bare(Kind::BareId, image.clone()));
        }
        for (kind, path) in [(Kind::Tile, &self.tile), (Kind::Manifest, &self.manifest), (Kind::Page, &self.page)] {
            questions.extend(path.as_ref().map(|path| self.file(kind, path, output)).transpose()?);
        }
        questions.push(self.bare(Kind::Private, SitePath::root().join(&format!("{PRIVATE}/pointer.json"))));
        Ok(questions)
    }

    fn bare(&self, kind: Kind, path: SitePath) -> Question {
        Question { kind, url: self.base_url.url(&path), path: path.as_str().to_owned(), local: None }
    }

    fn file(&self, kind: Kind, path: &str, output: &Path) -> Result<Question> {
        let file = path.split('/').fold(output.to_path_buf(), |folder, name| folder.join(name));
        let local = match fs::read(&file) {
            Ok(bytes) => Some(bytes),
            // It is in the store only.
            Err(error) if kind == Kind::Tile && error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::read(ErrorKind::Output, &file, error)),
        };
        // A page is requested by the address of its folder.
        let address = if kind == Kind::Page { path.trim_end_matches("index.html") } else { path };
        let url = self.base_url.url(&SitePath::root().join(address));
        Ok(Question { kind, path: path.to_owned(), url, local })
    }
}
