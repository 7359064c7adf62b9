//! Paths within the published site, ids and URLs, and the names that may become part of one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
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

/// A file or folder within the site: segments joined by `/`, relative to its root, never `.` or `..`. Empty: the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct SitePath(String);

impl SitePath {
    /// The root of the site.
    pub fn root() -> SitePath {
        SitePath::default()
    }

    /// Adds `relative` (one or more segments).
    pub fn join(&self, relative: &str) -> SitePath {
        if self.0.is_empty() { SitePath(relative.to_owned()) } else { SitePath(format!("{}/{relative}", self.0)) }
    }

    /// The path, not encoded.
    pub fn as_str(&self) -> &str {
        &self.0
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub String);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an image, unique in the site: the path segment after `iiif/3/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ImageId(pub String);

/// The folder of all images in the site.
pub const IMAGES: &str = "iiif/3";

/// Where the links for clients of Image API 2 are: each image has a folder of them.
pub const IMAGES_2: &str = "iiif/2";

impl ImageId {
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
    name.nfc().collect()
}

/// Two names with the same key would be one file on some file systems.
pub fn collision_key(name: &str) -> String {
    normalised(&name.to_uppercase().to_lowercase())
}

/// Whether `name` may be one segment of an address.
///
/// # Errors
/// The reason why it may not.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name == "." || name == ".." {
        return Err("it is empty or a relative path".into());
    }
    if name.len() > MAX_ID_BYTES {
        return Err(format!("it is longer than {MAX_ID_BYTES} bytes"));
    }
    if let Some(bad) = name.chars().find(|c| c.is_control() || "/\\:*?\"<>|#%".contains(*c)) {
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
