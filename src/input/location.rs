//! The places of files that a metadata file names. Paths and addresses of all kinds become a path below the metadata
//! file's folder, or the end of a path by which the file can be found. No file is opened here.

use crate::pixels::decode::Format;
use percent_encoding::percent_decode_str;

/// The kind of a file, by its media type or its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Image,
    Sound,
    Video,
    /// The text of a page, with or without boxes.
    Text,
    /// A document to download, such as a PDF.
    Document,
    /// XML that may be the text of a page.
    Xml,
    Other,
}

impl FileKind {
    /// Whether it can be a page.
    pub fn is_media(self) -> bool {
        matches!(self, FileKind::Image | FileKind::Sound | FileKind::Video)
    }

    /// By `media_type`, or by the name if the media type is not specific.
    pub fn of(media_type: Option<&str>, name: &str) -> FileKind {
        let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.split_once('/') {
            Some(("image", _)) => FileKind::Image,
            Some(("audio", _)) => FileKind::Sound,
            Some(("video", _)) => FileKind::Video,
            Some(("text", "xml") | ("application", "xml")) => FileKind::Xml,
            Some((_, form)) if ["alto", "prima.page", "hocr"].iter().any(|text| form.contains(text)) => FileKind::Text,
            Some(("text", "plain" | "html")) => FileKind::Text,
            Some(("application", "pdf" | "epub+zip")) => FileKind::Document,
            _ => FileKind::of_name(name),
        }
    }

    /// By the extension alone.
    pub fn of_name(name: &str) -> FileKind {
        if Format::is_image_name(name) {
            return FileKind::Image;
        }
        match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("mp3" | "wav" | "flac" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "aif" | "aiff") => FileKind::Sound,
            Some("mp4" | "m4v" | "webm" | "mov" | "mpg" | "mpeg" | "mkv" | "avi") => FileKind::Video,
            Some("txt" | "hocr" | "alto" | "html" | "htm") => FileKind::Text,
            Some("pdf" | "epub") => FileKind::Document,
            Some("xml") => FileKind::Xml,
            _ => FileKind::Other,
        }
    }
}

/// Why a name with control characters is refused.
pub const UNPRINTABLE: &str = "it holds control characters";

/// The location of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Segments of the decoded path. There is at least one; none is empty, `.` or `..`.
    segments: Vec<String>,
    /// Whether the segments are a path from the metadata file's folder. Else only the end of the path is useful.
    pub is_local: bool,
}

impl Location {
    /// Reads a path (`a/b.tif`, `file:///mnt/a/b.tif`, `C:\a\b.tif`) or an address.
    ///
    /// # Errors
    /// The reason why it is not the location of a file.
    pub fn read(href: &str) -> Result<Location, &'static str> {
        let href = href.trim();
        let (path, is_address) = match href.split_once(':') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
                (rest.strip_prefix("//").unwrap_or(rest), false)
            }
            Some((scheme, rest)) if is_scheme(scheme) => match rest.strip_prefix("//") {
                Some(rest) => (rest.split_once('/').map_or("", |(_, path)| path), true),
                None => return Err("it is not the address of a file"),
            },
            _ => (href, false),
        };
        let path = if is_address { path.split(['?', '#']).next().unwrap_or_default() } else { path };
        let decoded: Vec<String> = path.split('/').map(decode).collect();
        let is_absolute = path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':');
        let mut segments: Vec<String> = vec![];
        let mut leaves = false;
        for segment in decoded.iter().flat_map(|part| part.split(['/', '\\'])) {
            match segment {
                "" | "." => {}
                ".." => leaves |= segments.pop().is_none(),
                name if name.contains(char::is_control) => return Err(UNPRINTABLE),
                name => segments.push(name.to_owned()),
            }
        }
        if is_address {
            cut_image_request(&mut segments);
        }
        match segments.is_empty() {
            true => Err("it names no file"),
            false => Ok(Location { segments, is_local: !is_address && !is_absolute && !leaves }),
        }
    }

    /// The same for a file that a server gives out. If the path of its address does not end in the name of an image or
    /// recording, its query counts too: `…/show.php?file=a/1.tif` is `a/1.tif`, `…/show.php?id=12` ends in `show.php/id=12`.
    ///
    /// # Errors
    /// As [`read`](Location::read).
    pub fn served(href: &str) -> Result<Location, &'static str> {
        let read = Location::read(href);
        let query = href.split('#').next().and_then(|href| href.split_once('?')).map(|(_, query)| query.trim());
        let Some(query) = query.filter(|query| !query.is_empty() && href.contains("://")) else { return read };
        if read.as_ref().is_ok_and(|location| is_media_name(location.name())) {
            return read;
        }
        let values = query.split(['&', ';']).filter_map(|pair| Some(pair.split_once('=')?.1));
        let mut paths = values.filter_map(|value| Location::read(value).ok());
        let segments = match paths.find(|path| is_media_name(path.name())) {
            Some(named) => named.segments,
            None if decode(query).contains(char::is_control) => return Err(UNPRINTABLE),
            None => {
                let path = read.map(|location| location.segments).unwrap_or_default();
                path.into_iter().chain([decode(query).replace(['/', '\\'], "-")]).collect()
            }
        };
        Ok(Location { segments, is_local: false })
    }

    /// The location of a file of which only the id is known.
    pub fn of_id(id: &str) -> Location {
        Location { segments: vec![id.replace(['/', '\\'], "-")], is_local: false }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// The last `count` segments of the path, or all if there are fewer.
    pub fn end(&self, count: usize) -> String {
        let skipped = self.segments.len().saturating_sub(count);
        self.segments.iter().skip(skipped).map(String::as_str).collect::<Vec<_>>().join("/")
    }

    /// The whole path.
    pub fn path(&self) -> String {
        self.segments.join("/")
    }
}

