//! The libraries that read and write pixels, with their versions.

use super::{libjpeg, openjpeg};

/// `libjpeg-turbo 3.1.2`, `OpenJPEG 2.5.4` and so on. The versions of the others are those of `Cargo.lock`: a program that
/// was built without that file does not name them.
pub fn versions() -> Vec<String> {
    let of_c = [format!("libjpeg-turbo {}", libjpeg::version()), format!("OpenJPEG {}", openjpeg::version())];
    let others = option_env!("IIIF_BUILD_CODECS").unwrap_or_default().split(',').filter(|codec| !codec.is_empty());
    of_c.into_iter().chain(others.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_codec_has_a_version() {
        let versions = super::versions();
        assert!(versions.len() > 2, "{versions:?}");
        for codec in versions {
            let version = codec.split(' ').nth(1).unwrap();
            assert!(version.split('.').count() >= 2 && version.starts_with(|c: char| c.is_ascii_digit()), "{codec}");
        }
    }
}
