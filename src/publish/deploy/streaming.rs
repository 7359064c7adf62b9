//! Images that go up as soon as they are made, so that they need not all lie here at once. It is the first part of a deploy:
//! the documents and all else are the other, which goes on from here as from one that was interrupted.

use super::damage::damaged_images;
use super::earlier::Replacing;
use super::invalidation::{Changes, Distribution};
use super::inventory;
use super::journal::Past;
use super::lease::{Held, RENEWED_AFTER};
use super::session::Session;
use super::unit::{Folder, Unit, Units};
use super::upload::{Built, Source, Upload};
use super::{Found, runtime};
use crate::build::progress::{Event, Observer};
use crate::build::{ImageSink, PendingImage};
use crate::config::{Config, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{ImageId, Moment};
use crate::storage::fingerprint::Hash;
use crate::storage::state::{ImageRecord, Published};
use crate::storage::store::Store;
use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;

/// See the [module](self).
pub struct StreamingDeploy<'a> {
    store: &'a Store,
    upload: Upload<'a>,
    grace: Duration,
    distribution: Option<Distribution>,
    runtime: Runtime,
    /// What the target says to be there, and what of it is damaged is not.
    units: Units,
    /// Marks of what an interrupted shipment put. Nobody believes them who verifies.
    done: HashSet<Hash>,
    /// Until it begins.
    found: Mutex<Option<Found>>,
    /// From then on.
    session: Mutex<Option<Session<'a>>>,
}

impl<'a> StreamingDeploy<'a> {
    /// From the output of `config` to `target`, whose name is `name`, in `store`. Refused while somebody else deploys there.
    pub fn new(
        config: &'a Config,
        (name, target): (&str, &Target),
        store: &'a Store,
        observer: &'a dyn Observer,
    ) -> Result<StreamingDeploy<'a>> {
        let runtime = runtime()?;
        let past = Past::open(&config.root, name)?;
        let distribution = Distribution::of(target, &inventory::base_url(config))?;
        let found = runtime.block_on(Found::read(store, past))?;
        let mut units = found.base.units.clone();
        if config.verify {
            let damaged = runtime.block_on(damaged_images(store, &units, observer))?;
            for path in &damaged {
                observer.event(Event::Note(&format!("{path}: damaged in the store")));
            }
            units.retain(|path, _| !damaged.contains(path));
        }
        let own = found.past.goes_on_from(&found.seen.pointer.unfinished);
        let source = Source::Built(Built { output: &config.output, compression: target.compress });
        Ok(StreamingDeploy {
            store,
            upload: Upload::new(store, source, observer),
            grace: target.grace.0,
            distribution,
            runtime,
            units,
            done: own.filter(|_| !config.verify).map(|_| found.past.done.clone()).unwrap_or_default(),
            found: Mutex::new(Some(found)),
            session: Mutex::default(),
        })
    }

    /// Does `work`, in which images are carried, and says from time to time that it is still at it.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let (ended, end) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(RENEWED_AFTER / 4) {
                    // If somebody else was let in, the next image says so, or the deploy that follows.
                    drop(self.keep());
                }
            });
            let done = work();
            drop(ended);
            done
        })
    }

    fn keep(&self) -> Result<()> {
        match lock(&self.session).as_mut() {
            Some(session) => self.runtime.block_on(session.held.keep()),
            None => Ok(()),
        }
    }

    /// Nothing follows: lets others in.
    pub fn give_up(self) {
        if let Some(session) = lock(&self.session).as_mut() {
            self.runtime.block_on(session.leave());
        }
    }

    /// Says in the target what may be there from now on, and what is no more as it was.
    async fn begun(
        &self,
        found: Found,
        due: &[PendingImage],
        known: &BTreeMap<String, ImageRecord>,
    ) -> Result<Session<'a>> {
        let Found { seen, past, mut base } = found;
        let (there, now, store) = (seen.state()?, Moment::now().seconds(), self.store);
        let unfinished = seen.pointer.unfinished.clone();
        let coming: Units = due.iter().map(|coming| (path(&coming.id), unit(coming))).collect();
        let mut marks = vec![];
        for (path, unit) in known.iter().filter_map(|(id, record)| recorded(&ImageId(id.clone()), record)) {
            let mark = unit.mark(&path);
            if self.done.contains(&mark) && !coming.contains_key(&path) {
                marks.push(mark);
                base.units.insert(path, unit);
            }
        }
        let mut site = base.units.clone();
        site.extend(coming.iter().map(|(path, unit)| (path.clone(), unit.clone())));
        let due: Vec<_> = coming.iter().collect();

        let replaced = there.filter(|_| unfinished.is_none());
        let replacing = Replacing { base: &base, replaced, due: &due, now, grace: self.grace };
        let (earlier, copies) = replacing.earlier(store).await?;
        let started = base.started(&site, &due, earlier, now);
        let changes = Changes { site: &site, before: there.map(|_| &base), due: &due, doomed: &[], broken: None };
        let paths = |front: &Distribution| changes.paths(&front.base_url, &seen.pointer.stale);
        let stale = self.distribution.as_ref().map(paths).unwrap_or_default();
        let own = past.goes_on_from(&unfinished);
        let held = Held::new(store, seen, stale);
        let journal = past.followed_by(&held.owner, own.as_deref(), &marks)?;
        let mut session = Session { store, held, journal, last: there };
        let started = session.start(&copies, &started).await;
        if started.is_err() {
            session.leave().await;
        }
        started.map(|()| session)
    }
}

impl ImageSink for StreamingDeploy<'_> {
    fn has(&self, id: &ImageId, record: &ImageRecord) -> bool {
        recorded(id, record)
            .is_some_and(|(path, unit)| self.units.get(&path) == Some(&unit) || self.done.contains(&unit.mark(&path)))
    }

    fn begin(&self, due: &[PendingImage], known: &BTreeMap<String, ImageRecord>) -> Result<()> {
        let found = lock(&self.found).take();
        let found = found.ok_or_else(|| Error::new(ErrorKind::Internal, "a shipment cannot begin twice"))?;
        *lock(&self.session) = Some(self.runtime.block_on(self.begun(found, due, known))?);
        Ok(())
    }

    fn upload(&self, id: &ImageId, record: &ImageRecord) -> Result<()> {
        let Some((path, unit)) = recorded(id, record) else { return Ok(()) };
        self.keep()?;
        self.runtime.block_on(self.upload.unit(&path, &unit))?;
        match lock(&self.session).as_mut() {
            Some(session) => {
                session.journal.done(unit.mark(&path))?;
                self.runtime.block_on(session.held.keep())
            }
            None => Err(Error::new(ErrorKind::Internal, "a shipment was not begun")),
        }
    }
}

/// As its record says that it was made.
fn recorded(id: &ImageId, record: &ImageRecord) -> Option<(String, Unit)> {
    Some((path(id), Unit::Image(inventory::folder(record)?)))
}

fn path(id: &ImageId) -> String {
    id.site_path().as_str().to_owned()
}

/// Its bytes are not known yet, but its files are.
fn unit(PendingImage { size, published, .. }: &PendingImage) -> Unit {
    let Published { tile_size, max_size, formats } = *published;
    Unit::Image(Folder { digest: Hash([0; 16]), bytes: 0, size: *size, tile_size, max_size, formats })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
