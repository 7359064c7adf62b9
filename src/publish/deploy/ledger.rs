//! What a deploy notes of itself when it is done: in the pointer of the target, in its log, and in this copy of the
//! project.

use super::artifact::Artifacts;
use super::note::Note;
use super::publication::{Act, Publication, PublishedSite, count, random_id};
use super::publication_log::{Changes, PublicationLog};
use super::report::Report;
use super::session::{NamedTarget, TargetSnapshot};
use crate::config::Config;
use crate::error::Result;
use crate::model::Moment;
use crate::storage::fingerprint::Hash;
use crate::storage::state::LastBuild;
use crate::storage::store::Store;

/// See the [module](self).
pub struct Ledger<'a> {
    pub config: &'a Config,
    pub named: NamedTarget<'a>,
    /// The site that the target will show. `None`: an older version of the program has put it there.
    pub site: Option<PublishedSite>,
    pub act: Act,
    /// See [`Options::by`](super::Options::by).
    pub by: &'a str,
    /// The commit of what is published, and its time.
    pub commit: Option<(String, Option<i64>)>,
    /// The build that is published.
    pub last: &'a LastBuild,
}

/// The target before a deploy.
pub struct Before {
    /// What readers saw.
    pub live: Artifacts,
    /// Whether that is the site that is deployed.
    pub is_same: bool,
    pub published: Option<Publication>,
    /// The hash of its state.
    pub state: Option<Hash>,
}

impl Before {
    pub fn of(snapshot: &TargetSnapshot, goal: &Artifacts) -> Before {
        let (live, is_same) = (snapshot.live(), snapshot.shows(goal));
        Before { live, is_same, published: snapshot.published().cloned(), state: snapshot.state }
    }
}

impl Ledger<'_> {
    /// The publication of `goal` instead of what was there `before`. Where that was the same site, its publication stays.
    pub fn publication(&self, before: &Before, goal: &Artifacts, report: &Report) -> Publication {
        if let Some(published) = before.published.as_ref().filter(|_| before.is_same) {
            return published.clone();
        }
        let (items, images) = count(goal);
        let (commit, committed) = self.commit.clone().unzip();
        Publication {
            id: random_id(),
            time: Moment::now().seconds(),
            by: self.by.to_owned(),
            act: self.act,
            commit,
            committed: committed.flatten(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            base_url: self.site.as_ref().map(|site| site.base_url.clone()).unwrap_or_default(),
            put: report.files(),
            deleted: 0,
            items,
            images: images.saturating_sub(self.last.unnamed.len() as u64),
            before: before.state.map(|state| state.hex()),
            after: String::new(),
        }
    }

    /// Adds `publication`, that of the site `after`, to the log of the target.
    pub async fn write_log(
        &self,
        store: &Store,
        before: &Before,
        publication: Publication,
        after: &Artifacts,
    ) -> Result<()> {
        if before.is_same {
            return Ok(());
        }
        let mut log = PublicationLog::read(store).await?;
        log.catch_up(before.published.as_ref());
        let before = &before.live;
        let is_withdrawn = |path: &str| self.last.withdrawn.holds(path);
        let is_unnamed = |id: &str| self.last.unnamed.contains(id);
        log.add(publication, &Changes { before, after, is_withdrawn: &is_withdrawn, is_unnamed: &is_unnamed });
        log.write(store).await
    }

    /// Remembers `publication` in this copy of the project.
    pub fn remember(&self, publication: &Publication) -> Result<()> {
        let Some(site) = &self.site else { return Ok(()) };
        let note = Note { site: site.id.clone(), publication: publication.id.clone() };
        note.write(&self.config.root, self.named.name)
    }
}
