//! Which file holds the text of a page: one of its stem, else the only one that gives the same page token.

use super::folder::Folder;
use super::naming;
use crate::model::Page;
use crate::model::address::normalised;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Endings in order of what they can say: coordinates before plain text.
const ENDINGS: [&str; 6] = ["xml", "hocr", "html", "xhtml", "htm", "txt"];

/// The files of an item that may hold text.
pub struct Texts {
    by_stem: HashMap<String, PathBuf>,
    /// `None`: several files give this token.
    by_token: BTreeMap<String, Option<PathBuf>>,
}

impl Texts {
    pub fn of(folder: &Folder) -> Texts {
        let mut files = folder.texts();
        files.sort_by_key(|file| {
            let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            ENDINGS.iter().position(|known| ending.as_deref() == Some(*known))
        });
        let mut texts = Texts { by_stem: HashMap::new(), by_token: BTreeMap::new() };
        for file in files {
            let stem = stem(&file);
            let token = naming::page_name(&stem).token;
            let is_other = |there: &Option<PathBuf>| there.as_ref().is_none_or(|there| self::stem(there) != stem);
            match texts.by_token.get_mut(&token) {
                Some(there) if is_other(there) => *there = None,
                Some(_) => {}
                None => drop(texts.by_token.insert(token, Some(file.clone()))),
            }
            texts.by_stem.entry(stem).or_insert(file);
        }
        texts
    }

    /// Gives each page that has none its text.
    pub fn join(&self, pages: &mut [Page]) {
        for page in pages.iter_mut().filter(|page| page.text.is_none()) {
            let own = page.file().and_then(|image| self.by_stem.get(&stem(image)));
            page.text = own.or_else(|| self.by_token.get(&page.token)?.as_ref()).cloned();
        }
    }
}

fn stem(path: &Path) -> String {
    normalised(&path.file_stem().unwrap_or_default().to_string_lossy())
}
