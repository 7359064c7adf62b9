//! Renders some pages before anything is written: a mistake in a template is found before tiles are cut.

use crate::config::Config;
use crate::documents::render::theme::Theme;
use crate::documents::render::{Pages, Settings};
use crate::documents::text::Texts;
use crate::error::Result;
use crate::model::site::SiteCollection;
use std::sync::Arc;

/// How many pages of a kind are tried until one can be made.
const TRIALS: usize = 5;

/// Makes pages of each kind and throws them away. A template of which no page can be made is at fault itself; one that
/// fails for some pages only is their fault. The built-in templates are not tried.
///
/// # Errors
/// The mistake in a template.
pub fn try_templates(site: &SiteCollection, theme: &Theme, config: &Config) -> Result<()> {
    if !theme.has_own_templates() {
        return Ok(());
    }
    let Config { base_url, title, language, .. } = config;
    let settings = Settings { base_url, title, language, feed: None };
    let pages = Pages { site, theme, settings, outlines: Arc::default() };
    let nodes = site.nodes();
    any(nodes.iter().map(|node| pages.collection(node)))?;
    let items = nodes.iter().flat_map(|node| (0..node.items.len()).map(move |index| (node, index)));
    any(items.map(|(node, index)| pages.item(node, index, &Texts::default())))?;
    pages.of_site(&nodes[..1], |_| Ok(()))
}

/// The error of the first, if all of the first few fail.
fn any<T>(mut made: impl Iterator<Item = Result<T>>) -> Result<()> {
    let Some(first) = made.next() else { return Ok(()) };
    let is_made = first.is_ok() || made.take(TRIALS - 1).any(|made| made.is_ok());
    if is_made { Ok(()) } else { first.map(drop) }
}
