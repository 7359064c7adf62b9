//! `iiif-build.toml` and what overrides it, merged in one place into a [`Config`] without gaps.
//!
//! Flag > environment > file > default; the binary hands flags and environment over as [`Overrides`].

use crate::address::BaseUrl;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::machine;
use crate::model::{LanguageMap, NO_LANGUAGE, is_language_tag};
use serde::{Deserialize, de::DeserializeOwned};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The name of the configuration file in a project's root.
pub const FILE_NAME: &str = "iiif-build.toml";

/// Where ids point until a `base-url` is set; also where `serve` listens by default.
pub const LOCAL_BASE_URL: &str = "http://localhost:8000/";

const TILE_SIZES: RangeInclusive<u32> = 64..=4096;

/// A project's settings, complete and valid.
#[derive(Debug, Clone)]
pub struct Config {
    /// The project's folder.
    pub root: PathBuf,
    pub content: PathBuf,
    pub output: PathBuf,
    /// The project's own templates, where it has any.
    pub templates: PathBuf,
    /// Copied into the site as it is, where there is one.
    pub static_files: PathBuf,
    pub base_url: BaseUrl,
    /// Whether somebody chose `base_url`.
    pub base_url_is_set: bool,
    /// Empty: the root collection's label.
    pub title: LanguageMap,
    /// BCP 47 tag of the site's language.
    pub language: String,
    pub images: ImageSettings,
    pub resources: Resources,
    /// Stop at the first image that fails.
    pub fail_fast: bool,
}

/// How images are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSettings {
    /// Side of a square tile in pixels, a multiple of 16.
    pub tile_size: u32,
    /// JPEG quality, 1 to 100. From 90 on colour is not subsampled.
    pub quality: u8,
    /// Longest side of `full/max` in pixels; [`u32::MAX`] for the whole image.
    pub max_size: u32,
    pub lossless: Lossless,
}

/// Whether tiles are taken from a JPEG or JPEG-tiled TIFF as they are, instead of being encoded a second time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lossless {
    /// Where that costs few bytes more than encoding anew would give.
    #[default]
    Auto,
    /// Wherever the file allows it, whatever its quality.
    Always,
    Never,
}

impl Default for ImageSettings {
    fn default() -> ImageSettings {
        ImageSettings { tile_size: 512, quality: 80, max_size: 4096, lossless: Lossless::Auto }
    }
}

impl ImageSettings {
    /// Says which setting is out of its range.
    pub fn check(&self) -> Result<()> {
        let problem = if !TILE_SIZES.contains(&self.tile_size) || !self.tile_size.is_multiple_of(16) {
            format!("tile-size is {}; it must be a multiple of 16 from 64 to 4096", self.tile_size)
        } else if !(1..=100).contains(&self.quality) {
            format!("quality is {}; it must be from 1 to 100", self.quality)
        } else if self.max_size < self.tile_size {
            format!("max-size is {}; it must not be below tile-size ({})", self.max_size, self.tile_size)
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Config, problem))
    }
}

/// What a build may use of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Threads that compute.
    pub jobs: usize,
    /// Bytes for pixels and codecs, over the whole run.
    pub memory: u64,
}

impl Resources {
    /// `jobs`: all cores; `memory`: a quarter of the machine, where not given.
    pub fn new(jobs: Option<usize>, memory: Option<u64>) -> Resources {
        Resources {
            jobs: jobs.unwrap_or_else(machine::cores).max(1),
            memory: memory.unwrap_or_else(|| machine::memory() / 4),
        }
    }
}

/// What flags and environment say; `None` where they say nothing.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub base_url: Option<String>,
    pub output: Option<PathBuf>,
    pub jobs: Option<usize>,
    pub memory: Option<u64>,
    pub fail_fast: bool,
    pub lossless: Option<Lossless>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct File {
    base_url: Option<String>,
    title: LanguageMap,
    language: Option<String>,
    content: Option<PathBuf>,
    output: Option<PathBuf>,
    images: FileImages,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct FileImages {
    tile_size: Option<u32>,
    quality: Option<u8>,
    max_size: Option<MaxSize>,
    lossless: Lossless,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a number of pixels or \"full\"")]
