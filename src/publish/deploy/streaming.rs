//! Images that are put as soon as they are made, so that they need not all lie on this machine at once. This is the
//! first part of a deploy. The second part puts the documents and everything else: it continues from here like a deploy
//! that was interrupted.
//!
//! So there is one order, one lease and one way to resume. Before an image is put, the state names it as possible;
//! afterwards it is in the journal of the deploy.

use super::artifact::{Artifact, Artifacts, ImageFolder, Selection};
use super::built::BuiltSite;
use super::damage::damaged_images;
use super::invalidation::{Changes, Distribution};
use super::inventory;
use super::journal::JournalHistory;
use super::pointer::RENEWED_AFTER;
use super::preconditions::{Preconditions, check_place};
use super::rollback::Replacement;
use super::session::{Damage, NamedTarget, Session, TargetSnapshot};
use super::upload::{Upload, UploadSource};
use super::{Options, identity};
use crate::build::progress::{Event, Observer};
use crate::build::{ImageSink, PendingImage};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{ImageId, Moment};
use crate::storage::fingerprint::Hash;
use crate::storage::state::{ImageRecord, Published};
use crate::storage::store::{Store, runtime};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tokio::runtime::Runtime;

/// See the [module](self).
pub struct StreamingDeploy<'a> {
    store: &'a Store,
    upload: Upload<'a>,
    grace: Duration,
    config: &'a Config,
    named: NamedTarget<'a>,
    options: &'a Options,
    distribution: Option<Distribution>,
    runtime: Runtime,
    /// The artifacts in the target, without damaged ones.
    artifacts: Artifacts,
    progress: Mutex<Progress<'a>>,
}

enum Progress<'a> {
    /// Nothing was written to the target yet.
    Waiting(Box<TargetSnapshot>),
    Running(Box<Session<'a>>),
    /// It could not begin.
    Failed,
}

impl<'a> StreamingDeploy<'a> {
    /// Prepares a deploy from the output of `config`. `store` is the store of `target`. Nothing is written to it yet.
    ///
    /// # Errors
    /// Another deploy is running there, the target cannot be read, or it is not this site's.
    pub fn new(
        config: &'a Config,
        named: NamedTarget<'a>,
        store: &'a Store,
        options: &'a Options,
        observer: &'a dyn Observer,
    ) -> Result<StreamingDeploy<'a>> {
        let NamedTarget { name, target } = named;
        check_place(config, target)?;
        let runtime = runtime()?;
        let damage = if config.verify { Damage::IsMended } else { Damage::IsRefused };
        let history = JournalHistory::open(&config.root, name)?;
        let distribution = Distribution::of(target, &inventory::base_url(config))?;
        let mut snapshot = runtime.block_on(TargetSnapshot::read(store, history, damage, options.wait))?;
        let preconditions = Preconditions { config, named, options, store, snapshot: &snapshot };
        runtime.block_on(preconditions.check_place_of_images())?;
        let mut artifacts = snapshot.base.artifacts.clone();
        if config.verify {
            let damaged = runtime.block_on(damaged_images(store, &artifacts, observer))?;
            for path in &damaged {
                observer.event(Event::Note(&format!("{path}: damaged in the store")));
            }
            artifacts.retain(|path, _| !damaged.contains(path));
            snapshot.distrust_journal();
        }
        let source = UploadSource::Output(BuiltSite { output: &config.output, compression: target.compress });
        Ok(StreamingDeploy {
            store,
            upload: Upload::new(store, source, observer),
            grace: target.grace.0,
            config,
            named,
            options,
            distribution,
            runtime,
            artifacts,
            progress: Mutex::new(Progress::Waiting(Box::new(snapshot))),
        })
    }

    /// Does `work`, which puts images, and renews the lease meanwhile.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let (ended, end) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(RENEWED_AFTER / 4) {
                    // If the lease is lost, the next image reports it, or the deploy that follows.
                    drop(self.keep_lease());
                }
            });
            let done = work();
            drop(ended);
            done
        })
    }

    fn keep_lease(&self) -> Result<()> {
        match &mut *self.progress.lock() {
            Progress::Running(session) => self.runtime.block_on(session.lease.keep()),
            Progress::Waiting(_) | Progress::Failed => Ok(()),
        }
    }

    /// Ends the lease: no deploy of the documents follows.
    pub fn give_up(self) {
        if let Progress::Running(session) = &mut *self.progress.lock() {
            self.runtime.block_on(session.leave());
        }
    }

    /// Writes to the target which files may change from now on.
    async fn started(
        &self,
        mut snapshot: TargetSnapshot,
        pending: &[PendingImage],
        known: &BTreeMap<String, ImageRecord>,
    ) -> Result<Session<'a>> {
        let coming: Artifacts = pending.iter().map(|image| (path(&image.id), unmade(image))).collect();
        let mut keys: Vec<Hash> = vec![];
        for (path, artifact) in known.iter().filter_map(|(id, record)| recorded(&ImageId(id.clone()), record)) {
            if snapshot.is_done(&path, &artifact) && !coming.contains_key(&path) {
                keys.push(artifact.journal_key(&path));
                snapshot.base.artifacts.insert(path, artifact);
            }
        }
        let StreamingDeploy { config, named, options, store, .. } = *self;
        let is_shared = |id: &str| known.contains_key(id) || pending.iter().any(|image| image.id.0 == id);
        let preconditions = Preconditions { config, named, options, store, snapshot: &snapshot };
        preconditions.check_before_images(is_shared)?;
        let base = &snapshot.base;
        let mut site = base.artifacts.clone();
        site.extend(coming.iter().map(|(path, artifact)| (path.clone(), artifact.clone())));
        let due: Selection<'_> = coming.iter().collect();

        let (replaced, now) = (snapshot.complete_state(), Moment::now().seconds());
        let replacement = Replacement { base, replaced, due: &due, now, grace: self.grace, takes_down: false };
        let backup = replacement.backup(self.store).await?;
        let started = base.started(&site, &due, backup.point, now);
        let before = snapshot.state.map(|_| base);
        let changes = Changes { site: &site, before, due: &due, deleted: &[], broken: None };
        let stale = changes.stale_paths(self.distribution.as_ref(), &snapshot.pointer.pointer.stale);
        let title = snapshot.site().map(|site| site.title.clone()).unwrap_or_default();
        let site = identity(snapshot.site(), &config.base_url, title, options.adopt);
        let mut session = snapshot.session(self.store, Some(site), stale, &keys)?;
        let started = session.start(&backup.copies, &started).await;
        if started.is_err() {
            session.leave().await;
        }
        started.map(|()| session)
    }
}

