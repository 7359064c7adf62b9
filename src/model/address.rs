//! Paths within the published site, ids and URLs, and the names that may become part of one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization;

/// All characters except those that a URL path keeps as they are: unreserved characters (RFC 3986), the slash, the
/// comma of IIIF parameters.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',').remove(b'/');

/// The longest id in bytes. With the suffix of a page it still fits a file name on any file system.
const MAX_ID_BYTES: usize = 200;

/// Names that Windows reserves for devices, in upper or lower case and with any extension.
const RESERVED_STEMS: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The longest segment in bytes. With `.partial-gone-` before it, it still fits a file name on any file system.
const MAX_SEGMENT_BYTES: usize = 240;

/// The longest path in bytes. Stores of objects have keys of 1,024 bytes, of which the target's prefix takes a part.
const MAX_PATH_BYTES: usize = 900;

/// The folder, in a project and in a store, of files that are not part of the site.
pub const PRIVATE: &str = ".iiif-build";

/// The beginning of the names of files that are not complete.
pub const PARTIAL: &str = ".partial-";

/// Names in the site's root that no collection or item can have. Those without an ending are folders.
pub const RESERVED: [&str; 15] = [
    "404.html",
    "activity",
    "assets",
    "atom.xml",
    "collection.json",
    "collection.v2.json",
    "dump",
    "iiif",
    "index.html",
    "oai-pmh.xml",
    "parts",
    "robots.txt",
    "search",
    "site.webmanifest",
    "sitemap.xml",
];

/// The folder of the further pages of a collection.
pub const PAGE: &str = "page";

/// The folder of the pages on which the members of a collection are sorted.
pub const BY: &str = "by";

/// The orders in that folder.
pub const BY_DATE: &str = "date";
pub const BY_TITLE: &str = "title";

/// The documents that folders of the site have.
const DOCUMENTS: [&str; 6] =
    ["index.html", "collection.json", "collection.v2.json", "manifest.json", "manifest.v2.json", "info.json"];

/// A file or folder within the site: segments joined by `/`, relative to its root, never `.` or `..`. Empty: the root.
///
/// Every name from outside (of a folder, of a file, in metadata) becomes part of a path by [`SitePath::enter`]: a path that
/// exists can be kept by every file system and store, and is a URL. [`SitePath::join`] is for names that this program gives,
/// and for those made of parts that [`check_name`] or [`SitePath::enter`] accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct SitePath(String);

impl TryFrom<String> for SitePath {
    type Error = String;

    fn try_from(path: String) -> Result<SitePath, String> {
        if path.is_empty() { Ok(SitePath::root()) } else { SitePath::root().enter(&path) }
    }
}

impl SitePath {
    /// The root of the site.
    pub fn root() -> SitePath {
        SitePath::default()
    }

    /// Adds the segments of `names`, which come from outside.
    ///
    /// # Errors
    /// The reason why no file of the site can have this path.
    pub fn enter(&self, names: &str) -> Result<SitePath, String> {
        names.split('/').try_for_each(|name| check_segment(name, MAX_SEGMENT_BYTES))?;
        let path = self.join(names);
        path.checked()?;
        Ok(path)
    }

    /// Checks the length of a path that is made of checked parts, and that it is none of those that the program keeps for
    /// itself.
    ///
    /// # Errors
    /// The reason why no file of the site can have this path.
    pub fn checked(&self) -> Result<(), String> {
        if self.0.len() > MAX_PATH_BYTES {
            return Err(format!("its address in the site is longer than {MAX_PATH_BYTES} bytes"));
        }
        if self.segments().any(|segment| segment.len() > MAX_SEGMENT_BYTES) {
            return Err(format!("a part of its address is longer than {MAX_SEGMENT_BYTES} bytes"));
        }
        match self.segments().find(|name| name.starts_with(PARTIAL) || collision_key(name) == PRIVATE) {
            Some(kept) => Err(format!("the program keeps the name {kept:?} for itself")),
            None => Ok(()),
        }
    }

    /// The folder `name` of a collection or an item below this one.
    ///
    /// # Errors
    /// The reason why no folder can have this name.
    pub fn enter_folder(&self, name: &str) -> Result<SitePath, String> {
        check_name(name).map_err(|why| format!("the folder's name cannot be part of an address: {why}"))?;
        if !self.0.is_empty() && (DOCUMENTS.contains(&collision_key(name).as_str()) || self.is_list(name)) {
            return Err(format!("each folder of the site keeps the address {name:?} for itself"));
        }
        self.enter(name)
    }

