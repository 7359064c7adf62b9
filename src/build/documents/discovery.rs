//! The feeds for harvesters, written last of all, so that no feed names a file that is not there. In the records, each
//! feed is its own folder of documents.
//!
//! A feed is made again if its entries, the title or the language of the site, or `base-url` changed. Only the last
//! page of the activities is written again.

use super::folders::Documents;
use super::history::{self, Kept};
use crate::build::progress::DocumentKind;
use crate::build::run::Run;
use crate::build::stages::Running;
use crate::config::Config;
use crate::diagnostics::{Code, Diagnostic};
use crate::documents::discovery::dump::Table;
use crate::documents::discovery::{self, Dated, Site, activity, atom, dump, oai};
use crate::documents::iiif::address;
use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::site::SiteItem;
use crate::model::{Feed, Moment};
use crate::storage::fingerprint::{Field, Fingerprint, Reason, hashed, reasons};
use crate::storage::output;
use crate::storage::state::DocumentRecord;

/// Another version may write other documents.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// The keys under which the feeds of a build are recorded: no folder has such a name.
pub fn folders(config: &Config) -> impl Iterator<Item = &str> {
    config.discovery.iter().map(|feed| folder(*feed))
}

/// Files of those feeds that the last build published.
pub fn kept<'a>(run: &Run<'a>) -> impl Iterator<Item = &'a str> {
    let records = folders(run.config).filter_map(|folder| run.previous.documents.get(folder));
    records.flat_map(|record| &record.files).map(String::as_str)
}

fn folder(feed: Feed) -> &'static str {
    match feed {
        Feed::Activity => ".activity",
        Feed::Atom => ".atom",
        Feed::OaiPmh => ".oai-pmh",
        Feed::Dump => ".dump",
    }
}

/// Adds the changes of this build to the history, and updates the feeds. Returns the records of those that changed.
/// Runs on the current rayon pool.
pub fn publish(
    documents: &Documents<'_>,
    run: &Run<'_>,
    stage: &Running<'_>,
) -> Result<Vec<(String, Option<DocumentRecord>)>> {
    let is_kept = run.config.discovery.iter().any(|feed| feed.has_times());
    let history = is_kept.then(|| history::keep(documents, run)).transpose()?;
    if history.is_none() {
        run.state.note_history_gap()?;
    }
    let config = run.config;
    let site =
        Site { base: &config.base_url, root: documents.root(), title: &config.title, language: &config.language };
    let feeds = Feeds { run, documents, site, history };
    let records = config.discovery.iter().map(|feed| feeds.publish(*feed, stage));
    records.filter_map(Result::transpose).collect()
}

/// The data that feeds are made from.
struct Feeds<'a> {
    run: &'a Run<'a>,
    documents: &'a Documents<'a>,
    site: Site<'a>,
    /// Where a feed needs it.
    history: Option<Kept<'a>>,
}

