//! A component of a finding aid, or the whole: what it says itself, and what holds for it because it holds above.

use super::{did, digital, is_component};
use crate::error::Result;
use crate::input::metadata::draft::{Draft, Group, Label};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::{language, prose, rights};
use crate::input::xml;
use crate::model::{LabelValue, LanguageMap, Record, RecordPage};
use roxmltree::Node;

/// Characters of a title; it is repeated in each component below.
const MAX_TITLE: usize = 10_000;

/// What holds for the components below, unless they say otherwise. All of it is shared, not copied.
#[derive(Clone, Default)]
pub struct Inherited {
    /// Titles from the top.
    titles: Vec<String>,
    part_of: Option<LabelValue>,
    pub dates: Option<LabelValue>,
    pub repository: Option<LabelValue>,
    access: Option<LabelValue>,
    terms: Option<LabelValue>,
}

/// Notes by element: where they stand, and what they are called if they have no heading.
const NOTES: [(&str, Group, &str); 24] = [
    ("scopecontent", Group::Note, "Scope and content"),
    ("bioghist", Group::Note, "Biography or history"),
    ("arrangement", Group::Note, "Arrangement"),
    ("fileplan", Group::Note, "File plan"),
    ("acqinfo", Group::Holding, "Acquisition"),
    ("custodhist", Group::Holding, "Custodial history"),
    ("appraisal", Group::Holding, "Appraisal"),
    ("accruals", Group::Holding, "Accruals"),
    ("processinfo", Group::Note, "Processing"),
    ("prefercite", Group::Rights, "Preferred citation"),
    ("legalstatus", Group::Rights, "Legal status"),
    ("phystech", Group::Extent, "Physical condition"),
    ("relatedmaterial", Group::Note, "Related material"),
    ("separatedmaterial", Group::Note, "Separated material"),
    ("relations", Group::Note, "Relations"),
    ("otherfindaid", Group::Note, "Other finding aids"),
    ("altformavail", Group::Note, "Other forms available"),
    ("originalsloc", Group::Note, "Location of originals"),
    ("bibliography", Group::Note, "Bibliography"),
    ("bibref", Group::Note, "Bibliography"),
    ("index", Group::Note, "Index"),
    ("odd", Group::Note, "Note"),
    ("note", Group::Note, "Note"),
    ("didnote", Group::Note, "Note"),
];

/// Reads a component: its record, and what those below it inherit.
pub fn read(node: Node<'_, '_>, above: &Inherited, notes: &mut Notes<'_>) -> Result<(Record, Inherited)> {
    let mut draft = Draft::default();
    let mut own = Inherited::default();
    let mut pages = vec![];
    if let Some(id) = node.attribute("id").map(str::trim) {
        draft.add_key(id);
        draft.add_key(id.strip_prefix("aspace_").unwrap_or(id));
    }
    if let Some(did) = xml::child(node, "did") {
        did::read(did, &mut draft, &mut own, &mut pages, notes);
    }
    elements(node, &mut draft, &mut pages, notes);
    own.access = restrictions(node, "accessrestrict", "Conditions of access");
    own.terms = restrictions(node, "userestrict", "Conditions of use");
    let title = draft.title();
    if title.len() > MAX_TITLE {
        return Err(notes.error(node, format!("the title has {} bytes; at most {MAX_TITLE} are read", title.len())));
    }
    let inherited = own.or(above, title);
    for (group, pair) in [
        (Group::Date, &inherited.dates),
        (Group::Holding, &inherited.repository),
        (Group::Rights, &inherited.access),
        (Group::Rights, &inherited.terms),
        (Group::Context, &above.part_of),
    ] {
        pair.iter().for_each(|pair| draft.inherit(group, pair.clone()));
    }
    let (description, keys) = draft.finish();
    if keys.is_empty() && is_component(node) {
        notes.warn(node, "a component has no id, reference code or digital object by which its folder could be known");
    }
    let place = format!("line {}", notes.line(node));
    Ok((Record { keys, place, description, pages, ..Record::default() }, inherited))
}

impl Inherited {
    /// With what is said `above` where this says nothing.
    fn or(self, above: &Inherited, title: String) -> Inherited {
        let mut titles = above.titles.clone();
        if !title.is_empty() {
            titles.push(title);
        }
        Inherited {
            part_of: pair("Part of", titles.clone()),
            titles,
            dates: self.dates.or_else(|| above.dates.clone()),
            repository: self.repository.or_else(|| above.repository.clone()),
            access: self.access.or_else(|| above.access.clone()),
            terms: self.terms.or_else(|| above.terms.clone()),
        }
    }
}

