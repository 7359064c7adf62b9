//! Texts of pages: every ALTO, PAGE, hOCR and plain text of the corpus (needs `IIIF_BUILD_CORPUS`), and damaged ones.

use iiif_build::documents::iiif::text::annotation_page_json;
use iiif_build::error::Result;
use iiif_build::input::text::{self, CanvasText, Format, PageText};
use iiif_build::model::geometry::Size;
use iiif_build::model::settings::Granularity;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("IIIF_BUILD_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: no corpus");
    }
    corpus
}

fn read_file(path: &Path) -> Result<PageText> {
    text::read(&fs::read(path).unwrap(), path)
}

fn read(corpus: &Path, name: &str) -> PageText {
    read_file(&corpus.join(name)).unwrap()
}

/// The files of a folder that end so, by name.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

fn word_count(page: &PageText) -> usize {
    page.lines.iter().map(|line| line.text.split_whitespace().count()).sum()
}

/// Every line has its place on the canvas, and every box lies on it.
fn assert_placed(text: &CanvasText, canvas: Size, name: &str) {
    for line in &text.lines {
        let region = line.region.unwrap_or_else(|| panic!("{name}: {:?} has no box", line.text));
        for region in line.words.iter().filter_map(|word| word.region).chain([region]) {
            assert!(region.size.width > 0 && region.x + region.size.width <= canvas.width, "{name}: {region}");
            assert!(region.size.height > 0 && region.y + region.size.height <= canvas.height, "{name}: {region}");
        }
    }
}

#[test]
fn page_files_of_the_corpus_hold_what_their_editors_counted() {
    let Some(corpus) = corpus() else { return };
    let counts = |object: &str| -> Vec<(usize, usize)> {
        let files = files(&corpus.join("objects").join(object).join("GT-PAGE"), ".xml");
        let pages = files.iter().map(|file| read_file(file).unwrap());
        pages.map(|page| (page.lines.len(), word_count(&page))).collect()
    };
    assert_eq!(counts("bebel_frau_1879"), [(50, 408), (55, 548), (51, 484), (8, 63)]);
    let lines: Vec<usize> = counts("clauren_mimili_1815").iter().map(|(lines, _)| *lines).collect();
    assert_eq!(lines, [23, 21, 22, 24, 23, 23, 24, 22, 24]);
}

#[test]
fn rare_words_of_the_corpus_are_on_their_page_only() {
    let Some(corpus) = corpus() else { return };
    for (object, word, page) in [
        ("clauren_mimili_1815", "Templower", "0041"),
        ("clauren_mimili_1815", "Titelkupfer", "0122"),
        ("clauren_mimili_1815", "Winterheu", "0040"),
        ("bebel_frau_1879", "Gartenwirthschaft", "0146"),
        ("bebel_frau_1879", "hochbedeutsame", "0146"),
    ] {
        let files = files(&corpus.join("objects").join(object).join("GT-PAGE"), ".xml");
        let found = files.iter().filter(|file| read_file(file).unwrap().plain().contains(word));
        let found: Vec<_> = found.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert!(found.len() == 1 && found[0].ends_with(page), "{word}: {found:?}");
    }
}

#[test]
fn the_same_page_in_alto_and_in_page_is_the_same_text() {
    let Some(corpus) = corpus() else { return };
    let folder = "objects/kant_aufklaerung_1784/extra-ocr";
    for (number, size) in [("0017", Size::new(1457, 2083)), ("0020", Size::new(1457, 2084))] {
        let alto = read(&corpus, &format!("{folder}/ALTO/PAGE_{number}_ALTO.xml"));
        let page = read(&corpus, &format!("{folder}/PAGE/PAGE_{number}_PAGE.xml"));
        assert_eq!((alto.format, page.format), (Format::Alto, Format::Page));
        let letters = |page: &PageText| page.plain().replace(|c: char| c.is_whitespace(), "");
        assert_eq!(letters(&alto), letters(&page), "{number}");
        let words = |page: &PageText| page.lines.iter().map(|line| line.words.len()).collect::<Vec<_>>();
        assert_eq!(words(&alto), words(&page), "{number}");
        // Both are for this image; ALTO may round the polygons of PAGE.
        for text in [alto.scaled(size, None), page.scaled(size, None)] {
            assert_placed(&text, size, number);
            assert_eq!((text.clipped, text.left_out, text.is_distorted), (0, 0, false));
        }
        assert!(page.plain().contains("Menſchen") && page.plain().contains("Aufklaͤrung"));
    }
}

