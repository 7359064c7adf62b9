//! Settings for nginx and Apache, from the templates beside this file.
//!
//! Both match the decoded address, and redirect to the address as it was sent, or encode it again. So no request can
//! add a header or lead to another host.

use super::site::{Files, HostingFile, Site, Viewers, fill};
use crate::documents::iiif::PRESENTATION_MEDIA_TYPE;
use crate::error::{Error, ErrorKind, Result};
use crate::publish::headers::{CONTENT_SECURITY_POLICY, DOCUMENTS, HASHED, PIXELS, headers, is_text};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Endings whose media types the settings name, so that they do not depend on the server's own lists.
const ENDINGS: &str = "html htm txt md csv vtt css js mjs json xml rdf ttl nt geojson webmanifest jpg jpeg png webp gif svg ico \
    avif tif tiff jp2 jxl pdf epub zip gz rtf doc docx xls xlsx ods odt odp pptx woff woff2 ttf otf mp3 m4a \
    ogg oga opus wav flac mp4 m4v webm ogv mov wasm";

/// Endings with their media types.
fn types() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENDINGS.split(' ').map(|ending| (ending, headers(&format!("a.{ending}")).content_type))
}

#[derive(Serialize)]
struct Values {
    /// The path of `base-url`; `base_pattern` is a regular expression that matches it.
    base: String,
    /// Without the slash at its end.
    bare: String,
    base_pattern: String,
    output: String,
    /// Matches the version of the Image API in an address.
    api: &'static str,
    image_type: &'static str,
    presentation_type: &'static str,
    feed_type: &'static str,
    pixels: &'static str,
    hashed: &'static str,
    documents: &'static str,
    policy: &'static str,
    viewers: Option<Viewers>,
    /// Endings by media type.
    types: BTreeMap<&'static str, Vec<&'static str>>,
    /// Media types that are sent with `charset=utf-8`.
    in_utf8: BTreeSet<&'static str>,
    /// Media types that become much smaller.
    compressible: BTreeSet<&'static str>,
}

const UTF_8: &str = "; charset=utf-8";

impl Values {
    fn of(site: &Site<'_>) -> Result<Values> {
        let base = site.base_path()?;
        let mut values = Values {
            base_pattern: regex::escape(&base),
            bare: base.trim_end_matches('/').to_owned(),
            base,
            output: site.output.to_string_lossy().into_owned(),
            api: if site.image_api_2 { "[23]" } else { "3" },
            image_type: headers("iiif/3/a/info.json").content_type,
            presentation_type: PRESENTATION_MEDIA_TYPE,
            feed_type: headers("atom.xml").content_type.trim_end_matches(UTF_8),
            pixels: PIXELS,
            hashed: HASHED,
            documents: DOCUMENTS,
            policy: CONTENT_SECURITY_POLICY,
            viewers: site.viewers(),
            types: BTreeMap::new(),
            in_utf8: BTreeSet::new(),
            compressible: BTreeSet::new(),
        };
        for (ending, media_type) in types() {
            let bare = media_type.trim_end_matches(UTF_8);
            values.types.entry(bare).or_default().push(ending);
            if bare != media_type {
                values.in_utf8.insert(bare);
            }
            if is_text(bare) {
                values.compressible.insert(bare);
            }
        }
        // nginx adds both to HTML by itself, and refuses duplicates.
        values.in_utf8.insert(values.feed_type);
        for types in [&mut values.in_utf8, &mut values.compressible] {
            types.remove("text/html");
        }
        values.compressible.insert(values.feed_type);
        Ok(values)
    }
}

pub(super) fn nginx(site: &Site<'_>) -> Result<Files> {
    let values = Values::of(site)?;
    if values.output.contains(['$', '"', '\\', '\n', '\r']) {
        let refused = Error::new(ErrorKind::Config, "nginx cannot be told a folder of this name");
        return Err(refused.with_path(site.output).with_hint("its path may not hold $, \", \\ or a line break"));
    }
    let path = site.root.join("hosting").join("nginx.conf");
    let next = vec![
        format!("in a server block of nginx: include {}; then: nginx -t && nginx -s reload", path.display()),
        format!("if the site lies elsewhere on the server, correct {} in the line `alias`", values.output),
    ];
    Ok(Files { files: vec![HostingFile { path, text: fill(include_str!("nginx.conf"), &values)? }], next })
}

pub(super) fn apache(site: &Site<'_>) -> Result<Files> {
    let text = fill(include_str!("htaccess"), &Values::of(site)?)?;
    let next = vec![
        "build: it is copied into the output with the other static files".to_owned(),
        "the server needs mod_headers, mod_rewrite and mod_alias, and for the folder: AllowOverride All".to_owned(),
    ];
    Ok(Files { files: vec![HostingFile { path: site.static_files.join(".htaccess"), text }], next })
}
