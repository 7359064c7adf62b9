//! An item of the catalog: its id, its pages, and the files that go with it.

use super::folder::Folder;
use super::pages::{Found, Sources};
use super::references::PageNames;
use super::{Described, Place, Scan, annotations};
use crate::diagnostics::Code;
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::{check_name, collision_key, normalised};
use crate::model::{AnnotationSet, Description, FileRole, Item, ItemId, LabelledFile, Page};
use std::collections::BTreeSet;
use std::path::PathBuf;

impl Scan<'_> {
    /// `None`: nothing of it is published, for a reason that is noted. `is_whole`: nothing of what lies within its folder
    /// is withheld.
    pub(super) fn item(
        &mut self,
        folder: &Folder,
        described: Described<'_>,
        images: &[PathBuf],
        is_whole: bool,
    ) -> Result<Option<Item>> {
        let Described { place: Place { path, images: settings, pattern, .. }, mut description, listed } = described;
        let id = match &description.id {
            Some(id) => normalised(id),
            None => path.segments().collect::<Vec<_>>().join("-"),
        };
        if let Err(why) = check_name(&id) {
            let refused = Error::new(ErrorKind::Content, format!("the item's id {id:?} cannot be used: {why}"));
            self.failures.push(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return Ok(None);
        }
        let masters = &self.config.masters;
        let today = self.config.today;
        let (source, listed) = (self.source, &listed);
        let sources = Sources { folder, source, images, description: &description, listed, masters, pattern, today };
        let Found { pages, names, mut companions, withheld, ignored, diagnostics, failures } = sources.find()?;
        self.diagnostics.extend(diagnostics);
        self.failures.extend(names.resolve(&mut description, &folder.path));
        self.withhold(&withheld, is_whole, &mut description, &mut companions, folder);
        self.failures.extend(failures);
        self.ignored.extend(ignored);
        if images.is_empty() {
            self.failures.push(
                Error::new(ErrorKind::Content, "the item has neither images nor recordings").with_path(&folder.path),
            );
            return Ok(None);
        }
        pages
            .iter()
            .filter_map(|page| page.text.clone())
            .for_each(|text| self.note_use(text, FileRole::Text, Some(path)));
        for set in &description.annotations.0 {
            self.note_use(folder.path.join(&set.file), FileRole::Annotations, Some(path));
        }
        let mut annotations = self.annotations(&description, &names, folder);
        self.refuse_taken(&mut annotations, &pages, folder);
        annotations.iter_mut().for_each(|set| withheld.leave_annotations(set, &names));
        let files = self.attachments(&description, &folder.path, path, Some(path));
        Ok(Some(Item {
            id: ItemId(id),
            path: path.clone(),
            folder: folder.path.clone(),
            description,
            images: settings.clone(),
            pages,
            companions,
            annotations,
            files,
        }))
    }

    /// Takes out annotations whose addresses are those of others, or of the texts of `pages`; a failure each.
    fn refuse_taken(&mut self, sets: &mut Vec<AnnotationSet>, pages: &[Page], folder: &Folder) {
        let texts = pages.iter().filter(|page| page.text.is_some());
        let mut taken: BTreeSet<String> = texts.map(|page| collision_key(&format!("{}.json", page.token))).collect();
        // Those for older clients lie there.
        taken.insert("v2".to_owned());
        sets.retain(|set| {
            let collection = (!set.label.is_empty()).then(|| collision_key(&format!("{}.json", set.name)));
            let addresses: Vec<String> = [collision_key(&set.name)].into_iter().chain(collection).collect();
            if addresses.iter().any(|address| taken.contains(address)) {
                let why = format!("the annotations {:?} would take the address of others", set.name);
                let refused = Error::new(ErrorKind::Content, why).with_code(Code::IdTaken).with_path(&folder.path);
                self.failures.push(refused.with_hint("give their file another name"));
                return false;
            }
            taken.extend(addresses);
            true
        });
    }

    /// What is in the item's annotation files. A file with a mistake in it, or that is named again, is a failure.
    fn annotations(&mut self, description: &Description, names: &PageNames, folder: &Folder) -> Vec<AnnotationSet> {
        let (mut sets, mut seen) = (vec![], BTreeSet::new());
        for LabelledFile { file, label } in &description.annotations.0 {
            if !seen.insert(file) {
                let why = format!("`annotations` names {file:?} twice");
                let refused = Error::new(ErrorKind::Content, why).with_path(&folder.path);
                self.failures.push(refused.with_hint("remove one of them"));
                continue;
            }
            match annotations::read(&folder.path.join(file), self.source, names) {
                Ok(set) => sets.push(AnnotationSet { label: label.clone(), ..set }),
                Err(error) => self.failures.push(error),
            }
        }
        sets
    }
}
