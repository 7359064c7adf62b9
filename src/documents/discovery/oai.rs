//! An OAI Static Repository (<http://www.openarchives.org/OAI/2.0/guidelines-static-repository.htm>): one file with all
//! answers of OAI-PMH 2.0, which a gateway serves to harvesters. As section 3.2 requires, dates are days, and there are
//! no sets and no deleted records. The identifier of an item is the URI of its Manifest.

use super::markup::Markup;
use super::{Dated, Site, dublin_core};
use crate::documents::iiif::address;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::{Moment, NO_LANGUAGE, OaiPmh};
use std::io::{self, Write};

const OAI: &str = "http://www.openarchives.org/OAI/2.0/";
const REPOSITORY: &str = "http://www.openarchives.org/OAI/2.0/static-repository";
const OAI_DC: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";
const OAI_DC_SCHEMA: &str = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The path of the repository.
pub fn address() -> SitePath {
    SitePath::root().join("oai-pmh.xml")
}

/// Writes the repository of `items`; no item is older than `began`.
pub fn write<'a>(
    site: Site<'_>,
    settings: &OaiPmh,
    items: impl Iterator<Item = Dated<'a>>,
    began: Moment,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut repository = Markup::new(out)?;
    let schema = format!("{REPOSITORY} {REPOSITORY}.xsd");
    let namespaces =
        [("xmlns", REPOSITORY), ("xmlns:oai", OAI), ("xmlns:xsi", SCHEMA_INSTANCE), ("xsi:schemaLocation", &schema)];
    repository.start("Repository", &namespaces)?;
    identify(&mut repository, site, settings, began)?;
    repository.start("ListMetadataFormats", &[])?;
    repository.start("oai:metadataFormat", &[])?;
    repository.text("oai:metadataPrefix", &[], "oai_dc")?;
    repository.text("oai:schema", &[], OAI_DC_SCHEMA)?;
    repository.text("oai:metadataNamespace", &[], OAI_DC)?;
    repository.end("oai:metadataFormat")?;
    repository.end("ListMetadataFormats")?;
    repository.start("ListRecords", &[("metadataPrefix", "oai_dc")])?;
    for dated in items {
        record(&mut repository, dated, site)?;
    }
    repository.end("ListRecords")?;
    repository.end("Repository")?;
    repository.finish()
}

fn identify<W: Write>(repository: &mut Markup<W>, site: Site<'_>, settings: &OaiPmh, began: Moment) -> io::Result<()> {
    repository.start("Identify", &[])?;
    repository.text("oai:repositoryName", &[], &site.name().text)?;
    repository.text("oai:baseURL", &[], &base_url(site.base, &settings.gateway))?;
    repository.text("oai:protocolVersion", &[], "2.0")?;
    repository.text("oai:adminEmail", &[], &settings.admin_email)?;
    repository.text("oai:earliestDatestamp", &[], &began.day())?;
    repository.text("oai:deletedRecord", &[], "no")?;
    repository.text("oai:granularity", &[], "YYYY-MM-DD")?;
    repository.end("Identify")
}

/// The address at which the gateway serves the repository: its own, then that of the file without the scheme (section
/// 3.2). Without a gateway it is the address of the file, by which gateways know not to serve it (section 3.4).
fn base_url(base: &BaseUrl, gateway: &str) -> String {
    let own = base.url(&address());
    match own.split_once("://") {
        Some((_, rest)) if !gateway.is_empty() => format!("{gateway}/{rest}"),
        _ => own,
    }
}

fn record<W: Write>(repository: &mut Markup<W>, dated: Dated<'_>, site: Site<'_>) -> io::Result<()> {
    repository.start("oai:record", &[])?;
    repository.start("oai:header", &[])?;
    repository.text("oai:identifier", &[], &site.base.url(&address::manifest(&dated.item.path)))?;
    repository.text("oai:datestamp", &[], &dated.updated.day())?;
    repository.end("oai:header")?;
    repository.start("oai:metadata", &[])?;
    let schema = format!("{OAI_DC} {OAI_DC_SCHEMA}");
    let namespaces = [
        ("xmlns:oai_dc", OAI_DC),
        ("xmlns:dc", DC),
        ("xmlns:xsi", SCHEMA_INSTANCE),
        ("xsi:schemaLocation", schema.as_str()),
    ];
    repository.start("oai_dc:dc", &namespaces)?;
    for term in dublin_core::terms(dated.item, site.base) {
        let language = [("xml:lang", term.language.as_str())];
        repository.text(term.element, if term.language == NO_LANGUAGE { &[] } else { &language }, &term.text)?;
    }
    repository.end("oai_dc:dc")?;
    repository.end("oai:metadata")?;
    repository.end("oai:record")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_has_the_address_of_the_file_behind_its_own() {
        let base = BaseUrl::parse("https://example.org/ma").unwrap();
        assert_eq!(base_url(&base, ""), "https://example.org/ma/oai-pmh.xml");
        let gateway = "https://gateway.institution.org/oai";
        assert_eq!(base_url(&base, gateway), format!("{gateway}/example.org/ma/oai-pmh.xml"));
    }
}
