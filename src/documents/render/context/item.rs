//! What templates can use of an item and its pages.

use super::{Described, Link, Localized, LocalizedHtml, Picture, Site};
use serde::Serialize;

/// One page of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The page's token in file names and addresses, such as `0007` or `012v`.
    pub token: String,
    /// The page's id in HTML and in the address after `#`, already safe for both.
    pub anchor: String,
    /// The page's own number or name.
    pub label: Localized,
    /// What its scan shows, where its owner says it; else its label stands for it.
    pub alt: Option<Localized>,
    /// Its scan; `None` if the page is known to be missing.
    pub scan: Option<Scan>,
    /// Its text, if it has words.
    pub text: Option<PageText>,
    /// What is known about this page alone.
    pub description: Option<Described>,
    /// Its scan and the further pictures of the same page, such as one in ultraviolet light; empty if there is only its scan.
    pub layers: Vec<PageLayer>,
    /// What curators have written on it.
    pub notes: Vec<Note>,
    /// `facing-pages` or `non-paged`: how it stands in a book that is shown in openings.
    pub behavior: Option<&'static str>,
    /// Address of its figure on a page of its own, if the item has more pages than its own page should hold.
    pub href: Option<String>,
}

/// One of several pictures of the same page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageLayer {
    /// Its name; may be empty.
    pub label: Localized,
    /// The picture.
    pub scan: Scan,
}

/// A note on a page: an annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it says; empty for one that has only tags.
    pub texts: Vec<LocalizedHtml>,
    /// Single words that say what is there.
    pub tags: Vec<String>,
    /// Left, top, width and height of the part of the page that it is about, in percent of the page, divided by commas.
    pub region: Option<String>,
}

/// The text of a page, or where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageText {
    /// The part of the item's text in which it begins: the name of `text/1.json` without its ending.
    pub part: usize,
    /// Address of the plain text.
    pub plain: String,
    /// A program read it in the image.
    pub machine: bool,
    /// The id in HTML of the element around `blocks`.
    pub anchor: String,
    /// Its paragraphs in reading order; empty if the item has more text than a page should hold.
    pub blocks: Vec<TextBlock>,
    /// Where it is for readers without script, if not in `blocks`.
    pub reading: Option<String>,
}

/// A paragraph as it stands on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TextBlock {
    /// From the top down.
    pub lines: Vec<TextLine>,
}

/// A line of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TextLine {
    /// Its number among all lines of the page, from 0.
    pub number: usize,
    /// The text on it, with the hyphen at its end.
    pub text: String,
    /// BCP 47 tag, where the language is known.
    pub lang: Option<String>,
    /// `rtl`, or `auto`: by its letters.
    pub dir: &'static str,
}

/// The scan of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// Pixels of the scan.
    pub width: u32,
    /// Pixels of the scan.
    pub height: u32,
    /// Address of the image service's `info.json`.
    pub info: String,
    /// Every whole-page file that exists, ascending in width.
    pub sources: Vec<Picture>,
    /// The one to show where `sources` is not understood.
    pub image: Picture,
    /// A small one.
    pub thumbnail: Picture,
    /// The largest one: `full/max`.
    pub download: Picture,
    /// The name of downloads of this page, without its ending: that of the item and of the page.
    pub file: String,
    /// The files that readers are offered, ascending; the last one is `download`.
    pub downloads: Vec<PictureFile>,
}

/// A published image file that readers are offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PictureFile {
    /// The file.
    pub picture: Picture,
    /// `small`, `medium`, `large`, or `full` if it is the only one.
    pub size: &'static str,
    /// Its name on the reader's disk.
    pub file: String,
}

/// How an item is cited. The script adds the page that is shown and the day of access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Citation {
    /// Its creators, divided by semicolons; may be empty.
    pub creators: String,
    /// Its name, in the reader's language only.
    pub title: Localized,
    /// When it was made or published, in the words of its metadata; may be empty.
    pub date: String,
    /// Where the original is; may be empty.
    pub holding: String,
    /// BibTeX.
    pub bibtex: String,
    /// RIS.
    pub ris: String,
    /// CSL-JSON.
    pub csl_json: String,
    /// The name of these files when they are downloaded, without its ending.
    pub file: String,
}

/// A viewer of another site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OtherViewer {
    /// Its name.
    pub label: Localized,
    /// Address that opens the item in it.
    pub href: String,
    /// The same, with `{state}` where a IIIF Content State can say what is shown. `None`: it does not read any.
    pub pattern: Option<String>,
    /// Whether it is a page of this site.
    pub is_own: bool,
}

/// Sound or video of an item, to be played without script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// Its id in HTML and in the address after `#`, already safe for both.
    pub anchor: String,
    /// Its name.
    pub label: Localized,
    /// Whether it is a video.
    pub video: bool,
    /// Pixels of the video.
    pub width: Option<u32>,
    /// Pixels of the video.
    pub height: Option<u32>,
    /// Its length, as `1:02:03` or `2:03`.
    pub duration: String,
    /// The same recording in each of its formats, the best first.
    pub sources: Vec<Link>,
    /// Recordings that follow it.
    pub sequels: Vec<Link>,
    /// A picture to show for it.
    pub poster: Option<Picture>,
    /// Its captions.
    pub captions: Vec<Caption>,
    /// The name of downloads of it, without its ending.
    pub file: String,
    /// Address of its words as plain text.
    pub transcript: Option<String>,
}

