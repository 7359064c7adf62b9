//! The IIIF documents of a site in memory, for programs that write or serve them by other means.

use super::texts;
use crate::build::progress::{Observer, Stage};
use crate::build::stages::Stages;
use crate::build::survey;
use crate::build::threads::{SCAN_STACK, thread_pool};
use crate::config::Config;
use crate::documents::iiif::{self, Document};
use crate::error::{Error, Result};
use crate::input::source::ContentSource;

/// The result of [`iiif_documents`].
#[non_exhaustive]
pub struct IiifDocuments {
    /// In the order of the site, each with its path in the site: info.json, annotations and texts, Manifests, Collections.
    pub documents: Vec<Document>,
    /// Why files and items could not be read; they are left out.
    pub failures: Vec<Error>,
}

/// Makes the IIIF documents that a build of `config` would publish. Only the headers of images are read, and nothing is
/// written: neither documents nor tiles nor records.
///
/// # Errors
/// Those of [`plan`](crate::build::plan()).
pub fn iiif_documents(config: &Config, observer: &dyn Observer) -> Result<IiifDocuments> {
    let survey::Planned { plan, mut failures, .. } = survey::plan(config, observer)?;
    let source = ContentSource::open(config)?;
    let pool = thread_pool(config.resources.jobs, SCAN_STACK)?;
    let settings = iiif::Settings { base: &config.base_url, granularity: config.text_granularity, older: config.older };
    let nodes = plan.site.nodes();
    let mut documents = vec![];
    Stages::new(observer).run(Stage::Describe, nodes.len() as u64, |stage| {
        pool.install(|| {
            for node in &nodes {
                for item in &node.items {
                    let (texts, unread) = texts::read(item, &source, stage);
                    failures.extend(unread);
                    documents.extend(iiif::item_documents(item, &texts, node.collection, settings).documents);
                }
                documents.extend(iiif::collection_documents(node, settings).documents);
                stage.advance(1);
            }
        });
        Ok(())
    })?;
    Ok(IiifDocuments { documents, failures })
}
