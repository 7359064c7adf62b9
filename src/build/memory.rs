//! The part of the memory budget that an image needs, computed before it is opened.

use crate::build::watermark_file::WatermarkFile;
use crate::config::Resources;
use crate::error::{Error, Result};
use crate::model::ImageHeader;
use crate::model::settings::ImageSettings;
use crate::pixels::decode;
use crate::pixels::tile_plan::TilePlan;
use crate::pixels::tiling::{self, TileOptions};
use std::path::Path;

/// The bytes that one image needs.
#[derive(Debug, Clone, Copy)]
pub struct MemoryEstimate {
    /// For its decoder.
    pub decoder: u64,
    /// For tiling and encoding, and for the watermark.
    tiling: u64,
}

impl MemoryEstimate {
    /// Counts for the threads of this run. The decoder gets the memory that makes it faster if the whole budget has
    /// room for it. The memory that is free at the moment does not matter, so that each run decodes in the same way.
    pub fn of(
        header: &ImageHeader,
        tile_plan: &TilePlan,
        settings: &ImageSettings,
        mark: Option<&WatermarkFile>,
        tiles_only: bool,
        resources: &Resources,
    ) -> MemoryEstimate {
        let options = TileOptions::new(&tile_plan.pyramid, settings, tiles_only);
        let stored = tile_plan.stored.map_or(0, |stored| stored.memory.bytes(resources.jobs));
        let mark = mark.map_or(0, |mark| decode::watermark_memory(&mark.header, header.size, resources.jobs));
        let tiling = tiling::memory_needed(&options, header.channels, resources.jobs).saturating_add(stored + mark);
        let least = header.decoder_memory.bytes(resources.jobs);
        let spare = resources.memory.saturating_sub(tiling).saturating_sub(least);
        let decoder = least.saturating_add(spare.min(header.extra_memory));
        MemoryEstimate { decoder, tiling }
    }

    pub fn total(self) -> u64 {
        self.decoder.saturating_add(self.tiling)
    }

    /// Refuses the image at `source` if it needs more than the whole budget.
    pub fn within(self, source: &Path, resources: &Resources) -> Result<MemoryEstimate> {
        if self.total() <= resources.memory {
            return Ok(self);
        }
        let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
        let (needed, total) = (mebibytes(self.total()), mebibytes(resources.memory));
        Err(Error::image(format!("it needs {needed} MiB of memory, the budget is {total} MiB"))
            .with_path(source)
            .with_hint(format!("--memory {needed}M allows it")))
    }
}
