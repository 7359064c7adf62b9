//! The sitemap (sitemaps.org protocol 0.9) with the extension for images
//! (<http://www.google.com/schemas/sitemap-image/1.1>): every page of the site with its scans. Pages that show the members of
//! a collection in another order are not in it: they hold nothing of their own.
//!
//! A site that is too large for one file has several. `sitemap.xml` is then their index.

use super::context::{Robots, Sitemap, SitemapIndex, SitemapUrl};
use super::listing::{ListPage, Listings, Order};
use super::page_list::list_folders;
use super::theme::Theme;
use crate::documents::iiif::{Document, address};
use crate::documents::text::Outlines;
use crate::error::Result;
use crate::model::ImageId;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::{CollectionNode, SiteItem};
use crate::storage::fingerprint::hashed;
use serde::Serialize;
use std::borrow::Cow;

/// The limits of the protocol: URLs in a file, and images of a URL.
const MAX_URLS: usize = 50_000;
const MAX_IMAGES: usize = 1_000;

/// The most bytes of a file. The protocol allows 50 MB; but a file is made in memory, and a theme may write more into
/// it.
const MAX_BYTES: usize = 10 << 20;

/// An upper bound of the bytes of markup for one URL or image.
const MARKUP_BYTES: usize = 100;

/// The file that search engines read first.
const FIRST: &str = "sitemap.xml";
const ROBOTS: &str = "robots.txt";

/// The files of a sitemap, which hold one entry for each page of the site.
pub struct Sitemaps<'a> {
    base: &'a BaseUrl,
    files: Vec<Vec<Entry<'a>>>,
}

/// A folder that has a page.
#[derive(Clone)]
struct Entry<'a> {
    folder: Cow<'a, SitePath>,
    /// `None`: it is a collection, or shows the text of an item.
    item: Option<&'a SiteItem>,
}

impl<'a> Sitemaps<'a> {
    /// Distributes the pages of `nodes` over as many files as the limits require.
    pub fn of(
        nodes: &'a [CollectionNode<'a>],
        outlines: &'a Outlines,
        listings: &'a Listings,
        base: &'a BaseUrl,
    ) -> Sitemaps<'a> {
        let (mut files, mut bytes) = (vec![vec![]], 0);
        for entry in entries(nodes, outlines, listings) {
            let size = entry.most_bytes(base);
            let is_full = |file: &Vec<_>| file.len() >= MAX_URLS || (bytes + size > MAX_BYTES && !file.is_empty());
            if files.last().is_some_and(is_full) {
                files.push(vec![]);
                bytes = 0;
            }
            bytes += size;
            if let Some(file) = files.last_mut() {
                file.push(entry);
            }
        }
        Sitemaps { base, files }
    }

    /// The paths of the files, `robots.txt` last.
    pub fn addresses(&self) -> Vec<SitePath> {
        let index = self.is_indexed().then(|| SitePath::root().join(FIRST));
        self.places().chain(index).chain([SitePath::root().join(ROBOTS)]).collect()
    }

    /// Makes and publishes one file after the other, then the index if there are several, then `robots.txt`.
    pub fn each(&self, theme: &Theme, publish: &mut impl FnMut(Document) -> Result<()>) -> Result<()> {
        for (path, file) in self.places().zip(&self.files) {
            let urls = file.iter().map(|entry| entry.url(self.base)).collect();
            publish(document(path, theme.render("sitemap.xml", Sitemap { urls })?))?;
        }
        let first = SitePath::root().join(FIRST);
        let named = Robots { sitemaps: vec![self.base.url(&first)] };
        if self.is_indexed() {
            let index = SitemapIndex { sitemaps: self.places().map(|path| self.base.url(&path)).collect() };
            publish(document(first, theme.render("sitemap-index.xml", index)?))?;
        }
        publish(document(SitePath::root().join(ROBOTS), theme.render(ROBOTS, &named)?))
    }

    fn is_indexed(&self) -> bool {
        self.files.len() > 1
    }

    /// The paths of [`Sitemaps::files`].
    fn places(&self) -> impl Iterator<Item = SitePath> {
        let name = |number| if self.is_indexed() { format!("sitemap-{number}.xml") } else { FIRST.to_owned() };
        (1..=self.files.len()).map(move |number| SitePath::root().join(&name(number)))
    }

    /// The hash of the contents of all files.
    pub fn hash(&self) -> u64 {
        let files: Vec<Vec<u64>> =
            self.files.iter().map(|file| file.iter().map(|entry| hashed(&entry.shown())).collect()).collect();
        hashed(&files)
    }
}

