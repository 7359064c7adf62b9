//! `[iiif]`: for which older clients the site is published too.

use serde::{Deserialize, Deserializer, Serialize, de};

/// Which of the IIIF APIs are also published in version 2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OlderApis {
    pub image: bool,
    pub presentation: bool,
}

/// What somebody wrote.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ApiChoices {
    image_api: Versions,
    presentation_api: Versions,
}

impl ApiChoices {
    /// What then holds; else why it cannot, and the key at fault.
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
#[derive(Debug, Clone, Copy, Default)]
struct Versions {
    older: bool,
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Versions, D::Error> {
        let listed = Vec::<String>::deserialize(deserializer)?;
        if let Some(other) = listed.iter().find(|version| !matches!(version.as_str(), "2" | "3")) {
            return Err(de::Error::custom(format!("{other:?} is no version that is written; \"3\" and \"2\" are")));
        }
        match listed.iter().any(|version| version == "3") {
            true => Ok(Versions { older: listed.iter().any(|version| version == "2") }),
            false => Err(de::Error::custom("\"3\" must be in the list: the site and its pages are made of it")),
        }
    }
}