    /// Whether `name` in this folder is the address of a page with the members of the collection above: `page/2`, `by/title`.
    fn is_list(&self, name: &str) -> bool {
        let key = collision_key(name);
        match self.0.rsplit('/').next().map(collision_key).as_deref() {
            Some(PAGE) => key.parse().is_ok_and(|number: usize| number.to_string() == key),
            Some(BY) => key == BY_DATE || key == BY_TITLE,
            _ => false,
        }
    }

    /// Adds `relative` (one or more segments), which this program made.
    pub fn join(&self, relative: &str) -> SitePath {
        if self.0.is_empty() { SitePath(relative.to_owned()) } else { SitePath(format!("{}/{relative}", self.0)) }
    }

    /// The path, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its place below `folder` on a disk.
    pub fn below(&self, folder: &Path) -> PathBuf {
        self.segments().fold(folder.to_path_buf(), |folder, segment| folder.join(segment))
    }

    /// The names of the folders and the file.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// The path as part of a URL, percent-encoded.
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, ENCODED).to_string()
    }

    /// From a page in this folder back to the root: `../` for each segment.
    pub fn to_root(&self) -> String {
        "../".repeat(self.segments().count())
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an item, unique in the site. The ids of its images begin with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ItemId(pub String);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an image, unique in the site: the path segment after `iiif/3/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ImageId(pub String);

/// The folder of all images in the site.
pub const IMAGES: &str = "iiif/3";

/// Where the links for clients of Image API 2 are: each image has a folder of them.
pub const IMAGES_2: &str = "iiif/2";

impl ImageId {
    /// The id of the image `token` of an item; both parts are checked names.
    ///
    /// # Errors
    /// Together they are too long for the name of a folder.
    pub fn of(item: &ItemId, token: &str) -> Result<ImageId, String> {
        let id = format!("{item}_{token}");
        match id.len() > MAX_SEGMENT_BYTES {
            true => Err(format!("its image id {id:?} is longer than {MAX_SEGMENT_BYTES} bytes")),
            false => Ok(ImageId(id)),
        }
    }

    /// The image's folder in the site.
    pub fn site_path(&self) -> SitePath {
        SitePath::root().join(IMAGES).join(&self.0)
    }

    /// The folder of the image's links for Image API 2.
    pub fn image2_path(&self) -> SitePath {
        SitePath::root().join(IMAGES_2).join(&self.0)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the site is published: an absolute http(s) URL that ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Accepts an absolute http or https URL without query and fragment.
    ///
    /// # Errors
    /// The fault of the URL.
    pub fn parse(text: &str) -> Result<BaseUrl, String> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or("it must start with https:// or http://")?;
        if rest.split('/').next().is_none_or(str::is_empty) {
            return Err("it names no host".into());
        }
        if let Some(bad) = text.chars().find(|c| c.is_whitespace() || c.is_control() || "?#\"<>\\".contains(*c)) {
            return Err(format!("it must not hold {bad:?}"));
        }
        Ok(BaseUrl(format!("{}/", text.trim_end_matches('/'))))
    }

    /// The absolute URL of a file.
    pub fn url(&self, path: &SitePath) -> String {
        format!("{}{}", self.0, path.encoded())
    }

    /// The absolute URL of a folder's page.
    pub fn folder_url(&self, path: &SitePath) -> String {
        let url = self.url(path);
        if url.ends_with('/') { url } else { url + "/" }
    }

    /// With a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two parts after the scheme: the host, and the path with its first slash.
    fn parts(&self) -> (&str, &str) {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    }

    /// The path below the host, with a slash at both ends, percent-encoded.
    pub fn path(&self) -> &str {
        self.parts().1
    }

    /// The host without its port.
    pub fn host_name(&self) -> &str {
        let host = self.parts().0;
        let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        port.map_or(host, |(name, _)| name)
    }
}

/// `name` in the form in which names are compared and published: Unicode NFC.
pub fn normalised(name: &str) -> String {
    // Most names, and thousands of them are compared.
    if name.is_ascii() { name.to_owned() } else { name.nfc().collect() }
}

/// Two names with the same key would be one file on some file systems.
pub fn collision_key(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { normalised(&name.to_uppercase().to_lowercase()) }
}

/// Whether `name` may be one segment of an address: an id, a page token, the name of a folder.
///
/// # Errors
/// The reason why it may not.
pub fn check_name(name: &str) -> Result<(), String> {
    check_segment(name, MAX_ID_BYTES)
}

/// Whether a character turns the direction of the text behind it, so that a name is not what it seems to be.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn check_segment(name: &str, most: usize) -> Result<(), String> {
    if name.is_empty() || name == "." || name == ".." {
        return Err("it is empty or a relative path".into());
    }
    if name.len() > most {
        return Err(format!("it is longer than {most} bytes"));
    }
    if let Some(bad) = name.chars().find(|c| c.is_control() || turns_text(*c) || "/\\:*?\"<>|#%".contains(*c)) {
        return Err(format!("it holds {bad:?}, which not every web host and file system can keep"));
    }
    if name.starts_with(' ') || name.ends_with([' ', '.']) {
        return Err("it starts with a space or ends with a space or dot".into());
    }
    let stem = name.split('.').next().unwrap_or(name).to_lowercase();
    if RESERVED_STEMS.contains(&stem.as_str()) {
        return Err("Windows keeps this name for a device".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_percent_encoded_once() {
        let base = BaseUrl::parse("https://example.org/repo").unwrap();
        let path = SitePath::root().join("L'été").join("日本");
        assert_eq!(base.url(&path), "https://example.org/repo/L%27%C3%A9t%C3%A9/%E6%97%A5%E6%9C%AC");
        assert_eq!(base.folder_url(&SitePath::root()), "https://example.org/repo/");
        assert_eq!(path.to_root(), "../../");
        assert_eq!((base.path(), base.host_name()), ("/repo/", "example.org"));
        let local = BaseUrl::parse("http://[::1]:8000").unwrap();
        assert_eq!((local.path(), local.host_name()), ("/", "[::1]"));
    }

    #[test]
    fn a_base_url_is_absolute_and_plain() {
        for bad in ["", "example.org", "ftp://example.org", "https://", "https:///a", "https://a b", "https://a/?q"] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_from_outside_stays_in_the_site_and_fits_every_store() {
        let folder = SitePath::root().join("letters");
        assert_eq!(folder.enter("files/1.pdf").unwrap().as_str(), "letters/files/1.pdf");
        let deep = vec!["x".repeat(200); 5].join("/");
        for bad in
            ["", "../a", "a/../b", "/a", "a//b", "a#b", "a\nb", "a\u{202e}b", ".partial-x", ".IIIF-build/a", &deep]
        {
            assert!(folder.enter(bad).is_err(), "{bad:?}");
        }
        assert!(folder.enter_folder("index.html").is_err() && folder.enter_folder("Manifest.JSON").is_err());
        assert!(folder.enter_folder("manifests").is_ok());
        for (above, name, is_free) in [
            ("a/page", "2", false),
            ("a/Page", "12", false),
            ("page", "2", false),
            ("a/by", "Title", false),
            ("a", "page", true),
            ("a", "PAGE", true),
            ("a", "by", true),
            ("a/page", "0002", true),
            ("a/page", "two", true),
            ("a/by", "name", true),
        ] {
            assert_eq!(SitePath::root().join(above).enter_folder(name).is_ok(), is_free, "{above}/{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_path_that_was_entered_can_be_entered_again_and_never_leaves_its_folder(names in "[./#%a\u{e9}\u{301}\\\\\n ]{0,12}") {
            let folder = SitePath::root().join("a");
            if let Ok(path) = folder.enter(&names) {
                proptest::prop_assert!(path.as_str().starts_with("a/"));
                proptest::prop_assert!(path.segments().all(|name| !matches!(name, "." | "..") && !name.contains(char::is_control)));
                proptest::prop_assert_eq!(SitePath::try_from(path.as_str().to_owned()), Ok(path));
            }
        }
    }

    #[test]
    fn names_that_break_some_host_are_refused() {
        for bad in ["", ".", "..", "a/b", "a\\b", "%2F", "a#b", "NUL", "con.tif", "a\0b", " a", "a.", &"x".repeat(201)]
        {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        for good in ["0007", "O'Brien & sons", "日本語", "a b", "console", "it~s"] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
    }
}
