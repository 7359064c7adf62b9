//! PLAN: the work of a build, derived from names and headers before any tile is cut. It reads and writes no file.

use super::last_good::{LastGood, withheld_in};
use super::watermark_file::WatermarkFile;
use crate::diagnostics::{Code, Diagnostic, shown_path};
use crate::error::{Error, ErrorKind};
use crate::model::address::{SitePath, collision_key};
use crate::model::settings::{Coding, ImageSettings, OlderApis};
use crate::model::site::{SiteCollection, SiteCompanion, SiteImage, SiteItem, SiteMember, SitePage, Standing};
use crate::model::{
    Attachment, AttachmentForm, Catalog, Channels, Collection, Companion, CompanionRole, Doubt, ImageHeader, ImageId,
    Item, ItemId, LanguageMap, Member, Page, Recording, RecordingHeader, TextPlace, enter_file,
};
use crate::pixels::tile_plan::TilePlan;
use crate::storage::fingerprint::{FileStamp, Hash};
use crate::storage::state::Published;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The results of PROBE for the files that could be read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Headers {
    /// The masters in each image file, in the file's order.
    pub masters: BTreeMap<PathBuf, Vec<Arc<Master>>>,
    /// Files with sound or video.
    pub recordings: BTreeMap<PathBuf, RecordingHeader>,
    /// By the path that the settings name.
    pub watermarks: BTreeMap<PathBuf, Arc<WatermarkFile>>,
}

/// One master image as PROBE saw it. All stages after PROBE share it. What is copied of it is written down
/// (`ImageRecord`) or sent to the worker process (`TileTask`).
#[derive(Debug)]
#[non_exhaustive]
pub struct Master {
    /// Its file: a path in the content folder, or a URL in the content bucket.
    pub source: PathBuf,
    /// The file when its header was read; `None`: the file is not there, and the header comes from the last build.
    pub stamp: Option<FileStamp>,
    /// How many images the file holds; at least 1.
    pub siblings: usize,
    /// Format, size and memory needs of this image of the file.
    pub header: ImageHeader,
    /// How the last build published it, if it is out of scope: it stays so, even if the settings have changed.
    pub published: Option<Published>,
}

/// How an image is made from its master.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImageOptions {
    /// The settings of its item; for an image out of scope, those that it is published with.
    pub settings: ImageSettings,
    /// The file of the watermark in `settings`.
    pub watermark: Option<Arc<WatermarkFile>>,
}

/// See the [module](self).
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The tree of collections and items, with the address of every image and file.
    pub site: SiteCollection,
    /// Every image to tile, in the order of the site, each once.
    pub images: Vec<PlannedImage>,
    /// Files that descriptions link to; they are copied.
    pub files: Vec<Attachment>,
    /// The items and collections whose metadata has a mistake.
    pub in_doubt: InDoubt,
}

/// What stays as the last build left it, because metadata has a mistake.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct InDoubt {
    /// Folders of items that are published as they were.
    pub kept: Vec<PathBuf>,
    /// Folders of items and collections that were never published, and are not now.
    pub left_out: Vec<PathBuf>,
    /// The items among both.
    pub items: Vec<ItemId>,
    /// Files of the project that stay published as they are.
    pub files: Vec<SitePath>,
    /// There are items or collections that the last build did not publish without mistakes: they are left out, or made without
    /// the part that has the mistake.
    pub is_new: bool,
}

impl InDoubt {
    /// A warning for each folder.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        let found = |folder: &PathBuf, message: &str| Diagnostic::new(Code::InDoubt, message).with_path(folder);
        let kept = "its metadata has a mistake: it stays published as it was";
        let left_out = "its metadata has a mistake that could withhold it, so it is not published";
        let kept = self.kept.iter().map(|folder| found(folder, kept));
        kept.chain(self.left_out.iter().map(|folder| found(folder, left_out))).collect()
    }

    /// All folders of which the images stay.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.kept.iter().chain(&self.left_out).map(PathBuf::as_path)
    }
}

