//! The files of a plan, as they are written and read. Nothing in them is trusted: a plan that was edited or damaged, or a record
//! of another one, is refused by name.

use crate::build::images::{ImageOrder, MadeImage};
use crate::build::worker::PathBytes;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ImageId;
use crate::storage::fingerprint::Hash;
use crate::storage::ownership::is_name;
use crate::storage::shared::SharedFolder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Version of the form of these files.
const VERSION: u32 = 1;

const HEAD: &str = "plan.json";

/// The most bytes of a file of a plan.
const LIMIT: u64 = 4 << 30;

/// The most shards of a plan. Each has a few files.
pub const MAX_SHARDS: u32 = 1_000_000;

/// `plan.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanHead {
    version: u32,
    /// The version of the program that wrote the plan. Another one may make other files.
    program: String,
    /// The hash of the settings, as 32 hexadecimal digits.
    pub settings: String,
    /// Where the site will be published.
    pub base_url: String,
    /// The store that images are uploaded to. `None`: they are written into the output folder.
    pub store: Option<String>,
    /// In order, from shard 0 on.
    pub shards: Vec<ShardHead>,
}

/// A shard in `plan.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardHead {
    /// The number of its images.
    pub images: u64,
    /// The size of their masters in bytes.
    pub bytes: u64,
    /// Their pixels at full resolution.
    pub pixels: u64,
    /// The hash of its file, as 32 hexadecimal digits.
    pub hash: String,
}

/// An image of a shard.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShardImage {
    pub order: ImageOrder,
    /// The size of its master in bytes.
    pub bytes: u64,
    /// The path of the master below the content folder, if it is not text. `None`: that in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<PathBytes>,
}

impl ShardImage {
    /// The master, if the content is in the folder `content`.
    pub fn master(&self, content: &Path) -> PathBuf {
        match &self.master {
            Some(bytes) => content.join(PathBuf::from(bytes)),
            None => content.join(&self.order.record.source),
        }
    }

    /// Whether its id is a name, and all of its files are in the project.
    fn is_confined(&self) -> bool {
        let is_below = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        let ImageOrder { id, record, watermark, .. } = &self.order;
        let master = self.master.as_ref().map_or_else(|| PathBuf::from(&record.source), PathBuf::from);
        is_name(&id.0) && is_below(&master) && watermark.as_ref().is_none_or(|mark| is_below(&mark.file))
    }

    /// The hash of the master when the plan was written. `None`: it was not read.
    pub fn checksum(&self) -> Option<Hash> {
        Some(self.order.record.hash).filter(|hash| *hash != Hash::default())
    }
}

/// What was made of a shard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRecord {
    /// In the order of their ids.
    pub images: Vec<MadeImage>,
    /// Why images could not be made, in the order of their ids.
    pub failed: Vec<FailedImage>,
}

/// An image that could not be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailedImage {
    pub id: ImageId,
    pub error: Error,
}

impl PartialEq for FailedImage {
    fn eq(&self, other: &FailedImage) -> bool {
        self.id == other.id && self.error.to_string() == other.error.to_string()
    }
}

impl Eq for FailedImage {}

/// A file of a task: which plan it is of, what it says, and a hash of that.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    plan: String,
    hash: String,
    content: T,
}

/// A plan that was written before.
pub struct ShardedPlan {
    pub folder: SharedFolder,
    pub head: PlanHead,
    /// The hash of the head, which names the plan.
    id: String,
}

fn shard_name(shard: u32) -> String {
    format!("shards/{shard:05}.jsonl")
}

fn record_name(shard: u32) -> String {
    format!("records/{shard:05}.json")
}

fn attempts_folder(shard: u32) -> String {
    format!("attempts/{shard:05}")
}

fn text(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::new(ErrorKind::Internal, format!("a plan: {error}")))
}

impl PlanHead {
    pub fn new(settings: Hash, base_url: String, store: Option<String>, shards: Vec<ShardHead>) -> PlanHead {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        PlanHead { version: VERSION, program, settings: settings.hex(), base_url, store, shards }
    }

    /// Writes the head, after all shards.
    pub fn write(&self, folder: &SharedFolder) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(self);
        folder.write(HEAD, bytes.map_err(|error| Error::new(ErrorKind::Internal, format!("a plan: {error}")))?)
    }

    pub fn images(&self) -> u64 {
        self.shards.iter().map(|shard| shard.images).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.bytes).sum()
    }

    pub fn pixels(&self) -> u64 {
        self.shards.iter().map(|shard| shard.pixels).sum()
    }
}

