//! Files of the output as objects: their bytes, which may be compressed, and the headers that are stored with them.
//!
//! Text can be compressed for buckets that readers ask directly, without a CDN that would compress it.

use crate::config::Compression;
use crate::error::Result;
use crate::publish::headers::{headers, is_text};
use crate::storage::store::{Store, failed};
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use object_store::{Attribute, Attributes, GetResult};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Shorter files are sent in one packet anyway.
const MIN_COMPRESSED: u64 = 1024;

/// Larger files are put in parts, so that they are not held in memory as a whole. They are not compressed.
pub const MAX_IN_MEMORY: u64 = 16 << 20;

/// Fast enough not to slow down uploads, and within a few percent of the smallest result.
const BROTLI_QUALITY: u32 = 9;
const BROTLI_WINDOW: u32 = 22;

/// The folder that was built, and how its text is put.
#[derive(Clone, Copy)]
pub struct BuiltSite<'a> {
    pub output: &'a Path,
    pub compression: Compression,
}

impl BuiltSite<'_> {
    /// The file on this machine for `path`, which is below the site's root.
    pub fn file(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.output.to_path_buf(), |folder, name| folder.join(name))
    }

    /// How a file of `bytes` is put into `store`.
    pub fn encoding(&self, path: &str, bytes: u64, store: &Store) -> Compression {
        let requested = if store.has_attributes { self.compression } else { Compression::None };
        encoding(path, bytes, requested)
    }
}

/// How a file of `bytes` is put: `Compression::None` unless it is text of a suitable size.
pub fn encoding(path: &str, bytes: u64, requested: Compression) -> Compression {
    let essence = headers(path).content_type.split(';').next().unwrap_or_default();
    if (MIN_COMPRESSED..=MAX_IN_MEMORY).contains(&bytes) && is_text(essence) { requested } else { Compression::None }
}

/// The value of `Content-Encoding`.
pub fn content_encoding(encoding: Compression) -> Option<&'static str> {
    match encoding {
        Compression::None => None,
        Compression::Gzip => Some("gzip"),
        Compression::Br => Some("br"),
    }
}

/// Whether `found`, the object at `path`, has the headers that it should have.
pub fn has_expected_headers(found: &GetResult, store: &Store, path: &str, encoding: Compression) -> bool {
    attributes(store, path, encoding).iter().all(|(attribute, value)| found.attributes.get(attribute) == Some(value))
}

/// The bytes of an object as they were before they were compressed.
pub async fn decoded(object: GetResult) -> Result<Vec<u8>> {
    let encoding = object.attributes.get(&Attribute::ContentEncoding).map(|encoding| encoding.to_string());
    let bytes = object.bytes().await.map_err(|error| failed(&error))?;
    let mut plain = vec![];
    let unpacked = match encoding.as_deref() {
        Some("gzip") => GzDecoder::new(bytes.as_ref()).take(MAX_IN_MEMORY).read_to_end(&mut plain),
        Some("br") => brotli::Decompressor::new(bytes.as_ref(), 4096).take(MAX_IN_MEMORY).read_to_end(&mut plain),
        _ => return Ok(bytes.to_vec()),
    };
    Ok(unpacked.map(|_| plain).unwrap_or_default())
}

/// The headers that are stored with the file at `path`. None in stores that cannot hold any.
pub fn attributes(store: &Store, path: &str, encoding: Compression) -> Attributes {
    if !store.has_attributes {
        return Attributes::new();
    }
    let headers = headers(path);
    let content_type = (Attribute::ContentType, headers.content_type);
    let mut attributes = Attributes::from_iter([content_type, (Attribute::CacheControl, headers.cache_control)]);
    if let Some(name) = content_encoding(encoding) {
        attributes.insert(Attribute::ContentEncoding, name.into());
    }
    attributes
}

/// The bytes as they are put. Compression takes long, so it does not run on a thread that sends.
pub async fn encoded(bytes: Vec<u8>, encoding: Compression) -> io::Result<Vec<u8>> {
    if encoding == Compression::None {
        return Ok(bytes);
    }
    let encoded = tokio::task::spawn_blocking(move || compress(bytes, encoding)).await;
    encoded.unwrap_or_else(|error| Err(error.into()))
}

/// The result for the same bytes is always the same.
fn compress(bytes: Vec<u8>, encoding: Compression) -> io::Result<Vec<u8>> {
    match encoding {
        Compression::None => Ok(bytes),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(vec![], flate2::Compression::best());
            encoder.write_all(&bytes)?;
            encoder.finish()
        }
        Compression::Br => {
            let mut encoder = brotli::CompressorWriter::new(vec![], 1 << 16, BROTLI_QUALITY, BROTLI_WINDOW);
            encoder.write_all(&bytes)?;
            encoder.flush()?;
            Ok(encoder.into_inner())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_compressed_and_nothing_else() {
        let gzip = |path, bytes| encoding(path, bytes, Compression::Gzip) == Compression::Gzip;
        for path in [
            "a/manifest.json",
            "iiif/3/a/info.json",
            "index.html",
            "assets/theme-ABCD2345.css",
            "a.svg",
            "b.xml",
            "c.txt",
        ] {
            assert!(gzip(path, 1024) && !gzip(path, 1023), "{path}");
            assert_eq!(encoding(path, 9999, Compression::None), Compression::None);
        }
        for path in ["iiif/3/a/full/max/0/default.jpg", "a.pdf", "a.zip", "fonts/a.woff2", "static"] {
            assert!(!gzip(path, 1 << 20), "{path}");
        }
    }

    #[test]
    fn what_is_compressed_comes_back_as_it_was() {
        let text = b"{\"type\": \"Manifest\"}".repeat(100);
        let (mut unzipped, mut decoded) = (vec![], vec![]);
        let zipped = compress(text.clone(), Compression::Gzip).unwrap();
        assert_eq!(zipped, compress(text.clone(), Compression::Gzip).unwrap());
        flate2::read::GzDecoder::new(zipped.as_slice()).read_to_end(&mut unzipped).unwrap();
        let compressed = compress(text.clone(), Compression::Br).unwrap();
        brotli::Decompressor::new(compressed.as_slice(), 4096).read_to_end(&mut decoded).unwrap();
        assert!(unzipped == text && decoded == text && zipped.len() < 200 && compressed.len() < 200);
    }
}
