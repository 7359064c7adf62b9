//! Makes one image from an [`ImageOrder`], which holds all that it is made from. A build makes its images so, and so do tasks
//! on other machines, to which `plan --shards` hands the orders.

use super::due::{SourceHash, fingerprint, unmade};
use crate::build::memory::MemoryEstimate;
use crate::build::plan::PlannedImage;
use crate::build::run::{interrupted, service_of};
use crate::build::stages::Running;
use crate::build::watermark_file::WatermarkFile;
use crate::build::worker::{Placement, TileTask, WatermarkTask, Worker};
use crate::config::{Config, Resources};
use crate::error::{Error, ErrorKind, Result};
use crate::input::source::ContentSource;
use crate::model::ImageId;
use crate::model::settings::ImageSettings;
use crate::pixels::tile_plan::TilePlan;
use crate::pixels::tiling::MemoryBudget;
use crate::storage::fingerprint::{FileStamp, Fingerprint, Hash};
use crate::storage::output::FolderDigest;
use crate::storage::state::{ImageRecord, Made, Published};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One image to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImageOrder {
    pub id: ImageId,
    /// Its record until it is made.
    pub record: ImageRecord,
    pub settings: ImageSettings,
    /// The file of the watermark in `settings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<WatermarkFile>,
    /// Is published with the image's files.
    pub info_json: String,
    /// Everything that its files are made from, beside the bytes of the master.
    pub from: Fingerprint,
    /// How it is published.
    pub published: Published,
}

impl ImageOrder {
    pub fn of(image: &PlannedImage, config: &Config) -> ImageOrder {
        let options = &image.options;
        ImageOrder {
            id: image.id.clone(),
            record: unmade(image, config),
            settings: options.settings.clone(),
            watermark: options.watermark.as_deref().filter(|_| options.settings.watermark.is_some()).cloned(),
            info_json: String::from_utf8_lossy(&service_of(image).info_json(&config.base_url)).into_owned(),
            from: fingerprint(image),
            published: image.published(),
        }
    }

    /// The record of the image once it is made.
    pub fn made(&self, made: MadeImage, generation: u32) -> ImageRecord {
        let MadeImage { hash, digest, damage, .. } = made;
        let made = Made { from: self.from.clone(), digest, damage, generation, published: self.published };
        ImageRecord { hash, made: Some(made), ..self.record.clone() }
    }
}

/// What became of an order: all that is not in it. The same whoever made it, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeImage {
    pub id: ImageId,
    /// The hash of the master.
    pub hash: Hash,
    /// The digest of all files but info.json.
    pub digest: FolderDigest,
    /// The damage in a master that could be read nevertheless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// The file that an image is made from.
pub struct MasterFile<'a> {
    pub path: &'a Path,
    /// The file when its header was read. It must still be the same. `None`: it was not there.
    pub stamp: Option<FileStamp>,
    pub hash: &'a SourceHash,
}

/// Makes images, as many at once as their memory allows.
pub struct Maker<'a> {
    pub source: &'a ContentSource,
    pub worker: &'a Worker,
    pub resources: &'a Resources,
    pub budget: MemoryBudget,
    /// Images replace files of others in their places.
    pub force: bool,
}

impl Maker<'_> {
    /// Makes the image of `order` in the folder `target`.
    ///
    /// # Errors
    /// The image cannot be read, needs more than the whole budget, or cannot be written; or the build is cancelled.
    pub fn make(
        &self,
        order: &ImageOrder,
        master: MasterFile<'_>,
        target: &Path,
        stage: &Running<'_>,
    ) -> Result<MadeImage> {
        let MasterFile { path, stamp, hash } = master;
        let ImageOrder { id, record, settings, watermark, info_json, .. } = order;
        let here = self.source.local(path)?;
        let hash = hash.get(path, self.source)?;
        let (header, watermark) = (&record.header, watermark.as_ref());
        let tile_plan = TilePlan::new(header, settings);
        let need = MemoryEstimate::of(header, &tile_plan, settings, watermark, false, self.resources);
        let need = need.within(path, self.resources)?;
        let _share = self.budget.take(need.total());
        if stage.is_cancelled() {
            return Err(interrupted());
        }
        let stamp = stamp.ok_or_else(|| Error::new(ErrorKind::Image, "the file is not there").with_path(path))?;
        let task = TileTask {
            source: here.path.as_path().into(),
            header: header.clone(),
            settings: settings.clone(),
            watermark: WatermarkTask::of(settings, watermark),
            tiles_only: false,
            memory: need.decoder,
            target: target.into(),
            info_json: info_json.clone().into_bytes(),
            stamp: here.watched(stamp).map_err(|error| Error::read(ErrorKind::Image, path, error))?,
        };
        let placement = Placement { force: self.force, is_marked: false };
        let tiled = self.worker.tile(task, placement, &|pixels| stage.advance(pixels));
        let tiled = here.attribute_to(path, tiled)?;
        Ok(MadeImage { id: id.clone(), hash, digest: tiled.digest, damage: tiled.damage })
    }
}