impl Entry<'_> {
    fn images(&self) -> impl Iterator<Item = &ImageId> {
        let pages = self.item.iter().flat_map(|item| &item.pages);
        pages.filter_map(|page| page.image.as_ref()).map(|image| &image.id).take(MAX_IMAGES)
    }

    fn url(&self, base: &BaseUrl) -> SitemapUrl {
        let images = self.images().map(|image| base.url(&address::full_max(image))).collect();
        SitemapUrl { address: base.folder_url(&self.folder), images }
    }

    /// An upper bound of its bytes in a file: each byte of a path may have to be percent-encoded.
    fn most_bytes(&self, base: &BaseUrl) -> usize {
        let most = |path: usize| MARKUP_BYTES + base.as_str().len() + 3 * path;
        most(self.folder.as_str().len()) + self.images().map(|image| most(image.0.len())).sum::<usize>()
    }

    /// The values that its address and those of its images are made from.
    fn shown(&self) -> impl Serialize {
        (&self.folder, self.images().collect::<Vec<_>>())
    }
}

/// The folders that have a page.
fn entries<'a>(
    nodes: &'a [CollectionNode<'a>],
    outlines: &'a Outlines,
    listings: &'a Listings,
) -> impl Iterator<Item = Entry<'a>> {
    nodes.iter().flat_map(|node| {
        let of_item = |item: &'a SiteItem| {
            let reading = outlines.get(&item.path).into_iter().flat_map(|outline| outline.reading_folders(&item.path));
            let further =
                reading.chain(list_folders(item)).map(|folder| Entry { folder: Cow::Owned(folder), item: None });
            std::iter::once(Entry { folder: Cow::Borrowed(&item.path), item: Some(item) }).chain(further)
        };
        let path = &node.collection.path;
        let pages = listings.get(path).into_iter().flat_map(|listing| listing.further_pages());
        let pages = pages.filter(|page: &ListPage| page.order == Order::Own);
        let pages = pages.map(|page| Entry { folder: Cow::Owned(page.folder(path)), item: None });
        let items = node.items.iter().flat_map(move |item| of_item(item));
        std::iter::once(Entry { folder: Cow::Borrowed(path), item: None }).chain(pages).chain(items)
    })
}

fn document(path: SitePath, text: String) -> Document {
    Document { path, bytes: text.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::render::test_members::{collection, titled};

    #[test]
    fn more_than_50_000_pages_have_several_files_and_an_index() {
        let base = BaseUrl::parse("https://example.org/").unwrap();
        let site = collection((0..MAX_URLS).map(|number| titled(&number.to_string())));
        let nodes = site.nodes();
        let outlines = Outlines::default();
        let listings = Listings::default();
        let sitemaps = Sitemaps::of(&nodes, &outlines, &listings, &base);
        let mut made = vec![];
        let theme = Theme::load(None, "en").unwrap();
        sitemaps
            .each(&theme, &mut |document| {
                made.push(document);
                Ok(())
            })
            .unwrap();
        let paths: Vec<SitePath> = made.iter().map(|document| document.path.clone()).collect();
        assert_eq!(paths, sitemaps.addresses());
        let text = |at: usize| String::from_utf8(made[at].bytes.clone()).unwrap();
        assert_eq!(paths[0].as_str(), "sitemap-1.xml");
        assert_eq!([0, 1].map(|at| text(at).matches("<url>").count()), [MAX_URLS, 1]);
        assert!(made[0].bytes.len() < MAX_BYTES);
        assert!(text(2).contains("<sitemapindex") && text(2).contains("<loc>https://example.org/sitemap-2.xml</loc>"));
        assert_eq!(text(3).matches("Sitemap: ").count(), 1);
    }
}