/// One image to tile.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlannedImage {
    /// Unique in the site; part of its addresses.
    pub id: ImageId,
    /// The parts that it is made of.
    pub master: Arc<Master>,
    /// How it is made. The images of an item share it.
    pub options: Arc<ImageOptions>,
    /// Levels and tiles that follow from the header and the settings.
    pub tile_plan: TilePlan,
    /// The rule that named its page, in words.
    pub rule: &'static str,
    /// Its item, which all images of the item share.
    pub item: Arc<PlannedItem>,
    /// The label of its page; `-2` is added for the second image of a file.
    pub label: LanguageMap,
    /// The part of its id that names the page in the item.
    pub token: String,
}

/// The item of an image.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedItem {
    /// Unique in the site.
    pub id: ItemId,
    /// Its folder in the site.
    pub path: SitePath,
    /// The URI of its rights statement.
    pub rights: Option<String>,
}

/// Plans the images of `catalog`. Files without headers become missing pages. Returns an error for every image whose id
/// is taken once multi-page files are spread out.
pub fn plan(catalog: Catalog, headers: &Headers, last_good: &LastGood<'_>) -> (Plan, Vec<Error>) {
    let mut planner = Planner {
        headers,
        last_good,
        withheld: catalog.withheld.into_iter().collect(),
        images: Vec::with_capacity(headers.masters.values().map(Vec::len).sum()),
        shared: None,
        files: vec![],
        in_doubt: InDoubt::default(),
        ids: HashMap::new(),
        targets: BTreeMap::new(),
        errors: vec![],
    };
    let site = planner.collection(catalog.root);
    let Planner { images, files, in_doubt, errors, .. } = planner;
    (Plan { site, images, files, in_doubt }, errors)
}

struct Planner<'a> {
    headers: &'a Headers,
    last_good: &'a LastGood<'a>,
    /// Files and folders that a description withholds.
    withheld: BTreeSet<PathBuf>,
    images: Vec<PlannedImage>,
    /// What the last image shares with the next one of the same item.
    shared: Option<(Arc<PlannedItem>, Option<Published>, Arc<ImageOptions>)>,
    files: Vec<Attachment>,
    in_doubt: InDoubt,
    /// The sources of `files`, by the key under which targets collide.
    targets: BTreeMap<String, PathBuf>,
    /// The places of images, by the hashes of their ids.
    ids: HashMap<Hash, usize>,
    errors: Vec<Error>,
}

