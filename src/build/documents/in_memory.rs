//! The IIIF documents of a site in memory, for programs that write or serve them by other means.

use super::folders::patch_refused;
use crate::build::last_good::LastGood;
use crate::build::progress::{Observer, Stage};
use crate::build::stages::Stages;
use crate::build::survey::{Survey, probe::Prober};
use crate::build::texts::TextFiles;
use crate::build::threads::{SCAN_STACK, thread_pool};
use crate::build::worker::Worker;
use crate::config::Config;
use crate::documents::iiif::{self, Described, Document};
use crate::error::{Error, Result};
use crate::input::source::ContentSource;
use crate::model::address::SitePath;
use crate::storage::state::PreviousBuild;

/// The result of [`iiif_documents`].
#[non_exhaustive]
pub struct IiifDocuments {
    /// In the order of the site, each with its path in the site: info.json, annotations and texts, Manifests, Collections.
    pub documents: Vec<Document>,
    /// Why files and items could not be read, and patches not applied; they are left out.
    pub failures: Vec<Error>,
}

/// Makes the IIIF documents that a build of `config` would publish. Only the headers of images are read, and nothing is
/// written: neither documents nor tiles nor records.
///
/// # Errors
/// Those of [`plan`](crate::build::plan()).
pub fn iiif_documents(config: &Config, observer: &dyn Observer) -> Result<IiifDocuments> {
    let (pool, worker) = (thread_pool(config.resources.jobs, SCAN_STACK)?, Worker::new(&config.resources, None)?);
    let mut stages = Stages::new(observer);
    let source = &ContentSource::open(config)?;
    let previous = &PreviousBuild::default();
    let prober = Prober { config, source, worker: &worker, previous };
    let last_good = LastGood { state: None, previous, config };
    let survey = Survey::of(&prober, &pool, &mut stages)?;
    let is_refused = survey.is_refused();
    let (plan, mut failures) = survey.plan(&pool, &last_good, &mut stages)?;
    if is_refused && !failures.is_empty() {
        return Err(failures.swap_remove(0));
    }
    let settings = iiif::Settings { base: &config.base_url, granularity: config.text_granularity, older: config.older };
    let nodes = plan.site.nodes();
    let (mut documents, texts) = (vec![], TextFiles::of(source));
    stages.run(Stage::Describe, nodes.len() as u64, |stage| {
        pool.install(|| {
            let mut add = |folder: &SitePath, described: Described| {
                documents.extend(described.documents);
                described.refused.map(|why| patch_refused(why, folder, config))
            };
            for node in &nodes {
                for item in &node.items {
                    let (words, unread) = texts.read(item, Some(stage));
                    failures.extend(unread);
                    failures.extend(add(&item.path, iiif::item_documents(item, &words, node.collection, settings)));
                }
                failures.extend(add(&node.collection.path, iiif::collection_documents(node, settings)));
                stage.advance(1);
            }
        });
        Ok(())
    })?;
    Ok(IiifDocuments { documents, failures })
}
