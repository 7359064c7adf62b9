//! Takes images away as they are made, to where they are served, so that they need not all lie here at once.

use crate::error::Result;
use crate::model::ImageId;
use crate::model::geometry::Size;
use crate::storage::state::{ImageRecord, Published};
use std::collections::BTreeMap;

/// See the [module](self). Called from many threads.
pub trait ImageSink: Sync {
    /// Whether an image is where it was taken, as its record says.
    fn has(&self, id: &ImageId, record: &ImageRecord) -> bool;

    /// Before anything is made: what is going to be, and the records of all that was.
    fn begin(&self, due: &[PendingImage], known: &BTreeMap<String, ImageRecord>) -> Result<()>;

    /// Takes an image that has just been made. Its files may go when this returns, all but its info.json.
    fn upload(&self, id: &ImageId, record: &ImageRecord) -> Result<()>;
}

/// An image that is going to be made.
pub struct PendingImage {
    pub id: ImageId,
    pub size: Size,
    pub published: Published,
}