impl Planner<'_> {
    fn collection(&mut self, collection: Collection) -> SiteCollection {
        let members = collection.members.into_iter().filter_map(|member| match member {
            Member::Collection(inner) => self.inner_collection(inner).map(SiteMember::Collection),
            Member::Item(item) => self.item(item).map(SiteMember::Item),
        });
        let members = members.collect();
        let Collection { path, description, files, doubt, .. } = collection;
        if let Some((description, files)) = doubt.and_then(|doubt| self.last_good.collection(&path, doubt)) {
            self.in_doubt.files.extend_from_slice(&files);
            return SiteCollection { path, description, members, files, standing: Standing::LastGood };
        }
        let files = files.into_iter().filter_map(|file| self.attach(file)).collect();
        let standing = if doubt.is_some() { Standing::Doubted } else { Standing::Sound };
        self.in_doubt.is_new |= doubt.is_some();
        SiteCollection { path, description, members, files, standing }
    }

    /// `None`: it may be held back, and was not published before.
    fn inner_collection(&mut self, collection: Collection) -> Option<SiteCollection> {
        let folder = collection.folder.clone();
        let may_be_withheld = collection.doubt == Some(Doubt::Publication);
        let made = self.collection(collection);
        if may_be_withheld && made.standing != Standing::LastGood {
            self.in_doubt.left_out.push(folder);
            return None;
        }
        Some(made)
    }

    /// The item as its metadata says; if that has a mistake, as it was published. `None` for an item without a page that can
    /// be shown, and for one that may be held back.
    fn item(&mut self, item: Item) -> Option<SiteItem> {
        let Some(doubt) = item.doubt else { return self.sound_item(item) };
        if let Some(good) = self.last_good.item(&item, doubt, &self.withheld) {
            self.in_doubt.items.push(item.id);
            self.in_doubt.kept.push(item.folder);
            self.in_doubt.files.extend_from_slice(&good.files);
            return Some(good);
        }
        self.in_doubt.is_new = true;
        if doubt == Doubt::Publication {
            self.in_doubt.items.push(item.id);
            self.in_doubt.left_out.push(item.folder);
            return None;
        }
        Some(SiteItem { standing: Standing::Doubted, ..self.sound_item(item)? })
    }

    fn sound_item(&mut self, mut item: Item) -> Option<SiteItem> {
        if let Err(why) = check_addresses(&item) {
            let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName).with_path(&item.folder);
            self.errors.push(refused.with_hint("give its folder or its files shorter names"));
            return None;
        }
        let mut missing = vec![];
        let mut pages = Vec::with_capacity(item.pages.len());
        for page in std::mem::take(&mut item.pages) {
            let found = self.pages(&item, &page);
            if found.is_empty() {
                missing.push(page.label);
            }
            pages.extend(found);
        }
        if pages.iter().all(|page| page.image.is_none() && page.recordings.is_empty()) {
            return None;
        }
        let companions = self.companions(&item, &item.companions);
        let withheld = withheld_in(&item.folder, &self.withheld, self.last_good.config);
        let Item { id, path, description, annotations, files, pdf, .. } = item;
        let has_pictures = pages.iter().any(|page| page.image.is_some());
        let pdf = pdf.filter(|_| has_pictures && !description.offers_pdf());
        let original = |page: &SitePage| {
            let (source, target) = (page.text.clone()?.path, page.published_text(&path)?);
            Some(Attachment { source, target, form: AttachmentForm::PageText })
        };
        let texts = pages.iter().filter_map(original);
        let recordings = pages.iter().flat_map(|page| page.recordings.iter().chain(&page.sequels));
        let recordings: Vec<SitePath> = recordings.map(|recording| recording.path.clone()).collect();
        let attached = files.into_iter().chain(texts).filter_map(|file| self.attach(file));
        let files = attached.collect::<Vec<_>>().into_iter().chain(recordings).collect();
        let standing = Standing::Sound;
        Some(SiteItem {
            id,
            path,
            description,
            pages,
            companions,
            annotations,
            missing,
            files,
            withheld,
            pdf,
            lacks_card: false,
            standing,
        })
    }

    /// Publishes a file of the project, and returns its path in the site; unless another file has that already.
    fn attach(&mut self, file: Attachment) -> Option<SitePath> {
        let Attachment { source, target, .. } = &file;
        let holder = self.targets.entry(collision_key(target.as_str())).or_insert_with(|| source.clone());
        if holder != source {
            let message = format!("its address {:?} is also that of {}", target.as_str(), shown_path(holder));
            let taken = Error::new(ErrorKind::Content, message).with_code(Code::IdTaken).with_path(source);
            self.errors.push(taken.with_hint("rename one of the files"));
            return None;
        }
        let target = target.clone();
        self.files.push(file);
        Some(target)
    }

    /// The canvases of a page: one for each image of its file; none if that cannot be read.
    fn pages(&mut self, item: &Item, page: &Page) -> Vec<SitePage> {
        let companions = self.companions(item, &page.companions);
        let layers = page.companions.iter().filter_map(|companion| match &companion.role {
            CompanionRole::Recording { label } => Some((companion.path.as_path(), label.clone())),
            _ => None,
        });
        let own = page.recording.iter().map(|path| (path.as_path(), page.image_label.clone()));
        let recordings = self.recordings(item, own.chain(layers));
        let sequels = page.companions.iter().filter(|companion| companion.role == CompanionRole::Sequel);
        let sequels =
            self.recordings(item, sequels.map(|companion| (companion.path.as_path(), LanguageMap::default())));
        if page.recording.is_some() && recordings.is_empty() {
            return vec![];
        }
        let empty = SitePage {
            token: page.token.clone(),
            label: page.label.clone(),
            description: page.description.clone(),
            image: None,
            recordings,
            sequels,
            image_label: page.image_label.clone(),
            is_of_several: false,
            companions,
            text: page.text.clone(),
        };
        let Some(path) = &page.image else { return vec![empty] };
        let images = self.images(item, path, page);
        let of = images.len();
        let is_of_several = of > 1;
        let mut pages: Vec<SitePage> = images
            .into_iter()
            .enumerate()
            .map(|(index, (image, token, label))| SitePage {
                token,
                label,
                image: Some(image),
                is_of_several,
                companions: vec![],
                text: empty
                    .text
                    .clone()
                    .map(|text| if is_of_several { text.of_image(TextPlace { index, of }) } else { text }),
                ..empty.clone()
            })
            .collect();
        if let Some(first) = pages.first_mut() {
            first.companions = empty.companions;
        }
        pages
    }

    /// Recordings with their labels, as far as they could be read; they are published as they are.
    fn recordings<'b>(
        &mut self,
        item: &Item,
        sources: impl Iterator<Item = (&'b Path, LanguageMap)>,
    ) -> Vec<Recording> {
        let mut found = vec![];
        for (source, label) in sources {
            let header = self.headers.recordings.get(source);
            let Some((header, duration)) = header.and_then(|header| Some((header, header.duration?))) else { continue };
            let name = source.file_name().unwrap_or_default().to_string_lossy();
            let target = match enter_file(&item.path, &name) {
                Ok(target) => target,
                Err(why) => {
                    let refused = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName).with_path(source);
                    self.errors.push(refused.with_hint("rename the file"));
                    continue;
                }
            };
            let file = Attachment { source: source.to_path_buf(), target, form: AttachmentForm::Whole };
            let Some(path) = self.attach(file) else { continue };
            let RecordingHeader { kind, size, .. } = *header;
            found.push(Recording { path, kind, duration, size, label });
        }
        found
    }

    fn companions(&mut self, item: &Item, companions: &[Companion]) -> Vec<SiteCompanion> {
        let mut found = vec![];
        for Companion { path, token, role } in companions.iter().filter(|companion| !companion.is_recording()) {
            let label = LanguageMap::plain(token);
            let named = Page { token: token.clone(), label, rule: "named in the metadata", ..Page::default() };
            let images = self.images(item, path, &named);
            found.extend(images.into_iter().take(1).map(|(image, ..)| SiteCompanion { image, role: role.clone() }));
        }
        found
    }

    /// The images of a file, each with its token and label.
    fn images(&mut self, item: &Item, path: &Path, page: &Page) -> Vec<(SiteImage, String, LanguageMap)> {
        let masters = self.headers.masters.get(path).into_iter().flatten();
        masters.filter_map(|master| self.image(item, page, master)).collect()
    }

    fn image(&mut self, item: &Item, page: &Page, master: &Arc<Master>) -> Option<(SiteImage, String, LanguageMap)> {
        let (mut token, mut label) = (page.token.clone(), page.label.clone());
        if master.siblings > 1 {
            let number = format!("-{}", master.header.index + 1);
            token += &number;
            label = label.map(|value| format!("{value}{number}"));
        }
        let id = match ImageId::of(&item.id, &token) {
            Ok(id) => id,
            Err(why) => {
                let long = Error::new(ErrorKind::Content, why).with_code(Code::RefusedName).with_path(&master.source);
                self.errors.push(long.with_hint("rename the file, or set a shorter `id` in the folder's item.toml"));
                return None;
            }
        };
        let key = Hash::of(id.0.as_bytes());
        if let Some(place) = self.ids.get(&key).copied() {
            let same = &self.images[place];
            if same.master.source == master.source && same.master.header.index == master.header.index {
                return Some((same.on_site(), token, label));
            }
            let taken =
                Error::new(ErrorKind::Content, format!("its image id {:?} is also that of another image", id.0));
            self.errors.push(taken.with_path(&master.source).with_hint("rename the file"));
            return None;
        }
        let (shared, options) = self.shared(item, master);
        let planned = PlannedImage {
            id,
            master: master.clone(),
            tile_plan: TilePlan::new(&master.header, &options.settings),
            options,
            rule: page.rule,
            item: shared,
            label: label.clone(),
            token: token.clone(),
        };
        let image = planned.on_site();
        self.ids.insert(key, self.images.len());
        self.images.push(planned);
        Some((image, token, label))
    }

    /// The item of an image and how it is made, shared with the image before if they are the same.
    fn shared(&mut self, item: &Item, master: &Master) -> (Arc<PlannedItem>, Arc<ImageOptions>) {
        if let Some((of, published, options)) = &self.shared
            && (&of.id, published) == (&item.id, &master.published)
        {
            return (of.clone(), options.clone());
        }
        let settings = match &master.published {
            Some(published) => published.settings(&item.images),
            None => item.images.clone(),
        };
        let file = settings.watermark.as_ref().map(|watermark| &watermark.file);
        let watermark = file.and_then(|file| self.headers.watermarks.get(file)).cloned();
        let options = Arc::new(ImageOptions { settings, watermark });
        let (id, path, rights) = (item.id.clone(), item.path.clone(), item.description.rights.clone());
        let planned = Arc::new(PlannedItem { id, path, rights });
        self.shared = Some((planned.clone(), master.published, options.clone()));
        (planned, options)
    }
}