/// Refuses a folder with another plan: tasks of it may still run.
pub fn check_free(folder: &SharedFolder) -> Result<()> {
    match folder.read(HEAD, LIMIT)? {
        None => Ok(()),
        Some(_) => Err(Error::new(ErrorKind::Config, "there is a plan here already, and a plan never changes")
            .with_path(folder.path(HEAD))
            .with_hint("name a new folder with --to, or remove this one when none of its tasks runs any more")),
    }
}

/// Writes the images of a shard, which are in the order of their ids.
pub fn write_shard(folder: &SharedFolder, shard: u32, images: &[ShardImage]) -> Result<String> {
    let mut bytes = vec![];
    for image in images {
        bytes.extend(text(image)?);
        bytes.push(b'\n');
    }
    let hash = Hash::of(&bytes).hex();
    folder.write(&shard_name(shard), bytes)?;
    Ok(hash)
}

impl ShardedPlan {
    /// Reads the head of the plan in `folder`.
    ///
    /// # Errors
    /// There is none, or it was written by another version of the program.
    pub fn open(folder: SharedFolder) -> Result<ShardedPlan> {
        let refused = |why: String| Error::new(ErrorKind::Config, why).with_path(folder.path(HEAD));
        let Some(bytes) = folder.read(HEAD, LIMIT)? else {
            return Err(refused("there is no plan here".into())
                .with_hint("`iiif-build plan --shards N --to PLACE` writes one; its head is written last"));
        };
        let head: PlanHead =
            serde_json::from_slice(&bytes).map_err(|error| refused(format!("it is damaged: {error}")))?;
        if head.version != VERSION || head.program != env!("CARGO_PKG_VERSION") {
            let own = env!("CARGO_PKG_VERSION");
            return Err(refused(format!("iiif-build {} wrote this plan, and this is {own}", head.program))
                .with_hint("use the same version for the plan and all of its tasks"));
        }
        let id = Hash::of(&bytes).hex();
        Ok(ShardedPlan { folder, head, id })
    }

    pub fn shards(&self) -> u32 {
        u32::try_from(self.head.shards.len()).unwrap_or(u32::MAX)
    }

    /// The images of a shard.
    ///
    /// # Errors
    /// Its file is gone or damaged.
    pub fn images(&self, shard: u32) -> Result<Vec<ShardImage>> {
        let name = shard_name(shard);
        let refused = |why: String| Error::new(ErrorKind::Content, why).with_path(self.folder.path(&name));
        let bytes = self.folder.read(&name, LIMIT)?.ok_or_else(|| refused("this part of the plan is gone".into()))?;
        let expected = self.head.shards.get(shard as usize).map(|head| head.hash.as_str());
        if expected != Some(Hash::of(&bytes).hex().as_str()) {
            return Err(refused("this part of the plan is damaged".into()).with_hint("make a new plan"));
        }
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let images = lines.map(serde_json::from_slice).collect::<std::result::Result<Vec<ShardImage>, _>>();
        let images = images.map_err(|error| refused(format!("this part of the plan cannot be read: {error}")))?;
        match images.iter().find(|image| !image.is_confined()) {
            Some(image) => Err(refused(format!("this part of the plan leads out of the project: {}", image.order.id))),
            None => Ok(images),
        }
    }

    /// The record of a shard. `None`: there is none yet.
    ///
    /// # Errors
    /// It is damaged, or of another plan.
    pub fn record(&self, shard: u32) -> Result<Option<ShardRecord>> {
        let name = record_name(shard);
        let Some(bytes) = self.folder.read(&name, LIMIT)? else { return Ok(None) };
        let refused = |why: &str| {
            let error = Error::new(ErrorKind::Content, format!("the record of shard {shard} {why}"));
            error.with_path(self.folder.path(&name)).with_hint(format!("run shard {shard} again"))
        };
        self.opened(&bytes).map(Some).map_err(refused)
    }

    pub fn write_record(&self, shard: u32, record: &ShardRecord) -> Result<()> {
        self.folder.write(&record_name(shard), self.sealed(record)?)
    }

    /// What earlier attempts on a shard have made. What cannot be read of it is made again.
    pub fn attempted(&self, shard: u32) -> Result<BTreeMap<ImageId, MadeImage>> {
        let folder = attempts_folder(shard);
        let mut made = BTreeMap::new();
        for name in self.folder.names(&folder)? {
            let Some(bytes) = self.folder.read(&format!("{folder}/{name}"), LIMIT)? else { continue };
            let images: Vec<MadeImage> = self.opened(&bytes).unwrap_or_default();
            made.extend(images.into_iter().map(|image| (image.id.clone(), image)));
        }
        Ok(made)
    }

