//! `open-in`: other viewers that the page of an item leads to. Nothing of them is loaded before a reader follows the link.

use crate::model::LanguageMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// The place of the address of the Manifest.
const MANIFEST: &str = "{manifest}";
/// The place of a IIIF Content State, which can also name a page and a part of it. The address of a Manifest is one too.
const STATE: &str = "{state}";

const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The viewers of the usual setting.
const USUAL: [(&str, &str); 4] = [
    ("Mirador", "https://projectmirador.org/embed/?iiif-content={manifest}"),
    ("Universal Viewer", "https://universalviewer.dev/#?iiifManifestId={manifest}"),
    ("Clover", "https://samvera-labs.github.io/clover-iiif/docs/viewer/demo?iiif-content={state}"),
    ("Theseus", "https://theseusviewer.org/?iiif-content={state}"),
];

/// A viewer of another site, or [one of this site](super::SiteViewer).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `label` and `url`")]
pub struct OtherViewer {
    /// Its name.
    pub label: LanguageMap,
    /// Its address, with `{manifest}` for the encoded address of the Manifest, or `{state}` if it reads a IIIF Content State.
    pub url: String,
}

impl OtherViewer {
    /// Mirador, Universal Viewer, Clover and Theseus, at the addresses of their projects.
    pub fn usual() -> Vec<OtherViewer> {
        let viewer = |(label, url): (&str, &str)| OtherViewer { label: LanguageMap::plain(label), url: url.to_owned() };
        USUAL.into_iter().map(viewer).collect()
    }

    /// Why it cannot be used.
    pub fn refused(&self) -> Option<String> {
        let is_web = self.url.starts_with("https://") || self.url.starts_with("http://");
        let has_place = self.url.contains(MANIFEST) || self.url.contains(STATE);
        if self.label.is_empty() {
            Some("a viewer of `open-in` needs a `label`".to_owned())
        } else if !is_web || self.url.contains(char::is_whitespace) {
            Some(format!("the url {:?} of `open-in` is no address that begins with https://", self.url))
        } else if !has_place {
            Some(format!("the url {:?} of `open-in` must contain {MANIFEST} or {STATE}", self.url))
        } else {
            None
        }
    }

    /// The address that opens the Manifest at `manifest`.
    pub fn address(&self, manifest: &str) -> String {
        let encoded = utf8_percent_encode(manifest, QUERY_VALUE).to_string();
        self.url.replace(MANIFEST, &encoded).replace(STATE, &encoded)
    }

    /// The same with the place of a Content State left open. `None`: it has no such place.
    pub fn pattern(&self, manifest: &str) -> Option<String> {
        let encoded = utf8_percent_encode(manifest, QUERY_VALUE).to_string();
        self.url.contains(STATE).then(|| self.url.replace(MANIFEST, &encoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_the_encoded_manifest() {
        let usual = OtherViewer::usual();
        assert!(usual.iter().all(|viewer| viewer.refused().is_none()));
        let manifest = "https://example.org/a b/manifest.json?x=1&y#z";
        assert!(
            usual[0].address(manifest).ends_with("=https%3A%2F%2Fexample.org%2Fa%20b%2Fmanifest.json%3Fx%3D1%26y%23z")
        );
        assert_eq!((usual[0].pattern(manifest), usual[3].pattern(manifest)), (None, Some(usual[3].url.clone())));
    }

    #[test]
    fn an_address_that_runs_or_opens_nothing_is_refused() {
        let refused = |url: &str| OtherViewer { label: LanguageMap::plain("A"), url: url.into() }.refused();
        for url in ["javascript:alert('{manifest}')", "https://example.org/", "https://example.org/ {manifest}"] {
            assert!(refused(url).is_some(), "{url}");
        }
        assert_eq!(refused("https://example.org/#{manifest}"), None);
    }
}