enum MaxSize {
    Pixels(u32),
    Word(Full),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Full {
    Full,
}

impl Config {
    /// Reads the project in `root`: a folder with `content/`, and `iiif-build.toml` where it has one.
    pub fn load(root: &Path, overrides: &Overrides) -> Result<Config> {
        let path = root.join(FILE_NAME);
        let file: File = match fs::read_to_string(&path) {
            Ok(text) => parse_toml(&text, &path, ErrorKind::Config)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(error) => return Err(Error::read(ErrorKind::Config, &path, error)),
        };
        let config = file.complete(root, overrides).map_err(|error| error.with_path(&path))?;
        if !config.content.is_dir() {
            return Err(Error::new(ErrorKind::Config, "there is no such folder").with_path(&config.content).with_hint(
                "a project is a folder with content/ in it: `iiif-build init DIR` makes one, --root names one",
            ));
        }
        Ok(config)
    }
}

impl File {
    fn complete(self, root: &Path, overrides: &Overrides) -> Result<Config> {
        let base_url = overrides.base_url.as_ref().or(self.base_url.as_ref());
        let base_url_is_set = base_url.is_some();
        let base_url = base_url.map_or(LOCAL_BASE_URL, String::as_str);
        let base_url = BaseUrl::parse(base_url)
            .map_err(|why| Error::new(ErrorKind::Config, format!("base-url {base_url:?} cannot be used: {why}")))?;
        let language = self.language.unwrap_or_else(|| NO_LANGUAGE.to_owned());
        if !is_language_tag(&language) {
            return Err(Error::new(ErrorKind::Config, format!("language {language:?} is not a tag such as \"en\"")));
        }
        let defaults = ImageSettings::default();
        let images = ImageSettings {
            tile_size: self.images.tile_size.unwrap_or(defaults.tile_size),
            quality: self.images.quality.unwrap_or(defaults.quality),
            max_size: match self.images.max_size {
                None => defaults.max_size.max(self.images.tile_size.unwrap_or(0)),
                Some(MaxSize::Pixels(pixels)) => pixels,
                Some(MaxSize::Word(Full::Full)) => u32::MAX,
            },
            lossless: overrides.lossless.unwrap_or(self.images.lossless),
        };
        images.check()?;
        let output = match &overrides.output {
            Some(output) => output.clone(),
            None => root.join(self.output.unwrap_or_else(|| "public".into())),
        };
        Ok(Config {
            content: root.join(self.content.unwrap_or_else(|| "content".into())),
            output,
            templates: root.join("templates"),
            static_files: root.join("static"),
            base_url,
            base_url_is_set,
            title: self.title,
            language,
            images,
            resources: Resources::new(overrides.jobs, overrides.memory),
            fail_fast: overrides.fail_fast,
            root: root.to_path_buf(),
        })
    }
}

/// Parses a TOML file of kind `kind`; an error carries line and column, and for a misspelt key the keys there are.
pub fn parse_toml<T: DeserializeOwned>(text: &str, path: &Path, kind: ErrorKind) -> Result<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str(text).map_err(|error| {
        let refused = Error::new(kind, error.message()).with_path(path);
        match error.span() {
            Some(span) => refused.with_position(Position::of(text, span.start)),
            None => refused,
        }
    })
}

/// Reads `1073741824`, `512M`, `1G`, `1.5GiB`: bytes with an optional binary unit.
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

    fn complete(text: &str) -> Result<Config> {
        parse_toml::<File>(text, Path::new(FILE_NAME), ErrorKind::Config)?
            .complete(Path::new("project"), &Overrides::default())
    }

    #[test]
    fn an_empty_file_is_a_complete_configuration() {
        let config = complete("").unwrap();
        assert_eq!(config.output, Path::new("project/public"));
        assert_eq!(config.images, ImageSettings::default());
        assert!(!config.base_url_is_set);
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_line_and_column() {
        let error = complete("base-url = \"https://example.org\"\n[images]\ntile-sise = 256\n").unwrap_err();
        assert_eq!(error.position(), Some(Position { line: 3, column: 1 }), "{error}");
        assert!(error.message().contains("tile-sise") && error.message().contains("tile-size"), "{error}");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for text in
            ["[images]\ntile-size = 100", "[images]\nquality = 0", "[images]\nmax-size = 256", "base-url = \"x\""]
        {
            assert!(complete(text).is_err(), "{text}");
        }
        assert_eq!(complete("[images]\nmax-size = \"full\"").unwrap().images.max_size, u32::MAX);
    }

    #[test]
    fn flags_win_over_the_file() {
        let file: File = toml::from_str("base-url = \"https://a.example\"\noutput = \"out\"").unwrap();
        let overrides = Overrides { base_url: Some("https://b.example".into()), ..Overrides::default() };
        let config = file.complete(Path::new("p"), &overrides).unwrap();
        assert_eq!(config.base_url.as_str(), "https://b.example/");
        assert_eq!(config.output, Path::new("p/out"));
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(parse_bytes("1G"), Ok(1 << 30));
        assert_eq!(parse_bytes("1.5MiB"), Ok(3 << 19));
        assert!(parse_bytes("many").is_err());
    }
}
