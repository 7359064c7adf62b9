//! The text of pages as annotations: an AnnotationPage for each page with words (Presentation API 3, section 5.9, with the
//! Text Granularity extension 1.0). Canvases link to them and to plain text, and the Manifest to that of the whole item.

use super::presentation::{AnnotationPageReference, CONTEXT, External};
use super::{Document, address};
use crate::documents::json::{json_objects, to_json};
use crate::documents::text::{self, Outline, PageWords, Texts, text_label};
use crate::input::text::{CanvasLine, CanvasText, CanvasWord, Format};
use crate::model::LanguageMap;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::geometry::Region;
use crate::model::settings::Granularity;
use crate::model::site::{SiteItem, SitePage};

/// The context that defines `textGranularity`.
const GRANULARITY_CONTEXT: &str = "http://iiif.io/api/extension/text-granularity/context.json";

/// The document at `id` with the text of the page whose canvas is `canvas`.
pub fn annotation_page_json(text: &CanvasText, granularity: Granularity, id: &str, canvas: &str) -> Vec<u8> {
    let passages = passages(text, granularity);
    let items = passages.iter().map(|passage| passage.annotation(id, canvas)).collect();
    let label = text_label();
    to_json(&TextPage { context: [GRANULARITY_CONTEXT, CONTEXT], id, kind: "AnnotationPage", label, items })
}

json_objects! {
    struct TextPage<'a> {
        context as "@context": [&'static str; 2],
        id: &'a str,
        kind as "type": &'static str,
        label: LanguageMap,
        items: Vec<TextAnnotation<'a>>,
    }

    struct TextAnnotation<'a> {
        id: String,
        kind as "type": &'static str,
        motivation: &'static str,
        text_granularity: &'static str,
        body: TextualBody<'a>,
        target: String,
    }

    struct TextualBody<'a> {
        kind as "type": &'static str,
        value: &'a str,
        format: &'static str,
        language?: Option<&'a str>,
    }
}

/// The text of one annotation.
pub struct Passage<'a> {
    /// Counts from 1; independent of boxes.
    pub name: String,
    granularity: &'static str,
    pub value: &'a str,
    pub language: Option<&'a str>,
    region: Option<Region>,
}

/// The passages of a page, in order. A page whose lines have no boxes has one passage with all its text. A page without
/// text has none.
pub fn passages(text: &CanvasText, granularity: Granularity) -> Vec<Passage<'_>> {
    let language = text.language.as_deref();
    match text.lines.iter().any(|line| line.region.is_some()) {
        true => {
            let lines = text.lines.iter().enumerate();
            lines.flat_map(|(index, line)| of_line(index + 1, line, language, granularity)).collect()
        }
        false if text.plain.is_empty() => vec![],
        false => {
            vec![Passage { name: "page".into(), granularity: "page", value: &text.plain, language, region: None }]
        }
    }
}

fn of_line<'a>(
    number: usize,
    line: &'a CanvasLine,
    page_language: Option<&'a str>,
    granularity: Granularity,
) -> Vec<Passage<'a>> {
    let language = line.language.as_deref().or(page_language);
    let has_words = !line.words.is_empty() && line.words.iter().all(|word| word.region.is_some());
    if granularity == Granularity::Line || !has_words {
        let name = format!("line-{number}");
        return vec![Passage { name, granularity: "line", value: &line.text, language, region: line.region }];
    }
    let word = |(index, word): (usize, &'a CanvasWord)| {
        let name = format!("word-{number}-{}", index + 1);
        Passage { name, granularity: "word", value: &word.text, language, region: word.region }
    };
    line.words.iter().enumerate().map(word).collect()
}

impl<'a> Passage<'a> {
    fn annotation(&self, page: &str, canvas: &str) -> TextAnnotation<'a> {
        TextAnnotation {
            id: format!("{page}#{}", self.name),
            kind: "Annotation",
            motivation: "supplementing",
            text_granularity: self.granularity,
            body: TextualBody { kind: "TextualBody", value: self.value, format: "text/plain", language: self.language },
            target: self.target(canvas),
        }
    }

    /// The canvas, or the part of it where the text stands (Media Fragments 1.0).
    pub fn target(&self, canvas: &str) -> String {
        self.region.map_or_else(|| canvas.to_owned(), |region| format!("{canvas}#xywh={region}"))
    }
}

fn path(item: &SitePath, page: &str) -> SitePath {
    item.join(&format!("annotations/{page}.json"))
}

