//! The HTTP headers of each published file: its media type, and how long caches may keep it. One table for the preview,
//! for deploys and for the settings of hosts.
//!
//! IIIF asks for JSON-LD with the profile of the API (Image API 3, 5.1; Presentation API 3, 6.4); version 2 of both
//! asks for plain JSON unless the client requests JSON-LD (Image API 2.1, 5; Presentation API 2.1, 7.2).

use crate::documents::iiif::PRESENTATION_MEDIA_TYPE;
use crate::documents::iiif::media_type::media_type;
use crate::documents::info_json::{INFO_2_MEDIA_TYPE, INFO_MEDIA_TYPE};
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::{IMAGES, IMAGES_2, SiteViewer};

/// The values of `Content-Type` and `Cache-Control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers {
    pub content_type: &'static str,
    pub cache_control: &'static str,
}

/// `Cache-Control` of image files: a week. It is not longer, because a replaced scan keeps its address.
pub const PIXELS: &str = "public, max-age=604800";

/// `Cache-Control` of files whose names contain a hash of their bytes.
pub const HASHED: &str = "public, max-age=31536000, immutable";

/// `Cache-Control` of all files that the next build may change.
pub const DOCUMENTS: &str = "public, max-age=60";

/// `Content-Security-Policy` of all pages. They load nothing from elsewhere, and neither script nor style is written into
/// them, so that markup which slips into metadata can do nothing. Pages of other sites can show them in a frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'";

/// `Content-Security-Policy` of the pages of `viewers`. All of them write styles into their pages while they run. No script that
/// is written into a page runs there either.
pub fn viewers_policy(viewers: &[SiteViewer]) -> String {
    let policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
    match viewers.iter().any(|viewer| viewer.evaluates_strings()) {
        true => policy.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
        false => policy,
    }
}

/// The headers of a file; `path` is below the site's root.
pub fn headers(path: &str) -> Headers {
    Headers { content_type: content_type(path), cache_control: cache_control(path) }
}

/// Whether files of this media type, without parameters, are text, which compression makes much smaller.
pub fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") || ["json", "xml", "javascript"].iter().any(|ending| media_type.ends_with(ending))
}

/// The media type of unknown files.
const UNKNOWN: &str = "application/octet-stream";

fn content_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        INFO_JSON if is_below(path, IMAGES) => return INFO_MEDIA_TYPE,
        INFO_JSON if is_below(path, IMAGES_2) => return INFO_2_MEDIA_TYPE,
        "manifest.json" | "collection.json" => return PRESENTATION_MEDIA_TYPE,
        "atom.xml" => return "application/atom+xml; charset=utf-8",
        _ => {}
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        _ => media_type(name).or_else(|| mime_guess::from_path(name).first_raw()).unwrap_or(UNKNOWN),
    }
}

fn cache_control(path: &str) -> &'static str {
    let is_image = is_below(path, IMAGES) || is_below(path, IMAGES_2);
    match () {
        () if is_image && !path.ends_with("/info.json") => PIXELS,
        () if is_hashed(path) => HASHED,
        () => DOCUMENTS,
    }
}

/// Whether it is `assets/NAME-HASH.ENDING`, as `site/build.mjs` names its bundles.
pub fn is_hashed(path: &str) -> bool {
    let Some((_, hash)) = path.strip_prefix("assets/").and_then(|name| name.split('.').next()?.rsplit_once('-')) else {
        return false;
    };
    hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether `path` is a file in a folder of `images`.
fn is_below(path: &str, images: &str) -> bool {
    path.strip_prefix(images).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_viewers_may_have_styles_and_still_no_scripts_of_their_own() {
        let mirador = viewers_policy(&[SiteViewer::Mirador]);
        assert!(mirador.contains("script-src 'self'; style-src 'self' 'unsafe-inline'; img-src"), "{mirador}");
        let both = viewers_policy(&[SiteViewer::Mirador, SiteViewer::UniversalViewer]);
        assert!(both.contains("script-src 'self' 'unsafe-eval'; style-src"), "{both}");
    }

    #[test]
    fn each_kind_of_file_has_its_type_and_its_time() {
        for (path, content_type, cache_control) in [
            ("iiif/3/a_1/info.json", INFO_MEDIA_TYPE, DOCUMENTS),
            ("iiif/2/a_1/info.json", "application/json", DOCUMENTS),
            ("iiif/3/a_1/full/max/0/default.jpg", "image/jpeg", PIXELS),
            ("iiif/3/a_1/0,0,512,512/512,512/0/default.webp", "image/webp", PIXELS),
            ("a/manifest.json", PRESENTATION_MEDIA_TYPE, DOCUMENTS),
            ("collection.json", PRESENTATION_MEDIA_TYPE, DOCUMENTS),
            ("a/manifest.v2.json", "application/json", DOCUMENTS),
            ("a/annotations/0001.json", "application/json", DOCUMENTS),
            ("index.html", "text/html; charset=utf-8", DOCUMENTS),
            ("sitemap.xml", "application/xml", DOCUMENTS),
            ("assets/viewer-ABCD2345.js", "text/javascript; charset=utf-8", HASHED),
            ("assets/THIRD-PARTY-NOTICES.txt", "text/plain; charset=utf-8", DOCUMENTS),
            ("assets/my-logo.png", "image/png", DOCUMENTS),
            ("fonts/a.woff2", "font/woff2", DOCUMENTS),
            ("favicon.ico", "image/x-icon", DOCUMENTS),
            ("static", UNKNOWN, DOCUMENTS),
        ] {
            assert_eq!(headers(path), Headers { content_type, cache_control }, "{path}");
        }
    }
}
