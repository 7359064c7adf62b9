//! The values that a template can use. This is the contract of the theme: templates of projects depend on these names,
//! so renaming a field is a breaking change.
//!
//! Plain data. Nothing here reads a file, builds an address or knows a template.
//!
//! Addresses are relative to the page that holds them, unless the documentation of a field states otherwise.

mod item;

pub use item::{
    Caption, Citation, ItemPage, ItemText, Note, OtherViewer, Page, PageLayer, PageList, PageText, Paragraph, Part,
    PictureFile, ReadPage, ReadingPage, Recording, Scan, TextBlock, TextLine,
};

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
    /// What the language calls itself; empty, if it is not known.
    pub name: String,
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
    /// What the language calls itself; empty, if it is not known.
    pub name: String,
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
    /// BCP 47 tag of the words of the theme. Texts of the collection have their own.
    pub lang: String,
    /// `ltr` or `rtl`: the direction of the words of the theme.
    pub dir: &'static str,
    /// The value of `og:locale`, where the territory is known.
    pub locale: Option<String>,
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
    /// The script of collection pages.
    pub collection: String,
    /// The icon of the site.
    pub icon: String,
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
    /// Of a collection: the items in it and below.
    pub items: usize,
    /// Of a collection: the collections below it.
    pub collections: usize,
    /// Who made it, as plain text.
    pub creator: Option<Localized>,
    /// When it was made, as its metadata state it.
    pub date: Option<Localized>,
    /// What it is called where it is kept.
    pub shelfmark: Option<Localized>,
    /// Its id in HTML, if a [`Jump`] leads to it.
    pub anchor: Option<String>,
}

/// The members of a collection that are on a page, and the ways to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListView {
    /// `own`, `title` or `date`.
    pub order: String,
    /// The number of the first member on the page, from 1; 0 if there is none.
    pub first: usize,
    /// The number of the last member on the page.
    pub last: usize,
    /// The number of all members.
    pub total: usize,
    /// The number of the page, from 1.
    pub number: usize,
    /// The number of pages.
    pub count: usize,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// The pages to go to; empty if there is only one.
    pub pages: Vec<PageLink>,
    /// The orders to choose from; empty if there is only one.
    pub orders: Vec<OrderLink>,
    /// Letters or years to jump to.
    pub jumps: Vec<Jump>,
    /// The decades of the centuries on this page, where `jumps` are centuries.
    pub decades: Vec<Jump>,
}

/// A page with members of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageLink {
    /// Its number, from 1.
    pub number: usize,
    /// Its address.
    pub href: String,
    /// It is this page.
    pub current: bool,
    /// Pages before it are left out of the list.
    pub gap: bool,
}

/// An order of the members of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderLink {
    /// `own`, `title` or `date`.
    pub order: String,
    /// Address of its first page.
    pub href: String,
    /// It is that of this page.
    pub current: bool,
}

/// The first of the members that begin alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Jump {
    /// `letter`, `digits`, `others`, `decade`, `century` or `undated`.
    pub kind: String,
    /// The letter, or the first year.
    pub label: String,
    /// The last year of a century.
    pub until: String,
    /// The address of the member.
    pub href: String,
}

/// A large picture at the head of the home page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lead {
    /// Every whole-page file that exists, ascending in width.
    pub sources: Vec<Picture>,
    /// The one to show where `sources` is not understood.
    pub image: Picture,
    /// What it shows, where its owner says it.
    pub alt: Option<Localized>,
    /// The item that it is of.
    pub item: Link,
}

/// `collection.html`: the home page and every collection below it, and the further pages of each.
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
    /// Its summary as one line of plain text.
    pub abstract_text: Option<String>,
    /// Absolute address of its `collection.json`.
    pub manifest: String,
    /// The address of its `collection.json`, relative to this page.
    pub manifest_href: String,
    /// JSON-LD for search engines, on the first page. Nothing in it can end a `script` element; templates print it with
    /// `| safe`.
    pub structured_data: Option<String>,
    /// The address of the Atom feed, if there is one; only on the start page.
    pub feed: Option<String>,
    /// A picture of it.
    pub picture: Option<Picture>,
    /// A picture for the head of the home page.
    pub lead: Option<Lead>,
    /// Members, and items below, that its owner shows first; on the first page.
    pub featured: Vec<Member>,
    /// The members on this page, in order.
    pub members: Vec<Member>,
    /// Which members these are, and the ways to the others.
    pub list: ListView,
    /// The items in it and below.
    pub items: usize,
    /// The collections below it.
    pub collections: usize,
    /// Whether it is the first page, by which the collection is known.
    pub first: bool,
    /// Whether this is the start page of the site.
    pub home: bool,
}

/// `site.webmanifest`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WebManifest {
    /// The site that it is of.
    pub site: Site,
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
