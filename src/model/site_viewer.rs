//! `viewer`: other viewers that the site has itself, each on a page of its own. `iiif-build add-viewer` brings them.

use super::address::BaseUrl;
use super::{LanguageMap, OtherViewer};
use serde::{Deserialize, Serialize};

/// The folder of all viewers below the root of the site.
const FOLDER: &str = "viewers";

/// A viewer that a site can have beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SiteViewer {
    /// Mirador.
    Mirador,
    /// The Universal Viewer.
    UniversalViewer,
    /// Clover.
    Clover,
}

impl SiteViewer {
    /// All of them, in the order of the command line.
    pub const ALL: [SiteViewer; 3] = [SiteViewer::Mirador, SiteViewer::UniversalViewer, SiteViewer::Clover];

    /// The name in settings, on the command line and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            SiteViewer::Mirador => "mirador",
            SiteViewer::UniversalViewer => "universalviewer",
            SiteViewer::Clover => "clover",
        }
    }

    /// The name for readers.
    pub fn title(self) -> &'static str {
        match self {
            SiteViewer::Mirador => "Mirador",
            SiteViewer::UniversalViewer => "Universal Viewer",
            SiteViewer::Clover => "Clover",
        }
    }

    /// The path of its folder below the root of the site, without slashes at the ends.
    pub fn folder(self) -> String {
        format!("{FOLDER}/{}", self.name())
    }

    /// Whether it makes code of strings while it runs: the Universal Viewer does for tables of contents.
    pub fn evaluates_strings(self) -> bool {
        self == SiteViewer::UniversalViewer
    }

    /// The entry of `open-in` that leads to its page.
    pub fn entry(self, base_url: &BaseUrl) -> OtherViewer {
        let url = format!("{}{}/?iiif-content={{state}}", base_url.as_str(), self.folder());
        OtherViewer { label: LanguageMap::plain(self.title()), url }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_is_opened_at_its_page_below_the_sites_address() {
        let base_url = BaseUrl::parse("https://a.example/x/").unwrap();
        let entry = SiteViewer::UniversalViewer.entry(&base_url);
        assert_eq!(entry.refused(), None);
        let address = entry.address("https://a.example/x/a/manifest.json");
        let expected = "https://a.example/x/viewers/universalviewer/?iiif-content=https%3A%2F%2Fa.example";
        assert!(address.starts_with(expected), "{address}");
    }

    #[test]
    fn the_name_in_the_settings_is_that_in_addresses() {
        for viewer in SiteViewer::ALL {
            assert_eq!(serde_json::to_value(viewer).unwrap(), viewer.name());
        }
    }
}
