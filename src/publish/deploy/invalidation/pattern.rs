//! A path of an invalidation: one address, or all addresses with the same beginning.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>
//!
//! A path ends before a character that addresses can spell in two ways.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// CloudFront wants "unsafe" characters and those outside ASCII encoded, and no others.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b',').remove(b'/');

/// The longest path that CloudFront accepts, in bytes.
const MAX_BYTES: usize = 4000;

/// See the [module](self). It is held decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub start: String,
    /// Whether it covers all addresses that begin with `start`.
    pub is_open: bool,
}

impl Pattern {
    /// The pattern for an address from the host's root; a `*` at its end stands for any text.
    ///
    /// Clients and servers disagree about whether characters such as `'` are encoded, and CloudFront takes both
    /// spellings for different files. So the pattern is open from the first such character on.
    pub fn parse(address: &str) -> Pattern {
        let mut bytes = 0;
        for (at, c) in address.char_indices() {
            bytes += if c.is_ascii_alphanumeric() { 1 } else { 3 * c.len_utf8() };
            if !is_certain(c) || bytes >= MAX_BYTES {
                return Pattern::below(&address[..at]);
            }
        }
        Pattern { start: address.to_owned(), is_open: false }
    }

    /// Reads an encoded path that was sent before.
    pub fn decode(path: &str) -> Pattern {
        let rooted = format!("/{}", path.trim_start_matches('/'));
        Pattern::parse(&percent_decode_str(&rooted).decode_utf8_lossy())
    }

    /// All addresses that begin with `start`.
    pub fn below(start: &str) -> Pattern {
        Pattern { start: start.to_owned(), is_open: true }
    }

    pub fn covers(&self, other: &Pattern) -> bool {
        if self.is_open { other.start.starts_with(&self.start) } else { self == other }
    }

    pub fn encoded(&self) -> String {
        let path = utf8_percent_encode(&self.start, ENCODED);
        if self.is_open { format!("{path}*") } else { path.to_string() }
    }
}

/// Whether all clients write the character in an address in the same way.
fn is_certain(c: char) -> bool {
    match c {
        '-' | '.' | '_' | ',' | '/' | ' ' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ => !c.is_control() && c != char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
impl Pattern {
    pub fn matches(&self, address: &str) -> bool {
        if self.is_open { address.starts_with(&self.start) } else { address == self.start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelt_in_one_way_only_is_named_and_of_all_else_the_beginning() {
        for (address, path) in [
            ("/a/manifest.json", "/a/manifest.json"),
            ("/日本/a b.png", "/%E6%97%A5%E6%9C%AC/a%20b.png"),
            ("/L'été/index.html", "/L*"),
            ("/iiif/3/a~1/", "/iiif/3/a*"),
            ("/iiif/3/a_1/*", "/iiif/3/a_1/*"),
            ("/a*b/c", "/a*"),
            ("/a?<&>", "/a*"),
        ] {
            let pattern = Pattern::parse(address);
            assert_eq!(pattern.encoded(), path);
            assert_eq!(Pattern::decode(path), pattern);
        }
    }

    #[test]
    fn a_long_path_is_cut_and_a_damaged_one_is_still_one() {
        let long = Pattern::parse(&format!("/{}", "日".repeat(1000)));
        assert!(long.is_open && long.encoded().len() <= MAX_BYTES);
        assert_eq!(Pattern::decode("//evil.example/%FF</Path>").encoded(), "/evil.example/*");
    }
}