/// The paths of [`documents`].
pub fn addresses(item: &SiteItem, outline: &Outline) -> impl Iterator<Item = SitePath> {
    let pages = item.pages.iter().filter(|page| outline.has(page));
    pages.map(|page| path(&item.path, &page.token))
}

/// The AnnotationPages of the pages with words.
pub fn documents(item: &SiteItem, texts: &Texts, granularity: Granularity, base: &BaseUrl) -> Vec<Document> {
    let document = |(page, words): (&SitePage, &PageWords)| {
        let path = path(&item.path, &page.token);
        let canvas = address::canvas(base, &item.path, &page.token);
        let bytes = annotation_page_json(&words.text, granularity, &base.url(&path), &canvas);
        Document { path, bytes }
    };
    text::pages(item, texts).map(document).collect()
}

/// The links of a canvas to the text of its page, and to annotations.
#[derive(Default)]
pub struct Links {
    pub annotations: Vec<AnnotationPageReference>,
    pub see_also: Vec<External>,
    pub rendering: Vec<External>,
}

impl Links {
    pub fn of(page: &SitePage, item: &SiteItem, texts: &Texts, base: &BaseUrl) -> Links {
        let Some(words) = texts.get(&page.token) else { return Links::default() };
        let id = base.url(&path(&item.path, &page.token));
        Links {
            annotations: vec![AnnotationPageReference { id, kind: "AnnotationPage" }],
            see_also: page.published_text(&item.path).iter().map(|file| original(file, words.format, base)).collect(),
            rendering: vec![text_file(&text::plain_path(&item.path, &page.token), text_label(), base)],
        }
    }
}

/// The link of the Manifest to the text of the whole item.
pub fn rendering(item: &SiteItem, texts: &Texts, base: &BaseUrl) -> Option<External> {
    let label = LanguageMap::plain("Full text").in_language("en");
    (!texts.is_empty()).then(|| text_file(&text::whole_path(&item.path), label, base))
}

fn text_file(path: &SitePath, label: LanguageMap, base: &BaseUrl) -> External {
    let format = Some("text/plain".to_owned());
    External { format, ..External::new(base.url(path), "Text", label) }
}

