//! Which files are told about: patterns, each with a file that it matches, by which [`headers`] is asked.
//!
//! A header is named by one pattern at most for any file, because hosts disagree about two: one joins the values, one
//! takes the last, one the most specific.

use crate::publish::headers::headers;

/// In the language that Netlify, Cloudflare Pages and Vercel share, but for [`DEEP`]: `:name` is one segment, `*` at
/// the end of a segment the rest of it.
pub(super) struct Rule {
    pub pattern: &'static str,
    pub example: &'static str,
}

/// Any number of segments, none included, with the slash after them.
pub(super) const DEEP: &str = "**/";

/// Files whose media type hosts do not know from the ending.
pub(super) const TYPED: [Rule; 4] = [
    Rule { pattern: "iiif/3/:id/info.json", example: "iiif/3/a/info.json" },
    Rule { pattern: "**/manifest.json", example: "a/manifest.json" },
    Rule { pattern: "**/collection.json", example: "a/collection.json" },
    Rule { pattern: "atom.xml", example: "atom.xml" },
];

/// Files that may be kept for longer than hosts let them by themselves, which is not at all. `assets/` may hold other
/// files too: those that the theme names by their bytes are told by their names.
pub(super) const KEPT: [Rule; 4] = [
    Rule { pattern: "iiif/3/:id/:region/:size/0/:file", example: "iiif/3/a/full/max/0/default.jpg" },
    Rule { pattern: "iiif/2/:id/:region/:size/0/:file", example: "iiif/2/a/full/full/0/default.jpg" },
    Rule { pattern: "assets/theme-*", example: "assets/theme-ABCD2345.css" },
    Rule { pattern: "assets/viewer-*", example: "assets/viewer-ABCD2345.js" },
];

/// The rules of a site with or without images for Image API 2: pattern, header, value.
pub(super) fn rules(image_apis: &[&str]) -> Vec<(&'static str, &'static str, &'static str)> {
    let is_there =
        |rule: &&Rule| rule.pattern.strip_prefix("iiif/").is_none_or(|below| image_apis.contains(&&below[..1]));
    let typed = TYPED.iter().map(|rule| (rule.pattern, "Content-Type", headers(rule.example).content_type));
    let kept = KEPT.iter().filter(is_there);
    typed.chain(kept.map(|rule| (rule.pattern, "Cache-Control", headers(rule.example).cache_control))).collect()
}

/// Endings whose media types our own server's settings name, so that they do not depend on its lists.
const ENDINGS: [&str; 58] = [
    "html",
    "htm",
    "txt",
    "md",
    "csv",
    "vtt",
    "css",
    "js",
    "mjs",
    "json",
    "xml",
    "rdf",
    "ttl",
    "nt",
    "geojson",
    "webmanifest",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "gif",
    "svg",
    "ico",
    "avif",
    "tif",
    "tiff",
    "jp2",
    "jxl",
    "pdf",
    "epub",
    "zip",
    "gz",
    "rtf",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ods",
    "odt",
    "odp",
    "pptx",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "mp3",
    "m4a",
    "ogg",
    "oga",
    "opus",
    "wav",
    "flac",
    "mp4",
    "m4v",
    "webm",
    "ogv",
    "mov",
    "wasm",
];

/// Endings with their media types.
pub(super) fn types() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENDINGS.into_iter().map(|ending| (ending, headers(&format!("a.{ending}")).content_type))
}