/// Refuses an item whose longest address no store can hold.
fn check_addresses(item: &Item) -> Result<(), String> {
    if item.pdf.is_some() {
        item.path.join(&format!("{}.pdf", item.id.0)).checked()?;
    }
    let longest = |names: &mut dyn Iterator<Item = &String>| names.max_by_key(|name| name.len()).cloned();
    let token = longest(&mut item.pages.iter().map(|page| &page.token)).unwrap_or_default();
    match longest(&mut item.annotations.iter().map(|set| &set.name)) {
        Some(set) => item.path.join(&format!("annotations/v2/{set}/page-{token}.json")),
        None => item.path.join(&format!("annotations/v2/{token}.json")),
    }
    .checked()
}

impl PlannedImage {
    /// How it will be published, as the state records it.
    pub(super) fn published(&self) -> Published {
        Published::of(self.tile_plan.pyramid.tile_size, &self.options.settings)
    }

    fn on_site(&self) -> SiteImage {
        let (pyramid, formats) = (self.tile_plan.pyramid.clone(), self.options.settings.formats);
        SiteImage { id: self.id.clone(), pyramid, formats, orientation: self.master.header.orientation() }
    }
}

/// How much a plan will write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Number of files; exact.
    pub files: u64,
    /// Total size in bytes, estimated from scans of books, manuscripts and maps. A single page can have half or twice as much.
    pub bytes: u64,
}