impl ImageSink for StreamingDeploy<'_> {
    fn has(&self, id: &ImageId, record: &ImageRecord) -> bool {
        let Some((path, artifact)) = recorded(id, record) else { return false };
        let is_done = || match &*self.progress.lock() {
            Progress::Waiting(snapshot) => snapshot.is_done(&path, &artifact),
            Progress::Running(_) | Progress::Failed => false,
        };
        self.artifacts.get(&path) == Some(&artifact) || is_done()
    }

    fn begin(&self, due: &[PendingImage], known: &BTreeMap<String, ImageRecord>) -> Result<()> {
        let mut progress = self.progress.lock();
        let Progress::Waiting(snapshot) = std::mem::replace(&mut *progress, Progress::Failed) else {
            return Err(Error::new(ErrorKind::Internal, "a deploy cannot begin twice"));
        };
        *progress = Progress::Running(Box::new(self.runtime.block_on(self.started(*snapshot, due, known))?));
        Ok(())
    }

    fn trust(&self, id: &ImageId, record: &ImageRecord) {
        if let (Some((path, artifact)), Progress::Waiting(snapshot)) =
            (recorded(id, record), &mut *self.progress.lock())
        {
            snapshot.trust(artifact.journal_key(&path));
        }
    }

    fn upload(&self, id: &ImageId, record: &ImageRecord) -> Result<()> {
        let Some((path, artifact)) = recorded(id, record) else { return Ok(()) };
        self.keep_lease()?;
        self.runtime.block_on(self.upload.artifact(&path, &artifact))?;
        match &mut *self.progress.lock() {
            Progress::Running(session) => {
                session.journal.done(artifact.journal_key(&path))?;
                self.runtime.block_on(session.lease.keep())
            }
            Progress::Waiting(_) | Progress::Failed => Err(Error::new(ErrorKind::Internal, "the deploy has not begun")),
        }
    }
}

/// The artifact of an image that was made.
pub fn recorded(id: &ImageId, record: &ImageRecord) -> Option<(String, Artifact)> {
    Some((path(id), Artifact::Image(inventory::folder(record)?)))
}

fn path(id: &ImageId) -> String {
    id.site_path().as_str().to_owned()
}

/// The artifact of an image that is not made yet: its files are known, but not their bytes.
fn unmade(PendingImage { size, published, .. }: &PendingImage) -> Artifact {
    let Published { tile_size, max_size, formats } = *published;
    Artifact::Image(ImageFolder { digest: Hash([0; 16]), bytes: 0, size: *size, tile_size, max_size, formats })
}
