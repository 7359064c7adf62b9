//! SCAN: the folders below `content/` become a catalog of collections and items.
//!
//! - A folder that holds images is an item. A folder whose name only says how files are kept (`images`, `master`,
//!   `OCR-D-IMG` …) lends its images to the item above.
//! - A folder of folders is a collection.
//! - `item.toml` and `collection.toml` describe, or the same in YAML; a folder without them is labelled by its name as it is.
//!
//! Names are only read here; what a file holds is the business of PROBE.

mod collisions;
mod description;
mod folder;
pub mod naming;

use crate::address::{SitePath, check_name, collision_key, normalised};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Catalog, Collection, Description, Item, ItemId, LanguageMap, Member, SourceFile};
use crate::settings::ImageSettings;
use description::{COLLECTION_FILE, ITEM_FILE};
use folder::Folder;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Reads the content folder; the files `remembered`, by their paths below it, count as being there. What cannot be
/// part of the site is left out and answered beside the catalog; a metadata file with a mistake in it is the error.
pub fn scan(config: &Config, remembered: &BTreeSet<&str>) -> Result<(Catalog, Vec<Error>)> {
    let mut scan = Scan { config, failures: vec![] };
    let mut ignored = vec![];
    let mut folder = Folder::read(&config.content, &mut ignored, &mut scan.failures)?;
    if !remembered.is_empty() {
        folder.remember(remembered);
    }
    scan.report_loose_images(&folder);
    let (mut description, images) = description::read(&config.content, COLLECTION_FILE, config, config.images)?;
    if description.label.is_empty() {
        description.label = config.title.clone().in_language(&config.language);
    }
    if description.label.is_empty() {
        description.label = LanguageMap::plain("Collection").in_language("en");
    }
    let members = scan.members(&folder, Place { path: &SitePath::root(), images })?;
    let mut root = Collection { path: SitePath::root(), description, members };
    scan.failures.extend(collisions::remove(&mut root));
    Ok((Catalog { root, ignored }, scan.failures))
}

/// Addresses in the site's root that are not a collection's or an item's.
const RESERVED: [&str; 10] = [
    "404.html",
    "activity",
    "assets",
    "collection.json",
    "iiif",
    "index.html",
    "parts",
    "robots.txt",
    "search",
    "sitemap.xml",
];

struct Scan<'a> {
    config: &'a Config,
    failures: Vec<Error>,
}

/// Where members stand, and how their images are published if they say nothing else.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a SitePath,
    images: ImageSettings,
}

impl Scan<'_> {
    /// The collections and items in a folder, in natural order.
    fn members(&mut self, folder: &Folder, place: Place<'_>) -> Result<Vec<Member>> {
        let mut members = vec![];
        for inner in &folder.folders {
            members.extend(self.member(inner, place)?);
        }
        Ok(members)
    }

    /// What a folder is: an item (and the items that lie within it), a collection, or nothing.
    fn member(&mut self, folder: &Folder, above: Place<'_>) -> Result<Vec<Member>> {
        let has_file = |file: &str| description::is_among(&folder.files, file);
        let images = folder.own_images();
        let path = match address(folder, above.path) {
            Ok(path) => path,
            Err(error) => {
                self.failures.push(error);
                return Ok(vec![]);
            }
        };
        if !images.is_empty() || has_file(ITEM_FILE) {
            let beside = Place { path: &path, ..above };
            let mut members: Vec<Member> = self.item(folder, beside, &images)?.map(Member::Item).into_iter().collect();
            // Items within an item's folder stand beside it.
            for inner in folder.beyond_own_images() {
                members.extend(self.member(inner, beside)?);
            }
            return Ok(members);
        }
        let (description, images) = self.describe(folder, COLLECTION_FILE, above.images)?;
        let members = self.members(folder, Place { path: &path, images })?;
        if members.is_empty() && !has_file(COLLECTION_FILE) {
            return Ok(vec![]);
        }
        Ok(vec![Member::Collection(Collection { path, description, members })])
    }

    fn item(&mut self, folder: &Folder, place: Place<'_>, images: &[PathBuf]) -> Result<Option<Item>> {
        let path = place.path;
        let (description, settings) = self.describe(folder, ITEM_FILE, place.images)?;
        let id = match &description.id {
            Some(id) => normalised(id),
            None => path.segments().collect::<Vec<_>>().join("-"),
        };
        if let Err(why) = check_name(&id) {
            let refused = Error::new(ErrorKind::Content, format!("the item's id {id:?} cannot be used: {why}"));
            self.failures.push(refused.with_path(&folder.path).with_hint("set `id` in the folder's item.toml"));
            return Ok(None);
        }
        let files = self.pages(images, &description, folder)?;
        if images.is_empty() {
            self.failures.push(Error::new(ErrorKind::Content, "the item has no images").with_path(&folder.path));
            return Ok(None);
        }
        Ok(Some(Item { id: ItemId(id), path: path.clone(), description, images: settings, files }))
    }

    fn describe(&self, folder: &Folder, file: &str, above: ImageSettings) -> Result<(Description, ImageSettings)> {
        let (mut description, images) = description::read(&folder.path, file, self.config, above)?;
        if description.label.is_empty() {
            description.label = LanguageMap::plain(&folder.name);
        }
        Ok((description, images))
    }

    /// The pages of an item in natural order of their tokens.
    fn pages(&mut self, images: &[PathBuf], description: &Description, folder: &Folder) -> Result<Vec<SourceFile>> {
        check_described(images, description, folder)?;
        let mut sharing: HashMap<_, usize> = HashMap::with_capacity(images.len());
        images.iter().for_each(|image| *sharing.entry(image.file_stem()).or_default() += 1);
        let mut pages = Vec::with_capacity(images.len());
        for image in images {
            match page(image, description, sharing[&image.file_stem()] > 1) {
                Ok(page) => pages.push(page),
                Err(error) => self.failures.push(error),
            }
        }
        pages.sort_by(|a, b| {
            naming::natural_order(&a.page, &b.page)
                .then_with(|| naming::natural_order(&file_name(&a.path), &file_name(&b.path)))
        });
        Ok(pages)
    }

    fn report_loose_images(&mut self, content: &Folder) {
        for image in content.images() {
            let loose = Error::new(ErrorKind::Content, "an image directly in the content folder belongs to no item");
            self.failures.push(loose.with_path(image).with_hint("put the images of an item in a folder of their own"));
        }
    }
}

