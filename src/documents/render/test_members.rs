//! Members of collections for tests.

use crate::model::address::SitePath;
use crate::model::site::{SiteCollection, SiteItem, SiteMember, Standing};
use crate::model::{Description, ItemId, LabelValue, LanguageMap};

/// A collection with these items, in the root of a site.
pub fn collection(members: impl Iterator<Item = Description>) -> SiteCollection {
    let member = |(number, description): (usize, Description)| {
        let name = number.to_string();
        SiteMember::Item(SiteItem {
            id: ItemId(name.clone()),
            path: SitePath::root().join(&name),
            description,
            pages: vec![],
            companions: vec![],
            annotations: vec![],
            missing: vec![],
            files: vec![],
            withheld: 0,
            pdf: None,
            lacks_card: false,
            standing: Standing::Sound,
        })
    };
    SiteCollection {
        path: SitePath::root(),
        description: Description::default(),
        members: members.enumerate().map(member).collect(),
        files: vec![],
        standing: Standing::Sound,
    }
}

/// The description of an item with a title.
pub fn titled(title: &str) -> Description {
    Description { label: LanguageMap::plain(title), ..Description::default() }
}

/// The description of an item with a date, as metadata have it.
pub fn dated(year: Option<i32>) -> Description {
    let pair = |year: i32| LabelValue {
        label: LanguageMap::plain("Date").in_language("en"),
        value: LanguageMap::plain(format!("about {year}")),
    };
    Description { metadata: year.map(pair).into_iter().collect(), ..titled("A title") }
}
