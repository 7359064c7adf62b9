//! The boxes of a line and its words, in the few numbers that say where they are.

use crate::input::text::{CanvasLine, CanvasWord};
use crate::model::geometry::Region;
use serde::Serialize;

/// Where a line and its words are on the canvas, in pixels.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LineBoxes {
    /// Left and top of the line, relative to the line before; its width and height; then for each word the distance from
    /// the end of the word before (from the line's left for the first), and its width. Words are as high as the line.
    /// Empty: nothing is known.
    Row(Vec<i64>),
    /// Where a row of numbers cannot say it.
    Each(Each),
}

/// The boxes of a line that runs down or askew, or whose words are not those between the spaces of its text.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Each {
    /// Left, top, width and height.
    #[serde(rename = "box")]
    line: [u32; 4],
    /// Begin and end in the text of the line, in UTF-16 code units; then left, top, width and height.
    words: Vec<[u32; 6]>,
}

/// The boxes of `line`. `corner` is the left and top of the line before, and becomes that of this one.
pub fn boxes(line: &CanvasLine, corner: &mut (i64, i64)) -> LineBoxes {
    let Some(region) = line.region else { return LineBoxes::Row(vec![]) };
    let (left, top) = (i64::from(region.x), i64::from(region.y));
    let (x, y) = std::mem::replace(corner, (left, top));
    let mut row = vec![left - x, top - y, region.size.width.into(), region.size.height.into()];
    if line.words.is_empty() {
        return LineBoxes::Row(row);
    }
    match regions_in_a_row(line, region) {
        Some(regions) => {
            let mut end = left;
            for word in regions {
                let (left, width) = (i64::from(word.x), i64::from(word.size.width));
                row.extend([left - end, width]);
                end = left + width;
            }
            LineBoxes::Row(row)
        }
        None => LineBoxes::Each(Each { line: sides(region), words: places(line) }),
    }
}

/// The boxes of the words if they are as many as the text has between spaces, and stand beside each other.
fn regions_in_a_row(line: &CanvasLine, row: Region) -> Option<Vec<Region>> {
    let mut pieces = line.text.split(' ');
    let fits = |word: &CanvasWord| {
        let piece = pieces.next()?;
        word.region.filter(|region| piece.contains(&word.text) && is_level(*region, row))
    };
    let regions: Option<Vec<Region>> = line.words.iter().map(fits).collect();
    regions.filter(|_| pieces.next().is_none())
}

/// Whether the middle of a word is at most a quarter of the line's height from the middle of the line.
fn is_level(word: Region, line: Region) -> bool {
    let middle = |region: Region| 2 * i64::from(region.y) + i64::from(region.size.height);
    2 * (middle(word) - middle(line)).abs() <= i64::from(line.size.height)
}

/// How far behind the word before it a word is looked for, in bytes.
const NEAR: usize = 200;

/// The words with boxes that are found in the text of the line, one after the other.
fn places(line: &CanvasLine) -> Vec<[u32; 6]> {
    let (mut found, mut at, mut units) = (vec![], 0, 0);
    for word in &line.words {
        let rest = line.text.get(at..).unwrap_or_default();
        let near = &rest[..rest.floor_char_boundary(word.text.len() + NEAR)];
        let Some(before) = near.find(&word.text) else { continue };
        let start = units + utf16(&rest[..before]);
        (at, units) = (at + before + word.text.len(), start + utf16(&word.text));
        if let Some(region) = word.region {
            let [left, top, width, height] = sides(region);
            found.push([start, units, left, top, width, height]);
        }
    }
    found
}

fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

fn sides(region: Region) -> [u32; 4] {
    [region.x, region.y, region.size.width, region.size.height]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::geometry::Size;

    fn region([x, y, width, height]: [u32; 4]) -> Option<Region> {
        Some(Region { x, y, size: Size::new(width, height) })
    }

    fn line(text: &str, place: [u32; 4], words: &[(&str, Option<[u32; 4]>)]) -> CanvasLine {
        let word = |(text, place): &(&str, Option<[u32; 4]>)| CanvasWord {
            text: (*text).to_owned(),
            region: place.and_then(region),
        };
        let words = words.iter().map(word).collect();
        CanvasLine { text: text.to_owned(), region: region(place), words, ..CanvasLine::default() }
    }

    fn json(lines: &[CanvasLine]) -> String {
        let mut corner = (0, 0);
        let boxes: Vec<LineBoxes> = lines.iter().map(|line| boxes(line, &mut corner)).collect();
        serde_json::to_string(&boxes).unwrap()
    }

    #[test]
    fn words_in_a_row_have_two_numbers_each() {
        let first = line(
            "der Zuk-",
            [100, 200, 200, 20],
            &[("der", Some([100, 203, 40, 15])), ("Zuk", Some([150, 200, 90, 20]))],
        );
        let second = line("ker", [90, 230, 60, 20], &[]);
        assert_eq!(json(&[first, second]), "[[100,200,200,20,0,40,10,90],[-10,30,60,20]]");
    }

    #[test]
    fn words_from_right_to_left_have_distances_below_zero() {
        let words = [("שלום", Some([200, 0, 100, 20])), ("12", Some([150, 0, 40, 20]))];
        assert_eq!(json(&[line("שלום 12", [150, 0, 150, 20], &words)]), "[[150,0,150,20,50,100,-150,40]]");
    }

    #[test]
    fn words_that_a_row_cannot_place_have_their_own_boxes() {
        let down = line("a b", [10, 0, 20, 100], &[("a", Some([10, 0, 20, 40])), ("b", Some([10, 60, 20, 40]))]);
        assert_eq!(json(&[down]), r#"[{"box":[10,0,20,100],"words":[[0,1,10,0,20,40],[2,3,10,60,20,40]]}]"#);
        let other = line(
            "𝔄b c",
            [0, 0, 90, 10],
            &[("𝔄", Some([0, 0, 9, 10])), ("b", None), ("c", Some([50, 0, 9, 10])), ("x", None)],
        );
        assert_eq!(json(&[other]), r#"[{"box":[0,0,90,10],"words":[[0,2,0,0,9,10],[4,5,50,0,9,10]]}]"#);
    }

    #[test]
    fn a_line_without_a_box_has_no_numbers() {
        let nowhere = CanvasLine { text: "a".into(), ..CanvasLine::default() };
        assert_eq!(json(&[nowhere, line("b", [5, 6, 7, 8], &[])]), "[[],[5,6,7,8]]");
    }
}