/// Refuses a description of a page that the item has no image for.
fn check_described(images: &[PathBuf], description: &Description, folder: &Folder) -> Result<()> {
    if description.pages.is_empty() {
        return Ok(());
    }
    let names: HashSet<_> = images.iter().map(|image| file_name(image)).collect();
    match description.pages.keys().find(|described| !names.contains(described.as_str())) {
        None => Ok(()),
        Some(described) => {
            let message = format!("`pages` describes {described:?}, but the item has no such image");
            Err(Error::new(ErrorKind::Content, message).with_path(folder.path.join(ITEM_FILE)))
        }
    }
}

/// The address of a folder within that of the one above; refused if its name cannot be part of one.
fn address(folder: &Folder, above: &SitePath) -> Result<SitePath> {
    let name = normalised(&folder.name);
    let refused =
        |why: String| Err(Error::new(ErrorKind::Content, why).with_path(&folder.path).with_hint("rename the folder"));
    if let Err(why) = check_name(&name) {
        return refused(format!("the folder's name cannot be part of an address: {why}"));
    }
    if above.as_str().is_empty() && RESERVED.contains(&collision_key(&name).as_str()) {
        return refused(format!("the site keeps the address {name:?} for itself"));
    }
    Ok(above.join(&name))
}

fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default()
}

/// Names the page in a file. `twin`: another file of the item has the same stem, so the ending tells them apart.
fn page(path: &Path, description: &Description, twin: bool) -> Result<SourceFile> {
    let name = file_name(path);
    let stem = if twin { &name } else { name.rsplit_once('.').map_or(name.as_ref(), |(stem, _)| stem) };
    let described = description.pages.get(name.as_ref());
    let parsed = match twin {
        false => naming::page_name(&normalised(stem)),
        true => with_ending(&normalised(stem)),
    };
    let (token, rule) = match described.and_then(|page| page.id.as_ref()) {
        Some(id) => (normalised(id), "id in item.toml"),
        None => (parsed.token, parsed.rule),
    };
    check_name(&token).map_err(|why| {
        Error::new(ErrorKind::Content, format!("the page name {token:?} cannot be part of an address: {why}"))
            .with_path(path)
            .with_hint(format!("rename the file, or set `id` below [pages.\"{name}\"] in item.toml"))
    })?;
    let label = match described.map(|page| page.label.clone()).filter(|label| !label.is_empty()) {
        Some(label) => label,
        None => LanguageMap::plain(naming::page_label(&token)),
    };
    Ok(SourceFile { path: path.to_path_buf(), page: token, label, rule })
}

fn with_ending(name: &str) -> naming::PageName {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let token = format!("{}.{ending}", naming::page_name(stem).token);
    naming::PageName { token, rule: "number and ending, for two files share the name" }
}
