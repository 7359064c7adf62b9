//! Sound files to damage: small images of every form that can be drawn here, and metadata of every format.

use crate::draw::{bilevel, colour, grey, jpeg, jpeg_with_orientation, png, webp};
use crate::tables::{row, xlsx};
use crate::tiff::{self, Compression, Page};
use image::{DynamicImage, GrayAlphaImage, ImageFormat, RgbaImage};
use std::io::Cursor;

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Three by two pixels, losslessly, by libjxl: no encoder is at hand.
const JXL: [u8; 45] = [
    0xff, 0x0a, 0x08, 0x40, 0x10, 0x09, 0x08, 0x02, 0x01, 0x00, 0x84, 0x00, 0x4b, 0x18, 0x8b, 0x15, 0x8e, 0xd7, 0x87,
    0x3a, 0xd9, 0xa5, 0x24, 0xa8, 0x8c, 0x62, 0xff, 0xd1, 0x01, 0x6c, 0xd0, 0x0f, 0x0b, 0xd0, 0xb7, 0x4f, 0x7a, 0x1c,
    0x9a, 0x46, 0xff, 0xfb, 0xbd, 0x06, 0x7d,
];

/// One image of each format and form, by name.
pub fn images() -> Vec<(String, Vec<u8>)> {
    let (rgb, gray, black) = (colour(67, 41), grey(67, 41), bilevel(67, 41));
    let rgba = RgbaImage::from_fn(67, 41, |x, y| image::Rgba([x as u8, y as u8, 90, (x * y) as u8]));
    let gray_alpha = GrayAlphaImage::from_fn(67, 41, |x, y| image::LumaA([x as u8, y as u8]));
    let mut images = vec![
        ("grey.png", png(gray.clone())),
        ("rgb.png", png(rgb.clone())),
        ("rgba.png", png(rgba.clone())),
        ("grey-alpha.png", png(gray_alpha)),
        ("deep.png", png(DynamicImage::ImageRgb8(rgb.clone()).to_rgb16())),
        ("rgb.jpg", jpeg(rgb.clone())),
        ("grey.jpg", jpeg(gray.clone())),
        ("turned.jpg", jpeg_with_orientation(&rgb, 6)),
        ("rgb.webp", webp(rgb.clone())),
        ("rgba.webp", webp(rgba.clone())),
        ("rgba.gif", encoded(rgba, ImageFormat::Gif)),
    ];
    images.push(("rgb.jxl", JXL.to_vec()));
    let page = Page::rgb(&rgb);
    let tiffs = [
        ("plain.tif", page.clone(), true),
        ("big-endian.tif", page.clone(), false),
        ("lzw.tif", page.clone().compressed(Compression::Lzw), true),
        ("deflate.tif", page.clone().compressed(Compression::Deflate), true),
        ("predictor.tif", page.clone().compressed(Compression::Deflate).claiming_predictor(2), true),
        ("packbits.tif", page.clone().compressed(Compression::PackBits), true),
        ("tiled.tif", page.clone().tiled(32), true),
        ("jpeg-tiles.tif", page.clone().compressed(Compression::Jpeg).tiled(32), true),
        ("planar.tif", page.clone().planar(), true),
        ("deep.tif", page.clone().deep().compressed(Compression::Lzw), true),
        ("one-strip.tif", page.in_one_strip(), true),
        ("grey.tif", Page::grey(&gray), false),
        ("bilevel.tif", Page::min_is_white(&black), true),
    ];
    images.extend(tiffs.map(|(name, page, little_endian)| (name, tiff::encode(&[page], little_endian))));
    images.push(("two.tif", tiff::encode(&[Page::grey(&gray), Page::rgb(&rgb)], true)));
    images.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

/// A folder of content with metadata in one format.
pub struct Sample {
    pub name: &'static str,
    /// The file with the metadata, and what it holds.
    pub file: &'static str,
    pub bytes: Vec<u8>,
    /// Files beside it that hold no metadata.
    pub pages: &'static [&'static str],
    /// Further files that it needs.
    pub beside: Vec<(&'static str, String)>,
}

/// Every format of metadata and text, with `word` in each place that holds text, written as the format asks for it.
pub fn metadata(word: &str) -> Vec<Sample> {
    const PAGES: &[&str] = &["1.png", "2.png"];
    const BELOW: &[&str] = &["a/1.png", "b/1.png"];
    let quoted = serde_json::to_string(word).unwrap();
    let json = quoted.trim_matches('"').to_owned();
    let json = if word.ends_with('"') { format!("{json}\"") } else { json };
    let toml = json.replace('\u{7f}', "\\u007f");
    let visible: String = word.chars().filter(|c| !c.is_control()).collect();
    let xml = visible.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(['"', '\''], "&quot;");
    let csv = visible.replace('"', "\"\"");
    let sample = |name, file, template: &str, word: &str, pages| {
        let bytes = template.replace('§', word).into_bytes();
        Sample { name, file, bytes, pages, beside: vec![] }
    };
    let mut samples = vec![
        sample("toml", "item.toml", TOML, &toml, PAGES),
        sample("yaml", "item.yaml", YAML, &json, PAGES),
        sample("collection", "collection.toml", COLLECTION, &toml, BELOW),
        sample("extra", "manifest.extra.json", EXTRA, &json, PAGES),
        sample("patch", "manifest.patch.json", PATCH, &json, PAGES),
        sample("mets", "mets.xml", METS, &xml, PAGES),
        sample("ead", "ead.xml", EAD, &xml, BELOW),
        sample("mods", "mods.xml", MODS, &xml, PAGES),
        sample("dc", "dc.xml", DC, &xml, PAGES),
        sample("marc", "marc.xml", MARC, &xml, PAGES),
        sample("alto", "1.xml", ALTO, &xml, PAGES),
        sample("page", "1.xml", PAGE, &xml, PAGES),
        sample("hocr", "1.hocr", HOCR, &xml, PAGES),
        sample("text", "1.txt", "§\nA second line with §.\n", word, PAGES),
        sample("bag", "bag-info.txt", BAG, &visible, PAGES),
        sample("table", "items.csv", TABLE, &csv, BELOW),
        sample("pages", "pages.csv", PAGE_LIST, &csv, BELOW),
        sample("notes", "notes.json", NOTES, &json, PAGES),
        sample("remarks", "notes.csv", REMARKS, &csv, PAGES),
    ];
    for sample in samples.iter_mut().filter(|sample| sample.file.starts_with("notes.")) {
        sample.beside.push(("item.toml", format!("annotations = [\"{}\"]\n", sample.file)));
    }
    samples.push(Sample { name: "workbook", file: "items.xlsx", bytes: workbook(&xml), pages: BELOW, beside: vec![] });
    samples
}

fn workbook(word: &str) -> Vec<u8> {
    let head = row(1, &[('A', "item"), ('B', "label"), ('C', "summary"), ('D', "Place")]);
    let items = head + &row(2, &[('A', "a"), ('B', word), ('C', word), ('D', word)]);
    let pages =
        row(1, &[('A', "item"), ('B', "file"), ('C', "label")]) + &row(2, &[('A', "a"), ('B', "1.png"), ('C', word)]);
    xlsx(&[("Items", &items), ("pages", &pages)])
}

const TOML: &str = r#"label = { en = ["§"], de = ["§"] }
summary = "§"
rights = "http://creativecommons.org/publicdomain/mark/1.0/"
nav-date = 1879-01-01T00:00:00Z
nav-place = [20.5, 54.7]
behavior = ["paged"]
metadata = [{ label = "§", value = ["§", "<b>§</b>", "<p>§</p>"] }]
required-statement = { label = "§", value = "§" }
provider = { id = "https://example.org/", label = "§", homepage = { id = "https://example.org/home", label = "§" } }
homepage = { id = "https://example.org/letter", label = "§", language = "en" }
see-also = { id = "https://example.org/mets.xml", label = "§", format = "application/xml" }
rendering = { id = "https://example.org/a.pdf", label = "§", format = "application/pdf" }
structures = [{ label = "§", pages = ["1"], structures = [{ label = "§", pages = ["2"], summary = "§" }] }]

[pages."1.png"]
label = "§"
summary = "§"
metadata = [{ label = "§", value = "§" }]

[pages."2.png"]
label = { en = "§" }
required-statement = { label = "§", value = "<i>§</i>" }
"#;

const YAML: &str = r#"label: "§"
summary: "<p>§</p>"
rights: "http://rightsstatements.org/vocab/NKC/1.0/"
metadata:
  - label: { en: "§" }
    value: ["§", "§"]
required-statement: { label: "§", value: "§" }
nav-date: "1879-01-01T00:00:00Z"
structures:
  - label: "§"
    pages: ["1", "2"]
pages:
  "1.png": { label: "§" }
"#;

const COLLECTION: &str = r#"label = "§"
summary = "<p>§</p>"
metadata = [{ label = "§", value = "§" }]
required-statement = { label = "§", value = "§" }
provider = { id = "https://example.org/", label = "§" }
homepage = { id = "https://example.org/c", label = "§" }
"#;

const EXTRA: &str = r#"{ "label": { "none": ["§"] }, "summary": { "en": ["§"] },
  "metadata": [{ "label": { "none": ["§"] }, "value": { "none": ["§"] } }], "planted": "§" }
