//! Annotations in a table: a row each.

use super::{all, named, wrong};
use crate::diagnostics::words::{did_you_mean, nearest};
use crate::error::{Error, Position};
use crate::input::content::references::PageNames;
use crate::model::{AnnotationSet, Part, Supplied, Target, check_language_tag};
use csv::StringRecord;
use serde_json::{Map, Value, json};

/// The columns. A table may lack any of them.
const COLUMNS: [&str; 9] = ["page", "xywh", "polygon", "t", "motivation", "text", "language", "format", "link"];

/// The motivations of the Web Annotation Data Model (section 3.3.5) and of Presentation API 3. Others are published as they
/// are written, unless one of these was meant.
const MOTIVATIONS: [&str; 15] = [
    "assessing",
    "bookmarking",
    "classifying",
    "commenting",
    "describing",
    "editing",
    "highlighting",
    "identifying",
    "linking",
    "moderating",
    "painting",
    "questioning",
    "replying",
    "supplementing",
    "tagging",
];

/// All annotations of a table, or all its mistakes.
pub fn read(bytes: &[u8], names: &PageNames) -> Result<AnnotationSet, Vec<Error>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line) as usize;
        vec![wrong(format!("the row cannot be read: {error}")).with_position(Position { line, column: 1 })]
    };
    let header = reader.headers().map_err(unreadable)?.clone();
    let refused = wrong_header(&header);
    if !refused.is_empty() {
        return Err(refused);
    }
    let rows = reader.records().map(|record| {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(1, csv::Position::line) as usize;
        let row = Row { header: &header, record: &record, names };
        let at = |why: String| wrong(why).with_position(Position { line, column: 1 });
        row.annotation().map_err(|mistakes| mistakes.into_iter().map(at).collect())
    });
    Ok(AnnotationSet { annotations: all(rows)?, ..AnnotationSet::default() })
}

/// The mistakes of the header.
fn wrong_header(header: &StringRecord) -> Vec<Error> {
    let unknown = header
        .iter()
        .enumerate()
        .filter(|(at, name)| !COLUMNS.contains(name) || header.iter().take(*at).any(|before| before == *name));
    let refused = |(_, name): (usize, &str)| {
        let why = match COLUMNS.contains(&name) {
            true => format!("two columns are called {name:?}"),
            false => format!("a table of annotations has no column {name:?}{}", did_you_mean(name, COLUMNS)),
        };
        let error = wrong(why).with_position(Position { line: 1, column: 1 });
        error.with_hint(format!("its columns are {}", COLUMNS.join(", ")))
    };
    unknown.map(refused).collect()
}

