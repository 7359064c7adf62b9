//! Takes images to the place where they are served, as soon as they are made, so that they are never all on this
//! machine at once.

use crate::error::Result;
use crate::model::ImageId;
use crate::model::geometry::Size;
use crate::storage::state::{ImageRecord, Published};
use std::collections::BTreeMap;

/// See the [module](self). Called from many threads. An error of any method ends the build.
pub trait ImageSink: Sync {
    /// Whether the sink still has an image as it is recorded.
    fn has(&self, id: &ImageId, record: &ImageRecord) -> bool;

    /// Called once, before the first image is made, if any is due. `previous`: the records of the last build, by image id.
    fn begin(&self, due: &[PendingImage], previous: &BTreeMap<String, ImageRecord>) -> Result<()>;

    /// Counts an image as taken: a task on another machine put it where this sink puts images.
    fn trust(&self, id: &ImageId, record: &ImageRecord);

    /// Takes an image that has just been made. When this returns, its files are removed here, all but its info.json.
    fn upload(&self, id: &ImageId, record: &ImageRecord) -> Result<()>;
}

/// An image that is going to be made.
pub struct PendingImage {
    /// Unique in the site.
    pub id: ImageId,
    /// The size of the published image, in pixels.
    pub size: Size,
    /// Tile size, limit and formats.
    pub published: Published,
}