#[test]
fn lines_of_a_manuscript_keep_their_outlines() {
    let Some(corpus) = corpus() else { return };
    let canvas = Size::new(1750, 2225);
    let mut counts = vec![];
    for file in files(&corpus.join("objects/upenn_ms660_pelerinage"), "default.xml") {
        let page = read_file(&file).unwrap();
        counts.push(word_count(&page));
        let text = page.scaled(canvas, None);
        assert_placed(&text, canvas, &file.to_string_lossy());
        assert!(text.lines.iter().all(|line| line.polygon.len() > 4 && !line.text.is_empty()));
    }
    assert_eq!(counts, [254, 275, 291, 279, 273, 278]);
}

#[test]
fn hocr_of_the_corpus_is_read_word_for_word() {
    let Some(corpus) = corpus() else { return };
    for (name, lines, words, language, size) in [
        ("objects/hocr_ub_mannheim_page/426117689_0459.html", 35, 245, "la", Size::new(1688, 2904)),
        ("metadata/dbmdz_multicolumn.hocr", 119, 811, "de", Size::new(2701, 3749)),
    ] {
        let page = read(&corpus, name);
        assert_eq!(page.format, Format::Hocr);
        assert_eq!((page.lines.len(), page.language.as_deref()), (lines, Some(language)), "{name}");
        assert_eq!(page.lines.iter().map(|line| line.words.len()).sum::<usize>(), words, "{name}");
        assert_placed(&page.scaled(size, None), size, name);
    }
}

#[test]
fn alto_with_all_its_faults_is_read() {
    let Some(corpus) = corpus() else { return };
    for (name, lines, words) in [
        ("dbmdz_alto_float.xml", 91, 541),
        ("dbmdz_alto_missing_closing.xml", 434, 2332),
        ("dbmdz_alto_nospace.xml", 20, 117),
        ("dbmdz_alto_ocrd_from_page_00000006.xml", 39, 169),
        ("dbmdz_altobadcoords.xml", 288, 3073),
    ] {
        let page = read(&corpus, &format!("metadata/{name}"));
        assert_eq!(page.lines.len(), lines, "{name}");
        assert_eq!(page.lines.iter().map(|line| line.words.len()).sum::<usize>(), words, "{name}");
        let size = page.size.unwrap();
        let canvas = Size::new(size.width as u32 / 4, size.height as u32 / 4);
        assert_placed(&page.scaled(canvas, None), canvas, name);
    }
    let plain = |name: &str| read(&corpus, &format!("metadata/{name}")).plain();
    assert!(plain("dbmdz_alto_float.xml").contains("Trade streets intersection will"));
    assert!(plain("dbmdz_altobadcoords.xml").contains("Herr Rentner Camp"));
    assert!(plain("dbmdz_alto_nospace.xml").contains("Die Zahl derer, welche jene"));
    // A line with a height of -19.
    assert_eq!(read(&corpus, "metadata/dbmdz_altobadcoords.xml").bad_boxes, 1);
}

#[test]
fn a_file_of_several_pages_is_not_that_of_one() {
    let Some(corpus) = corpus() else { return };
    let path = corpus.join("metadata/dbmdz_alto.xml");
    assert!(read_file(&path).unwrap_err().to_string().contains("2 pages"));
    let pages = text::read_pages(&fs::read(&path).unwrap(), &path).unwrap();
    assert_eq!(pages[1].plain(), "Permanent Committee\n");
    let book = corpus.join("objects/wildflowers_western_canada_1920/wildflowersofwes0000mcca.pdf.extracted.txt");
    assert!(text::read_pages(&fs::read(&book).unwrap(), &book).unwrap().len() > 100);
}