impl Plan {
    /// Estimates the image files. `tile_size`: side of a tile in pixels; `None`: as in the settings of each image.
    /// `older`: links for older clients add files but no bytes.
    pub fn estimate(&self, tile_size: Option<u32>, older: OlderApis) -> Estimate {
        self.images.iter().fold(Estimate::default(), |sum, image| {
            let (header, settings) = (&image.master.header, &image.options.settings);
            let mut settings = settings.with_tile_size(tile_size.unwrap_or(settings.tile_size));
            let TilePlan { pyramid, stored, .. } = TilePlan::new(header, &settings);
            settings.coding.quality = stored.map_or(settings.coding.quality, |stored| stored.quality);
            let bytes = pyramid.published_pixels() as f64 * bytes_per_pixel(header.channels, &settings);
            let links = if older.image { pyramid.older_file_count() } else { 0 };
            let files = pyramid.file_count(settings.formats.count()) + links;
            // Each JPEG brings its headers and tables.
            Estimate { files: sum.files + files, bytes: sum.bytes + bytes as u64 + pyramid.file_count(1) * 600 }
        })
    }
}

/// Bytes a pixel over all levels in all formats.
fn bytes_per_pixel(channels: Channels, settings: &ImageSettings) -> f64 {
    let jpeg = jpeg_bytes_per_pixel(channels, settings.coding);
    if settings.formats.webp { jpeg * 1.7 } else { jpeg }
}

/// JPEG bytes a pixel over all levels, measured on the corpus of real scans at qualities 50, 75, 80, 90 and 95.
fn jpeg_bytes_per_pixel(channels: Channels, coding: Coding) -> f64 {
    let quality = coding.quality;
    let measured = [(50.0, 0.09), (75.0, 0.15), (80.0, 0.18), (90.0, 0.38), (95.0, 0.60), (100.0, 1.5)];
    let quality = f64::from(quality);
    let above = measured.iter().position(|(at, _)| *at >= quality).unwrap_or(measured.len() - 1).max(1);
    let ((low, from), (high, to)) = (measured[above - 1], measured[above]);
    let colour = from + (to - from) * ((quality - low) / (high - low)).clamp(0.0, 1.0);
    match channels {
        Channels::Rgb => colour,
        Channels::Grey => colour * 0.8,
    }
}