    /// Writes what the attempt `name` has made so far.
    pub fn write_attempt(&self, shard: u32, name: &str, made: &[MadeImage]) -> Result<()> {
        self.folder.write(&format!("{}/{name}.json", attempts_folder(shard)), self.sealed(made)?)
    }

    /// Removes what attempts wrote about a shard that has its record.
    pub fn forget_attempts(&self, shard: u32) -> Result<()> {
        let folder = attempts_folder(shard);
        self.folder.names(&folder)?.iter().try_for_each(|name| self.folder.remove(&format!("{folder}/{name}")))
    }

    fn sealed<T: Serialize + ?Sized>(&self, content: &T) -> Result<Vec<u8>> {
        let hash = Hash::of(&text(&content)?).hex();
        text(&Sealed { plan: self.id.clone(), hash, content })
    }

    /// The content of a file of this plan; else what is wrong with it.
    fn opened<T: Serialize + serde::de::DeserializeOwned>(&self, bytes: &[u8]) -> std::result::Result<T, &'static str> {
        let sealed: Sealed<T> = serde_json::from_slice(bytes).map_err(|_| "is damaged")?;
        if sealed.plan != self.id {
            return Err("is of another plan");
        }
        let is_whole = text(&sealed.content).is_ok_and(|content| Hash::of(&content).hex() == sealed.hash);
        if is_whole { Ok(sealed.content) } else { Err("is damaged") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::output::FolderDigest;

    fn plan(root: &Path, base_url: &str) -> ShardedPlan {
        let folder = || SharedFolder::Folder(root.to_path_buf());
        let hash = write_shard(&folder(), 0, &[]).unwrap();
        let shards = vec![ShardHead { hash, ..ShardHead::default() }];
        PlanHead::new(Hash::default(), base_url.into(), None, shards).write(&folder()).unwrap();
        ShardedPlan::open(folder()).unwrap()
    }

    fn record() -> ShardRecord {
        let digest = FolderDigest { files: 3, bytes: 4, sum: u128::MAX };
        let image = MadeImage { id: ImageId("a_1".into()), hash: Hash([7; 16]), digest, damage: None };
        let failed = FailedImage { id: ImageId("a_2".into()), error: Error::image("torn").with_path("a/2.tif") };
        ShardRecord { images: vec![image], failed: vec![failed] }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan(root.path(), "https://example.org/");
        assert_eq!(plan.record(0).unwrap(), None);
        plan.write_record(0, &record()).unwrap();
        assert_eq!(plan.record(0).unwrap().unwrap(), record());
        plan.write_attempt(0, "one", &record().images).unwrap();
        assert_eq!(plan.attempted(0).unwrap().len(), 1);
        plan.forget_attempts(0).unwrap();
        assert!(plan.attempted(0).unwrap().is_empty());
        assert!(check_free(&plan.folder).is_err());
    }

    #[test]
    fn what_is_damaged_or_of_another_plan_is_refused_by_name() {
        let roots = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [one, other] = [0, 1].map(|at| plan(roots[at].path(), ["https://a.example/", "https://b.example/"][at]));
        one.write_record(0, &record()).unwrap();
        let bytes = one.folder.read("records/00000.json", LIMIT).unwrap().unwrap();
        let read = |plan: &ShardedPlan, bytes: &[u8]| {
            plan.folder.write("records/00000.json", bytes.to_vec()).unwrap();
            plan.record(0).map_err(|error| error.to_string())
        };
        assert!(read(&other, &bytes).unwrap_err().contains("shard 0 is of another plan"));
        for at in 0..bytes.len() {
            let mut torn = bytes.clone();
            torn[at] ^= 1;
            match read(&one, &torn) {
                Err(why) => assert!(why.contains("damaged") || why.contains("another plan"), "{at}: {why}"),
                // The name of a value that is not there says nothing.
                Ok(same) => assert_eq!(same, Some(record()), "{at}"),
            }
            assert!(read(&one, &bytes[..at]).unwrap_err().contains("damaged"));
        }
        one.folder.write("shards/00000.jsonl", b"{}\n".to_vec()).unwrap();
        assert!(one.images(0).unwrap_err().to_string().contains("damaged"));
        one.folder.remove("shards/00000.jsonl").unwrap();
        assert!(one.images(0).unwrap_err().to_string().contains("gone"));
        one.folder.write(HEAD, b"{}".to_vec()).unwrap();
        assert!(ShardedPlan::open(one.folder).is_err());
    }
}