/// A row. An empty cell is as one that is not there.
struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
    names: &'a PageNames,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// The annotation, or all mistakes of the row.
    fn annotation(&self) -> Result<Supplied, Vec<String>> {
        let (expected, found) = (self.header.len(), self.record.len());
        if expected != found {
            return Err(vec![format!(
                "the row has {found} cells, but the header {expected}; a text with a comma stands in quotation marks"
            )]);
        }
        let mut mistakes = vec![];
        let on = self.target().map_err(|why| mistakes.extend(why));
        let motivation = self.motivation().map_err(|why| mistakes.push(why));
        let body = self.body().map_err(|why| mistakes.extend(why));
        let (Ok(on), Ok(motivation), Ok(body)) = (on, motivation, body) else { return Err(mistakes) };
        let properties = Map::from_iter([
            ("type".to_owned(), "Annotation".into()),
            ("motivation".to_owned(), motivation.into()),
            ("body".to_owned(), body),
        ]);
        Ok(Supplied { on, properties })
    }

    /// The page, or a part of it; without a page, the item.
    fn target(&self) -> Result<Target, Vec<String>> {
        let unknown = |page: &str| {
            let known = self.names.alike(page).map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
            format!("`page`: the item has no page {page:?}{known}")
        };
        match (self.cell("page"), self.part()) {
            ("", Ok(_)) => Ok(Target::Item),
            ("", Err(why)) => Err(vec![why]),
            (page, Ok(part)) => named(page, self.names, part).ok_or_else(|| vec![unknown(page)]),
            (page, Err(why)) => {
                let absent = named(page, self.names, Part::Whole).is_none().then(|| unknown(page));
                Err(absent.into_iter().chain([why]).collect())
            }
        }
    }

    fn motivation(&self) -> Result<&str, String> {
        match self.cell("motivation") {
            "" if !self.cell("link").is_empty() && self.cell("text").is_empty() => Ok("linking"),
            "" => Ok("commenting"),
            motivation => match nearest(motivation, MOTIVATIONS).filter(|meant| *meant != motivation) {
                Some(meant) => Err(format!("`motivation` is {motivation:?}; did you mean {meant:?}?")),
                None => Ok(motivation),
            },
        }
    }

    fn body(&self) -> Result<Value, Vec<String>> {
        let (mut bodies, mut mistakes) = (vec![], vec![]);
        let (text, language, format) = (self.cell("text"), self.cell("language"), self.cell("format"));
        if !language.is_empty() {
            mistakes.extend(check_language_tag(language).err().map(|why| format!("`language`: {why}")));
        }
        if !text.is_empty() {
            let format = if format.is_empty() { "text/plain" } else { format };
            let mut body = json!({ "type": "TextualBody", "value": text, "format": format });
            if !language.is_empty() {
                body["language"] = language.into();
            }
            bodies.push(body);
        }
        match self.cell("link") {
            "" if text.is_empty() => mistakes.push("the row has neither `text` nor `link`".to_owned()),
            "" => {}
            link => match self.link(link) {
                Ok(body) => bodies.push(body),
                Err(why) => mistakes.push(why),
            },
        }
        match bodies.len() {
            _ if !mistakes.is_empty() => Err(mistakes),
            1 => Ok(bodies.remove(0)),
            _ => Ok(Value::Array(bodies)),
        }
    }

    fn link(&self, link: &str) -> Result<Value, String> {
        if link.starts_with("https://") || link.starts_with("http://") {
            return Ok(json!({ "id": link, "type": "Text" }));
        }
        let Some(token) = self.names.token_of(link) else {
            return Err(format!("the link {link:?} is neither an http(s) address nor a page of the item"));
        };
        Ok(json!({ "type": "SpecificResource", "source": { "id": token, "type": "Canvas" } }))
    }

    fn part(&self) -> Result<Part, String> {
        let [xywh, polygon, time] = ["xywh", "polygon", "t"].map(|column| self.cell(column));
        match [xywh, polygon, time].into_iter().filter(|part| !part.is_empty()).count() {
            0 => Ok(Part::Whole),
            1 if !xywh.is_empty() => rectangle(xywh),
            1 if !polygon.is_empty() => outline(polygon),
            1 => seconds(time),
            _ => Err("the row has more than one of `xywh`, `polygon` and `t`".to_owned()),
        }
    }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0)
}

/// Left, top, width and height, in pixels of the canvas.
fn rectangle(xywh: &str) -> Result<Part, String> {
    match xywh.split(',').count() == 4 && xywh.split(',').all(is_number) {
        true => Ok(Part::Fragment(format!("xywh={}", xywh.replace(' ', "")))),
        false => Err(format!("`xywh` is {xywh:?}; expected four numbers such as 10,20,300,400")),
    }
}

/// Points `x,y x,y x,y …`, in pixels of the canvas.
fn outline(polygon: &str) -> Result<Part, String> {
    let is_point = |point: &str| point.split_once(',').is_some_and(|(x, y)| is_number(x) && is_number(y));
    let points: Vec<&str> = polygon.split_whitespace().collect();
    if points.len() < 3 || !points.iter().all(|point| is_point(point)) {
        let expected = "expected three or more points such as 10,20 30,40 50,60";
        return Err(format!("`polygon` is {polygon:?}; {expected}"));
    }
    let points = points.join(" ");
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><polygon points=\"{points}\"/></svg>");
    let selector = json!({ "type": "SvgSelector", "value": svg });
    Ok(Part::Specific(Map::from_iter([("selector".to_owned(), selector)])))
}

/// Seconds: a moment, or `from,to`.
fn seconds(time: &str) -> Result<Part, String> {
    match time.split(',').all(is_number) && time.split(',').count() <= 2 {
        true => Ok(Part::Fragment(format!("t={}", time.replace(' ', "")))),
        false => Err(format!("`t` is {time:?}; expected seconds such as 12.5 or 10,20")),
    }
}
