//! MODS `titleInfo`: which one is the title, and how its parts are put together.

use crate::input::metadata::draft::{Draft, Group, Label};
use crate::input::metadata::language;
use crate::input::metadata::notes::Notes;
use crate::input::xml;
use roxmltree::Node;

/// The label is the title without a `type`, in each language that it is given in; if there is none, one with a type;
/// if that fails too, the title of the series or host, as some give it. Others are pairs.
pub fn read(mods: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let mut titles: Vec<(Node<'_, '_>, String)> = xml::children(mods, "titleInfo")
        .map(|info| (info, words(info)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    titles.sort_by_key(|(info, _)| (sort(*info).is_some(), info.attribute("usage") != Some("primary")));
    for (info, words) in titles {
        let language = language::tag(info);
        let is_main = match sort(info) {
            None => !draft.label.has(&language) && (language != language::NONE || draft.label.is_empty()),
            Some(_) => draft.label.is_empty(),
        };
        match is_main {
            true => draft.label.add(words, &language),
            false => draft.add_in(Group::Title, label(info), words, &language),
        }
    }
    if draft.label.is_empty() {
        take_from_related(mods, draft, notes);
    }
}

fn take_from_related(mods: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let of_type = |kind: &'static str| {
        xml::children(mods, "relatedItem").filter(move |item| item.attribute("type") == Some(kind))
    };
    for (kind, item) in of_type("series").map(|item| ("series", item)).chain(of_type("host").map(|item| ("host", item)))
    {
        let words = of_related(item);
        if !words.is_empty() {
            notes.warn(item, format!("the record has no title of its own; that of its {kind} is taken"));
            draft.label.add(words, &language::tag(item));
            return;
        }
    }
}

/// The first title of a related item that is not empty.
pub fn of_related(item: Node<'_, '_>) -> String {
    xml::children(item, "titleInfo").map(words).find(|words| !words.is_empty()).unwrap_or_default()
}

/// `alternative`, `translated`, `uniform` or `abbreviated`.
fn sort<'a>(info: Node<'a, '_>) -> Option<&'a str> {
    info.attribute("type").map(str::trim).filter(|sort| !sort.is_empty())
}

fn label(info: Node<'_, '_>) -> Label {
    match (info.attribute("displayLabel").map(str::trim), sort(info)) {
        (Some(label), _) if !label.is_empty() => Label::of_file(label.trim_end_matches(':')),
        (_, Some("alternative")) => "Alternative title".into(),
        (_, Some("translated")) => "Translated title".into(),
        (_, Some("uniform")) => "Uniform title".into(),
        (_, Some("abbreviated")) => "Abbreviated title".into(),
        (_, sort) => Label::of_sort("Title", sort),
    }
}

/// `nonSort title : subTitle. partNumber, partName`, as the file orders the parts.
fn words(info: Node<'_, '_>) -> String {
    let mut words = String::new();
    let mut is_in_part = false;
    for node in info.children().filter(Node::is_element) {
        let text = xml::text(node);
        let name = node.tag_name().name();
        let is_part = matches!(name, "partNumber" | "partName");
        if text.is_empty() {
            continue;
        }
        let between = match name {
            _ if words.is_empty() => "",
            "title" if words.ends_with(['\'', '’', '-']) => "",
            "title" => " ",
            // Written "subtitle" by some.
            "subTitle" | "subtitle" => " : ",
            _ if is_part && is_in_part => ", ",
            _ if is_part && words.ends_with('.') => " ",
            _ if is_part => ". ",
            _ => " ",
        };
        is_in_part = is_part;
        words.push_str(between);
        words.push_str(&text);
    }
    words
}
