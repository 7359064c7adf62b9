//! What nginx and Apache are told, by the templates beside this file.
//!
//! Both match an address after it is decoded, and redirect by it as it was sent or encode it again: nothing that a
//! reader asks for becomes another header, or another host.

use super::rules::types;
use super::{Files, HostingFile, Site, fill};
use crate::documents::iiif::PRESENTATION_MEDIA_TYPE;
use crate::error::{Error, ErrorKind, Result};
use crate::publish::headers::{DOCUMENTS, HASHED, PIXELS, headers, is_text};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Endings by media type.
    types: BTreeMap<&'static str, Vec<&'static str>>,
    /// Media types that are told to be in UTF-8.
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
        // nginx adds both to HTML by itself, and complains of what is said twice.
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
