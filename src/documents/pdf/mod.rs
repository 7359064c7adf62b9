//! The PDF of an item: its published pictures as they are, the text of its pages above them, invisible and in its place,
//! bookmarks, page labels, and a structure from which programs read it aloud. Pure: pages, pictures and texts in, bytes
//! out, one page after the other; no more than one page is in memory.
//!
//! The format is PDF 1.7 (ISO 32000-1). Nothing in it tells a time, so the same pages give the same bytes. It follows
//! PDF/UA-1 (ISO 14289-1) but does not claim to conform, because only people can say whether a text is right.
//!
//! **The size of pages.** The published files do not tell how many dots an inch of the object has. So the pages of an item
//! have one scale, by which a page of its middle size is as high as A4: pages of a book keep their proportions to each
//! other, and a print fits the paper.

mod direction;
mod font;
mod objects;
mod outline;
mod picture;
mod structure;
mod text;
mod trees;
mod xmp;

pub use picture::Picture;

use crate::documents::iiif::address::published;
use crate::documents::text::Texts;
use crate::model::address::SitePath;
use crate::model::site::{SiteImage, SiteItem, SitePage};
use crate::model::{Behavior, LanguageMap, NO_LANGUAGE, ViewingDirection};
use font::Characters;
use objects::Objects;
use pdf_writer::types::{Direction, PageLayout, PageMode, TabOrder};
use pdf_writer::writers::{Catalog, DocumentInfo, Page, PageLabel};
use pdf_writer::{Finish, Name, Rect, Ref, TextStr};
use std::io::{self, Write};
use structure::Structure;
use text::{FONT, Frame, PICTURE, contents};
use trees::{PageTree, write_numbers};

/// Changes when other bytes are made from the same pages.
pub const VERSION: u32 = 1;

const PRODUCER: &str = "iiif-build";

/// The longer side of A4 in points, which a page of middle size has.
const A4: f64 = 842.0;

/// The longest side of a page in points (ISO 32000-1, annex C.2).
const MAX_SIDE: f64 = 14_400.0;

/// A page of the PDF: a page of the item that has a scan.
pub struct Sheet<'a> {
    pub page: &'a SitePage,
    pub image: &'a SiteImage,
    /// The published file that is its picture.
    pub picture: SitePath,
}

impl<'a> Sheet<'a> {
    /// What the picture shows, if its owner says it.
    pub fn alt(&self) -> Option<&'a LanguageMap> {
        self.page.description.as_deref().map(|described| &described.alt).filter(|alt| !alt.is_empty())
    }
}

/// What the PDF of an item shows beside its description.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// Opens the published file at a path.
    pub picture: &'a dyn Fn(&SitePath) -> io::Result<Picture>,
    pub texts: &'a Texts,
}

/// Why a PDF could not be made.
#[derive(Debug)]
pub enum Failure {
    /// The picture with this path cannot be read.
    Picture(SitePath, io::Error),
    /// The PDF cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

/// A text for readers, and its language as a tag of BCP 47.
pub struct Label {
    pub text: String,
    pub language: Option<String>,
}

impl Label {
    /// The values of `map` in `language`, or in another one if it has none in that.
    pub fn of(map: &LanguageMap, language: &str) -> Label {
        let (tag, values) = map.preferred(language).next().unwrap_or_default();
        let known = !matches!(tag, "" | NO_LANGUAGE);
        Label { text: readable(&values.join("; ")), language: known.then(|| tag.to_owned()) }
    }
}

/// The text without control characters, which have a meaning in PDF.
fn readable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// The pages of the PDF of `item`. Empty: it has none.
pub fn sheets<'a>(item: &'a SiteItem) -> Vec<Sheet<'a>> {
    let Some(settings) = item.pdf else { return vec![] };
    let sheet = |page: &'a SitePage| {
        let image = page.image.as_ref()?;
        let sizes = image.pyramid.published_sizes();
        let largest = sizes.iter().rfind(|size| size.longer_side() <= settings.max_size.side());
        let size = *largest.or(sizes.first())?;
        Some(Sheet { page, image, picture: published(image, size) })
    };
    item.pages.iter().filter_map(sheet).collect()
}

/// Writes the PDF of `item` with the pages `sheets`. `language`: that of the site.
///
/// # Errors
/// A picture cannot be read, or `out` cannot be written.
pub fn write(
    item: &SiteItem,
    sheets: &[Sheet<'_>],
    language: &str,
    material: Material<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut volume = Volume::begin(item, language, out)?;
    let frames = frames(sheets);
    for (sheet, frame) in sheets.iter().zip(&frames) {
        volume.add(sheet, *frame, material)?;
    }
    let outline = outline::Contents::of(item, sheets, &frames, language);
    Ok(volume.finish(&outline.bookmarks(&item.description.structures))?)
}

/// The place of each image on its page.
fn frames(sheets: &[Sheet<'_>]) -> Vec<Frame> {
    let mut sides: Vec<u32> = sheets.iter().map(|sheet| sheet.image.pyramid.full.longer_side()).collect();
    sides.sort_unstable();
    let middle = f64::from(sides.get(sides.len() / 2).copied().unwrap_or(1).max(1));
    let frame = |sheet: &Sheet<'_>| {
        let image = sheet.image.pyramid.full;
        let scale = (A4 / middle).min(MAX_SIDE / f64::from(image.longer_side().max(1)));
        Frame { image, scale }
    };
    sheets.iter().map(frame).collect()
}

/// A PDF that is being written.
struct Volume<'a> {
    item: &'a SiteItem,
    language: &'a str,
    objects: Objects<'a>,
    pages: PageTree,
    font: Ref,
    characters: Characters,
    structure: Structure,
    labels: Vec<Label>,
    /// The languages of its texts, in the order of their first use.
    languages: Vec<String>,
}

