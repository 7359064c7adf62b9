//! An example for each setting, for those who wrote it in another way.

use super::mistakes::Mistake;
use crate::diagnostics::words::nearest;

/// Settings of `[images]` with a value each, as TOML has it. Items and collections can have them too.
const IMAGES: [(&str, &str); 13] = [
    ("tile-size", "512"),
    ("quality", "80"),
    ("lossless", r#""auto""#),
    ("subsampling", r#""4:4:4""#),
    ("huffman", r#""optimised""#),
    ("formats", r#"["jpg", "webp"]"#),
    ("background", r##""#ffffff""##),
    ("max-size", "4096"),
    ("max-resolution", "6000"),
    ("watermark", r#"{ file = "mark.png", position = "bottom-right" }"#),
    ("size", "0.2"),
    ("opacity", "0.5"),
    ("margin", "0.02"),
];

/// The other settings.
const SETTINGS: [(&str, &str); 37] = [
    ("base-url", r#""https://iiif.example.org/""#),
    ("title", r#""City Archive""#),
    ("language", r#""en""#),
    ("content", r#""content""#),
    ("output", r#""public""#),
    ("masters", r#"["service-edited", "master-edited", "master"]"#),
    ("page-pattern", r"'(?<page>\d+)'"),
    ("accept", r#"["page-gap"]"#),
    ("originals", r#""cut""#),
    ("text-granularity", r#""word""#),
    ("pdf", "true"),
    ("open-in", r#"[{ label = "Mirador", url = "https://projectmirador.org/embed/?iiif-content={manifest}" }]"#),
    ("viewer", r#"["mirador", "clover"]"#),
    ("discovery", r#"["atom", "dump"]"#),
    ("images", "{ quality = 80 }"),
    ("iiif", r#"{ image-api = ["3", "2"] }"#),
    ("image-api", r#"["3", "2"]"#),
    ("presentation-api", r#"["3", "2"]"#),
    ("tables", r#"{ separator = ";" }"#),
    ("columns", r#"{ "Titel" = "label" }"#),
    ("separator", r#"";""#),
    ("oai-pmh", r#"{ admin-email = "archive@example.org" }"#),
    ("admin-email", r#""archive@example.org""#),
    ("gateway", r#""https://gateway.example.org/oai""#),
    ("url", r#""s3://scans.example.org/archive""#),
    ("region", r#""eu-central-1""#),
    ("profile", r#""archive""#),
    ("endpoint", r#""https://store.example.org""#),
    ("cache-size", r#""50 GB""#),
    ("grace", r#""1d""#),
    ("max-shrink", "5"),
    ("max-delete", "100000"),
    ("cloudfront", r#""E2QWRUHAPOMQZL""#),
    ("compress", r#""gzip""#),
    ("probe", "false"),
    ("conditional-writes", "false"),
    ("source", r#"{ region = "eu-central-1" }"#),
];

/// A sentence with an example of the setting that has the mistake, or that was meant.
pub fn of_settings(mistake: &Mistake) -> Option<String> {
    match mistake.keys.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["deploy"] | ["deploy", _] => Some(
            r#"for example: [deploy.live] on a line of its own, then url = "s3://scans.example.org/archive""#
                .to_owned(),
        ),
        ["images", _, ..] => of(mistake, &IMAGES),
        _ => of(mistake, &SETTINGS),
    }
}

/// The same for `[images]` in an item or a collection.
pub fn of_images(mistake: &Mistake) -> Option<String> {
    let is_of_images = mistake.keys.iter().rev().skip(1).any(|key| key == "images");
    is_of_images.then(|| of(mistake, &IMAGES)).flatten()
}

fn of(mistake: &Mistake, examples: &[(&str, &str)]) -> Option<String> {
    let key = mistake.keys.iter().rev().find(|key| key.parse::<usize>().is_err())?;
    let meant = nearest(key, examples.iter().map(|(key, _)| *key))?;
    let (key, value) = examples.iter().find(|(key, _)| *key == meant)?;
    Some(format!("for example: {key} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};
    use std::fs;

    #[test]
    fn all_examples_are_right() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        let table = |key: &str| match key {
            "size" | "opacity" | "margin" => "[images.watermark]\nfile = \"mark.png\"\n",
            _ if IMAGES.iter().any(|(known, _)| *known == key) => "[images]\n",
            "image-api" => "[iiif]\n",
            "presentation-api" => "[iiif]\nimage-api = [\"3\", \"2\"]\n",
            "columns" | "separator" => "[tables]\n",
            "url" => "[deploy.live]\n",
            "region" | "profile" | "endpoint" | "grace" | "max-shrink" | "max-delete" | "cloudfront" | "compress"
            | "probe" | "conditional-writes" => "[deploy.live]\nurl = \"s3://scans.example.org\"\n",
            "cache-size" => "content = \"s3://scans.example.org\"\n[source]\n",
            "source" => "content = \"s3://scans.example.org\"\n",
            "gateway" => {
                "base-url = \"https://example.org/\"\ndiscovery = [\"oai-pmh\"]\n[oai-pmh]\nadmin-email = \"a@example.org\"\n"
            }
            "admin-email" => "base-url = \"https://example.org/\"\ndiscovery = [\"oai-pmh\"]\n[oai-pmh]\n",
            "oai-pmh" => "base-url = \"https://example.org/\"\ndiscovery = [\"oai-pmh\"]\n",
            _ => "",
        };
        for (key, value) in IMAGES.iter().chain(&SETTINGS) {
            let text = format!("{}{key} = {value}\n", table(key));
            fs::write(folder.path().join("iiif-build.toml"), &text).unwrap();
            let (_, mistakes) = Config::read(folder.path(), &Overrides::default()).unwrap();
            // Other viewers are there only after `add-viewer`.
            let mistakes = mistakes.iter().filter(|mistake| !mistake.message().contains("add-viewer"));
            assert_eq!(mistakes.map(|mistake| mistake.message()).collect::<Vec<_>>(), [""; 0], "{text}");
        }
    }
}
