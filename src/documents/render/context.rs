//! The values that a template can use. This is the contract of the theme: templates of projects depend on these names,
//! so renaming a field is a breaking change.
//!
//! Plain data. Nothing here reads a file, builds an address or knows a template.
//!
//! Addresses are relative to the page that holds them, unless the documentation of a field states otherwise.

use serde::Serialize;

/// A plain-text value in the reader's language, with its translations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Localized {
    /// Plain text; templates escape it.
    pub text: String,
    /// BCP 47 tag, where the value has one.
    pub lang: Option<String>,
    /// Written right to left.
    pub rtl: bool,
    /// The same value in the other languages.
    pub others: Vec<Translation>,
}

/// One further language of a [`Localized`] value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Translation {
    /// Plain text; templates escape it.
    pub text: String,
    /// BCP 47 tag, where the value has one.
    pub lang: Option<String>,
    /// Written right to left.
    pub rtl: bool,
}

/// A value that may hold markup, in the reader's language, with its translations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LocalizedHtml {
    /// Sanitised HTML; templates print it with `| safe`.
    pub html: String,
    /// BCP 47 tag, where the value has one.
    pub lang: Option<String>,
    /// Written right to left.
    pub rtl: bool,
    /// The same value in the other languages.
    pub others: Vec<TranslationHtml>,
}

/// One further language of a [`LocalizedHtml`] value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TranslationHtml {
    /// Sanitised HTML; templates print it with `| safe`.
    pub html: String,
    /// BCP 47 tag, where the value has one.
    pub lang: Option<String>,
    /// Written right to left.
    pub rtl: bool,
}

/// The values of the site that every page has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The site's name.
    pub title: Localized,
    /// BCP 47 tag of the page.
    pub lang: String,
    /// The prefix of addresses from this page to the root of the site: empty, `../`, `../../` … In `404.html`, which is
    /// served at any depth, it is the absolute address of the root. Ends with `/` unless empty.
    pub root: String,
    /// Absolute address of the site's root. Ends with `/`.
    pub base_url: String,
    /// The theme's own files.
    pub assets: Assets,
}

/// Paths of the theme's files from the site's root, such as `assets/viewer-1A2B3C4D.js`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Assets {
    /// The script of item pages.
    pub viewer: String,
    /// The small script in the head of item pages, which says before anything is shown that scripts run.
    pub scripted: String,
    /// The style sheet of all pages.
    pub theme: String,
}

/// A labelled address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Relative or absolute address.
    pub href: String,
    /// The text of the link.
    pub label: Localized,
    /// Media type of a linked document, where known.
    pub format: Option<String>,
    /// The host of an address elsewhere on the web, for print.
    pub host: Option<String>,
}

/// A published image file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Address of the file.
    pub src: String,
    /// Pixels of the file itself.
    pub width: u32,
    /// Pixels of the file itself.
    pub height: u32,
}

/// The description of an item or a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Described {
    /// Its name: the heading of the page.
    pub label: Localized,
    /// A short account.
    pub summary: Option<LocalizedHtml>,
    /// Label and value pairs, in the owner's order.
    pub metadata: Vec<MetadataRow>,
    /// The statement that must be shown with it.
    pub required_statement: Option<MetadataRow>,
    /// Licence or rights statement.
    pub rights: Option<Rights>,
    /// Institutions that provide it.
    pub providers: Vec<Link>,
    /// Pages about it.
    pub homepages: Vec<Link>,
    /// Machine-readable descriptions: METS, MARCXML …
    pub see_also: Vec<Link>,
    /// The same in another form: a PDF, an e-book.
    pub renderings: Vec<Link>,
}

/// One row of metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetadataRow {
    /// Name of the row.
    pub label: Localized,
    /// Its values, each with its translations.
    pub value: Vec<LocalizedHtml>,
}

/// A licence or rights statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    /// Creative Commons or RightsStatements.org address.
    pub url: String,
    /// Its name, such as `CC BY 4.0`.
    pub label: String,
}

/// The kind of a [`Member`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// An object with pages.
    Item,
    /// A collection with members of its own.
    Collection,
}

/// A card on a collection page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its kind.
    pub kind: MemberKind,
    /// Its name.
    pub label: Localized,
    /// Address of its page.
    pub href: String,
    /// A picture of it.
    pub thumbnail: Option<Picture>,
    /// What the picture shows, where its owner says it.
    pub alt: Option<Localized>,
    /// Pages of an item, members of a collection.
    pub count: usize,
}

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

/// `collection.html`: the home page and every collection below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CollectionPage {
    /// The site around it.
    pub site: Site,
    /// Absolute address of this page.
    pub canonical: String,
    /// The collections above it, outermost first, without the home page, to which the title of the site leads.
    pub breadcrumbs: Vec<Link>,
    /// Its description.
    pub description: Described,
    /// Absolute address of its `collection.json`.
    pub manifest: String,
    /// JSON-LD for search engines. Nothing in it can end a `script` element; templates print it with `| safe`.
    pub structured_data: String,
    /// The address of the Atom feed, if there is one; only on the start page.
    pub feed: Option<String>,
    /// Its members in order.
    pub members: Vec<Member>,
    /// Whether this is the start page of the site.
    pub home: bool,
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
    /// A picture of it.
    pub picture: Option<Picture>,
    /// Where its whole text is, if it has words.
    pub text: Option<ItemText>,
    /// Its pages in order.
    pub pages: Vec<Page>,
    /// How it is cited.
    pub citation: Citation,
    /// Viewers of other sites.
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

/// `404.html`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NotFoundPage {
    /// The site around it.
    pub site: Site,
}

/// `sitemap.xml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sitemap {
    /// HTML pages of the site.
    pub urls: Vec<SitemapUrl>,
}

/// A page in `sitemap.xml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SitemapUrl {
    /// Absolute address of the page.
    pub address: String,
    /// Absolute addresses of the scans on it, at most 1,000.
    pub images: Vec<String>,
}

/// `sitemap-index.xml`, for a site whose pages do not fit one sitemap; published as `sitemap.xml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SitemapIndex {
    /// Absolute addresses of the sitemaps.
    pub sitemaps: Vec<String>,
}

/// `robots.txt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Robots {
    /// Absolute addresses of the sitemaps, or of their index.
    pub sitemaps: Vec<String>,
}