"#;

const PATCH: &str = r#"[{ "op": "add", "path": "/summary", "value": { "none": ["§"] } },
  { "op": "replace", "path": "/label", "value": { "none": ["§"] } },
  { "op": "add", "path": "/items/0/label", "value": { "none": ["§"] } }]
"#;

const METS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mods="http://www.loc.gov/mods/v3" LABEL="§">
<dmdSec ID="d1"><mdWrap MDTYPE="MODS"><xmlData><mods:mods><mods:titleInfo><mods:title>§</mods:title><mods:subTitle>§</mods:subTitle>
</mods:titleInfo><mods:name><mods:namePart>§</mods:namePart><mods:role><mods:roleTerm type="text">§</mods:roleTerm></mods:role></mods:name>
<mods:abstract>§</mods:abstract><mods:note type="§">§</mods:note><mods:subject><mods:topic>§</mods:topic></mods:subject>
<mods:originInfo><mods:dateIssued>1815</mods:dateIssued><mods:publisher>§</mods:publisher></mods:originInfo></mods:mods></xmlData></mdWrap></dmdSec>
<fileSec><fileGrp USE="MASTER"><file ID="f1" MIMETYPE="image/png"><FLocat LOCTYPE="URL" xlink:href="1.png"/></file>
<file ID="f2" MIMETYPE="image/png"><FLocat LOCTYPE="URL" xlink:href="2.png"/></file></fileGrp></fileSec>
<structMap TYPE="PHYSICAL"><div TYPE="physSequence" ID="p0"><div TYPE="page" ID="p1" ORDER="1" ORDERLABEL="§"><fptr FILEID="f1"/></div>
<div TYPE="page" ID="p2" ORDER="2" LABEL="§"><fptr FILEID="f2"/></div></div></structMap>
<structMap TYPE="LOGICAL"><div TYPE="monograph" ID="l0" DMDID="d1" LABEL="§"><div TYPE="chapter" ID="l1" LABEL="§"/></div></structMap>
<structLink><smLink xlink:from="l1" xlink:to="p2"/></structLink></mets>
"#;

