//! Files of some kilobytes that stand for gigabytes.

use super::{assert_built, assert_refused, assert_soon, build, project};
use crate::draw::page;
use crate::project::Project;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

fn with(path: &str, bytes: impl AsRef<[u8]>) -> Project {
    project().file("content/a/1.png", page()).file(path, bytes)
}

/// A ZIP archive of deflated files (APPNOTE 6.3.3).
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut directory) = (vec![], vec![]);
    for (name, text) in files {
        let mut packed = DeflateEncoder::new(vec![], Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let (packed, mut crc) = (packed.finish().unwrap(), flate2::Crc::new());
        crc.update(text.as_bytes());
        let method: u16 = 8;
        let mut head = vec![20, 0, 0, 0];
        head.extend(method.to_le_bytes());
        head.extend([0; 4]);
        head.extend(crc.sum().to_le_bytes());
        head.extend((packed.len() as u32).to_le_bytes());
        head.extend((text.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0; 2]);
        let at = archive.len() as u32;
        archive.extend(b"PK\x03\x04");
        archive.extend(&head);
        archive.extend(name.as_bytes());
        archive.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start) = (files.len() as u16, archive.len() as u32);
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

fn xlsx(sheet: &str, shared: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inner: String| format!("<Relationships xmlns=\"{package}/relationships\">{inner}</Relationships>");
    zip(&[
        ("[Content_Types].xml", &format!("<Types xmlns=\"{package}/content-types\"/>")),
        ("_rels/.rels", &relations(relation("rId1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(
                relation("rId1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("rId2", "sharedStrings", "sharedStrings.xml"),
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
        ("xl/sharedStrings.xml", &format!("<sst xmlns=\"{main}\">{shared}</sst>")),
    ])
}

fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>\
         <table:table table:name=\"A\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest=\"m\"/>"),
        ("content.xml", &content),
    ])
}

fn row(number: usize, cells: &str) -> String {
    format!("<row r=\"{number}\">{cells}</row>")
}

#[test]
fn a_workbook_is_read() {
    let shared = "<si><t>id</t></si><si><t>label</t></si><si><t>a</t></si><si><t>From the table</t></si>";
    let cell = |at: &str, text: usize| format!("<c r=\"{at}\" t=\"s\"><v>{text}</v></c>");
    let sheet = row(1, &(cell("A1", 0) + &cell("B1", 1))) + &row(2, &(cell("A2", 2) + &cell("B2", 3)));
    let project = with("content/items.xlsx", xlsx(&sheet, shared));
    assert_built("xlsx", &project);
    assert_eq!(project.site().json("a/manifest.json")["label"]["none"][0], "From the table");
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: [&str; 2]| format!("<table:table-row>{}</table:table-row>", cells.map(cell).concat());
    let project = with("content/items.ods", ods(&(row(["id", "label"]) + &row(["a", "From the sheet"]))));
    assert_built("ods", &project);
    assert_eq!(project.site().json("a/manifest.json")["label"]["none"][0], "From the sheet");
}

#[test]
fn a_text_that_thousands_of_cells_share_is_not_copied_without_bounds() {
    let long = format!("<si><t>id</t></si><si><t>{}</t></si>", "x".repeat(1 << 20));
    let rows: String = (2..20_002).map(|at| row(at, &format!("<c r=\"A{at}\" t=\"s\"><v>1</v></c>"))).collect();
    let sheet = row(1, "<c r=\"A1\" t=\"s\"><v>0</v></c>") + &rows;
    assert_refused(&with("content/items.xlsx", xlsx(&sheet, &long)), "items.xlsx", "memory");
    // A header stands in each row's properties.
    let header = "h".repeat(1 << 20);
    let rows: String = (0..20_000).map(|at| format!("{at},x\n")).collect();
    let usage = build(&with("content/items.csv", format!("id,{header}\n{rows}")));
    assert_soon("header", &usage);
    let nothing = "<si/>".repeat(5_000_000);
    assert_refused(&with("content/items.xlsx", xlsx("", &nothing)), "items.xlsx", "");
}

#[test]
fn a_bomb_in_a_workbook_is_refused() {
    let blank = " ".repeat(300 << 20);
    assert_refused(&with("content/items.xlsx", xlsx(&blank, "")), "items.xlsx", "");
    let cells: String = (0..16_000).map(|_| "<c><v>1</v></c>").collect();
    let sheet = row(1, &cells).repeat(800);
    assert_refused(&with("content/items.xlsx", xlsx(&sheet, "")), "items.xlsx", "");
    assert_refused(&with("content/items.ods", ods(&" ".repeat(300 << 20))), "items.ods", "");
}

#[test]
fn rows_and_cells_that_a_workbook_repeats_are_counted() {
    let cell = |times: &str, text: &str| {
        format!("<table:table-cell {times} office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |times: &str, cells: String| format!("<table:table-row {times}>{cells}</table:table-row>");
    let head = row("", cell("", "id") + &cell("", "b"));
    let rows = "table:number-rows-repeated=\"1048000\"";
    let columns = "table:number-columns-repeated=\"16000\"";
    for (name, content) in [
        ("rows", row(rows, cell("", "x").repeat(20))),
        ("columns", row("", cell(columns, "x")).repeat(2_000)),
        ("both", row(rows, cell(columns, "x"))),
        ("long", row("table:number-rows-repeated=\"2000\"", cell("", &"x".repeat(1 << 20)))),
        ("spaces", row("", cell("", "<text:s text:c=\"4000000000\"/>"))),
        ("gap", row(rows, "<table:table-cell/>".into()) + &row("", cell(columns, "x")).repeat(500)),
    ] {
        println!("{name}");
        assert_refused(&with("content/items.ods", ods(&(head.clone() + &content))), "items.ods", "");
    }
    let fill = "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/>\
        </table:table-row>";
    assert_soon("fill", &build(&with("content/items.ods", ods(&(head + fill)))));
}

#[test]
fn a_patch_that_copies_what_it_copied_is_refused() {
    let copies: Vec<String> =
        (0..25).map(|at| format!("{{\"op\":\"copy\",\"from\":\"\",\"path\":\"/x{at}\"}}")).collect();
    let project = with("content/a/manifest.patch.json", format!("[{}]", copies.join(",")));
    assert_refused(&project, "content/a", "memory");
    let lists: Vec<String> = (0..60)
        .map(|at| {
            format!(
                "{{\"op\":\"copy\",\"from\":\"/items\",\"path\":\"/items/{}\"}}",
                if at % 2 == 0 { "-" } else { "0" }
            )
        })
        .collect();
    assert_refused(&with("content/a/manifest.patch.json", format!("[{}]", lists.join(","))), "content/a", "");
    let shifts = "{\"op\":\"add\",\"path\":\"/items/0\",\"value\":0},".repeat(100_000);
    let usage = build(&with("content/a/manifest.patch.json", format!("[{}]", shifts.trim_end_matches(','))));
    assert_soon("shifts", &usage);
}

#[test]
fn yaml_toml_and_json_of_many_small_values_stay_within_memory() {
    let mut aliases = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, above) in ('b'..='j').zip('a'..) {
        aliases += &format!("{name}: &{name} [{}]\n", vec![format!("*{above}"); 9].join(", "));
    }
    assert_refused(
        &with("content/a/item.yaml", format!("summary:\n  {}", aliases.replace('\n', "\n  "))),
        "item.yaml",
        "",
    );
    assert_soon("yaml", &build(&with("content/a/item.yaml", format!("summary: [{}]\n", "x, ".repeat(5_000_000)))));
    assert_refused(
        &with("content/a/item.toml", format!("summary = [{}]\n", "'',".repeat(5_000_000))),
        "item.toml",
        "memory",
    );
    assert_refused(
        &with("content/a/manifest.extra.json", format!("{{\"a\":[{}0]}}", "0,".repeat(8_000_000))),
        "extra.json",
        "memory",
    );
    let project = with("content/a/notes.json", format!("[{}0]", "0,".repeat(30_000_000)));
    project.write("content/a/item.toml", "annotations = [\"notes.json\"]\n");
    assert_refused(&project, "notes.json", "memory");
    let project = with("content/a/notes.json", format!("[{}0]", "{},".repeat(1_000_000)));
    project.write("content/a/item.toml", "annotations = [\"notes.json\"]\n");
    assert_refused(&project, "notes.json", "");
}

#[test]
fn xml_of_many_small_elements_stays_within_memory() {
    assert_refused(
        &with("content/a/mets.xml", format!("<mets>{}</mets>", "<a/>".repeat(7_000_000))),
        "mets.xml",
        "memory",
    );
    let attributes = "<a b=''/>".repeat(3_000_000);
    assert_refused(&with("content/a/mods.xml", format!("<mods>{attributes}</mods>")), "mods.xml", "memory");
    assert_soon(
        "marks",
        &build(&with("content/a/mods.xml", format!("<mods><note>{}</note></mods>", "=".repeat(30_000_000)))),
    );
    assert_refused(&with("content/a/1.xml", format!("<alto>{}</alto>", "<a/>".repeat(7_000_000))), "1.xml", "memory");
}

#[test]
fn a_table_of_many_small_cells_stays_within_memory() {
    let wide = format!("id{}\n", ",".repeat(16_000));
    assert_soon(
        "empty",
        &build(&with("content/items.csv", wide.clone() + &format!("a{}\n", ",".repeat(16_000)).repeat(500))),
    );
    let header: String = (0..16_000).map(|at| format!(",{at}")).collect();
    let rows: String = (0..100).map(|at| format!("{at}{}\n", ",x".repeat(16_000))).collect();
    assert_soon("full", &build(&with("content/items.csv", format!("id{header}\n{rows}"))));
    let rows: String = (0..250).map(|at| format!("{at}{}\n", ",x".repeat(16_000))).collect();
    assert_soon("dense", &build(&with("content/items.csv", format!("id{header}\n{rows}"))));
    let cell = "x".repeat(60_000_000);
    assert_soon("cell", &build(&with("content/items.csv", format!("id,a\nb,{cell}"))));
    assert_refused(&with("content/items.csv", format!("id,a\n\nb,\"{cell}\"")), "line 3", "1048576");
    assert_soon("line", &build(&with("content/items.csv", "x".repeat(15_000_000))));
    assert_soon("quote", &build(&with("content/items.csv", format!("id,a\nb,\"{}", "x\n".repeat(5_000_000)))));
}

#[test]
fn a_gif_frame_larger_than_its_screen_is_refused_and_the_rest_is_built() {
    let gif = |screen: u16, place: [u16; 4]| {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend([screen.to_le_bytes(), screen.to_le_bytes()].concat());
        bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        bytes.extend([0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c]);
        bytes.extend(place.iter().flat_map(|side| side.to_le_bytes()));
        bytes.extend([0, 2, 2, 0x4c, 1, 0, 0x3b]);
        bytes
    };
    for place in [[0, 0, 65_535, 65_535], [1, 0, 4, 4], [0, 65_535, 4, 65_535], [0, 0, 5, 1]] {
        let project = with("content/bad/1.gif", gif(4, place)).file("content/bad/2.png", page());
        assert_refused(&project, "content/bad/1.gif", "screen");
        assert!(
            project.public().join("bad/manifest.json").is_file()
                && project.public().join("good/manifest.json").is_file()
        );
    }
    assert_built("gif", &with("content/b/1.gif", gif(1, [0, 0, 1, 1])));
}
