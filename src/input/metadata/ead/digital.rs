//! EAD `dao`: digital objects. Those that are images, sound or film by their names are the component's pages; others are
//! linked.

use crate::input::metadata::draft::{Draft, link};
use crate::input::metadata::location::{Kind, Location};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::prose;
use crate::input::xml;
use crate::model::{LanguageMap, Link, RecordPage};
use roxmltree::Node;

/// Reads a `dao`, or a group of them.
pub fn read(node: Node<'_, '_>, draft: &mut Draft, pages: &mut Vec<RecordPage>, notes: &mut Notes<'_>) {
    let label = label(node);
    for object in node.descendants().filter(|inner| xml::is(*inner, "dao") || xml::is(*inner, "daoloc")) {
        let Some(href) = xml::attribute(object, "href").map(str::trim).filter(|href| !href.is_empty()) else {
            continue;
        };
        let role = xml::attribute(object, "role").or(xml::attribute(object, "linkrole")).unwrap_or_default();
        if role.contains("thumbnail") || prose::is_internal(object) {
            continue;
        }
        self::object(object, href, &label, draft, pages, notes);
    }
}

fn label(node: Node<'_, '_>) -> String {
    let described = ["daodesc", "descriptivenote"].iter().filter_map(|name| xml::child(node, name)).map(prose::line);
    let titled = ["title", "linktitle"].iter().filter_map(|name| xml::attribute(node, name)).map(str::to_owned);
    titled.chain(described).find(|label| !label.is_empty()).unwrap_or_else(|| "Digital object".into())
}

fn object(
    node: Node<'_, '_>,
    href: &str,
    label: &str,
    draft: &mut Draft,
    pages: &mut Vec<RecordPage>,
    notes: &mut Notes<'_>,
) {
    let location = Location::read(href);
    if let Ok(location) = &location {
        let name = location.name();
        draft.add_key(name);
        draft.add_key(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    }
    let web = link(href, label, "Text");
    match (location, web) {
        (Ok(location), _) if is_page(&location) => {
            let file = if location.is_local { location.path() } else { location.name().to_owned() };
            pages.push(RecordPage { file: Some(file), ..RecordPage::default() });
        }
        (_, Some(link)) if link.id.ends_with("manifest.json") || link.id.ends_with("/manifest") => {
            draft.see_also.push(Link { kind: Some("Manifest".into()), ..link });
        }
        (_, Some(link)) => draft.homepage.push(link),
        (Ok(location), None) if location.is_local => draft.rendering.push(Link {
            file: Some(location.path()),
            label: LanguageMap::plain(label),
            ..Link::default()
        }),
        (Ok(_), None) => notes.warn(node, format!("{} lies outside the folder; it is not linked", quoted(href))),
        (Err(why), None) => notes.warn(node, format!("{} is not linked: {why}", quoted(href))),
    }
}

fn is_page(location: &Location) -> bool {
    matches!(Kind::of_name(location.name()), Kind::Image | Kind::Sound | Kind::Video)
}
