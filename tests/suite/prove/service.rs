//! Image API 3, level 0: from an info.json to the exact set of its files, by the specification and with
//! arithmetic of its own.

use super::{Files, Size};
use crate::site::Site;
use serde_json::{Value, json};

/// What info.json says of the pyramid.
pub struct Service {
    pub full: Size,
    pub tile: u32,
    pub scale_factors: Vec<u32>,
    pub sizes: Vec<Size>,
    /// The values of the format parameter that it offers: JPEG first, as level 0 asks, then `extraFormats`.
    pub formats: Vec<String>,
}

impl Service {
    /// Reads and checks an info.json that is published as `id`.
    pub fn read(info: &Value, id: &str, max_size: u32) -> Result<Service, String> {
        let fixed = [
            ("@context", "http://iiif.io/api/image/3/context.json"),
            ("id", id),
            ("type", "ImageService3"),
            ("protocol", "http://iiif.io/api/image"),
            ("profile", "level0"),
        ];
        if let Some((key, _)) = fixed.iter().find(|(key, value)| info[*key] != json!(value)) {
            return Err(format!("{key} is {}", info[*key]));
        }
        if info.get("extraFeatures").is_some() {
            return Err("extraFeatures invite arbitrary requests".into());
        }
        let [tiles] = info["tiles"].as_array().map(Vec::as_slice).unwrap_or_default() else {
            return Err(format!("tiles is {}", info["tiles"]));
        };
        let service = Service {
            full: size(info)?,
            tile: number(&tiles["width"])?,
            scale_factors: list(&tiles["scaleFactors"], number)?,
            sizes: list(&info["sizes"], size)?,
            formats: formats(info)?,
        };
        if number(&tiles["height"])? != service.tile {
            return Err("tiles are not square".into());
        }
        service.check(info, max_size)?;
        Ok(service)
    }

    fn check(&self, info: &Value, max_size: u32) -> Result<(), String> {
        let doubled: Vec<u32> = (0..).map(|power| 1 << power).take(self.scale_factors.len()).collect();
        let fits = |factor: &u32| longer(self.level(*factor)) <= self.tile;
        if self.scale_factors != doubled || self.scale_factors.iter().position(fits) != Some(doubled.len() - 1) {
            return Err(format!("scaleFactors are {:?}", self.scale_factors));
        }
        let factor = self.max_factor(max_size);
        let within = self.scale_factors.iter().filter(|other| **other >= factor && (**other > 1 || doubled.len() == 1));
        let sizes: Vec<Size> = within.rev().map(|factor| self.level(*factor)).collect();
        if self.sizes != sizes {
            return Err(format!("sizes are {:?}, not {sizes:?}", self.sizes));
        }
        let (width, height) = self.level(factor);
        let limit = match factor {
            1 => (Value::Null, Value::Null),
            _ => (json!(width.max(self.tile)), json!(height.max(self.tile))),
        };
        if (&info["maxWidth"], &info["maxHeight"]) != (&limit.0, &limit.1) {
            return Err(format!("maxWidth and maxHeight are not {limit:?}"));
        }
        Ok(())
    }

    pub fn level(&self, factor: u32) -> Size {
        (self.full.0.div_ceil(factor), self.full.1.div_ceil(factor))
    }

    /// Which level `full/max` is: the largest whose longer side is within the setting, and within what its formats can.
    pub fn max_factor(&self, max_size: u32) -> u32 {
        let possible = if self.formats.iter().any(|format| format == "webp") { 16_383 } else { 65_500 };
        let fits = |factor: &&u32| longer(self.level(**factor)) <= max_size.min(possible);
        *self.scale_factors.iter().find(fits).unwrap_or(&1)
    }

    /// The tiles of a level: where each stands in the level, its path below the service, its size.
    pub fn tiles(&self, factor: u32, format: &str) -> Vec<(Size, String, Size)> {
        let ((width, height), side) = (self.full, self.tile * factor);
        let corners =
            (0..height).step_by(side as usize).flat_map(|y| (0..width).step_by(side as usize).map(move |x| (x, y)));
        corners
            .map(|(x, y)| {
                let region = (side.min(width - x), side.min(height - y));
                let size = (region.0.div_ceil(factor), region.1.div_ceil(factor));
                let path = format!("{x},{y},{},{}/{},{}/0/default.{format}", region.0, region.1, size.0, size.1);
                ((x / factor, y / factor), path, size)
            })
            .collect()
    }

