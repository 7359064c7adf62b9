//! Renders some pages before anything is written: a mistake in a template is found before tiles are cut.

use crate::config::Config;
use crate::documents::iiif::Document;
use crate::documents::render::theme::Theme;
use crate::documents::render::{ListPage, Pages, Settings, listings};
use crate::documents::text::{Outline, Outlines, PageWords, Texts};
use crate::error::{Error, Result};
use crate::input::text::{CanvasLine, CanvasText, Format};
use crate::model::address::SitePath;
use crate::model::site::{CollectionNode, SiteCollection, SitePage};
use std::sync::Arc;

/// How many pages of a kind are tried until one can be made.
const TRIALS: usize = 5;

/// Makes pages of each kind and throws them away. A template of which no page can be made is at fault itself; one that
/// fails for some pages only is their fault. The built-in templates are not tried.
///
/// # Errors
/// The first mistake of each template.
pub fn try_templates(site: &SiteCollection, theme: Theme, config: &Config) -> std::result::Result<Theme, Vec<Error>> {
    if !theme.has_own_templates() {
        return Ok(theme);
    }
    let Config { base_url, title, language, open_in, .. } = config;
    let settings = Settings { base_url, title, language, feed: None, open_in };
    let nodes = site.nodes();
    let listings = Arc::new(listings(&nodes, language));
    let pages = Pages { site, theme: &theme, settings, outlines: Arc::default(), listings };
    let collection =
        |node: &CollectionNode<'_>| pages.collection(node, ListPage::FIRST).map_err(needed_by(&node.collection.path));
    let collections = any(nodes.iter().map(collection));
    let items = nodes.iter().flat_map(|node| (0..node.items.len()).map(move |index| (node, index)));
    let with_text =
        items.clone().filter(|(node, index)| node.items[*index].pages.iter().any(|page| page.text.is_some()));
    let texts =
        any(with_text
            .map(|(node, index)| pages_with_text(&pages, node, index).map_err(needed_by(&node.items[index].path))));
    let items = any(items
        .map(|(node, index)| pages.item(node, index, &Texts::default()).map_err(needed_by(&node.items[index].path))));
    let of_site = pages.of_site(&nodes[..1], |_| Ok(()));
    let mut mistakes: Vec<Error> = [collections, items, texts, of_site].into_iter().filter_map(Result::err).collect();
    // All pages share some templates: of one place in a template the first page is enough.
    mistakes.dedup_by(|a, b| match a.path() {
        Some(path) => Some(path) == b.path() && a.position() == b.position(),
        None => a.to_string() == b.to_string(),
    });
    if mistakes.is_empty() { Ok(theme) } else { Err(mistakes) }
}

/// Adds to a mistake the page that could not be made.
fn needed_by(path: &SitePath) -> impl Fn(Error) -> Error {
    let page =
        if path.as_str().is_empty() { "the home page".to_owned() } else { format!("the page of {:?}", path.as_str()) };
    move |error| error.with_context(&format!("{page} cannot be made"))
}

/// The pages of an item as if each of its texts were one line: with all text on its own page, and with reading pages.
fn pages_with_text(pages: &Pages<'_>, node: &CollectionNode<'_>, index: usize) -> Result<Vec<Document>> {
    let item = node.items[index];
    let line = CanvasLine { text: "Text".to_owned(), ..CanvasLine::default() };
    let text = CanvasText { plain: "Text\n".to_owned(), lines: vec![line], ..CanvasText::default() };
    let words = |page: &SitePage| (page.token.clone(), PageWords { text: text.clone(), format: Format::Plain });
    let texts: Texts = item.pages.iter().filter(|page| page.text.is_some()).map(words).collect();
    let made = |outline: Outline| {
        let outlines = Arc::new(Outlines::from([(item.path.clone(), outline)]));
        Pages { outlines, ..pages.clone() }.item(node, index, &texts)
    };
    made(Outline::of(item, &texts))?;
    made(Outline::most(item))
}

/// The error of the first, if all of the first few fail.
fn any<T>(mut made: impl Iterator<Item = Result<T>>) -> Result<()> {
    let Some(first) = made.next() else { return Ok(()) };
    let is_made = first.is_ok() || made.take(TRIALS - 1).any(|made| made.is_ok());
    if is_made { Ok(()) } else { first.map(drop) }
}