fn is_media_name(name: &str) -> bool {
    FileKind::of_name(name).is_media()
}

/// Schemes have more than one letter: `C:` is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Decodes percent-encoding if the result is valid UTF-8.
fn decode(segment: &str) -> String {
    match percent_decode_str(segment).decode_utf8() {
        Ok(text) => text.into_owned(),
        Err(_) => segment.to_owned(),
    }
}

/// Cuts a IIIF image request down to its identifier, because all requests end with `default.jpg`.
fn cut_image_request(segments: &mut Vec<String>) {
    if let [.., _, region, _, rotation, quality] = segments.as_slice() {
        let is_region = region == "full" || region == "square" || region.split(',').count() == 4;
        let is_rotation = rotation.trim_start_matches('!').parse::<f32>().is_ok();
        let is_quality =
            ["default.", "native.", "color.", "gray.", "bitonal."].iter().any(|name| quality.starts_with(name));
        if is_region && is_rotation && is_quality {
            segments.truncate(segments.len() - 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_addresses_are_told_apart() {
        for (href, path, is_local) in [
            ("GT-PAGE/a_0023.jpg", "GT-PAGE/a_0023.jpg", true),
            ("./a%20b.tif", "a b.tif", true),
            ("images\\1.tif", "images/1.tif", true),
            ("file://images/1.tif", "images/1.tif", true),
            ("a/../1.tif", "1.tif", true),
            ("file:///mnt/data/1.tif", "mnt/data/1.tif", false),
            ("/mnt/1.tif", "mnt/1.tif", false),
            ("C:\\scans\\1.tif", "C:/scans/1.tif", false),
            ("../other/1.tif", "other/1.tif", false),
            ("..%2F..%2Fetc/passwd", "etc/passwd", false),
            ("http://example.org/a/1.jpg?x=/2.jpg#t", "a/1.jpg", false),
            ("https://example.org/iiif/3/a%2F1.tif/full/max/0/default.jpg", "iiif/3/a/1.tif", false),
        ] {
            let location = Location::read(href).unwrap();
            assert_eq!((location.path().as_str(), location.is_local), (path, is_local), "{href}");
        }
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for href in ["", "  ", "urn:nbn:de:1", "http://example.org/", "http://example.org", "a\u{1}b", "..", "./"] {
            assert!(Location::read(href).is_err(), "{href:?}");
        }
    }

    #[test]
    fn a_server_may_name_the_file_in_its_query() {
        for (href, path) in [
            ("http://example.org/show.php?size=max&file=a%2F1.tif", "a/1.tif"),
            ("http://example.org/show.php?id=12#top", "show.php/id=12"),
            ("http://example.org/?id=a/12", "id=a-12"),
            ("http://example.org/1.tif?id=12", "1.tif"),
            ("http://example.org/1234567", "1234567"),
            ("a/1.tif?b", "a/1.tif?b"),
        ] {
            assert_eq!(Location::served(href).unwrap().path(), path, "{href}");
        }
        assert!(Location::served("http://example.org/?a=%01").is_err());
    }

    #[test]
    fn kinds_are_told_by_media_type_then_name() {
        assert_eq!(FileKind::of(Some("image/tif"), "a"), FileKind::Image);
        assert_eq!(FileKind::of(Some("application/octet-stream"), "a.TIF"), FileKind::Image);
        assert_eq!(FileKind::of(Some("application/vnd.prima.page+xml"), "a.xml"), FileKind::Text);
        assert_eq!(FileKind::of(None, "METS.xml"), FileKind::Xml);
        assert_eq!(FileKind::of(None, "directory_tree"), FileKind::Other);
    }
}