/// A pair with an English label; `None` without values.
pub fn pair(label: &str, values: Vec<String>) -> Option<LabelValue> {
    let label = LanguageMap::plain(label).in_language("en");
    (!values.is_empty())
        .then(|| LabelValue { label, value: LanguageMap::from_iter([(language::NONE.to_owned(), values)]) })
}

/// What stands beside `did`.
fn elements(node: Node<'_, '_>, draft: &mut Draft, pages: &mut Vec<RecordPage>, notes: &mut Notes<'_>) {
    for inner in node.children().filter(Node::is_element) {
        let name = inner.tag_name().name();
        if is_component(inner) || matches!(name, "did" | "dsc" | "head" | "thead" | "runner") {
            continue;
        }
        if prose::is_internal(inner) {
            notes.warn(
                inner,
                format!("{} is left out: the archive keeps it to itself (audience=\"internal\")", quoted(name)),
            );
            continue;
        }
        match name {
            "descgrp" => elements(inner, draft, pages, notes),
            "controlaccess" => headings(inner, draft, notes),
            "dao" | "daogrp" | "daoset" => digital::read(inner, draft, pages, notes),
            "accessrestrict" => {}
            "userestrict" => draft.rights = draft.rights.take().or_else(|| statement(inner)),
            _ => note(inner, draft, notes),
        }
    }
}

/// A licence or rights statement that the terms of use link to.
fn statement(node: Node<'_, '_>) -> Option<String> {
    let addresses = node.descendants().flat_map(|inner| inner.attributes()).map(|attribute| attribute.value());
    addresses.filter_map(rights::statement).next()
}

/// All notes of this name as one pair, under the heading of the first.
fn restrictions(node: Node<'_, '_>, name: &str, label: &str) -> Option<LabelValue> {
    let groups = node.children().filter(|inner| xml::is(*inner, "descgrp"));
    let found: Vec<Node<'_, '_>> = groups
        .flat_map(|group| xml::below(group, name))
        .chain(xml::children(node, name))
        .filter(|found| !found.ancestors().any(prose::is_internal))
        .collect();
    let values = found.iter().map(|found| prose::note(*found)).filter(|text| !text.is_empty()).collect();
    let mut pair = pair(label, values)?;
    if let Some(heading) = found.iter().find_map(|found| heading(*found)) {
        pair.label = LanguageMap::plain(heading);
    }
    Some(pair)
}

fn heading(node: Node<'_, '_>) -> Option<String> {
    let heading = prose::line(xml::child(node, "head")?);
    let heading = heading.trim_end_matches([':', ' ']);
    (!heading.is_empty()).then(|| heading.to_owned())
}

/// What it is about stands in front, unless `abstract` does; all other notes are pairs, under their own headings.
pub fn note(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let name = node.tag_name().name();
    let Some((_, group, label)) = NOTES.iter().find(|(element, _, _)| *element == name) else {
        notes.warn(node, format!("{} of EAD is not taken over", quoted(name)));
        return;
    };
    let text = prose::note(node);
    let tag = language::tag(node);
    if name == "scopecontent" && draft.summary.is_empty() {
        draft.summary.add(text, &tag);
        return;
    }
    let label = heading(node).map(Label::of_file).unwrap_or_else(|| Label::from(*label));
    draft.add_in(*group, label, text, &tag);
}

fn headings(node: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    for inner in node.children().filter(Node::is_element) {
        let (group, label) = match inner.tag_name().name() {
            "head" | "p" => continue,
            "controlaccess" | "list" | "item" => {
                headings(inner, draft, notes);
                continue;
            }
            "subject" => (Group::Subject, "Subject"),
            "persname" | "corpname" | "famname" | "name" => (Group::Subject, "Name"),
            "geogname" => (Group::Subject, "Geographic name"),
            "genreform" => (Group::Genre, "Genre"),
            "occupation" => (Group::Subject, "Occupation"),
            "function" => (Group::Subject, "Function"),
            "title" => (Group::Subject, "Title as subject"),
            other => {
                notes.warn(inner, format!("{} of EAD is not taken over", quoted(other)));
                continue;
            }
        };
        draft.add_in(group, label, prose::line(inner), &language::tag(inner));
    }
}