fn original(file: &SitePath, format: Format, base: &BaseUrl) -> External {
    External {
        format: Some(format.media_type().to_owned()),
        profile: format.profile().map(str::to_owned),
        ..External::new(base.url(file), "Dataset", LanguageMap::plain(format.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::geometry::Size;
    use serde_json::{Value, json};

    fn region(x: u32) -> Option<Region> {
        Some(Region { x, y: 2, size: Size::new(30, 40) })
    }

    fn text() -> CanvasText {
        let word = |text: &str, x| CanvasWord { text: text.into(), region: region(x) };
        let words = vec![word("Dear", 1), word("Sir", 50)];
        let line = CanvasLine { text: "Dear Sir".into(), region: region(1), words, ..CanvasLine::default() };
        let latin = CanvasLine { text: "vale".into(), language: Some("la".into()), ..CanvasLine::default() };
        let language = Some("en".to_owned());
        CanvasText { plain: "Dear Sir vale\n".into(), lines: vec![line, latin], language, ..CanvasText::default() }
    }

    fn document(text: &CanvasText, granularity: Granularity) -> Value {
        serde_json::from_slice(&annotation_page_json(text, granularity, "https://e.org/1.json", "https://e.org/c"))
            .unwrap()
    }

    #[test]
    fn a_line_is_an_annotation_on_its_box() {
        assert_eq!(
            document(&text(), Granularity::Line),
            json!({
                "@context": [
                    "http://iiif.io/api/extension/text-granularity/context.json",
                    "http://iiif.io/api/presentation/3/context.json",
                ],
                "id": "https://e.org/1.json",
                "type": "AnnotationPage",
                "label": { "en": ["Text of this page"] },
                "items": [
                    {
                        "id": "https://e.org/1.json#line-1",
                        "type": "Annotation",
                        "motivation": "supplementing",
                        "textGranularity": "line",
                        "body": { "type": "TextualBody", "value": "Dear Sir", "format": "text/plain", "language": "en" },
                        "target": "https://e.org/c#xywh=1,2,30,40",
                    },
                    {
                        "id": "https://e.org/1.json#line-2",
                        "type": "Annotation",
                        "motivation": "supplementing",
                        "textGranularity": "line",
                        "body": { "type": "TextualBody", "value": "vale", "format": "text/plain", "language": "la" },
                        "target": "https://e.org/c",
                    },
                ],
            })
        );
    }

    #[test]
    fn words_are_given_where_there_are_any() {
        let document = document(&text(), Granularity::Word);
        let ids: Vec<_> =
            document["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["word-1-1", "word-1-2", "line-2"].map(|name| format!("https://e.org/1.json#{name}")));
        assert_eq!(document["items"][1]["target"], "https://e.org/c#xywh=50,2,30,40");
        assert_eq!(document["items"][1]["textGranularity"], "word");
    }

    #[test]
    fn text_without_boxes_is_of_the_whole_page() {
        let mut text = text();
        text.lines[0].region = None;
        let page = document(&text, Granularity::Word);
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(page["items"][0]["body"]["value"], "Dear Sir vale\n");
        assert_eq!(page["items"][0]["textGranularity"], "page");
        assert_eq!(document(&CanvasText::default(), Granularity::Line)["items"], json!([]));
    }

    /// The documents of a page: its plain text, then its annotations.
    fn published(source: &str, granularity: Granularity) -> String {
        let page = crate::input::text::read(source.as_bytes(), std::path::Path::new("page")).unwrap();
        let text = page.scaled(Size::new(2000, 3000), None);
        let json =
            annotation_page_json(&text, granularity, "https://e.org/annotations/1.json", "https://e.org/canvas/1");
        format!("{}\n{}", text.plain, String::from_utf8(json).unwrap())
    }

    #[test]
    fn a_page_of_alto() {
        let source = "<alto><Description><MeasurementUnit>mm10</MeasurementUnit></Description><Layout>
            <Page WIDTH='1000' HEIGHT='1500'><PrintSpace><TextBlock LANG='deu'>
            <TextLine HPOS='100' VPOS='200' WIDTH='400.5' HEIGHT='20'>
            <String CONTENT='der' HPOS='100' VPOS='200' WIDTH='80' HEIGHT='20'/><SP/>
            <String CONTENT='Zuk' SUBS_TYPE='HypPart1' SUBS_CONTENT='Zucker' HPOS='200' VPOS='200' WIDTH='90' HEIGHT='20'/>
            <HYP CONTENT='-'/></TextLine>
            <TextLine HPOS='100' VPOS='230' WIDTH='60' HEIGHT='20'>
            <String CONTENT='ker.' SUBS_TYPE='HypPart2' SUBS_CONTENT='Zucker' HPOS='100' VPOS='230' WIDTH='60' HEIGHT='20'/>
            </TextLine></TextBlock></PrintSpace></Page></Layout></alto>";
        insta::assert_snapshot!(published(source, Granularity::Line));
    }

    #[test]
    fn a_page_of_page() {
        let source = "<PcGts><Page imageWidth='1000' imageHeight='1500'><ReadingOrder><OrderedGroup id='g'>
            <RegionRefIndexed index='0' regionRef='heading'/><RegionRefIndexed index='1' regionRef='text'/></OrderedGroup>
            </ReadingOrder><TextRegion id='text' primaryLanguage='French'>
            <TextLine><Coords points='100,300 500,310 500,340 100,330'/><TextEquiv><Unicode>en pelerinage</Unicode></TextEquiv>
            </TextLine></TextRegion><TextRegion id='heading' primaryLanguage='Latin'>
            <TextLine><Coords points='100,200 300,200 300,240 100,240'/><TextEquiv><Unicode>Incipit</Unicode></TextEquiv>
            </TextLine></TextRegion></Page></PcGts>";
        insta::assert_snapshot!(published(source, Granularity::Word));
    }

    #[test]
    fn a_page_of_hocr() {
        let source = "<!DOCTYPE html><div class='ocr_page' title='bbox 0 0 2000 3000'><p class='ocr_par' lang='eng'>
            <span class='ocr_line' title='bbox 100 200 500 240'><span class='ocrx_word' title='bbox 100 200 250 240; x_wconf 90'>
            Wild</span> <span class='ocrx_word' title='bbox 270 200 500 240; x_wconf 80'><em>Flowers</em></span></span></div>";
        insta::assert_snapshot!(published(source, Granularity::Word));
    }

    #[test]
    fn a_page_of_plain_text() {
        insta::assert_snapshot!(published("Dear Sir,\n\nI am de-\nlighted.\n", Granularity::Line));
    }
}
