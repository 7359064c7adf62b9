//! The history of the Manifests and Collections of a site: activities, which are only ever added to, and the edition in
//! which each document is published now.
//!
//! It is kept while a feed is published. It belongs to the site and not to its address: documents are named by their
//! paths in the site, and their hashes do not depend on the `base-url`.

use super::record::{Edition, History};
use super::refused::Refused;
use super::store::{Result, Store, set_fact};
use crate::model::address::SitePath;
use crate::model::{Activity, Change, Moment};
use crate::storage::fingerprint::Hash;
use crate::storage::ownership::is_inside;
use rusqlite::{Row, params};
use std::collections::BTreeMap;

/// A fact: documents may have changed while no history was kept.
const GAP: &str = "history-gap";

impl Store {
    /// The history without the activities.
    pub fn history(&self) -> Result<History> {
        let mut statement = self.0.prepare("SELECT path, hash, created, updated FROM editions")?;
        let mut rows = statement.query([])?;
        let mut editions = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let path: String = row.get(0)?;
            let edition = Edition { hash: Hash(row.get(1)?), created: moment(row, 2)?, updated: moment(row, 3)? };
            if !is_inside(&path) {
                return Err(Refused::Record);
            }
            editions.insert(path, edition);
        }
        let length = self.length()?;
        let time = |first: u64| Ok::<_, Refused>(self.activities(first, 1)?.first().map(|activity| activity.time));
        let (began, ended) = (time(0)?, time(length.saturating_sub(1))?);
        Ok(History { editions, length, began, ended, has_gap: self.fact::<i64>(GAP)?.is_some() })
    }

    fn length(&self) -> Result<u64> {
        let last: i64 = self.0.query_row("SELECT coalesce(max(number), 0) FROM activities", [], |row| row.get(0))?;
        u64::try_from(last).map_err(|_| Refused::Record)
    }

    /// At most `most` activities, without the `first` ones.
    pub fn activities(&self, first: u64, most: u64) -> Result<Vec<Activity>> {
        let query = "SELECT change, path, time FROM activities WHERE number > ? ORDER BY number LIMIT ?";
        let mut statement = self.0.prepare_cached(query)?;
        let mut rows = statement.query([first, most].map(number))?;
        let mut activities = vec![];
        while let Some(row) = rows.next()? {
            let (change, path) = (change(row.get(0)?)?, row.get::<_, String>(1)?);
            if change != Change::Refresh && !is_inside(&path) {
                return Err(Refused::Record);
            }
            activities.push(Activity { change, path: SitePath::root().join(&path), time: moment(row, 2)? });
        }
        Ok(activities)
    }

    /// Adds `activities` and the new editions of documents, `None` for one that is gone, and closes a gap: all of it or nothing.
    pub fn add_activities(&mut self, activities: &[Activity], editions: &[(String, Option<Edition>)]) -> Result<()> {
        let next = self.length()? + 1;
        let change = self.0.transaction()?;
        for (at, Activity { change: kind, path, time }) in (next..).zip(activities) {
            let row = params![number(at), code(*kind), path.as_str(), time.seconds()];
            change.prepare_cached("INSERT INTO activities VALUES (?, ?, ?, ?)")?.execute(row)?;
        }
        for (path, edition) in editions {
            match edition {
                Some(Edition { hash, created, updated }) => {
                    let row = params![path, hash.0, created.seconds(), updated.seconds()];
                    change.prepare_cached("INSERT OR REPLACE INTO editions VALUES (?, ?, ?, ?)")?.execute(row)?;
                }
                None => drop(change.prepare_cached("DELETE FROM editions WHERE path = ?")?.execute([path])?),
            }
        }
        change.execute("DELETE FROM facts WHERE name = ?", [GAP])?;
        Ok(change.commit()?)
    }

    /// Notes that no history is kept from now on.
    pub fn note_gap(&mut self) -> Result<()> {
        if self.length()? > 0 && self.fact::<i64>(GAP)?.is_none() {
            set_fact(&self.0, GAP, &1)?;
        }
        Ok(())
    }
}

/// A count as SQLite stores it.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn moment(row: &Row<'_>, column: usize) -> Result<Moment> {
    Moment::from_seconds(row.get(column)?).ok_or(Refused::Record)
}

pub(super) fn code(change: Change) -> i64 {
    match change {
        Change::Create => 1,
        Change::Update => 2,
        Change::Delete => 3,
        Change::Refresh => 4,
    }
}

pub(super) fn change(code: i64) -> Result<Change> {
    let all = [Change::Create, Change::Update, Change::Delete, Change::Refresh];
    all.into_iter().find(|change| self::code(*change) == code).ok_or(Refused::Record)
}