    /// Every file but info.json.
    pub fn files(&self, max_size: u32) -> Files {
        let mut files = Files::new();
        for format in &self.formats {
            for factor in &self.scale_factors {
                files.extend(self.tiles(*factor, format).into_iter().map(|(_, path, size)| (path, size)));
            }
            let whole = |size: &Size| (format!("full/{},{}/0/default.{format}", size.0, size.1), *size);
            files.extend(self.sizes.iter().map(whole));
            files.insert(format!("full/max/0/default.{format}"), self.level(self.max_factor(max_size)));
        }
        // TIFY asks what the thumbnail does not give, and no thumbnail is wider than full/max.
        let asked_by_width: &[u32] = if self.level(self.max_factor(max_size)).0 < 98 { &[90, 96, 98] } else { &[90] };
        files.extend(asked_by_width.iter().map(|width| {
            let height = (f64::from(self.full.1) * f64::from(*width) / f64::from(self.full.0)).round();
            (format!("full/{width},/0/default.jpg"), (*width, height.clamp(1.0, 65_500.0) as u32))
        }));
        files
    }
}

pub fn read(site: &Site, service: &str) -> Result<Service, String> {
    let path = format!("{service}/info.json");
    if !site.has(&path) {
        return Err("info.json is missing".into());
    }
    let info = site.json(&path);
    let id = info["id"].as_str().unwrap_or_default();
    if site.path_of(id)? != service {
        return Err(format!("its id is {id}"));
    }
    Service::read(&info, id, site.max_size)
}

/// Every image file of the service at path `service`, from its info.json alone.
pub fn files(site: &Site, service: &str) -> Result<Files, String> {
    let files = read(site, service)?.files(site.max_size);
    Ok(files.into_iter().map(|(path, size)| (format!("{service}/{path}"), size)).collect())
}

/// The file pairs of the service that show the same pixels under two addresses.
pub fn aliases(site: &Site, service: &str) -> Result<Vec<(String, String)>, String> {
    let info = read(site, service)?;
    let (width, height) = info.full;
    let max = info.level(info.max_factor(site.max_size));
    let one_tile = *info.scale_factors.last().unwrap();
    let (w, h) = info.level(one_tile);
    let pairs = info.formats.iter().flat_map(|format| {
        let whole = |size: Size| format!("{service}/full/{},{}/0/default.{format}", size.0, size.1);
        [
            (format!("{service}/0,0,{width},{height}/{w},{h}/0/default.{format}"), whole((w, h))),
            (format!("{service}/full/max/0/default.{format}"), whole(max)),
        ]
    });
    Ok(pairs.collect())
}

fn longer(size: Size) -> u32 {
    size.0.max(size.1)
}

fn number(value: &Value) -> Result<u32, String> {
    value.as_u64().filter(|number| *number > 0).map(|number| number as u32).ok_or_else(|| format!("{value} is no size"))
}

pub fn size(value: &Value) -> Result<Size, String> {
    Ok((number(&value["width"])?, number(&value["height"])?))
}

/// Image API 3, 5.5: what is offered beside JPEG is listed, and preferred only if it is offered.
fn formats(info: &Value) -> Result<Vec<String>, String> {
    let words = |key: &str| match info.get(key) {
        None => Ok(vec![]),
        Some(listed) => list(listed, |word| word.as_str().map(str::to_owned).ok_or(format!("{word} in {key}"))),
    };
    let mut formats = vec!["jpg".to_owned()];
    formats.extend(words("extraFormats")?);
    match words("preferredFormats")?.iter().find(|preferred| !formats.contains(preferred)) {
        Some(other) => Err(format!("{other} is preferred and not offered")),
        None => Ok(formats),
    }
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    value.as_array().ok_or_else(|| format!("{value} is no list"))?.iter().map(read).collect()
}
