//! METS `dmdSec`, descriptions in MODS, Dublin Core or MARC; and `amdSec` of the whole object, its owner and rights
//! (`rights` and `links` of DFG Viewer, METSRights, PREMIS 2 and 3).

use super::Mets;
use crate::error::Result;
use crate::input::metadata::builder::{Builder, Group, Label, link};
use crate::input::metadata::warnings::{Warnings, quoted};
use crate::input::metadata::{dc, marc, mods, prose, values};
use crate::input::xml;
use crate::model::{LanguageMap, Link, OneOrMany, Provider};
use roxmltree::Node;
use std::collections::HashSet;

/// Reads a `dmdSec`. Descriptions in other formats or in other files give a warning.
pub fn description(section: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Result<Builder> {
    let mut builder = Builder::default();
    for reference in xml::children(section, "mdRef") {
        elsewhere(reference, &mut builder, warnings);
    }
    for wrap in xml::children(section, "mdWrap") {
        match xml::child(wrap, "xmlData") {
            Some(data) => builder.merge(wrapped(wrap, data, warnings)?),
            None => warnings.warn(wrap, "a description that is not XML (\"binData\") is not taken over"),
        }
    }
    Ok(builder)
}

fn wrapped(wrap: Node<'_, '_>, data: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Result<Builder> {
    let mut builder = Builder::default();
    if data.children().any(dc::is_element) {
        return Ok(dc::record(data).map(|record| dc::read(record, warnings)).unwrap_or_default());
    }
    for node in data.children().filter(Node::is_element) {
        let inner = match node.tag_name().name() {
            "modsCollection" => xml::child(node, "mods").unwrap_or(node),
            "collection" => xml::child(node, "record").unwrap_or(node),
            _ => node,
        };
        match inner.tag_name().name() {
            "mods" => builder.merge(mods::read(inner, warnings)),
            "record" if xml::child(inner, "leader").is_some() => builder.merge(marc::read(inner, warnings)?),
            _ => match dc::record(inner) {
                Some(record) => builder.merge(dc::read(record, warnings)),
                // Ground truth of OCR-D describes the quality of a transcription, not the page.
                None if xml::is(inner, "gt") => {}
                None => not_taken_over(wrap, warnings),
            },
        }
    }
    Ok(builder)
}

fn not_taken_over(wrap: Node<'_, '_>, warnings: &mut Warnings<'_>) {
    let kind = ["OTHERMDTYPE", "MDTYPE"].iter().find_map(|name| wrap.attribute(*name)).unwrap_or("no kind");
    let message = format!("a description of kind {} is not taken over; MODS, Dublin Core and MARC are", quoted(kind));
    warnings.warn(wrap, message);
}

fn elsewhere(reference: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let kind = reference.attribute("MDTYPE").unwrap_or("of no kind");
    let address = xml::attribute(reference, "href").unwrap_or_default().trim();
    match link(address, kind, "Dataset") {
        Some(link) => {
            builder.see_also.push(link);
            warnings.warn(reference, format!("a description ({kind}) is elsewhere; it is linked, not read"));
        }
        None => warnings.warn(reference, format!("a description ({kind}) is elsewhere; it is not read")),
    }
}

/// Reads the sections that the divisions of the whole object refer to (`ADMID`).
pub fn rights<'a>(
    mets: &Mets<'a, '_>,
    divs: [Option<Node<'a, '_>>; 2],
    builder: &mut Builder,
    warnings: &mut Warnings<'_>,
) {
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
            rights_section(data, builder, warnings);
        }
    }
}

fn rights_section(data: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    match (data.tag_name().name(), data.tag_name().namespace()) {
        ("rights", Some("http://dfg-viewer.de/")) => owner(data, builder, warnings),
        ("links", Some("http://dfg-viewer.de/")) => links(data, builder),
        ("RightsDeclarationMD", _) => mets_rights(data, builder, warnings),
        ("rights" | "rightsStatement" | "premis", _) => premis(data, builder, warnings),
        _ => {}
    }
}

/// The owner becomes the provider if the address of its site is known, because a provider must have an address.
fn owner(data: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let text = |name: &str| xml::child(data, name).map(xml::text).unwrap_or_default();
    let (owner, site) = (text("owner"), text("ownerSiteURL"));
    match link(&site, &owner, "Text") {
        Some(homepage) => builder.provider.push(Provider {
            label: homepage.label.clone(),
            id: site,
            homepage: OneOrMany(vec![Link { format: Some("text/html".into()), ..homepage }]),
            see_also: OneOrMany::default(),
            logo: OneOrMany(link(&text("ownerLogo"), "", "Image").into_iter().map(unlabelled).collect()),
        }),
        None => builder.add(Group::Rights, "Owner", owner),
    }
    builder.add(Group::Rights, "Contact", text("ownerContact").trim_start_matches("mailto:"));
    for node in data.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "owner" | "ownerSiteURL" | "ownerLogo" | "ownerContact" => {}
            "license" | "licence" => licence(&xml::text(node), builder),
            other => {
                let value = xml::text(node);
                if !value.is_empty() {
                    warnings
                        .warn(node, format!("{} of DFG Viewer's rights is taken over under this name", quoted(other)));
                    builder.add(Group::Rights, Label::of_file(other), prose::linked_if_address(&value));
                }
            }
        }
    }
}

fn unlabelled(link: Link) -> Link {
    Link { label: LanguageMap::default(), ..link }
}

fn licence(text: &str, builder: &mut Builder) {
    match values::rights_statement(text) {
        Some(statement) if builder.rights.is_none() => builder.rights = Some(statement),
        _ => builder.add(Group::Rights, "Rights", prose::linked_if_address(text)),
    }
}

/// The catalogue and the library's pages of the object. A value that is not an address is a number in the catalogue,
/// which other elements give too.
fn links(data: Node<'_, '_>, builder: &mut Builder) {
    for (name, label) in [("presentation", "Presentation"), ("reference", "Catalogue")] {
        for node in xml::children(data, name) {
            builder.homepage.extend(link(&xml::text(node), label, "Text"));
        }
    }
}

fn mets_rights(data: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    for node in xml::below(data, "RightsDeclaration") {
        licence(&xml::text(node), builder);
    }
    for node in xml::below(data, "UserName").chain(xml::below(data, "RightsHolderName")) {
        builder.add(Group::Rights, "Rights holder", xml::text(node));
    }
    if xml::child(data, "Context").is_some() {
        warnings.warn(data, "permissions of METSRights (\"Context\") are not taken over");
    }
}

fn premis(data: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
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
            match values::rights_statement(&text).filter(|_| builder.rights.is_none()) {
                Some(statement) => builder.rights = Some(statement),
                None => builder.add(Group::Rights, label, prose::linked_if_address(&text)),
            }
        }
    }
    if xml::below(data, "rightsGranted").next().is_some() {
        warnings.warn(data, "what PREMIS grants (\"rightsGranted\") is not taken over");
    }
}