/// A file with captions, WebVTT.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// Address of the file.
    pub src: String,
    /// BCP 47 tag, where the file's language is known.
    pub lang: Option<String>,
    /// Its name.
    pub label: Localized,
}

/// An entry of a table of contents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name.
    pub label: Localized,
    /// Its first page, as an address on this page.
    pub href: Option<String>,
    /// The entries below it.
    pub parts: Vec<Part>,
}

/// `item.html`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemPage {
    /// The site around it.
    pub site: Site,
    /// Absolute address of this page.
    pub canonical: String,
    /// The collections above it, outermost first, without the home page, to which the title of the site leads.
    pub breadcrumbs: Vec<Link>,
    /// Its description.
    pub description: Described,
    /// Absolute address of its manifest.
    pub manifest: String,
    /// The address of its manifest, relative to this page.
    pub manifest_href: String,
    /// JSON-LD for search engines. Nothing in it can end a `script` element; templates print it with `| safe`.
    pub structured_data: String,
    /// `left-to-right`, `right-to-left`, `top-to-bottom` or `bottom-to-top`.
    pub viewing_direction: String,
    /// Whether its pages face each other as those of a bound book do.
    pub paged: bool,
    /// Whether its pages are parts of one long picture.
    pub continuous: bool,
    /// The page that is shown first.
    pub start: Option<Page>,
    /// Whether the figures of its pages stand on pages of their own, and only links to them on this one.
    pub long: bool,
    /// A picture of it, of at most 1,200 pixels.
    pub picture: Option<Picture>,
    /// Its summary as one line of plain text.
    pub abstract_text: Option<String>,
    /// Where its whole text is, if it has words.
    pub text: Option<ItemText>,
    /// Its pages in order.
    pub pages: Vec<Page>,
    /// How it is cited.
    pub citation: Citation,
    /// Other viewers, of this site and of others.
    pub open_in: Vec<OtherViewer>,
    /// Its sound and video in order.
    pub recordings: Vec<Recording>,
    /// How many pages it has, with those that are known to be missing.
    pub page_count: usize,
    /// Its table of contents.
    pub contents: Vec<Part>,
    /// Pages whose scans could not be read.
    pub missing: Vec<Localized>,
    /// The item before it in its collection.
    pub previous: Option<Link>,
    /// The item after it in its collection.
    pub next: Option<Link>,
}

/// `pages.html`: the figures of some pages of an item that has many, for readers without script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageList {
    /// The site around it.
    pub site: Site,
    /// Absolute address of this page.
    pub canonical: String,
    /// The collections above the item and the item itself.
    pub breadcrumbs: Vec<Link>,
    /// The name of the item.
    pub label: Localized,
    /// Absolute address of the item's manifest.
    pub manifest: String,
    /// Its number, from 1.
    pub number: usize,
    /// The number of such pages.
    pub count: usize,
    /// Address of the one before.
    pub previous: Option<String>,
    /// Address of the one after.
    pub next: Option<String>,
    /// The pages of the item on it.
    pub pages: Vec<Page>,
}

/// The whole text of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemText {
    /// Address of the plain text.
    pub plain: String,
    /// Its name on the reader's disk.
    pub file: String,
    /// Address of the first page for readers without script, if the text is not on the item's own page.
    pub reading: Option<String>,
}

/// `text.html`: the text of some pages of an item, for readers without script, search engines and print.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadingPage {
    /// The site around it.
    pub site: Site,
    /// Absolute address of this page.
    pub canonical: String,
    /// The collections above the item and the item itself.
    pub breadcrumbs: Vec<Link>,
    /// The name of the item.
    pub label: Localized,
    /// Absolute address of the item's manifest.
    pub manifest: String,
    /// The whole text.
    pub text: ItemText,
    /// Its number, from 1.
    pub number: usize,
    /// The number of such pages.
    pub count: usize,
    /// Address of the one before.
    pub previous: Option<String>,
    /// Address of the one after.
    pub next: Option<String>,
    /// The pages of the item on it that have words.
    pub pages: Vec<ReadPage>,
}

/// The text of a page of an item as it is read: divided words are put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadPage {
    /// Its id in HTML and in the address after `#`, the same as on the item's own page.
    pub anchor: String,
    /// The page's own number or name.
    pub label: Localized,
    /// Its address on the item's own page.
    pub href: String,
    /// A program read it in the image.
    pub machine: bool,
    /// In reading order.
    pub paragraphs: Vec<Paragraph>,
}

/// A paragraph of running text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paragraph {
    /// Plain text; templates escape it.
    pub text: String,
    /// BCP 47 tag, where the language is known.
    pub lang: Option<String>,
    /// `rtl`, or `auto`: by its letters.
    pub dir: &'static str,
}
