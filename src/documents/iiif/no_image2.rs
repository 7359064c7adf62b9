//! Stands for `image2` and `presentation2` in a program that was built without the feature `image2`. Settings that ask for
//! version 2 are refused before any of these functions is called for a document.

use super::{Document, Service, Settings};
use crate::documents::text::{Outline, Texts};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::pyramid::Pyramid;
use crate::model::settings::OlderApis;
use crate::model::site::{CollectionNode, SiteCollection, SiteItem};

pub mod image2 {
    use super::*;

    pub fn item_documents(_: &SiteItem, _: Settings<'_>) -> Vec<Document> {
        vec![]
    }

    pub fn links(_: &Pyramid) -> Vec<(String, String)> {
        vec![]
    }

    impl Service<'_> {
        pub fn older_info_json(&self, _: &BaseUrl) -> Vec<u8> {
            vec![]
        }
    }
}

pub mod presentation2 {
    use super::*;

    pub fn item_documents(_: &SiteItem, _: &Texts, _: &SiteCollection, _: Settings<'_>) -> Vec<Document> {
        vec![]
    }

    pub fn item_addresses(_: &SiteItem, _: &Outline, _: OlderApis) -> Vec<SitePath> {
        vec![]
    }

    pub fn collection_documents(_: &CollectionNode<'_>, _: Settings<'_>) -> Vec<Document> {
        vec![]
    }

    pub fn collection_addresses(_: &[SitePath], _: OlderApis) -> Vec<SitePath> {
        vec![]
    }
}
