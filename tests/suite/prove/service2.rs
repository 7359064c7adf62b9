//! Image API 2.1.1, level 0: the exact set of an image's files below `iiif/2/`, and which of `iiif/3/` each is the same
//! as, by the specification and with arithmetic of its own.

use super::service::{Service, read};
use super::{Files, Size};
use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Below the service: its size, and the path of the same file below that of version 3.
type Twins = BTreeMap<String, (Size, String)>;

/// What is wrong with the twin of the service at path `service`, and the image files that it has.
pub fn prove(site: &Site, service: &str) -> (Files, Vec<String>) {
    let twin = service.replacen("iiif/3/", "iiif/2/", 1);
    let mut problems = vec![];
    let full = match read(site, service) {
        Ok(full) => full,
        Err(problem) => return (Files::new(), vec![problem]),
    };
    let info = format!("{twin}/info.json");
    match site.has(&info).then(|| site.json(&info)) {
        None => problems.push(format!("{info} is missing")),
        Some(info) => problems.extend(check(site, &info, &twin, &full).err().map(|why| format!("{twin}: {why}"))),
    }
    let twins = twins(&full, site.max_size);
    let differs = |(path, (_, of)): (&String, &(Size, String))| {
        let (path, of) = (format!("{twin}/{path}"), format!("{service}/{of}"));
        let is_wrong = site.has(&path) && site.has(&of) && site.read(&path) != site.read(&of);
        is_wrong.then(|| format!("{path} is not the same as {of}"))
    };
    problems.extend(twins.iter().filter_map(differs));
    (twins.into_iter().map(|(path, (size, _))| (format!("{twin}/{path}"), size)).collect(), problems)
}

/// An info.json that says of the same pyramid what version 2 has words for.
fn check(site: &Site, info: &Value, twin: &str, full: &Service) -> Result<(), String> {
    if site.path_of(info["@id"].as_str().unwrap_or_default())? != twin {
        return Err(format!("its id is {}", info["@id"]));
    }
    let sizes: Vec<Value> =
        full.sizes.iter().map(|(width, height)| json!({ "width": width, "height": height })).collect();
    let mut restrictions = json!({ "formats": ["jpg"], "qualities": ["default"] });
    let factor = full.max_factor(site.max_size);
    if factor > 1 {
        let (width, height) = full.level(factor);
        restrictions["maxWidth"] = width.max(full.tile).into();
        restrictions["maxHeight"] = height.max(full.tile).into();
    }
    let mut expected = json!({
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": info["@id"],
        "protocol": "http://iiif.io/api/image",
        "profile": ["http://iiif.io/api/image/2/level0.json", restrictions],
        "width": full.full.0,
        "height": full.full.1,
        "tiles": [{ "width": full.tile, "height": full.tile, "scaleFactors": full.scale_factors }],
        "sizes": sizes,
    });
    if let Some(license) = info.get("license") {
        expected["license"] = license.clone();
    }
    if *info == expected { Ok(()) } else { Err(format!("info.json is {info}, not {expected}")) }
}

fn twins(full: &Service, max_size: u32) -> Twins {
    let mut twins = Twins::new();
    let mut add = |region: &str, size_asked: &str, size: Size, of: String| {
        // Of what is named alike the larger comes first.
        twins.entry(format!("{region}/{size_asked}/0/default.jpg")).or_insert((size, of));
    };
    for factor in &full.scale_factors {
        for (_, of, size) in full.tiles(*factor, "jpg") {
            let region = of.split('/').next().unwrap().to_owned();
            add(&region, &format!("{},", size.0), size, of.clone());
            if size.0 == full.full.0 {
                ["full", "max"].iter().for_each(|word| add(&region, word, size, of.clone()));
            }
        }
    }
    let whole = full.level(full.max_factor(max_size));
    ["full", "max"].iter().for_each(|word| add("full", word, whole, "full/max/0/default.jpg".into()));
    for size in full.sizes.iter().rev() {
        let of = format!("full/{},{}/0/default.jpg", size.0, size.1);
        add("full", &format!("{},{}", size.0, size.1), *size, of.clone());
        add("full", &format!("{},", size.0), *size, of);
    }
    let by_width = full.files(max_size).into_iter().filter(|(path, _)| path.contains(",/0/"));
    by_width.for_each(|(path, size)| add("full", &format!("{},", size.0), size, path));
    if full.scale_factors.len() == 1 {
        twins.insert("full/full/0/native.jpg".into(), (whole, "full/max/0/default.jpg".into()));
    }
    twins
}
