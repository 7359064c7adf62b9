//! The picture that other sites show beside a link to an item: 1,200 pixels on its longer side, as Facebook, Mastodon, Slack and
//! others ask for. It is made from a published size, where none is just as large.

use crate::error::Result;
use crate::model::address::SitePath;
use crate::model::geometry::Size;
use crate::model::settings::{Coding, FileFormat, ImageSettings, Limit};
use crate::model::site::{SiteImage, SiteItem};
use crate::pixels::decode;
use crate::pixels::encode::{self, Pixels, Target};
use crate::storage::fingerprint::hashed;
use std::path::Path;

/// The longer side of a card, in pixels.
pub const SIDE: u32 = 1200;

/// The card of an item. `None`: it needs none of its own, because a published size has this side, or the image is smaller.
pub struct Card<'a> {
    pub image: &'a SiteImage,
    /// The published size that it is made from.
    pub from: Size,
    pub size: Size,
    pub path: SitePath,
}

impl<'a> Card<'a> {
    pub fn of(item: &'a SiteItem) -> Option<Card<'a>> {
        let image = item.picture().filter(|_| !item.lacks_card)?;
        let sizes = image.pyramid.published_sizes();
        let from = sizes.into_iter().find(|size| size.longer_side() >= SIDE)?;
        let size = from.within(SIDE);
        // Another picture has another name, so that a card is always that of the picture in its page.
        let name = format!("card-{:08x}.jpg", hashed(&(&image.id, from)) as u32);
        (size != from).then(|| Card { image, from, size, path: item.path.join(&name) })
    }

    /// Makes the card from the file of the published size.
    ///
    /// # Errors
    /// The file cannot be read, or is no such picture.
    pub fn make(&self, file: &Path) -> Result<Vec<u8>> {
        let settings = ImageSettings { max_resolution: Limit::pixels(SIDE), ..ImageSettings::default() };
        let header = decode::probe(file, &settings)?.into_iter().next();
        let header = header.filter(|header| header.size == self.size).ok_or_else(decode::changed)?;
        let memory = header.decoder_memory.bytes(rayon::current_num_threads());
        let mut rows = decode::open(file, &header, &settings, memory)?;
        let (size, channels) = (rows.size(), rows.channels());
        let stride = size.width as usize * channels.count();
        let mut data = vec![0; stride * size.height as usize];
        rows.read_rows(&mut data)?;
        let target = Target { format: FileFormat::Jpeg, coding: Coding::default() };
        encode::encode(Pixels { data: &data, stride, size, channels }, target, |bytes| Ok(bytes.to_vec()))
    }
}
