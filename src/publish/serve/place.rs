//! The place in the site that a request names. It is made from the decoded names of the address alone, so neither the
//! file that is sent nor the address that is redirected to can lie outside the site.

use crate::model::{IMAGES, IMAGES_2};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Files that certificate authorities, browsers and identity services ask for (RFC 8615). All other names that begin
/// with a dot are private: the notes in `.iiif-build/`, and images that are not complete.
const WELL_KNOWN: &str = ".well-known";

/// Everything that has a meaning in an address is encoded.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

/// See the [module](self).
pub struct Place {
    /// Names of folders, and of the file.
    names: Vec<String>,
    /// Whether the address has a slash at its end.
    pub is_folder: bool,
}

impl Place {
    /// The place that a URL path names; `None`: it is outside the site, or private.
    pub fn of(path: &str) -> Option<Place> {
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        let names: Vec<String> = decoded.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let is_private =
            |(depth, name): (usize, &String)| name.starts_with('.') && (depth > 0 || name.as_str() != WELL_KNOWN);
        let is_no_name = |name: &String| name.contains(['\\', '\0', ':']);
        if names.iter().enumerate().any(is_private) || names.iter().any(is_no_name) {
            return None;
        }
        Some(Place { names, is_folder: decoded.ends_with('/') })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The address of the folder here, on this server. It begins with exactly one slash: browsers take two, or `/\`, for
    /// the name of another host.
    pub fn folder_url(&self) -> String {
        let folders = self.names.iter().map(|name| format!("{}/", utf8_percent_encode(name, IN_PATH)));
        std::iter::once("/".to_owned()).chain(folders).collect()
    }

    /// The id of the image of which this is a file or a folder.
    pub fn image_id(&self) -> Option<String> {
        let is_below = |images: &str| self.names().take(2).eq(images.split('/'));
        [IMAGES, IMAGES_2].into_iter().any(is_below).then(|| self.names.get(2).cloned())?
    }

    /// Whether it is the folder of an image, whose address is the image's id.
    pub fn is_image(&self) -> bool {
        self.names.len() == 3 && self.image_id().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_always_on_this_server() {
        for (path, url) in [
            ("//a", "/a/"),
            ("///a", "/a/"),
            ("/%2fa", "/a/"),
            ("/%2f%2fa/b", "/a/b/"),
            ("//a.example//b", "/a.example/b/"),
            ("/a%3fb%23c", "/a%3Fb%23c/"),
            ("/L'%C3%A9t%C3%A9 & x", "/L%27%C3%A9t%C3%A9%20%26%20x/"),
            ("/a%0d%0aSet-Cookie:x", ""),
            ("/\\a", ""),
            ("/%5ca", ""),
            ("/%5c%5ca", ""),
            ("/a/%2e%2e/b", ""),
        ] {
            assert_eq!(Place::of(path).map(|place| place.folder_url()).unwrap_or_default(), url, "{path}");
        }
        let encoded = Place::of("/a%0ab").unwrap().folder_url();
        assert_eq!(encoded, "/a%0Ab/", "no line of the address is one of the head");
    }

    #[test]
    fn private_names_have_no_place() {
        for path in
            ["/.iiif-build/list", "/a/.partial-1/x", "/%2eiiif-build/list", "//.iiif-build/list", "/.well-known/.a"]
        {
            assert!(Place::of(path).is_none(), "{path}");
        }
        assert!(Place::of("/.well-known/a").is_some());
    }

    #[test]
    fn an_image_is_known_by_its_files() {
        let id = |path: &str| Place::of(path).unwrap().image_id();
        assert_eq!(id("/iiif/3/a%20b/full/max/0/default.jpg").as_deref(), Some("a b"));
        assert_eq!(id("/iiif/2/a/info.json").as_deref(), Some("a"));
        assert!(Place::of("//iiif/3/a/").unwrap().is_image() && !Place::of("/iiif/3/a/info.json").unwrap().is_image());
        assert_eq!((id("/iiif/3/"), id("/iiif/30/a/info.json"), id("/x/iiif/3/a")), (None, None, None));
    }
}
