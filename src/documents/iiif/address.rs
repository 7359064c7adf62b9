//! The paths and addresses of the documents of a site.

use crate::model::address::{BaseUrl, SitePath};
use crate::model::geometry::Size;
use crate::model::pyramid::addresses::{FULL_MAX, published_path};
use crate::model::site::SiteImage;
use crate::model::{ImageId, Link};

/// The Manifest of the item in the folder `item`.
pub fn manifest(item: &SitePath) -> SitePath {
    item.join("manifest.json")
}

/// The document of the collection in the folder `path`.
pub fn collection(path: &SitePath) -> SitePath {
    path.join("collection.json")
}

/// The HTML page of the folder `path`.
pub fn page(path: &SitePath) -> SitePath {
    path.join("index.html")
}

/// The Atom feed of the site.
pub fn atom() -> SitePath {
    SitePath::root().join("atom.xml")
}

/// The URI of an image service of Image API 3.
pub fn image(base: &BaseUrl, image: &ImageId) -> String {
    base.url(&image.site_path())
}

/// The file that shows a whole image at one of its published sizes.
pub fn published(image: &SiteImage, size: Size) -> SitePath {
    image.id.site_path().join(&published_path(&image.pyramid, size))
}

/// `full/max`: the whole image at its largest published size. Every client can request it.
pub fn full_max(image: &ImageId) -> SitePath {
    image.site_path().join(FULL_MAX)
}

/// The destination of a link in a description. Every document uses this type, so a link given as `file` has its
/// published address in each of them.
pub enum Destination<'a> {
    /// To a file that is published with the item or collection.
    Published(SitePath),
    /// To an address elsewhere on the web.
    Elsewhere(&'a str),
}

impl<'a> Destination<'a> {
    /// The destination of `link`, which stands in the description of the item or collection in `folder`.
    pub fn of(link: &'a Link, folder: &SitePath) -> Destination<'a> {
        link.published(folder).map_or(Destination::Elsewhere(&link.id), Destination::Published)
    }

    /// The path or the address. Its ending can show the media type.
    pub fn name(&self) -> &str {
        match self {
            Destination::Published(file) => file.as_str(),
            Destination::Elsewhere(address) => address,
        }
    }

    /// The absolute address.
    pub fn url(&self, base: &BaseUrl) -> String {
        match self {
            Destination::Published(file) => base.url(file),
            Destination::Elsewhere(address) => (*address).to_owned(),
        }
    }

    /// The address in a page from which `root` leads to the root of the site.
    pub fn href(&self, root: &str) -> String {
        match self {
            Destination::Published(file) => format!("{root}{}", file.encoded()),
            Destination::Elsewhere(address) => (*address).to_owned(),
        }
    }
}

/// The URI of the canvas of the page `token`. It is not a separate document.
pub fn canvas(base: &BaseUrl, item: &SitePath, token: &str) -> String {
    base.url(&item.join("canvas").join(token))
}
