//! The SQLite file. Nothing in it is used before it is checked: the file can be of another version, damaged, or edited.
//! A path that leads out of the output makes it damaged.
//!
//! A file that cannot be used is put aside with a warning, and everything is built anew. The versions that this program
//! can convert are converted.

use super::last_build::LastBuild;
use super::record::{
    DocumentRecord, History, Image2LinksRecord, ImageRecord, PreviousBuild, Snapshot, ThreadDependentRecord,
};
use super::refused::{Refused, VERSION};
use crate::config::machine;
use crate::model::HeaderWords;
use crate::storage::fingerprint::Hash;
use crate::storage::ownership::{is_inside, is_name};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The version that had neither the tables of the history nor the one of the links.
const WITHOUT_HISTORY: i64 = 2;

/// The version whose table of the links had another name, and whose image records depended on the number of threads.
const WITH_TWINS: i64 = 3;

const MAIN_TABLES: &str = "CREATE TABLE images (id TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
     CREATE TABLE documents (folder TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
     CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;";

/// Activities are numbered from 1, without gaps.
const HISTORY_TABLES: &str =
    "CREATE TABLE activities (number INTEGER PRIMARY KEY, change INTEGER, path TEXT NOT NULL, time INTEGER NOT NULL);
     CREATE TABLE editions (path TEXT PRIMARY KEY, hash BLOB NOT NULL, created INTEGER NOT NULL, \
     updated INTEGER NOT NULL) WITHOUT ROWID;";

/// What was published of items and collections. An older program does not know this table and leaves it as it is.
const SNAPSHOTS_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS snapshots (folder TEXT PRIMARY KEY, of INTEGER, bytes BLOB NOT NULL) WITHOUT ROWID;";

const IMAGE2_LINKS_TABLE: &str = "CREATE TABLE image2_links (id TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;";

pub(super) type Result<T> = std::result::Result<T, Refused>;

/// The start of the machine and the state file that a build runs with.
pub struct Run {
    /// Another one after each start of the machine.
    boot: Option<String>,
    /// The inode of the state file: another one if the file has been copied here.
    file: Option<i64>,
}

impl Run {
    pub fn now(path: &Path) -> Run {
        #[cfg(unix)]
        let file = fs::metadata(path).ok().map(|metadata| std::os::unix::fs::MetadataExt::ino(&metadata) as i64);
        #[cfg(not(unix))]
        let file = None;
        Run { boot: machine::boot(), file }
    }

    /// Whether the machine went down in between. A state file that was copied here has no such past.
    fn is_after_crash_of(&self, before: &Run) -> bool {
        let differ = |now: &Option<String>, then: &Option<String>| now.is_some() && then.is_some() && now != then;
        self.file == before.file && differ(&self.boot, &before.boot)
    }
}

/// See the [module](self).
pub struct Store(pub(super) Connection);

/// Renames the file and its journals, and returns its new name. It replaces a file that was put aside before.
pub fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let named = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    for journal in ["", "-wal", "-shm"] {
        match fs::rename(named(journal), named(&format!(".aside{journal}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(named(".aside"))
}

impl Store {
    /// Opens the file, or makes it, and returns everything in it but the history.
    pub fn open(path: &Path, run: &Run) -> Result<(Store, PreviousBuild)> {
        let mut connection = Connection::open(path)?;
        // The journal is written at once and flushed now and then: it outlives this process, not the machine.
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        // The name of an item that was taken down must not stay in the file.
        connection.pragma_update(None, "secure_delete", true)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let is_new: bool = connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
        let change = match version {
            _ if is_new => format!("{MAIN_TABLES} {HISTORY_TABLES} {IMAGE2_LINKS_TABLE}"),
            WITHOUT_HISTORY => format!("{HISTORY_TABLES} {IMAGE2_LINKS_TABLE}"),
            WITH_TWINS => "ALTER TABLE twins RENAME TO image2_links;".to_owned(),
            VERSION => String::new(),
            other => return Err(Refused::Version(other)),
        };
        if !change.is_empty() {
            let transaction = connection.transaction()?;
            transaction.execute_batch(&change)?;
            renew_images(&transaction)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
        }
        connection.execute_batch(SNAPSHOTS_TABLE)?;
        let store = Store(connection);
        let known = store.load(run)?;
        Ok((store, known))
    }

    fn load(&self, run: &Run) -> Result<PreviousBuild> {
        let is_unfinished = self.fact::<i64>(RUNNING)?.is_some();
        if is_unfinished && self.0.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))? != "ok" {
            return Err(Refused::Record);
        }
        let (generation, flushed): (u32, u32) = (self.fact(GENERATION)?.unwrap_or(0), self.fact(FLUSHED)?.unwrap_or(0));
        let is_after_crash = run.is_after_crash_of(&Run { boot: self.fact(BOOT)?, file: self.fact(FILE)? });
        if is_after_crash && flushed < generation {
            // It stays so until all has been checked, even if a later build is flushed meanwhile.
            let doubtful = self.fact(DOUBTFUL)?.unwrap_or(u32::MAX).min(flushed.saturating_add(1));
            set_fact(&self.0, DOUBTFUL, &doubtful)?;
            set_fact(&self.0, BOOT, &run.boot)?;
        }
        let (mut images, words) = (self.records::<ImageRecord>(IMAGES, is_name)?, HeaderWords::default());
        images.values_mut().for_each(|record| words.share(&mut record.header));
        let idle = now().saturating_sub(self.fact(ENDED)?.unwrap_or(i64::MAX));
        Ok(PreviousBuild {
            images,
            image2_links: self.records(IMAGES_2, is_name)?,
            documents: self.records(DOCUMENTS, |key| key.is_empty() || is_inside(key))?,
            history: History::default(),
            last: self.last()?,
            is_unfinished,
            generation,
            doubtful_from: self.fact(DOUBTFUL)?,
            is_flush_due: flushed < generation && idle >= FLUSH_AFTER,
            file_hashes: OnceLock::new(),
            lists: [self.fact(LIST)?, self.fact(LIST_BEFORE)?].into_iter().flatten().map(Hash).collect(),
        })
    }

    fn records<T: DeserializeOwned + Confined>(
        &self,
        query: &str,
        is_key: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, T>> {
        let mut records = BTreeMap::new();
        self.each(query, |key, record: T| {
            if !is_key(&key) || !record.paths().all(is_inside) {
                return Err(Refused::Record);
            }
            records.insert(key, record);
            Ok(())
        })?;
        Ok(records)
    }

    /// Calls `act` with each record, in the order of their keys.
    pub(super) fn each<T: DeserializeOwned>(
        &self,
        query: &str,
        mut act: impl FnMut(String, T) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (key, bytes): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            act(key, postcard::from_bytes(&bytes).map_err(|_| Refused::Record)?)?;
        }
        Ok(())
    }

    /// Notes the hash of the list that is going to be in the output, and of the one that is there. It is on the disk when this
    /// returns: after a power cut a list must not be taken for one of another project.
    pub fn note_list(&mut self, next: Hash, before: Option<Hash>) -> Result<()> {
        self.0.pragma_update(None, "synchronous", "full")?;
        let change = self.0.transaction()?;
        set_fact(&change, LIST, &next.0)?;
        match before {
            Some(before) => set_fact(&change, LIST_BEFORE, &before.0)?,
            None => drop(change.execute("DELETE FROM facts WHERE name = ?", [LIST_BEFORE])?),
        }
        change.commit()?;
        Ok(self.0.pragma_update(None, "synchronous", "normal")?)
    }

    /// Notes that all files must be checked, until a whole build has done so.
    pub fn doubt(&mut self) -> Result<()> {
        set_fact(&self.0, DOUBTFUL, &0)
    }

    fn last(&self) -> Result<Option<LastBuild>> {
        // One that another version wrote does not parse: it says nothing.
        Ok(self.fact::<Vec<u8>>(LAST)?.and_then(|bytes| postcard::from_bytes(&bytes).ok()))
    }

    /// Notes how the last build ended, unless that is noted.
    pub fn note_last(&mut self, last: &LastBuild) -> Result<()> {
        if self.last()?.as_ref() == Some(last) {
            return Ok(());
        }
        set_fact(&self.0, LAST, &bytes(last)?)
    }

    pub(super) fn fact<T: rusqlite::types::FromSql>(&self, name: &str) -> Result<Option<T>> {
        let found = self.0.query_row("SELECT value FROM facts WHERE name = ?", [name], |row| row.get(0));
        Ok(found.optional()?)
    }

    pub fn begin(
        &mut self,
        generation: u32,
        images: &[(String, ImageRecord)],
        documents: &[(String, DocumentRecord)],
        run: &Run,
    ) -> Result<()> {
        let change = self.0.transaction()?;
        for (id, record) in images {
            put(&change, IMAGE, id, record)?;
        }
        for (folder, record) in documents {
            put(&change, DOCUMENT, folder, record)?;
        }
        set_fact(&change, GENERATION, &generation)?;
        set_fact(&change, BOOT, &run.boot)?;
        set_fact(&change, FILE, &run.file)?;
        set_fact(&change, RUNNING, &1)?;
        Ok(change.commit()?)
    }

    pub fn image(&mut self, id: &str, record: &ImageRecord) -> Result<()> {
        put(&self.0, IMAGE, id, record)
    }

    pub fn documents(&mut self, records: &[(String, Option<DocumentRecord>)]) -> Result<()> {
        self.change(records, DOCUMENT, "DELETE FROM documents WHERE folder = ?")
    }

    /// The snapshot of a folder, and what it is of.
    pub fn snapshot(&self, folder: &str) -> Result<Option<(i64, Vec<u8>)>> {
        let query = "SELECT of, bytes FROM snapshots WHERE folder = ?";
        Ok(self.0.query_row(query, [folder], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Writes the snapshots of folders, one after the other.
    pub fn put_snapshots(&mut self, snapshots: &mut dyn Iterator<Item = Snapshot>) -> Result<()> {
        let change = self.0.transaction()?;
        for Snapshot { folder, of, bytes } in snapshots {
            let put = "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)";
            change.prepare_cached(put)?.execute(params![folder, of.cast_signed(), bytes])?;
        }
        change.execute("DELETE FROM snapshots WHERE folder NOT IN (SELECT folder FROM documents)", [])?;
        Ok(change.commit()?)
    }

    pub fn image2_links(&mut self, records: &[(String, Option<Image2LinksRecord>)]) -> Result<()> {
        self.change(records, IMAGE2_LINKS, "DELETE FROM image2_links WHERE id = ?")
    }

    /// Writes the records that are given, and deletes those that are `None`.
    fn change(&mut self, records: &[(String, Option<impl Serialize>)], insert: &str, delete: &str) -> Result<()> {
        let change = self.0.transaction()?;
        for (key, record) in records {
            match record {
                Some(record) => put(&change, insert, key, record)?,
                None => drop(change.prepare_cached(delete)?.execute([key])?),
            }
        }
        Ok(change.commit()?)
    }

    pub fn forget_images(&mut self, ids: &[String]) -> Result<()> {
        let change = self.0.transaction()?;
        for id in ids {
            change.prepare_cached("DELETE FROM images WHERE id = ?")?.execute([id])?;
        }
        Ok(change.commit()?)
    }

    pub fn flushed(&mut self, generation: u32) -> Result<()> {
        let change = self.0.transaction()?;
        set_fact(&change, FLUSHED, &generation)?;
        set_fact(&change, GENERATION, &generation.saturating_add(1))?;
        Ok(change.commit()?)
    }

    pub fn finish(&mut self, is_whole: bool, last: &LastBuild) -> Result<()> {
        let change = self.0.transaction()?;
        change.execute("DELETE FROM facts WHERE name = ?", [RUNNING])?;
        if is_whole {
            change.execute("DELETE FROM facts WHERE name = ?", [DOUBTFUL])?;
        }
        set_fact(&change, ENDED, &now())?;
        set_fact(&change, LAST, &bytes(last)?)?;
        Ok(change.commit()?)
    }
}

/// Facts about the builds. `RUNNING` is there while one runs.
const RUNNING: &str = "running";
const GENERATION: &str = "generation";
const FLUSHED: &str = "flushed";
const BOOT: &str = "boot";
const FILE: &str = "file";
const ENDED: &str = "ended";
const LAST: &str = "last-build";
const DOUBTFUL: &str = "doubtful";
const LIST: &str = "list";
const LIST_BEFORE: &str = "list-before";

/// After this many seconds the system has most likely written everything to the disk by itself: a flush costs little.
const FLUSH_AFTER: i64 = 60;

pub(super) const IMAGES: &str = "SELECT id, record FROM images ORDER BY id";
pub(super) const IMAGES_2: &str = "SELECT id, record FROM image2_links ORDER BY id";
pub(super) const DOCUMENTS: &str = "SELECT folder, record FROM documents ORDER BY folder";

const IMAGE: &str = "INSERT OR REPLACE INTO images VALUES (?, ?)";
const IMAGE2_LINKS: &str = "INSERT OR REPLACE INTO image2_links VALUES (?, ?)";
const DOCUMENT: &str = "INSERT OR REPLACE INTO documents VALUES (?, ?)";

/// Brings the image records of an older version to the shape of this one.
fn renew_images(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare("SELECT id, record FROM images")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let records: Vec<(String, Vec<u8>)> = rows.collect::<rusqlite::Result<_>>()?;
    for (id, bytes) in records {
        let old: ThreadDependentRecord = postcard::from_bytes(&bytes).map_err(|_| Refused::Record)?;
        put(connection, IMAGE, &id, &ImageRecord::from(old))?;
    }
    Ok(())
}

fn put(connection: &Connection, statement: &str, key: &str, record: &impl Serialize) -> Result<()> {
    connection.prepare_cached(statement)?.execute(params![key, bytes(record)?])?;
    Ok(())
}

pub(super) fn set_fact(connection: &Connection, name: &str, value: &dyn rusqlite::ToSql) -> Result<()> {
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", params![name, value])?;
    Ok(())
}

fn bytes(record: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_stdvec(record).map_err(|_| Refused::Record)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A record with the paths that a build may touch because of it.
pub(super) trait Confined {
    fn paths(&self) -> impl Iterator<Item = &str>;
}

impl Confined for ImageRecord {
    fn paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.source.as_str())
    }
}

impl Confined for Image2LinksRecord {
    fn paths(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}

impl Confined for DocumentRecord {
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::ThreadDependentHeader;
    use super::*;
    use crate::model::Channels;
    use crate::model::geometry::Size;
    use crate::storage::fingerprint::{Field, Fingerprint, Hash};

    #[test]
    fn images_of_an_older_state_stay_and_are_probed_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        let run = Run { boot: None, file: None };
        let links = Image2LinksRecord { of: None, generation: 7 };
        for (version, older) in [
            (3, "ALTER TABLE image2_links RENAME TO twins;"),
            (2, "DROP TABLE image2_links; DROP TABLE activities; DROP TABLE editions;"),
        ] {
            let (store, _) = Store::open(&path, &run).ok().unwrap();
            let header = ThreadDependentHeader {
                format: "TIFF".into(),
                index: 1,
                size: Size::new(300, 200),
                channels: Channels::Grey,
                treatment: "grey".into(),
                memory: [1 << 30, 1 << 40],
                stored: None,
            };
            let record = ThreadDependentRecord {
                source: "a/1.tif".into(),
                siblings: 2,
                stamp: None,
                hash: Hash::default(),
                header,
                probed: Fingerprint::default().with(Field::Program, &1),
                made: None,
            };
            put(&store.0, IMAGE, "a_1", &record).ok().unwrap();
            put(&store.0, IMAGE2_LINKS, "a_1", &links).ok().unwrap();
            store.0.execute_batch(older).unwrap();
            store.0.pragma_update(None, "user_version", version).unwrap();
            drop(store);
            let (_, known) = Store::open(&path, &run).ok().unwrap();
            let image = &known.images["a_1"];
            assert_eq!((image.source.as_str(), image.siblings, image.header.index), ("a/1.tif", 2, 1));
            assert_eq!(known.image2_links.contains_key("a_1"), version == 3);
            assert_eq!((image.header.extra_memory, &image.probed), (0, &Fingerprint::default()));
        }
    }
}
