//! An Atom feed (RFC 4287) of the items that were published or changed last.

use super::markup::Markup;
use super::{Dated, Site, Text, thumbnail};
use crate::documents::iiif::html::plain;
use crate::documents::iiif::{PRESENTATION_MEDIA_TYPE, address};
use crate::model::address::SitePath;
use crate::model::{Moment, NO_LANGUAGE, Provider};
use std::io::{self, Write};

/// The most items of a feed.
pub const MOST: usize = 100;

/// The [`MOST`] items that were changed last, the newest first; those of one build in the order of the site.
pub fn latest<'a>(items: impl Iterator<Item = Dated<'a>>) -> Vec<Dated<'a>> {
    let mut latest: Vec<Dated<'_>> = items.collect();
    latest.sort_by_key(|dated| std::cmp::Reverse(dated.updated));
    latest.truncate(MOST);
    latest
}

/// Writes the feed of `items`; `began` is the time of the feed while it has no item.
pub fn write(site: Site<'_>, items: &[Dated<'_>], began: Moment, out: &mut dyn Write) -> io::Result<()> {
    let home = site.base.folder_url(&SitePath::root());
    let updated = items.iter().map(|dated| dated.updated).max().unwrap_or(began);
    let mut feed = Markup::new(out)?;
    let namespaces = [("xmlns", "http://www.w3.org/2005/Atom"), ("xmlns:media", "http://search.yahoo.com/mrss/")];
    feed.start("feed", &namespaces)?;
    feed.text("id", &[], &home)?;
    in_language(&mut feed, "title", &site.name())?;
    feed.text("updated", &[], &updated.to_string())?;
    feed.empty(
        "link",
        &[("rel", "self"), ("type", "application/atom+xml"), ("href", &site.base.url(&address::atom()))],
    )?;
    feed.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &home)])?;
    let providers = &site.root.description.provider.0;
    match providers.is_empty() {
        // A feed must have an author (section 4.1.1).
        true => author(&mut feed, &site.name().text, None)?,
        false => authors(&mut feed, providers, site)?,
    }
    items.iter().try_for_each(|dated| entry(&mut feed, dated, site))?;
    feed.end("feed")?;
    feed.finish()
}

fn entry<W: Write>(feed: &mut Markup<W>, dated: &Dated<'_>, site: Site<'_>) -> io::Result<()> {
    let Dated { item, created, updated } = dated;
    let description = &item.description;
    let page = site.base.folder_url(&item.path);
    feed.start("entry", &[])?;
    feed.text("id", &[], &page)?;
    in_language(feed, "title", &site.text(&description.label))?;
    feed.text("published", &[], &created.to_string())?;
    feed.text("updated", &[], &updated.to_string())?;
    feed.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &page)])?;
    let manifest = site.base.url(&address::manifest(&item.path));
    feed.empty("link", &[("rel", "alternate"), ("type", PRESENTATION_MEDIA_TYPE), ("href", &manifest)])?;
    authors(feed, &description.provider.0, site)?;
    if !description.summary.is_empty() {
        let Text { text, language } = site.text(&description.summary);
        in_language(feed, "summary", &Text { text: plain(&text), language })?;
    }
    if let Some(rights) = &description.rights {
        feed.text("rights", &[], rights)?;
    }
    if let Some((address, size)) = thumbnail(item, site.base) {
        let [width, height] = [size.width, size.height].map(|side| side.to_string());
        feed.empty("media:thumbnail", &[("url", &address), ("width", &width), ("height", &height)])?;
    }
    feed.end("entry")
}

fn authors<W: Write>(feed: &mut Markup<W>, providers: &[Provider], site: Site<'_>) -> io::Result<()> {
    providers.iter().try_for_each(|provider| author(feed, &site.text(&provider.label).text, Some(&provider.id)))
}

fn author<W: Write>(feed: &mut Markup<W>, name: &str, uri: Option<&str>) -> io::Result<()> {
    feed.start("author", &[])?;
    feed.text("name", &[], name)?;
    uri.map_or(Ok(()), |uri| feed.text("uri", &[], uri))?;
    feed.end("author")
}

/// Writes an element with a plain text.
fn in_language<W: Write>(feed: &mut Markup<W>, name: &str, Text { text, language }: &Text) -> io::Result<()> {
    let tag = [("type", "text"), ("xml:lang", language.as_str())];
    feed.text(name, if language == NO_LANGUAGE { &tag[..1] } else { &tag }, text)
}