impl Feeds<'_> {
    /// Makes a feed if it is due.
    fn publish(&self, feed: Feed, stage: &Running<'_>) -> Result<Option<(String, Option<DocumentRecord>)>> {
        let key = folder(feed);
        let before = self.run.previous.documents.get(key);
        let mut record = self.expected(feed);
        let occupied = self.documents.take_occupied(&mut record, before);
        let why = self.why(&record, before);
        if why.is_empty() || !occupied.is_empty() {
            occupied.iter().for_each(|(_, place)| stage.fail(output::occupied(place)));
            return Ok(None);
        }
        self.run.begin_documents([(key, &record)].into_iter())?;
        let is_changed = match feed {
            Feed::Activity => self.activity(&why, before, stage)?,
            Feed::Atom => self.atom(stage)?,
            Feed::OaiPmh => self.oai_pmh(stage)?,
            Feed::Dump => self.dump(stage)?,
        };
        if is_changed {
            stage.documents(DocumentKind::Documents, &SitePath::root().join(key), &why);
        }
        Ok(Some((key.to_owned(), Some(record))))
    }

    /// The record of a feed when it is as it should be.
    fn expected(&self, feed: Feed) -> DocumentRecord {
        let print = Fingerprint::default()
            .with(Field::BaseUrl, self.site.base.as_str())
            .with(Field::Program, PROGRAM)
            .with(Field::Members, &self.shown(feed))
            .with(Field::Site, &self.settings(feed));
        let files = discovery::addresses(feed, self.length());
        let files = files.iter().map(|file| file.as_str().to_owned()).collect();
        DocumentRecord { documents: Some(print), pages: None, files }
    }

    /// Changes when the feed's entries change. Activities are only ever added, so their number is enough.
    fn shown(&self, feed: Feed) -> u64 {
        if feed == Feed::Activity {
            return self.length();
        }
        let dates = |item: &SiteItem| self.dated(item).map(|dated| [dated.created, dated.updated].map(Moment::seconds));
        let items = self.documents.items();
        hashed(&items.map(|(item, print)| (&item.path, print, dates(item))).collect::<Vec<_>>())
    }

    /// Changes when the feed's statements about the whole site change.
    fn settings(&self, feed: Feed) -> u64 {
        let Site { root, title, language, .. } = self.site;
        let site = (title, language, &root.description.label, &root.description.provider);
        match feed {
            Feed::Activity => 0,
            Feed::Atom => hashed(&site),
            Feed::OaiPmh => hashed(&(site, &self.run.config.oai_pmh.admin_email, &self.run.config.oai_pmh.gateway)),
            Feed::Dump => hashed(&self.run.config.tables.separator),
        }
    }

    fn why(&self, record: &DocumentRecord, before: Option<&DocumentRecord>) -> Vec<Reason> {
        let anyway = self.documents.anyway(record);
        let Some(now) = record.documents.as_ref().filter(|_| anyway != Some(Reason::Forced)) else {
            return anyway.into_iter().collect();
        };
        let changed = match before.map(|before| &before.documents) {
            Some(None) => vec![Reason::Unfinished],
            then => reasons(now, then.and_then(Option::as_ref)),
        };
        // A file that is new is not there either.
        if changed.is_empty() { anyway.into_iter().collect() } else { changed }
    }

    fn dated<'b>(&self, item: &'b SiteItem) -> Option<Dated<'b>> {
        let edition = self.history.as_ref()?.edition(address::manifest(&item.path).as_str())?;
        Some(Dated { item, created: edition.created, updated: edition.updated })
    }

    fn items(&self) -> impl Iterator<Item = &SiteItem> {
        self.documents.items().map(|(item, _)| item)
    }

    fn dated_items(&self) -> impl Iterator<Item = Dated<'_>> {
        self.items().filter_map(|item| self.dated(item))
    }

    /// All pages of the previous feed but its last are final, if it is whole.
    fn activity(&self, why: &[Reason], before: Option<&DocumentRecord>, stage: &Running<'_>) -> Result<bool> {
        let length = self.length();
        let is_longer = why == [Reason::Changed(Field::Members)];
        let whole = before.filter(|before| is_longer && self.documents.anyway(before).is_none());
        let final_pages = whole.map_or(0, |before| before.files.len().saturating_sub(2) as u64);
        let mut is_changed = false;
        // A page names the one behind it, and the collection the last.
        for number in (final_pages..activity::pages(length)).rev() {
            let activities = self.run.state.activities(number * activity::PAGE, activity::PAGE)?;
            is_changed |= self.documents.put(&activity::page(number, &activities, length, self.site.base), stage)?;
        }
        Ok(is_changed | self.documents.put(&activity::collection(length, self.site.base), stage)?)
    }

    fn atom(&self, stage: &Running<'_>) -> Result<bool> {
        let latest = atom::latest(self.dated_items());
        self.documents.stream(&address::atom(), stage, |out| atom::write(self.site, &latest, self.began(), out))
    }

    fn oai_pmh(&self, stage: &Running<'_>) -> Result<bool> {
        let settings = &self.run.config.oai_pmh;
        self.documents.stream(&oai::address(), stage, |out| {
            oai::write(self.site, settings, self.dated_items(), self.began(), out)
        })
    }

    fn dump(&self, stage: &Running<'_>) -> Result<bool> {
        let [rows, records] = dump::addresses();
        let table = Table::of(self.items(), self.site.base, &self.run.config.tables.separator);
        if table.left_out > 0 {
            let count = table.left_out;
            let message = format!("{rows}: {count} rare kinds of metadata have no column; {records} has them");
            stage.found(Diagnostic::new(Code::Metadata, message));
        }
        let is_changed = self.documents.stream(&rows, stage, |out| table.write(self.items(), out))?;
        Ok(is_changed
            | self.documents.stream(&records, stage, |out| dump::write_json(self.items(), self.site.base, out))?)
    }

    fn began(&self) -> Moment {
        self.history.as_ref().map_or(Moment::EARLIEST, |history| history.began)
    }

    /// How many activities there are.
    fn length(&self) -> u64 {
        self.history.as_ref().map_or(0, |history| history.length)
    }
}