const EAD: &str = r#"<ead xmlns="urn:isbn:1-931666-22-9"><archdesc level="collection"><did><unittitle>§</unittitle><unitid>§</unitid>
<repository>§</repository></did><scopecontent><head>§</head><p>§</p></scopecontent><dsc><c01 id="a" level="file"><did><unittitle>§</unittitle>
<unitdate normal="1839/1839">§</unitdate><container type="Box">§</container></did><accessrestrict><p>§</p></accessrestrict></c01>
<c01 id="b" level="file"><did><unittitle>§ <title>§</title></unittitle></did></c01></dsc></archdesc></ead>
"#;

const MODS: &str = r#"<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>§</title></titleInfo><name><namePart>§</namePart></name>
<abstract>§</abstract><note>§</note><location><shelfLocator>§</shelfLocator></location><accessCondition>§</accessCondition>
<relatedItem type="host"><titleInfo><title>§</title></titleInfo></relatedItem><identifier type="§">§</identifier></mods>
"#;

const DC: &str = r#"<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>§</dc:title><dc:creator>§</dc:creator><dc:description>§</dc:description><dc:date>1839</dc:date><dc:rights>§</dc:rights>
<dc:identifier>§</dc:identifier><dc:subject>§</dc:subject></oai_dc:dc>
"#;