#[test]
fn empty_text_and_pages_of_layout_only_have_no_lines() {
    let Some(corpus) = corpus() else { return };
    let object = "objects/hathitrust_39015012345678";
    assert_eq!(read(&corpus, &format!("{object}/00000001.txt")).plain(), "BRECKENKIDGE ELLIS\n");
    assert_eq!(read(&corpus, &format!("{object}/00000002.txt")).plain(), "");
    for folder in ["OCR-D-GT-SEG-PAGE", "OCR-D-GT-SEG-REGION"] {
        let files = files(&corpus.join("objects/kant_aufklaerung_1784/data").join(folder), ".xml");
        assert_eq!(files.len(), 20);
        assert!(files.iter().all(|file| read_file(file).unwrap().lines.is_empty()));
    }
}

#[test]
fn other_files_of_the_corpus_are_refused() {
    let Some(corpus) = corpus() else { return };
    for (name, why) in [
        ("metadata/iish_ead.xml", "<ead:ead>"),
        ("metadata/dbmdz_chronicling_america_sn90050316_mini.xml", "<ocr>"),
        ("objects/hathitrust_39015012345678/00000001.tif", "UTF-8"),
    ] {
        let error = read_file(&corpus.join(name)).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(why), "{error}");
    }
}

const SOUND: [&str; 4] = [
    "<alto><Description><MeasurementUnit>mm10</MeasurementUnit></Description><Layout><ReadingOrder><ElementRef REF='b'/>\
     </ReadingOrder><Page WIDTH='90' HEIGHT='50'><TextBlock ID='b'><TextLine HPOS='1' VPOS='2' WIDTH='3' HEIGHT='4'>\
     <Shape><Polygon POINTS='1,2 3,4 5,9'/></Shape><String CONTENT='Zuk' SUBS_TYPE='HypPart1' SUBS_CONTENT='Zucker' \
     HPOS='1' VPOS='2' WIDTH='3' HEIGHT='4' WC='0.5'/><HYP CONTENT='-'/></TextLine><TextLine><String CONTENT='ker'/>\
     <SP/><String CONTENT='é'/></TextLine></TextBlock></Page></Layout></alto>",
    "<PcGts><Page imageWidth='9' imageHeight='8'><ReadingOrder><OrderedGroup><RegionRefIndexed index='1' regionRef='r'/>\
     </OrderedGroup></ReadingOrder><TextRegion id='r' primaryLanguage='German'><TextLine index='0'><Coords points='1,2 3,9 \
     5,4'/><Word><Coords points='1,2 3,9'/><TextEquiv index='0' conf='1'><Unicode>ſchoͤ⸗</Unicode></TextEquiv></Word>\
     </TextLine><TextEquiv><Unicode>ſchoͤ⸗\nne</Unicode></TextEquiv></TextRegion></Page></PcGts>",
    "<!DOCTYPE html><div class=ocr_page title='bbox 0 0 9 9; image \"a;b\"'><p class='ocr_par' lang='deu'><span \
     class='ocr_line' title='bbox 1 2 3 4; poly 1 2 3 4 5 6'><span class='ocrx_word' title='bbox 1 2 3 4; x_wconf 9'>a&shy;\
     </span></span><br/><style>b</style><span class='ocrx_line'>b</p></div>",
    "Dear Sir,\n\nI am de-\nlighted\u{c}two¬\npages",
];

/// Reads, scales and writes; whatever comes of it, it comes.
fn use_up(bytes: &[u8]) {
    for page in text::read_pages(bytes, Path::new("damaged")).unwrap_or_default() {
        for canvas in [Size::new(1, 1), Size::new(4000, u32::MAX)] {
            let text = page.scaled(canvas, Some(300.0));
            annotation_page_json(&text, Granularity::Word, "https://e.org/1.json", "https://e.org/canvas");
        }
    }
}

#[test]
fn the_sound_texts_are_sound() {
    let plain = SOUND.map(|sound| text::read_pages(sound.as_bytes(), Path::new("sound")).unwrap()[0].plain());
    assert_eq!(plain, ["Zucker é\n", "ſchoͤ⸗\n", "ab\n", "Dear Sir,\n\nI am delighted\n"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0..SOUND.len(),
        at in any::<prop::sample::Index>(),
        removed in 0..40_usize,
        put in prop_oneof![".{0,3}", "-?[0-9]{1,400}", "<[a-zA-Z/]{0,3}", "NaN|inf|1e309|'|>|-|\u{ad}"],
    ) {
        let mut bytes = SOUND[which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + removed).min(bytes.len()), put.bytes());
        use_up(&bytes);
    }
}
