//! What also a single image needs: the part of the machine that may be used, and an address.

use super::machine;
use std::path::PathBuf;

/// The base URL until `base-url` is set, and the address at which `serve` listens by default.
pub const LOCAL_BASE_URL: &str = "http://localhost:8000/";

/// The part of the machine that a build may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resources {
    /// The number of threads that compute, at least 1. By default one per core.
    pub jobs: usize,
    /// Bytes for pixels and codecs in the whole build, by default a quarter of the machine's memory. If the images need
    /// more together, fewer are made at a time; an image that needs more alone is refused.
    pub memory: u64,
    /// The program `iiif-build`, which then decodes images in its own processes: a crash of a codec costs one image.
    /// `None`, the default: this process decodes them.
    pub worker: Option<PathBuf>,
}

impl Resources {
    /// `None` is the default.
    pub fn new(jobs: Option<usize>, memory: Option<u64>) -> Resources {
        Resources {
            jobs: jobs.unwrap_or_else(machine::cores).max(1),
            memory: memory.unwrap_or_else(|| machine::memory() / 4),
            worker: None,
        }
    }
}

impl Default for Resources {
    fn default() -> Resources {
        Resources::new(None, None)
    }
}

/// Reads a number of bytes with an optional binary unit: `1073741824`, `512M`, `1G`, `1.5GiB`.
pub fn parse_bytes(text: &str) -> std::result::Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(format!("{text:?} is not a size such as 512M or 1G")),
    };
    let number: f64 = number.parse().map_err(|_| format!("{text:?} is not a size such as 512M or 1G"))?;
    Ok((number * (1u64 << shift) as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(parse_bytes("1G"), Ok(1 << 30));
        assert_eq!(parse_bytes("1.5MiB"), Ok(3 << 19));
        assert!(parse_bytes("many").is_err());
    }
}
