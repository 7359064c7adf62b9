//! METS `amdSec` of the whole object: who owns it and what may be done with it (DFG Viewer's `rights` and `links`,
//! METSRights, PREMIS 2 and 3).

use super::Mets;
use crate::input::metadata::draft::{Draft, Group, Label, link};
use crate::input::metadata::notes::{Notes, quoted};
use crate::input::metadata::{prose, rights};
use crate::input::xml;
use crate::model::{LanguageMap, Link, OneOrMany, Provider};
use roxmltree::Node;
use std::collections::HashSet;

/// Reads what the divisions of the whole object refer to (`ADMID`).
pub fn read<'a>(mets: &Mets<'a, '_>, divs: [Option<Node<'a, '_>>; 2], draft: &mut Draft, notes: &mut Notes<'_>) {
    let mut sections = vec![];
    let mut known = HashSet::new();
    for div in divs.into_iter().flatten() {
        for name in ["amdSec", "rightsMD", "digiprovMD"] {
            let referred = mets.referred(div, "ADMID", name).into_iter();
            sections.extend(referred.filter(|section| known.insert(section.id())));
        }
    }
    for wrap in sections.into_iter().flat_map(|section| xml::below(section, "mdWrap")) {
        for data in xml::children(wrap, "xmlData").flat_map(|data| data.children()).filter(Node::is_element) {
            section(data, draft, notes);
        }
    }
}

fn section(data: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    match (data.tag_name().name(), data.tag_name().namespace()) {
        ("rights", Some("http://dfg-viewer.de/")) => owner(data, draft, notes),
        ("links", Some("http://dfg-viewer.de/")) => links(data, draft),
        ("RightsDeclarationMD", _) => mets_rights(data, draft, notes),
        ("rights" | "rightsStatement" | "premis", _) => premis(data, draft, notes),
        _ => {}
    }
}

/// The owner is the provider if his site is known, for a provider has an address.
fn owner(data: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let text = |name: &str| xml::child(data, name).map(xml::text).unwrap_or_default();
    let (owner, site) = (text("owner"), text("ownerSiteURL"));
    match link(&site, &owner, "Text") {
        Some(homepage) => draft.provider.push(Provider {
            label: homepage.label.clone(),
            id: site,
            homepage: OneOrMany(vec![Link { format: Some("text/html".into()), ..homepage }]),
            see_also: OneOrMany::default(),
            logo: OneOrMany(link(&text("ownerLogo"), "", "Image").into_iter().map(unlabelled).collect()),
        }),
        None => draft.add(Group::Rights, "Owner", owner),
    }
    draft.add(Group::Rights, "Contact", text("ownerContact").trim_start_matches("mailto:"));
    for node in data.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "owner" | "ownerSiteURL" | "ownerLogo" | "ownerContact" => {}
            "license" | "licence" => licence(&xml::text(node), draft),
            other => {
                let value = xml::text(node);
                if !value.is_empty() {
                    notes.warn(node, format!("{} of DFG Viewer's rights is taken over under this name", quoted(other)));
                    draft.add(Group::Rights, Label::of_file(other), prose::linked_if_address(&value));
                }
            }
        }
    }
}

fn unlabelled(link: Link) -> Link {
    Link { label: LanguageMap::default(), ..link }
}

fn licence(text: &str, draft: &mut Draft) {
    match rights::statement(text) {
        Some(statement) if draft.rights.is_none() => draft.rights = Some(statement),
        _ => draft.add(Group::Rights, "Rights", prose::linked_if_address(text)),
    }
}

/// The catalogue and the pages of the library; what is no address is its number there, and said elsewhere.
fn links(data: Node<'_, '_>, draft: &mut Draft) {
    for (name, label) in [("presentation", "Presentation"), ("reference", "Catalogue")] {
        for node in xml::children(data, name) {
            draft.homepage.extend(link(&xml::text(node), label, "Text"));
        }
    }
}

fn mets_rights(data: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    for node in xml::below(data, "RightsDeclaration") {
        licence(&xml::text(node), draft);
    }
    for node in xml::below(data, "UserName").chain(xml::below(data, "RightsHolderName")) {
        draft.add(Group::Rights, "Rights holder", xml::text(node));
    }
    if xml::child(data, "Context").is_some() {
        notes.warn(data, "permissions of METSRights (\"Context\") are not taken over");
    }
}

fn premis(data: Node<'_, '_>, draft: &mut Draft, notes: &mut Notes<'_>) {
    let values = [
        ("copyrightStatus", "Copyright status"),
        ("copyrightNote", "Copyright note"),
        ("licenseTerms", "Licence"),
        ("licenseNote", "Licence note"),
        ("statuteCitation", "Statute"),
        ("otherRightsNote", "Rights"),
    ];
    for (element, label) in values {
        for node in xml::below(data, element) {
            let text = xml::text(node);
            match rights::statement(&text).filter(|_| draft.rights.is_none()) {
                Some(statement) => draft.rights = Some(statement),
                None => draft.add(Group::Rights, label, prose::linked_if_address(&text)),
            }
        }
    }
    if xml::below(data, "rightsGranted").next().is_some() {
        notes.warn(data, "what PREMIS grants (\"rightsGranted\") is not taken over");
    }
}
