//! Tables of items and pages: what becomes of each column, what is refused and how it is said, and real tables of
//! other programs (these need `IIIF_BUILD_CORPUS`).

use iiif_build::error::{Error, Result};
use iiif_build::input::tables::{join, read, read_pages};
use iiif_build::model::settings::TableSettings;
use iiif_build::model::{LanguageMap, Record, Records};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Reads a CSV with the settings as they are without a configuration.
fn items(text: &str) -> Result<(Records, Vec<String>)> {
    faultless(read(text.as_bytes(), Path::new("items.csv"), &TableSettings::default()))
}

/// The first mistake of the header or in a row, if there is one.
fn faultless(read: std::result::Result<(Records, Vec<String>), Vec<Error>>) -> Result<(Records, Vec<String>)> {
    let (mut records, warnings) = read.map_err(|mut mistakes| mistakes.remove(0))?;
    let mistake = records.mistakes.drain(..).next();
    mistake.map_or(Ok((records, warnings)), Err)
}

fn item(text: &str) -> Record {
    let (mut records, warnings) = items(text).unwrap();
    assert_eq!((records.below.len(), warnings), (1, vec![]));
    records.below.remove(0)
}

fn settings(toml: &str) -> TableSettings {
    iiif_build::config::read_toml(toml).value
}

fn texts(map: &LanguageMap) -> String {
    let entries: Vec<String> =
        map.entries().map(|(language, values)| format!("{language}: {}", values.join(" + "))).collect();
    entries.join(", ")
}

#[test]
fn known_columns_become_properties_and_all_others_metadata() {
    let record = item(
        "ID,Title,title@fr,Description,Rights,attribution,provider,homepage,see_also,navDate,behavior,Viewing Direction,\
            latitude,longitude,blank,Shelf mark,Sujet@fr,Sujet@de,empty\n\
         kant,Essay,Essai,On reason,http://creativecommons.org/publicdomain/mark/1.0/,By the library,\
            https://a.example The Library,https://a.example/kant About it,mets.xml,1784-12-01T00:00:00Z,paged|unordered,\
            right-to-left,54.7,20.5, | ,MS 12 / a,Raison|Morale,Vernunft,\n",
    );
    let said = record.description;
    assert_eq!(record.keys, ["kant"]);
    assert_eq!(record.place, "row 2");
    assert_eq!(texts(&said.label), "fr: Essai, none: Essay");
    assert_eq!(texts(&said.summary), "none: On reason");
    let pairs: Vec<_> = said.metadata.iter().map(|pair| (texts(&pair.label), texts(&pair.value))).collect();
    let expected = [("none: Shelf mark", "none: MS 12 / a"), ("none: Sujet", "de: Vernunft, fr: Raison + Morale")];
    assert_eq!(pairs, expected.map(|(label, value)| (label.to_owned(), value.to_owned())));
    let json = serde_json::to_value(&said).unwrap();
    assert_eq!(json["rights"], "http://creativecommons.org/publicdomain/mark/1.0/");
    assert_eq!(json["required-statement"]["value"]["none"][0], "By the library");
    assert_eq!(json["provider"][0]["label"]["none"][0], "The Library");
    assert_eq!(json["homepage"][0]["id"], "https://a.example/kant");
    assert_eq!(json["homepage"][0]["label"]["none"][0], "About it");
    assert_eq!(json["see-also"][0]["file"], "mets.xml");
    assert_eq!(json["nav-date"], "1784-12-01T00:00:00Z");
    assert_eq!(json["nav-place"], serde_json::json!([20.5, 54.7]));
    assert_eq!(json["behavior"], serde_json::json!(["paged", "unordered"]));
    assert_eq!(json["viewing-direction"], "right-to-left");
}

#[test]
fn rights_in_words_are_metadata_and_a_file_alone_is_key_and_page() {
    let record = item("filename,title,rights\nscans/map 7.tif,A map,Public domain\n");
    assert_eq!(record.keys, ["map 7"]);
    assert_eq!(record.pages[0].file.as_deref(), Some("scans/map 7.tif"));
    assert_eq!(texts(&record.description.metadata[0].label), "none: rights");
    assert_eq!(record.description.rights, None);
}

