//! Folders whose files are links to the files of another folder.

use super::digest::files_below;
use super::{Directory, StagedImage};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::SitePath;
use crate::model::pyramid::addresses::is_image_file;
use crate::storage::fingerprint::hash_file;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The content of a folder of links.
#[derive(Debug, Clone, Copy)]
pub struct Linked<'a> {
    /// The folder with the links.
    pub folder: &'a SitePath,
    /// The folder with the files.
    pub source: &'a SitePath,
    /// Paths below `folder`, each with the path below `source` that it links to.
    pub links: &'a [(String, String)],
    /// The name of the one file that is no link.
    pub beside: &'a str,
}

impl Directory<'_> {
    /// Makes a folder of links, with `bytes` in the file that is no link. It replaces an older folder as a whole. `force`: and
    /// a file in its place too.
    pub fn link(&self, linked: Linked<'_>, bytes: &[u8], force: bool) -> Result<()> {
        (self.before_change)()?;
        let source = self.locate(linked.source);
        let staged = StagedImage::new(self.locate(linked.folder))?;
        staged.write_beside(linked.beside, bytes)?;
        linked.links.iter().try_for_each(|(path, of)| staged.link(&source.join(of), path))?;
        staged.commit(force)
    }

    /// Whether a folder holds exactly these links. Each must be the same file as its source or have the same bytes.
    pub fn is_linked(&self, linked: Linked<'_>) -> Result<bool> {
        let (folder, source) = (self.locate(linked.folder), self.locate(linked.source));
        let compared = || -> io::Result<bool> {
            let mut wanted: BTreeMap<&str, &str> =
                linked.links.iter().map(|(path, of)| (path.as_str(), of.as_str())).collect();
            let is_ours = |path: &str| path != linked.beside && is_image_file(path);
            for (path, file) in files_below(&folder)?.iter().filter(|(path, _)| is_ours(path)) {
                let Some(of) = wanted.remove(path.as_str()) else { return Ok(false) };
                if !is_same(file, &source.join(of))? {
                    return Ok(false);
                }
            }
            Ok(wanted.is_empty())
        };
        compared().map_err(|error| Error::read(ErrorKind::Output, &folder, error))
    }
}

fn is_same(a: &Path, b: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let [a, b] = [fs::metadata(a)?, fs::metadata(b)?].map(|file| (file.dev(), file.ino()));
        if a == b {
            return Ok(true);
        }
    }
    Ok(fs::metadata(a)?.len() == fs::metadata(b)?.len() && hash_file(a)? == hash_file(b)?)
}
