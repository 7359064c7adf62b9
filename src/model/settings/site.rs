//! Settings of the whole site that are not about images: API versions, tables of items, annotations of text.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which of the IIIF APIs are also published in version 2. Version 3 always is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OlderApis {
    /// Image API 2.
    pub image: bool,
    /// Presentation API 2; only with Image API 2.
    pub presentation: bool,
}

/// The table `[iiif]` as it is written.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ApiChoices {
    image_api: Versions,
    presentation_api: Versions,
}

impl ApiChoices {
    /// The versions to publish.
    ///
    /// # Errors
    /// Why these choices do not go together, and the key at fault.
    pub fn complete(self) -> Result<OlderApis, (String, &'static str)> {
        let older = OlderApis { image: self.image_api.older, presentation: self.presentation_api.older };
        match older.presentation && !older.image {
            true => Err((
                "a Manifest of version 2 names images of version 2: set image-api = [\"3\", \"2\"] too".to_owned(),
                "presentation-api",
            )),
            false => Ok(older),
        }
    }
}

/// A list such as `["3", "2"]`, in any order.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
struct Versions {
    older: bool,
}

impl TryFrom<Vec<String>> for Versions {
    type Error = String;

    fn try_from(listed: Vec<String>) -> Result<Versions, String> {
        let has = |version: &str| listed.iter().any(|listed| listed == version);
        if let Some(other) = listed.iter().find(|version| !matches!(version.as_str(), "2" | "3")) {
            return Err(format!("there is no version {other:?}; expected [\"3\"] or [\"3\", \"2\"]"));
        }
        match has("3") {
            true => Ok(Versions { older: has("2") }),
            false => Err(
                "\"3\" must be in the list, because the pages of the site need it; expected [\"3\"] or [\"3\", \"2\"]"
                    .to_owned(),
            ),
        }
    }
}

/// The table `[tables]`: how tables of items and pages are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TableSettings {
    /// The meaning of a column by its header, exactly as written. The meaning is the name of a known column (`label`,
    /// `item`, `file` …). Any other text is the label of a metadata pair; an empty text leaves the column out.
    pub columns: BTreeMap<String, String>,
    /// Separates the values of a cell. Empty: a cell is one value.
    pub separator: String,
}

impl Default for TableSettings {
    fn default() -> TableSettings {
        TableSettings { columns: BTreeMap::new(), separator: "|".to_owned() }
    }
}

/// What becomes of an original that holds parts which are withheld: a metadata file or a table that is published as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Originals {
    /// It is published without these parts; where they cannot be cut out, not at all.
    #[default]
    Cut,
    /// It is not published.
    None,
    /// It is published whole.
    AsIs,
}

/// How much of a page's text one annotation holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Granularity {
    /// A line of text.
    #[default]
    Line,
    /// A word, where the file has words with boxes; else a line.
    Word,
}