#[test]
fn the_configuration_says_what_a_column_is() {
    let settings = settings(
        "separator = \";\"\n[columns]\nSignatur = \"item\"\nTitel = \"label@de\"\n\"Verlag 1\" = \"Publisher\"\n\
            \"Verlag 2\" = \"Publisher\"\ninternal = \"\"\n",
    );
    let text = "Signatur;Titel;Verlag 1;Verlag 2;internal;title\nMs 1;Buch;\"A; B\";C;secret;Untitled | x\n";
    let (records, _) = read(text.as_bytes(), Path::new("items.csv"), &settings).unwrap();
    let said = &records.below[0].description;
    assert_eq!((records.below[0].keys[0].as_str(), texts(&said.label)), ("Ms 1", "de: Buch".to_owned()));
    let pairs: Vec<_> = said.metadata.iter().map(|pair| texts(&pair.value)).collect();
    assert_eq!(pairs, ["none: A + B + C", "none: Untitled | x"]);
    assert!(toml::from_str::<TableSettings>("seperator = \";\"").is_err());
}

#[test]
fn mistakes_are_refused_with_file_row_and_column() {
    for (text, expected) in [
        (
            "name,year\nx,1\n",
            "the table has no column that says which item a row is about: expected one of `item`, `id`",
        ),
        ("id,title\na,x\nb,y\na,z\n", r#"row 4, column "id" (A): "a" stands in row 2 already; each item has one row"#),
        ("id,title\n,x\n", r#"row 2, column "id" (A): the cell is empty"#),
        ("id,title\na,x,y\n", "row 2: the row has 3 cells, but the header 2"),
        ("id,title\n\"a\nb\",x\nc\n", "row 3, line 4: the row has 1 cells, but the header 2"),
        ("id,\na,x\n", "row 2, column B: the column has values, but no header"),
        ("id,note,note\na,x,y\n", r#"row 1: the columns "note" (B) and "note" (C) both say the metadata "note""#),
        ("id,title,Title\na,x,y\n", r#"row 1: the columns "title" (B) and "Title" (C) both say the label"#),
        ("id,behavior\na,Paged\n", r#"row 2, column "behavior" (B): "Paged" is not known here; did you mean "paged"?"#),
        (
            "id,nav-date\na,in 1784\n",
            r#"row 2, column "nav-date" (B): "in 1784" is not a date; expected a year, a month"#,
        ),
        ("id,rights\na,ftp://x\n", r#"row 2, column "rights" (B): "ftp://x" is no licence of creativecommons.org"#),
        (
            "id,homepage\na,https://x y|gopher://z\n",
            r#"row 2, column "homepage" (B): "gopher://z" is not one http(s) URI"#,
        ),
        (
            "id,homepage\na,www.example.org\n",
            r#"row 2, column "homepage" (B): "www.example.org" is neither a file nor"#,
        ),
        ("id,title\na,x\nb,\"y\nc,z\n", r#"row 3: the quotation mark before "y\nc,z" is closed nowhere"#),
        (
            "id,provider\na,The Library\n",
            r#"row 2, column "provider" (B): "The Library" is no provider; expected a URI and a name"#,
        ),
        (
            "id,latitude,longitude\na,91,0\n",
            r#"row 2, column "latitude" (B): "91" is not a number of degrees from -90 to 90"#,
        ),
        ("id,latitude,longitude\na,1,\n", "row 2: only one of `latitude` and `longitude` is given"),
        ("id,file\na,../b.tif\n", r#"row 2, column "file" (B): "../b.tif" is not a file below the table's folder"#),
        ("id,file\na,C:\\b.tif\n", r#"row 2, column "file" (B): "C:\\b.tif" is not a file below the table's folder"#),
        ("id,parentid\na,a\n", r#"row 2, column "parentid" (B): the row names itself"#),
        ("id,publish\na,perhaps\n", r#"row 2, column "publish" (B): "perhaps" says neither yes nor no"#),
        ("id,embargo\na,soon\n", r#"row 2, column "embargo" (B): "soon" is not a day"#),
    ] {
        let error = items(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("items.csv: {expected}")), "{text:?}\n{error}");
    }
    let (records, warnings) = items("\u{feff}\n,,\n").unwrap();
    assert_eq!((records.below.len(), warnings.len()), (0, 0));
}

#[test]
fn rows_with_a_parent_are_its_pages_and_parents_of_parents_are_collections() {
    let (records, warnings) = items(
        "id,parentid,title,file,note\n\
         all,elsewhere,All,,\n\
         book,all,Book,,\n\
         b1,book,Cover,book/1.tif,old\n\
         b2,book,,https://a.example/2.tif,\n\
         b3,book,,,\n\
         map,all,Map,map.tif,\n",
    )
    .unwrap();
    let keys: Vec<_> = records.below.iter().map(|record| (record.keys[0].as_str(), record.pages.len())).collect();
    assert_eq!(keys, [("all", 0), ("book", 3), ("map", 1)]);
    let files: Vec<_> = records.below[1].pages.iter().map(|page| page.file.as_deref()).collect();
    assert_eq!(files, [Some("book/1.tif"), None, None]);
    assert_eq!(texts(&records.below[1].pages[0].label), "none: Cover");
    assert_eq!(
        warnings,
        [
            r#""parentid" (B) names what is no row of this table (1 row, the first: row 2, "elsewhere"); such rows are items"#,
            "files that are elsewhere on the web are not fetched (1 row, the first: row 5)",
            "pages without a file are shown as missing (1 row, the first: row 6)",
            r#"a page has no place for these columns: "note" (E)"#,
        ]
    );
}

fn pages(text: &str) -> Result<(Records, Vec<String>)> {
    faultless(read_pages(text.as_bytes(), Path::new("pages.csv"), &TableSettings::default()))
}

#[test]
fn a_table_of_pages_gives_items_their_pages_in_order() {
    let text = "item,page,file,label,label@fr,text,missing,note\n\
        kant,2r,k/2.tif,2r,2 recto,alto/2.xml,,x\nkant,1,,,,,yes,\nhegel,,h.tif,,,,no,\n";
    let (listed, warnings) = pages(text).unwrap();
    assert_eq!(warnings, [r#"a page has no place for these columns: "note" (H)"#]);
    let (mut records, _) = items("id,title\nkant,Essay\n").unwrap();
    join(&mut records, listed);
    assert_eq!(records.below.iter().map(|record| record.keys[0].as_str()).collect::<Vec<_>>(), ["kant", "hegel"]);
    let [first, second] = records.below[0].pages.as_slice() else { panic!("{records:?}") };
    assert_eq!((first.id.as_deref(), first.text.as_deref()), (Some("2r"), Some("alto/2.xml")));
    assert_eq!(texts(&first.label), "fr: 2 recto, none: 2r");
    assert_eq!((second.id.as_deref(), second.file.as_deref()), (Some("1"), None));
    join(&mut records, pages(text).unwrap().0);
    let error = records.mistakes[0].to_string();
    assert!(error.contains(r#"the pages of "kant" are listed already"#), "{error}");
}

#[test]
fn pages_that_cannot_be_are_refused_with_row_and_column() {
    for (text, expected) in [
        ("page,file\n1,a.tif\n", "the table has no column that says which item a page is of"),
        ("item,file\n,a.tif\n", r#"row 2, column "item" (A): the cell is empty"#),
        ("item,file\na,\n", r#"row 2, column "file" (B): the page has no file; write "yes" into a column `missing`"#),
        ("item,file,missing\na,b.tif,yes\n", r#"row 2, column "missing" (C): the page is said to be missing, but has"#),
        ("item,file,missing\na,b.tif,perhaps\n", r#"row 2, column "missing" (C): "perhaps" says neither yes nor no"#),
        ("item,page,file\na,1,b\na,1,c\n", r#"row 3, column "page" (B): the item "a" has this page already"#),
        ("item,file,text\na,b,/c/../d\n", r#"row 2, column "text" (C): "/c/../d" is not a file below"#),
    ] {
        let error = pages(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("pages.csv: {expected}")), "{text:?}\n{error}");
    }
}

/// A ZIP archive of stored files.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (vec![], vec![]);
    for (name, text) in files {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let (size, offset) = (text.len() as u32, bytes.len() as u32);
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head.extend([sum.sum(), size, size].iter().flat_map(|field| field.to_le_bytes()));
        head.extend([name.len() as u16, 0].iter().flat_map(|field| field.to_le_bytes()));
        bytes.extend([b"PK\x03\x04", &head[..], name.as_bytes(), text.as_bytes()].concat());
        directory.extend([b"PK\x01\x02\x14\0", &head[..], &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let (size, start, count) = (directory.len() as u32, bytes.len() as u32, files.len() as u16);
    bytes.extend(directory);
    bytes.extend([b"PK\x05\x06\0\0\0\0", &count.to_le_bytes()[..], &count.to_le_bytes()].concat());
    bytes.extend([&size.to_le_bytes()[..], &start.to_le_bytes(), &[0, 0]].concat());
    bytes
}

/// A workbook with the XML of the rows of each sheet. Style 1 is a date.
pub fn xlsx(sheets: &[(&str, &str)]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        (
            "xl/styles.xml".to_owned(),
            format!(
                r#"<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
    ];
    let (mut listed, mut links) = (String::new(), String::new());
    for (at, (name, rows)) in sheets.iter().enumerate() {
        write!(listed, r#"<sheet name="{name}" sheetId="{}" r:id="r{at}"/>"#, at + 1).unwrap();
        write!(links, r#"<Relationship Id="r{at}" Type="{LINKS}/worksheet" Target="worksheets/s{at}.xml"/>"#).unwrap();
        let sheet = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
        files.push((format!("xl/worksheets/s{at}.xml"), sheet));
    }
    let workbook = format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>"#);
    files.push(("xl/workbook.xml".to_owned(), workbook));
    let root = format!(r#"<Relationship Id="r" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>"#);
    for (name, links) in [("_rels/.rels", root), ("xl/_rels/workbook.xml.rels", links)] {
        let links = format!(r#"<Relationships xmlns="{PACKAGE}">{links}</Relationships>"#);
        files.push((name.to_owned(), links));
    }
    archive(&files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

pub fn row(number: usize, cells: &[(char, &str)]) -> String {
    let cells = cells.iter().map(|(column, text)| {
        format!(r#"<c r="{column}{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
    });
    format!(r#"<row r="{number}">{}</row>"#, cells.collect::<String>())
}

fn workbook(bytes: &[u8]) -> Result<(Records, Vec<String>)> {
    faultless(read(bytes, Path::new("items.xlsx"), &TableSettings::default()))
}

#[test]
fn a_workbook_has_items_in_its_first_sheet_and_pages_in_the_one_of_that_name() {
    let dates = r#"<row r="4"><c r="A4" t="inlineStr"><is><t>kant</t></is></c><c r="B4"><v>1784</v></c><c r="C4" s="1"><v>30651</v></c></row>"#;
    let items = row(3, &[('A', "id"), ('B', "year"), ('C', "seen")]) + dates;
    let pages = row(1, &[('A', "item"), ('B', "file")]) + &row(2, &[('A', "kant"), ('B', " k/1.tif ")]);
    let bytes = xlsx(&[("Catalogue", &items), ("Pages", &pages), ("Notes", &row(1, &[('A', "x")])), ("Empty", "")]);
    let (records, warnings) = workbook(&bytes).unwrap();
    assert_eq!(warnings, [r#"the sheet "Notes" is not read: items stand in the first one"#]);
    let [record] = records.below.as_slice() else { panic!("{records:?}") };
    assert_eq!(record.place, r#"sheet "Catalogue", row 4"#);
    let values: Vec<_> = record.description.metadata.iter().map(|pair| texts(&pair.value)).collect();
    assert_eq!(values, ["none: 1784", "none: 1983-12-01"]);
    assert_eq!(record.pages[0].file.as_deref(), Some("k/1.tif"));
}

#[test]
fn mistakes_in_a_workbook_name_the_sheet() {
    let broken = r#"<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>"#;
    for (rows, expected) in [
        (
            row(1, &[('A', "id"), ('B', "behavior")]) + &row(7, &[('A', "a"), ('B', "x")]),
            r#"sheet "S", row 7, column "behavior" (B): "#,
        ),
        (row(1, &[('A', "id")]) + &row(2, &[('A', "a"), ('D', "x")]), r#"sheet "S", row 2: the row has"#),
        (row(1, &[('A', "id")]) + broken, r#"sheet "S", row 2, column "id" (A): a formula failed: #REF!"#),
        (row(1, &[('A', "year")]), r#"the sheet "S" has no column that says which item a row is about"#),
    ] {
        let error = workbook(&xlsx(&[("S", &rows)])).unwrap_err().to_string();
        assert!(error.starts_with(&format!("items.xlsx: {expected}")), "{error}");
    }
}

#[test]
fn a_workbook_that_would_grow_without_bounds_is_refused() {
    let corner = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert!(workbook(&xlsx(&[("S", corner)])).is_err());
    let whole = xlsx(&[("S", &row(1, &[('A', "id")]))]);
    for end in (0..whole.len()).step_by(7) {
        let _ = workbook(&whole[..end]);
    }
    assert!(workbook(&whole[..whole.len() - 1]).unwrap_err().to_string().contains("damaged"));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let _ = workbook(&bytes);
    }
}

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from).filter(|corpus| corpus.is_dir());
    if corpus.is_none() {
        println!("skipped: no corpus");
    }
    corpus
}

/// What a table of the corpus says, in a few lines a record.
fn summary(path: &Path, settings: &TableSettings) -> String {
    let short = |text: String| text.chars().take(60).collect::<String>();
    let (records, warnings) = read(&std::fs::read(path).unwrap(), path, settings).unwrap();
    let mut told: String = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    for record in records.below {
        let said = record.description;
        writeln!(told, "{} {:?} {}", record.place, record.keys, short(texts(&said.label))).unwrap();
        let count = |map: &LanguageMap| map.values().count();
        let pairs: Vec<_> = said
            .metadata
            .iter()
            .map(|pair| format!("{} {}", texts(&pair.label).replace("none: ", ""), count(&pair.value)))
            .collect();
        writeln!(told, "  metadata: {}", pairs.join(", ")).unwrap();
        writeln!(told, "  rights: {:?}, place: {:?}", said.rights, said.nav_place).unwrap();
        for page in record.pages {
            writeln!(told, "  page: {:?} {}", page.file, short(texts(&page.label))).unwrap();
        }
    }
    told
}

#[test]
fn tables_of_other_programs_are_read() {
    let Some(corpus) = corpus() else { return };
    let semicolons = settings("separator = \";\"");
    for (name, file, settings) in [
        ("islandora", "objects/wildflowers_western_canada_1920/create_islandora_objects.csv", TableSettings::default()),
        ("collectionbuilder", "metadata/collectionbuilder_demo-compoundobjects-metadata.csv", semicolons.clone()),
        ("archivesspace", "metadata/archivesspace_digital_object_utf8_bom.csv", TableSettings::default()),
        (
            "archivesspace_files",
            "metadata/archivesspace_digital_object_multi_file_versions.csv",
            TableSettings::default(),
        ),
        ("princeton", "metadata/princeton_sae_ephemera.csv", semicolons),
    ] {
        insta::assert_snapshot!(format!("table_of_{name}"), summary(&corpus.join(file), &settings));
    }
}
