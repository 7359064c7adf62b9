//! Renders some pages before anything is written: a mistake in a template is found before tiles are cut.

use crate::config::Config;
use crate::documents::render::theme::Theme;
use crate::documents::render::{ListPage, Pages, Settings, listings};
use crate::documents::text::Texts;
use crate::error::{Error, Result};
use crate::model::site::SiteCollection;
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
    let Config { base_url, title, language, .. } = config;
    let settings = Settings { base_url, title, language, feed: None };
    let nodes = site.nodes();
    let listings = Arc::new(listings(&nodes, language));
    let pages = Pages { site, theme: &theme, settings, outlines: Arc::default(), listings };
    let collections = any(nodes.iter().map(|node| pages.collection(node, ListPage::FIRST)));
    let items = nodes.iter().flat_map(|node| (0..node.items.len()).map(move |index| (node, index)));
    let items = any(items.map(|(node, index)| pages.item(node, index, &Texts::default())));
    let of_site = pages.of_site(&nodes[..1], |_| Ok(()));
    let mut mistakes: Vec<Error> = [collections, items, of_site].into_iter().filter_map(Result::err).collect();
    // All pages share some templates.
    mistakes.dedup_by(|a, b| a.to_string() == b.to_string());
    if mistakes.is_empty() { Ok(theme) } else { Err(mistakes) }
}

/// The error of the first, if all of the first few fail.
fn any<T>(mut made: impl Iterator<Item = Result<T>>) -> Result<()> {
    let Some(first) = made.next() else { return Ok(()) };
    let is_made = first.is_ok() || made.take(TRIALS - 1).any(|made| made.is_ok());
    if is_made { Ok(()) } else { first.map(drop) }
}
