//! JPEG of old style (TIFF 6.0, section 22): a whole JPEG file within the TIFF, read as one.

use super::super::Opened;
use super::super::jpeg;
use super::directory::Directory;
use super::ifd::damaged;
use crate::error::Result;

/// The JPEG file that the directory points at; or the first strip, where that is one.
pub fn open(directory: &Directory) -> Result<Opened> {
    let input = &directory.tiff.input;
    let starts = |offset: &u64| input.read_up_to(*offset, 2).is_ok_and(|start| start == [0xff, 0xd8]);
    let offset = directory.old_jpeg_offset.into_iter().chain(directory.offsets.first().copied()).find(starts);
    let offset = offset.ok_or_else(|| {
        damaged("JPEG of old style without a JPEG file in it is not read").with_hint("convert it with `tiffcp -c none`")
    })?;
    let opened = jpeg::open_at(input.clone(), offset)?;
    if opened.size != directory.size {
        return Err(damaged("the JPEG in it has another size than its directory says"));
    }
    Ok(opened)
}