impl<'a> Volume<'a> {
    fn begin(item: &'a SiteItem, language: &'a str, out: &'a mut dyn Write) -> io::Result<Volume<'a>> {
        let mut objects = Objects::begin(out)?;
        let (root, font, structure) = (objects.reserve(), objects.reserve(), Structure::new(&mut objects));
        let characters = Characters::default();
        let pages = PageTree::new(root);
        Ok(Volume { item, language, objects, pages, font, characters, structure, labels: vec![], languages: vec![] })
    }

    fn add(&mut self, sheet: &Sheet<'_>, frame: Frame, material: Material<'_>) -> Result<(), Failure> {
        let objects = &mut self.objects;
        let [page, picture, contents_id] = [(); 3].map(|()| objects.reserve());
        let opened = (material.picture)(&sheet.picture);
        opened.map_err(|error| Failure::Picture(sheet.picture.clone(), error))?.write(picture, objects)?;
        let text = material.texts.get(&sheet.page.token).map(|words| &words.text);
        let made = contents(text, frame, &mut self.characters)?;
        objects.put_packed(contents_id, &made.packed, |_| {})?;
        let label = Label::of(&sheet.page.label, self.language);
        let shown = sheet.alt().map(|alt| Label::of(alt, self.language));
        let number = self.structure.add(page, shown.as_ref().unwrap_or(&label), &made.paragraphs, frame, objects)?;
        let parent = self.pages.add(page, objects);
        let ([width, height], font) = (frame.size(), self.font);
        objects.put(page, |object| {
            let mut page: Page<'_> = object.start();
            page.parent(parent).media_box(Rect::new(0.0, 0.0, width, height)).contents(contents_id);
            page.struct_parents(number).tab_order(TabOrder::StructureOrder);
            let mut resources = page.resources();
            resources.x_objects().pair(PICTURE, picture);
            if !made.paragraphs.is_empty() {
                resources.fonts().pair(FONT, font);
            }
            resources.finish();
        })?;
        self.labels.push(label);
        for language in made.paragraphs.into_iter().filter_map(|paragraph| paragraph.language) {
            if !self.languages.contains(&language) && self.languages.len() < MAX_LANGUAGES {
                self.languages.push(language);
            }
        }
        Ok(())
    }

    fn finish(mut self, bookmarks: &[outline::Bookmark]) -> io::Result<()> {
        let pages: Vec<Ref> = self.pages.pages().collect();
        let [catalog, info, labels, metadata] = [(); 4].map(|()| self.objects.reserve());
        let outline = outline::write(bookmarks, &pages, &mut self.objects)?;
        self.pages.write(&mut self.objects)?;
        self.structure.write(&mut self.objects)?;
        if !self.characters.is_empty() {
            self.characters.write(self.font, &mut self.objects)?;
        }
        let label = |page: usize, tree: &mut pdf_writer::Array<'_>| {
            tree.push().start::<PageLabel<'_>>().prefix(TextStr(&self.labels[page].text));
        };
        write_numbers(labels, pages.len(), label, &mut self.objects)?;
        let title = Label::of(&self.item.description.label, self.language);
        let xmp = xmp::packet(&self.item.description, &title, &self.languages);
        // Programs find it without knowing the format, so it is not compressed.
        self.objects.begin_raw(metadata, "/Type/Metadata/Subtype/XML", xmp.len() as u64)?;
        self.objects.write_raw(xmp.as_bytes())?;
        self.objects.end_raw()?;
        self.objects.put(info, |object| {
            let mut info: DocumentInfo<'_> = object.start();
            info.title(TextStr(&title.text)).producer(TextStr(PRODUCER));
        })?;
        let parts = Parts { pages: self.pages.root(), labels, metadata, structure: self.structure.root, outline };
        let main = self.main_language(&title).map(str::to_owned);
        let item = self.item;
        self.objects.put(catalog, |object| fill_catalog(object.start(), &parts, main.as_deref(), item))?;
        self.objects.finish(catalog, info)
    }

    /// The language of what does not tell its own: that of the site, else of the title, else of the first text.
    fn main_language<'b>(&'b self, title: &'b Label) -> Option<&'b str> {
        let of_site = Some(self.language).filter(|language| *language != NO_LANGUAGE);
        of_site.or(title.language.as_deref()).or(self.languages.first().map(String::as_str))
    }
}

/// Most languages that are listed. Texts of people have a dozen.
const MAX_LANGUAGES: usize = 100;

/// The objects that the catalog names.
struct Parts {
    pages: Ref,
    labels: Ref,
    metadata: Ref,
    structure: Ref,
    outline: Option<Ref>,
}

fn fill_catalog(mut catalog: Catalog<'_>, parts: &Parts, language: Option<&str>, item: &SiteItem) {
    catalog.pages(parts.pages).metadata(parts.metadata);
    catalog.pair(Name(b"PageLabels"), parts.labels).pair(Name(b"StructTreeRoot"), parts.structure);
    catalog.mark_info().marked(true);
    if let Some(language) = language {
        catalog.lang(TextStr(language));
    }
    if let Some(outline) = parts.outline {
        catalog.outlines(outline).page_mode(PageMode::UseOutlines);
    }
    let behaviors = &item.description.behavior.0;
    if behaviors.contains(&Behavior::Paged) {
        catalog.page_layout(PageLayout::TwoPageRight);
    } else if behaviors.contains(&Behavior::Continuous) {
        catalog.page_layout(PageLayout::OneColumn);
    }
    let mut preferences = catalog.viewer_preferences();
    preferences.display_doc_title(true);
    if item.description.viewing_direction == Some(ViewingDirection::RightToLeft) {
        preferences.direction(Direction::R2L);
    }
}
