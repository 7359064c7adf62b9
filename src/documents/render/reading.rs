//! The text of an item as HTML: on the item's own page while it is short, else on pages of its own, which need no script.

use super::context::{ItemText, Link, PageText, Paragraph, ReadPage, ReadingPage, TextBlock, TextLine};
use super::localized::direction;
use super::pages::anchor;
use super::{Pages, folder_href, page_document};
use crate::documents::iiif::{Document, address};
use crate::documents::text::{self, Outline, PageWords, READING_PAGES, Texts};
use crate::error::Result;
use crate::input::text::{CanvasLine, CanvasText};
use crate::model::address::SitePath;
use crate::model::site::{CollectionNode, SiteItem, SitePage};
use std::collections::BTreeMap;

/// The texts of an item, and where that of each page is. Made once for all HTML of the item: to find the parts, each line is
/// measured.
pub struct ItemTexts<'a> {
    item: &'a SiteItem,
    texts: &'a Texts,
    is_short: bool,
    first_parts: BTreeMap<&'a str, usize>,
    /// The reading page of each page, from 1.
    reading: BTreeMap<&'a str, usize>,
}

impl<'a> ItemTexts<'a> {
    pub fn of(item: &'a SiteItem, texts: &'a Texts, outline: &Outline) -> ItemTexts<'a> {
        let numbered = text::pages(item, texts).enumerate();
        let reading = numbered.map(|(index, (page, _))| (page.token.as_str(), index / READING_PAGES + 1)).collect();
        let first_parts = text::first_parts(item, texts);
        ItemTexts { item, texts, is_short: outline.is_short(), first_parts, reading }
    }

    /// Whether no page has words.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The text of a page, for the page from which `root` leads to the root of the site. `None`: it has no words.
    pub fn of_page(&self, page: &SitePage, root: &str) -> Option<PageText> {
        let token = page.token.as_str();
        let words = &self.texts.get(token)?.text;
        let on_reading_page = |number: &usize| format!("{}#{}", reading_href(self.item, *number, root), anchor(token));
        Some(PageText {
            part: *self.first_parts.get(token)?,
            plain: format!("{root}{}", text::plain_path(&self.item.path, token).encoded()),
            machine: words.is_machine_read,
            anchor: anchor(token).replacen("page-", "text-", 1),
            blocks: if self.is_short { blocks(words) } else { vec![] },
            reading: self.reading.get(token).filter(|_| !self.is_short).map(on_reading_page),
        })
    }
}

/// Where the whole text of `item` is.
pub fn item_text(item: &SiteItem, outline: &Outline, root: &str) -> ItemText {
    let plain = format!("{root}{}", text::whole_path(&item.path).encoded());
    let file = format!("{}.txt", item.id.0);
    ItemText { plain, file, reading: (!outline.is_short()).then(|| reading_href(item, 1, root)) }
}

fn reading_href(item: &SiteItem, number: usize, root: &str) -> String {
    format!("{root}{}", folder_href(&text::reading_folder(&item.path, number)))
}

fn blocks(words: &CanvasText) -> Vec<TextBlock> {
    let lines: Vec<(usize, &CanvasLine)> = words.lines.iter().enumerate().collect();
    let block =
        |block: &[(usize, &CanvasLine)]| TextBlock { lines: block.iter().map(|line| shown(*line, words)).collect() };
    lines.chunk_by(|(_, line), (_, next)| line.block == next.block).map(block).collect()
}

fn shown((number, line): (usize, &CanvasLine), words: &CanvasText) -> TextLine {
    let lang = line.language.clone().or_else(|| words.language.clone());
    TextLine { number, text: line.text.clone(), dir: direction(lang.as_deref()), lang }
}

/// The running text. Each paragraph has the language of its first line.
fn paragraphs(words: &CanvasText) -> Vec<Paragraph> {
    let first_lines = words.lines.chunk_by(|line, next| line.block == next.block).filter_map(<[_]>::first);
    let paragraph = |(text, first): (&str, &CanvasLine)| {
        let lang = first.language.clone().or_else(|| words.language.clone());
        Paragraph { text: text.to_owned(), dir: direction(lang.as_deref()), lang }
    };
    words.plain.trim_end().split("\n\n").zip(first_lines).map(paragraph).collect()
}

/// The pages of the item on one page with text.
type Chunk<'a> = &'a [(&'a SitePage, &'a PageWords)];

impl Pages<'_> {
    /// The pages with the text of the item `index` of a collection, if it has more than its own page should hold.
    pub(super) fn reading_pages(
        &self,
        node: &CollectionNode<'_>,
        index: usize,
        texts: &Texts,
    ) -> Result<Vec<Document>> {
        let item = node.items[index];
        let outline = self.outline(item);
        let folders: Vec<SitePath> = outline.reading_folders(&item.path).collect();
        let pages: Vec<(&SitePage, &PageWords)> = text::pages(item, texts).collect();
        let page = |(at, (folder, pages)): (usize, (&SitePath, Chunk<'_>))| {
            let root = folder.to_root();
            let href = |at: usize| folders.get(at).map(|folder| format!("{root}{}", folder_href(folder)));
            let own = self.link(&item.path, &item.description.label, &root);
            let page = ReadingPage {
                site: self.site(&root),
                canonical: self.settings.base_url.folder_url(folder),
                label: own.label.clone(),
                manifest: self.settings.base_url.url(&address::manifest(&item.path)),
                text: item_text(item, outline, &root),
                number: at + 1,
                count: folders.len(),
                previous: at.checked_sub(1).and_then(href),
                next: href(at + 1),
                pages: pages.iter().map(|(page, words)| self.read_page(page, words, &own)).collect(),
                breadcrumbs: self.breadcrumbs(&node.ancestors, &root).into_iter().chain([own]).collect(),
            };
            Ok(page_document(folder, self.theme.render("text.html", page)?))
        };
        folders.iter().zip(pages.chunks(READING_PAGES)).enumerate().map(page).collect()
    }

    fn read_page(&self, page: &SitePage, words: &PageWords, item: &Link) -> ReadPage {
        let anchor = anchor(&page.token);
        ReadPage {
            href: format!("{}#{anchor}", item.href),
            anchor,
            label: self.text(&page.label),
            machine: words.text.is_machine_read,
            paragraphs: paragraphs(&words.text),
        }
    }
}
