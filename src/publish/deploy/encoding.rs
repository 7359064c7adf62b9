//! Text that is put compressed, for buckets that readers ask without anything in between that would compress it.

use super::upload::LARGE;
use crate::config::Compression;
use crate::publish::headers::{headers, is_text};
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// Less than this is sent in one packet anyway.
const LEAST: u64 = 1024;

/// As fast as what is put can be sent, and within a few percent of the most.
const BROTLI_QUALITY: u32 = 9;
const BROTLI_WINDOW: u32 = 22;

/// How a file is put: `Compression::None` for what is not text, is short, or is too large to be held in memory.
pub fn encoding(path: &str, bytes: u64, asked: Compression) -> Compression {
    let essence = headers(path).content_type.split(';').next().unwrap_or_default();
    if (LEAST..=LARGE).contains(&bytes) && is_text(essence) { asked } else { Compression::None }
}

/// As hosts name it.
pub fn name(encoding: Compression) -> Option<&'static str> {
    match encoding {
        Compression::None => None,
        Compression::Gzip => Some("gzip"),
        Compression::Br => Some("br"),
    }
}

/// The same bytes each time.
pub fn encoded(bytes: Vec<u8>, encoding: Compression) -> io::Result<Vec<u8>> {
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
    use std::io::Read;

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
        let zipped = encoded(text.clone(), Compression::Gzip).unwrap();
        assert_eq!(zipped, encoded(text.clone(), Compression::Gzip).unwrap());
        flate2::read::GzDecoder::new(zipped.as_slice()).read_to_end(&mut unzipped).unwrap();
        let compressed = encoded(text.clone(), Compression::Br).unwrap();
        brotli::Decompressor::new(compressed.as_slice(), 4096).read_to_end(&mut decoded).unwrap();
        assert!(unzipped == text && decoded == text && zipped.len() < 200 && compressed.len() < 200);
    }
}