const MARC: &str = r#"<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>
<controlfield tag="001">123</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a">§</subfield><subfield code="b">§</subfield>
</datafield><datafield tag="100" ind1="1" ind2=" "><subfield code="a">§</subfield></datafield><datafield tag="520" ind1=" " ind2=" ">
<subfield code="a">§</subfield></datafield><datafield tag="650" ind1=" " ind2="0"><subfield code="a">§</subfield></datafield></record>
"#;

const ALTO: &str = r#"<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit></Description>
<Layout><Page WIDTH="90" HEIGHT="60"><PrintSpace><TextBlock ID="b" HPOS="1" VPOS="1" WIDTH="80" HEIGHT="50"><TextLine HPOS="2" VPOS="3"
 WIDTH="40" HEIGHT="9"><String CONTENT="§" HPOS="2" VPOS="3" WIDTH="20" HEIGHT="9" WC="0.9"/><SP/><String CONTENT="§" HPOS="24" VPOS="3"
 WIDTH="15" HEIGHT="9"/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>
"#;

const PAGE: &str = r#"<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Page imageFilename="1.png"
 imageWidth="90" imageHeight="60"><TextRegion id="r"><Coords points="1,1 80,1 80,50 1,50"/><TextLine id="l"><Coords points="2,3 40,3 40,12 2,12"/>
<Word id="w"><Coords points="2,3 20,3 20,12 2,12"/><TextEquiv><Unicode>§</Unicode></TextEquiv></Word>
<TextEquiv><Unicode>§ §</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>
"#;

const HOCR: &str = r#"<!DOCTYPE html><html><head><title>§</title></head><body><div class="ocr_page" title="bbox 0 0 90 60"><p class="ocr_par">
<span class="ocr_line" title="bbox 2 3 40 12"><span class="ocrx_word" title="bbox 2 3 20 12; x_wconf 90">§</span>
<span class="ocrx_word" title="bbox 24 3 39 12">§</span></span></p></div></body></html>
"#;

const BAG: &str =
    "Source-Organization: §\nExternal-Description: §\n § continued\nExternal-Identifier: §\nBagging-Date: 2020-01-02\n";

const TABLE: &str = "item,label,summary,rights,Place,label@fr,homepage,nav-date\n\
a,\"§\",\"§\",http://creativecommons.org/publicdomain/mark/1.0/,\"§|§\",\"§\",https://example.org/a,1879-01-01T00:00:00Z\n\
b,\"§\",,,\"§\",,,\n";

const PAGE_LIST: &str = "item,file,page,label,label@fr,role\na,1.png,1,\"§\",\"§\",page\nb,1.png,2,\"§\",,page\n";

const NOTES: &str = r#"[{ "motivation": "commenting", "body": { "type": "TextualBody", "value": "§", "format": "text/html" },
  "target": "1.png#xywh=1,2,30,20" }, { "motivation": "tagging", "body": [{ "type": "TextualBody", "value": "§", "language": "en" }],
  "target": "2.png" }]
"#;

const REMARKS: &str =
    "page,xywh,motivation,text,language\n1.png,\"1,2,30,20\",tagging,\"§\",de\n2.png,,commenting,\"<b>§</b>\",en\n";
