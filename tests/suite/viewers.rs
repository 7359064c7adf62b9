//! Which addresses real viewers ask of an image service, ported from their sources: paths below the service.

use serde_json::Value;

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap() as u32
}

/// Of Image API 2, as viewers tell it from 3.
fn is_older(info: &Value) -> bool {
    info["@context"] == "http://iiif.io/api/image/2/context.json"
}

fn scale_factors(info: &Value) -> Vec<u32> {
    info["tiles"][0]["scaleFactors"].as_array().unwrap().iter().map(number).collect()
}

/// What changed in how OpenSeadragon uses `sizes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OpenSeadragon {
    /// 2.4: not at all. What of Image API 2 is as wide as the image it asks as `max`, and not as `full`.
    V2,
    /// 4.1 and 5: taken for the levels wherever their number agrees.
    V4,
    /// 6: only if each is also the full size divided by a scale factor.
    V6,
}

impl OpenSeadragon {
    /// `IIIFTileSource`: `getNumTiles` and `getTileUrl` of every level.
    pub fn asks(self, info: &Value) -> Vec<String> {
        let (width, height) = (number(&info["width"]), number(&info["height"]));
        let tile = (number(&info["tiles"][0]["width"]), number(&info["tiles"][0]["height"]));
        let largest = f64::from(*scale_factors(info).iter().max().unwrap());
        let max_level = (largest.ln() * std::f64::consts::LOG2_E).round() as i32;
        let level_sizes = self.level_sizes(info, max_level);
        let mut asked = vec![];
        for level in 0..=max_level {
            let scale = 0.5f64.powi(max_level - level);
            let scaled = |side: u32| f64::from(side) * scale;
            let (level_width, level_height) = match &level_sizes {
                Some(sizes) => sizes[level as usize],
                None => (scaled(width).ceil() as u32, scaled(height).ceil() as u32),
            };
            let columns = match &level_sizes {
                Some(_) => f64::from(level_width) / f64::from(tile.0),
                None => scaled(width) / f64::from(tile.0),
            };
            let rows = match &level_sizes {
                Some(_) => f64::from(level_height) / f64::from(tile.1),
                None => scaled(height) / f64::from(tile.1),
            };
            let side = ((f64::from(tile.0) / scale).round() as u32, (f64::from(tile.1) / scale).round() as u32);
            for y in 0..rows.ceil() as u32 {
                for x in 0..columns.ceil() as u32 {
                    let (region, size);
                    if level_width < tile.0 && level_height < tile.1 {
                        region = "full".to_owned();
                        size = (level_width, level_height);
                    } else {
                        let (left, top) = (x * side.0, y * side.1);
                        let (w, h) = (side.0.min(width - left), side.1.min(height - top));
                        let is_full = (x, y) == (0, 0) && (w, h) == (width, height);
                        region = if is_full { "full".to_owned() } else { format!("{left},{top},{w},{h}") };
                        size = (tile.0.min(level_width - x * tile.0), tile.1.min(level_height - y * tile.1));
                    }
                    let size = self.size_asked(info, size);
                    asked.push(format!("{region}/{size}/0/default.jpg"));
                }
            }
        }
        asked
    }

    fn size_asked(self, info: &Value, size: (u32, u32)) -> String {
        let full = (number(&info["width"]), number(&info["height"]));
        match is_older(info) {
            true if size.0 == full.0 => if self == OpenSeadragon::V2 { "max" } else { "full" }.into(),
            true => format!("{},", size.0),
            false if size == full => "max".into(),
            false => format!("{},{}", size.0, size.1),
        }
    }

    fn level_sizes(self, info: &Value, max_level: i32) -> Option<Vec<(u32, u32)>> {
        let full = (number(&info["width"]), number(&info["height"]));
        let listed = info["sizes"].as_array().unwrap().iter();
        let mut sizes: Vec<(u32, u32)> = listed.map(|size| (number(&size["width"]), number(&size["height"]))).collect();
        sizes.sort_by_key(|size| size.0);
        let levels = max_level as usize + 1;
        match self {
            OpenSeadragon::V2 => None,
            OpenSeadragon::V4 => {
                if sizes.len() + 1 == levels {
                    sizes.push(full);
                }
                (sizes.len() == levels).then_some(sizes)
            }
            OpenSeadragon::V6 => {
                let last = *sizes.last()?;
                if last.0 < full.0 && last.1 < full.1 {
                    sizes.push(full);
                }
                let factors = scale_factors(info);
                let rounds_to =
                    |side: u32, of: u32, factor: u32| (f64::from(side) / f64::from(of)).round() == f64::from(factor);
                let agree = sizes.len() == levels
                    && (factors.len() != sizes.len()
                        || sizes.iter().zip(factors.iter().rev()).all(|(size, factor)| {
                            rounds_to(full.0, size.0, *factor) && rounds_to(full.1, size.1, *factor)
                        }));
                agree.then_some(sizes)
            }
        }
    }
}

/// Leaflet-IIIF 3: `getTileUrl` of every zoom; never `full/`.
pub fn leaflet(info: &Value) -> Vec<String> {
    let (width, height) = (number(&info["width"]), number(&info["height"]));
    let tile = number(&info["tiles"][0]["width"]);
    let halvings = |side: u32| (f64::from(side) / f64::from(tile)).log2().ceil() as i32;
    let max_zoom = halvings(width).max(halvings(height)).max(0);
    let mut asked = vec![];
    for zoom in 0..=max_zoom {
        let scale = 1u32 << (max_zoom - zoom);
        let side = tile * scale;
        for top in (0..height).step_by(side as usize) {
            for left in (0..width).step_by(side as usize) {
                let (w, h) = (side.min(width - left), side.min(height - top));
                let size = (w.div_ceil(scale), h.div_ceil(scale));
                let size = if is_older(info) { format!("{},", size.0) } else { format!("{},{}", size.0, size.1) };
                asked.push(format!("{left},{top},{w},{h}/{size}/0/default.jpg"));
            }
        }
    }
    asked
}

/// Universal Viewer 4.4, its thumbnails: whatever is advertised.
pub fn universal_viewer() -> Vec<String> {
    vec!["full/90,/0/default.jpg".into()]
}

/// Mirador for a canvas without a thumbnail, and for one whose thumbnail service lists `sizes`: by both sides, whatever
/// the version.
pub fn mirador(info: &Value) -> Vec<String> {
    let size = |size: &Value| format!("full/{},{}/0/default.jpg", size["width"], size["height"]);
    let sizes = info["sizes"].as_array().unwrap().iter().map(size);
    let body = if is_older(info) { "full/full/0/default.jpg" } else { "full/max/0/default.jpg" };
    sizes.chain([body.into()]).collect()
}

/// Triiiceratops 0.16 for an image of one tile: a quality of version 1 where the service is of version 2.
pub fn triiiceratops(info: &Value) -> Vec<String> {
    let is_one_tile = scale_factors(info).len() == 1;
    let asked = if is_older(info) { "full/full/0/native.jpg" } else { "full/max/0/default.jpg" };
    is_one_tile.then(|| asked.to_owned()).into_iter().collect()
}

/// TIFY 0.35: the thumbnail of the canvas, unless it is said to be narrower than 98 pixels.
pub fn tify(thumbnail_width: u32) -> Vec<String> {
    let widths: &[u32] = if thumbnail_width < 98 { &[96, 98] } else { &[] };
    widths.iter().map(|width| format!("full/{width},/0/default.jpg")).collect()
}
