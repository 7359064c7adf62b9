//! EAD 2002 and EAD3: an archive's finding aid. Each component (`c`, `c01` …) is a record, with the values that it
//! inherits from those above it.

mod did;

use super::builder::{Builder, Group, Label, link};
use super::warnings::Warnings;
use super::{prose, values};
use crate::error::Result;
use crate::input::withheld::is_component;
use crate::input::{language, xml};
use crate::model::{LabelValue, LanguageMap, NO_LANGUAGE, Record, RecordPage, Records};
use roxmltree::Node;

/// Nested components. EAD 2002 numbers twelve.
const MAX_LEVELS: usize = 24;

/// Reads an `ead` document.
pub fn read(root: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Result<Records> {
    let Some(archive) = xml::child(root, "archdesc") else {
        return Err(warnings
            .error(root, "this EAD has no \"archdesc\"; expected one, for it describes the archive")
            .with_hint("export the finding aid again, as EAD 2002 or EAD3"));
    };
    let header = ["eadheader", "control"].iter().find_map(|name| xml::child(root, name));
    let (mut own, inherited) = component(archive, &Inherited::default(), warnings)?;
    if let Some(header) = header {
        about_the_finding_aid(header, &mut own);
    }
    let mut below = vec![];
    components(archive, &inherited, 1, &mut below, warnings)?;
    Ok(Records { own: Some(own), below, ..Records::default() })
}

/// The identifiers of a finding aid, from a header that is not for the public too: they only find its folder.
pub fn identifiers(root: Node<'_, '_>) -> Vec<String> {
    let headers = root.children().filter(|node| xml::is(*node, "eadheader") || xml::is(*node, "control"));
    let ids = headers
        .flat_map(|header| header.children())
        .filter(|node| xml::is(*node, "eadid") || xml::is(*node, "recordid"));
    ids.map(xml::text).filter(|id| !id.is_empty()).collect()
}

/// The identifier is a key, the address is linked, and the title is used if the archive has none.
fn about_the_finding_aid(header: Node<'_, '_>, own: &mut Record) {
    for id in ["eadid", "recordid"].iter().filter_map(|name| xml::child(header, name)) {
        let address = ["url", "instanceurl"].iter().find_map(|name| id.attribute(*name));
        let text = xml::text(id);
        if let Some(link) = link(address.unwrap_or(&text), "Finding aid", "Text") {
            own.description.homepage.0.push(link);
        }
        own.keys.extend(Some(text).filter(|text| !text.is_empty()));
    }
    if own.description.label.is_empty()
        && let Some(title) = xml::below(header, "titleproper").map(xml::text).find(|title| !title.is_empty())
    {
        own.description.label = LanguageMap::plain(title);
    }
}

/// Adds the components in `node`, each followed by those within it.
fn components(
    node: Node<'_, '_>,
    above: &Inherited,
    level: usize,
    below: &mut Vec<Record>,
    warnings: &mut Warnings<'_>,
) -> Result<()> {
    for inner in node.children().filter(Node::is_element) {
        if is_component(inner) {
            if level > MAX_LEVELS {
                return Err(warnings.error(inner, format!("components are nested more than {MAX_LEVELS} deep")));
            }
            let (record, inherited) = component(inner, above, warnings)?;
            below.push(record);
            components(inner, &inherited, level + 1, below, warnings)?;
        } else if xml::is(inner, "dsc") {
            components(inner, above, level, below, warnings)?;
        }
    }
    Ok(())
}

/// Bytes of a title, which is repeated in each component below.
const MAX_TITLE: usize = 10_000;

/// Values that hold for the components below, unless these have their own. They are shared, not copied.
#[derive(Clone, Default)]
struct Inherited {
    /// Titles from the top down.
    titles: Vec<String>,
    part_of: Option<LabelValue>,
    dates: Option<LabelValue>,
    repository: Option<LabelValue>,
    access: Option<LabelValue>,
    terms: Option<LabelValue>,
}

/// Notes by element: their group, and their label if they have no heading.
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

/// Reads a component: its record, and the values that components below inherit.
fn component(node: Node<'_, '_>, above: &Inherited, warnings: &mut Warnings<'_>) -> Result<(Record, Inherited)> {
    let mut builder = Builder::default();
    let mut own = Inherited::default();
    let mut pages = vec![];
    if let Some(id) = node.attribute("id").map(str::trim) {
        builder.add_key(id);
        builder.add_key(id.strip_prefix("aspace_").unwrap_or(id));
    }
    if let Some(did) = xml::child(node, "did") {
        did::read(did, &mut builder, &mut own, &mut pages, warnings);
    }
    elements(node, &mut builder, &mut pages, warnings);
    own.access = restrictions(node, "accessrestrict", "Conditions of access");
    own.terms = restrictions(node, "userestrict", "Conditions of use");
    let title = builder.title();
    if title.len() > MAX_TITLE {
        return Err(warnings.error(node, format!("the title has {} bytes; at most {MAX_TITLE} are read", title.len())));
    }
    let inherited = own.or(above, title);
    for (group, pair) in [
        (Group::Date, &inherited.dates),
        (Group::Holding, &inherited.repository),
        (Group::Rights, &inherited.access),
        (Group::Rights, &inherited.terms),
        (Group::Context, &above.part_of),
    ] {
        pair.iter().for_each(|pair| builder.inherit(group, pair.clone()));
    }
    let (description, keys) = builder.finish();
    let place = format!("line {}", warnings.line(node));
    Ok((Record { keys, place, description, pages, ..Record::default() }, inherited))
}

impl Inherited {
    /// Takes the values from `above` that are missing here.
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
fn pair(label: &str, values: Vec<String>) -> Option<LabelValue> {
    let label = LanguageMap::plain(label).in_language("en");
    (!values.is_empty())
        .then(|| LabelValue { label, value: LanguageMap::from_iter([(NO_LANGUAGE.to_owned(), values)]) })
}

/// Reads the elements beside `did`.
fn elements(node: Node<'_, '_>, builder: &mut Builder, pages: &mut Vec<RecordPage>, warnings: &mut Warnings<'_>) {
    for inner in node.children().filter(Node::is_element) {
        let name = inner.tag_name().name();
        if is_component(inner) || matches!(name, "did" | "dsc" | "head" | "thead" | "runner") {
            continue;
        }
        match name {
            "descgrp" => elements(inner, builder, pages, warnings),
            "controlaccess" => headings(inner, builder, warnings),
            "dao" | "daogrp" | "daoset" => did::digital_objects(inner, builder, pages, warnings),
            "accessrestrict" => {}
            "userestrict" => builder.rights = builder.rights.take().or_else(|| statement(inner)),
            _ => note(inner, builder, warnings),
        }
    }
}

/// A licence or rights statement that the conditions of use link to.
fn statement(node: Node<'_, '_>) -> Option<String> {
    let addresses = node.descendants().flat_map(|inner| inner.attributes()).map(|attribute| attribute.value());
    addresses.filter_map(values::rights_statement).next()
}

/// All notes of this name as one pair, with the heading of the first as its label.
fn restrictions(node: Node<'_, '_>, name: &str, label: &str) -> Option<LabelValue> {
    let groups = node.children().filter(|inner| xml::is(*inner, "descgrp"));
    let found: Vec<Node<'_, '_>> =
        groups.flat_map(|group| xml::below(group, name)).chain(xml::children(node, name)).collect();
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

/// The first scope note is the summary, unless `abstract` is. All other notes are pairs with their own headings.
fn note(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let name = node.tag_name().name();
    let Some((_, group, label)) = NOTES.iter().find(|(element, _, _)| *element == name) else {
        warnings.not_taken_over(node, "EAD");
        return;
    };
    let text = prose::note(node);
    let tag = language::of_element(node);
    if name == "scopecontent" && builder.summary.is_empty() {
        builder.summary.add(text, &tag);
        return;
    }
    let label = heading(node).map(Label::of_file).unwrap_or_else(|| Label::from(*label));
    builder.add_in(*group, label, text, &tag);
}

fn headings(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    for inner in node.children().filter(Node::is_element) {
        let (group, label) = match inner.tag_name().name() {
            "head" | "p" => continue,
            "controlaccess" | "list" | "item" => {
                headings(inner, builder, warnings);
                continue;
            }
            "subject" => (Group::Subject, "Subject"),
            "persname" | "corpname" | "famname" | "name" => (Group::Subject, "Name"),
            "geogname" => (Group::Subject, "Geographic name"),
            "genreform" => (Group::Genre, "Genre"),
            "occupation" => (Group::Subject, "Occupation"),
            "function" => (Group::Subject, "Function"),
            "title" => (Group::Subject, "Title as subject"),
            _ => {
                warnings.not_taken_over(inner, "EAD");
                continue;
            }
        };
        builder.add_in(group, label, prose::line(inner), &language::of_element(inner));
    }
}

#[cfg(test)]
mod tests;
