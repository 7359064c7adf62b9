//! The sheets of an ODS workbook (OASIS OpenDocument 1.2, section 9): the values of its cells as text.
//!
//! `calamine` makes room for every cell that a file repeats, twice, before anybody can count them. So the XML is read here.

use super::sheet::{MAX_COLUMNS, Sheet, refusal};
use super::workbook::Cells;
use crate::error::{Error, Result};
use crate::input::budget::Budget;
use crate::input::xml::{Piece, Pieces, Tag};

/// The sheets in `content.xml`, in order.
pub fn sheets(content: &str, budget: &Budget) -> Result<Vec<Sheet>> {
    let (mut sheets, mut pieces) = (vec![], Pieces::of(content));
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Start(tag) if tag.name == "table:table" && !tag.is_empty => {
                if let Some(name) = attribute(tag, "table:name")? {
                    sheets.extend(table(&mut pieces, budget)?.sheet(name, budget)?);
                }
            }
            _ => {}
        }
    }
    match pieces.is_whole() {
        true => Ok(sheets),
        false => Err(refusal("the workbook cannot be read: its content is not well-formed XML")),
    }
}

fn table(pieces: &mut Pieces<'_>, budget: &Budget) -> Result<Cells> {
    let (mut cells, mut row) = (Cells::default(), 0_usize);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::End("table:table") => break,
            Piece::Start(tag) if tag.name == "table:table-row" => {
                let times = repeats(tag, "table:number-rows-repeated")?;
                let values = if tag.is_empty { vec![] } else { values(pieces, budget)? };
                let rows = if values.is_empty() { 0..0 } else { row..row.saturating_add(times) };
                for row in rows {
                    for (column, value) in &values {
                        cells.add(row, *column, value, budget)?;
                    }
                }
                row = row.saturating_add(times);
            }
            _ => {}
        }
    }
    Ok(cells)
}

/// The columns of a row with their values, without empty ones.
fn values(pieces: &mut Pieces<'_>, budget: &Budget) -> Result<Vec<(usize, String)>> {
    let (mut values, mut column) = (vec![], 0_usize);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::End("table:table-row") => break,
            Piece::Start(tag) if matches!(tag.name, "table:table-cell" | "table:covered-table-cell") => {
                let times = repeats(tag, "table:number-columns-repeated")?;
                let value = value(tag, pieces, budget)?;
                let end = column.saturating_add(times);
                if !value.trim().is_empty() {
                    // One more than is allowed: it is refused with the others.
                    for column in column..end.min(MAX_COLUMNS + 1) {
                        budget.take(value.len())?;
                        values.push((column, value.clone()));
                    }
                }
                column = end;
            }
            _ => {}
        }
    }
    Ok(values)
}

/// The value of a cell, up to its end.
fn value(tag: Tag<'_>, pieces: &mut Pieces<'_>, budget: &Budget) -> Result<String> {
    let (mut value, mut is_text, mut is_error) = (None, false, false);
    for (name, written) in tag.attributes() {
        match name {
            "office:value" => _ = value.get_or_insert(number(written)?),
            "office:string-value" | "office:date-value" | "office:time-value" => {
                _ = value.get_or_insert(unescaped(written)?);
            }
            "office:boolean-value" => _ = value.get_or_insert(written.eq_ignore_ascii_case("true").to_string()),
            "office:value-type" => is_text = written == "string",
            "calcext:value-type" => is_error = written == "error",
            _ => {}
        }
    }
    let text = if tag.is_empty { String::new() } else { content(tag.name, pieces, budget)? };
    // An error may have an empty value beside its words.
    let is_in_text = (value.is_none() && is_text) || (is_error && value.as_deref() == Some(""));
    Ok(if is_in_text { text } else { value.unwrap_or_default() })
}

/// The text in a cell up to its end, without annotations: one line for each paragraph.
fn content(cell: &str, pieces: &mut Pieces<'_>, budget: &Budget) -> Result<String> {
    let (mut text, mut has_paragraph, mut annotations) = (String::new(), false, 0_usize);
    for piece in pieces.by_ref() {
        match piece {
            Piece::End(name) if name == cell => break,
            Piece::Start(tag) if tag.name == "office:annotation" && !tag.is_empty => annotations += 1,
            Piece::End("office:annotation") => annotations = annotations.saturating_sub(1),
            _ if annotations > 0 => {}
            Piece::Text(written) => text.push_str(&unescaped(written)?),
            Piece::CData(written) => text.push_str(written),
            Piece::Start(tag) => match tag.name {
                "text:p" if has_paragraph => text.push('\n'),
                "text:p" => has_paragraph = true,
                "text:s" => {
                    let spaces = repeats(tag, "text:c")?;
                    budget.take(spaces)?;
                    text.extend(std::iter::repeat_n(' ', spaces));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                _ => {}
            },
            Piece::End(_) => {}
        }
    }
    Ok(text)
}

fn attribute(tag: Tag<'_>, name: &str) -> Result<Option<String>> {
    tag.attributes().find(|(other, _)| *other == name).map(|(_, value)| unescaped(value)).transpose()
}

/// How often something stands there; once, if it is not said.
fn repeats(tag: Tag<'_>, name: &str) -> Result<usize> {
    let Some((_, value)) = tag.attributes().find(|(other, _)| *other == name) else { return Ok(1) };
    value.trim().parse().map_err(|_| unreadable(format!("{name} is {value:?}")))
}

fn number(written: &str) -> Result<String> {
    written.parse::<f64>().map(|number| number.to_string()).map_err(|_| unreadable(format!("{written:?} is no number")))
}

/// `written` with its references resolved, and with line feeds only.
fn unescaped(written: &str) -> Result<String> {
    let written = written.replace("\r\n", "\n").replace('\r', "\n");
    let Some((first, rest)) = written.split_once('&') else { return Ok(written) };
    let mut text = first.to_owned();
    for piece in rest.split('&') {
        let (reference, after) = piece.split_once(';').unwrap_or((piece, ""));
        text.push(character(reference).ok_or_else(|| unreadable(format!("&{reference}; is not known")))?);
        text.push_str(after);
    }
    Ok(text)
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)
        }
    }
}

fn unreadable(why: String) -> Error {
    refusal(format!("the workbook cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Vec<Sheet>> {
        let content = format!("<o:d><table:table table:name=\"A\">{rows}</table:table></o:d>");
        sheets(&content, &Budget::new(content.len(), 1))
    }

    #[test]
    fn each_type_of_value_is_read_as_it_is_written() {
        let cell = |attributes: &str, text: &str| {
            format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
        };
        let values = [
            cell("office:value-type=\"float\" office:value=\"12.50\"", "12,50 €"),
            cell("office:value-type=\"date\" office:date-value=\"1784-12-01\"", "1.12."),
            cell("office:value-type=\"boolean\" office:boolean-value=\"true\"", "WAHR"),
            cell("office:value-type=\"string\"", "a<text:s text:c=\"2\"/>&amp;&#98;</text:p><text:p>c<text:tab/>"),
            "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>no</text:p></office:annotation>\
             <text:p>d</text:p></table:table-cell><table:table-cell/>"
                .into(),
        ];
        let header: String = (0..5).map(|at| cell("office:value-type=\"string\"", &format!("h{at}"))).collect();
        let rows = format!(
            "<table:table-row>{header}</table:table-row><table:table-row>{}</table:table-row>",
            values.concat()
        );
        let sheets = read(&rows).unwrap();
        assert_eq!(sheets[0].rows[0].cells, ["12.5", "1784-12-01", "true", "a  &b\nc", "d"]);
        assert_eq!(sheets[0].rows[0].number, 2);
    }

    #[test]
    fn rows_and_cells_stand_where_repeated_ones_put_them() {
        let word = "<table:table-cell office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
        let gap = "<table:table-cell table:number-columns-repeated=\"1\"/>";
        let rows = format!(
            "<table:table-row table:number-rows-repeated=\"3\">{gap}</table:table-row>\
             <table:table-row>{gap}{}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"2\">{gap}{word}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/>\
             </table:table-row>",
            word.replace("cell office", "cell table:number-columns-repeated=\"2\" office")
        );
        let sheets = read(&rows).unwrap();
        assert_eq!(sheets[0].header.cells, ["", "x", "x"]);
        assert_eq!(sheets[0].rows.iter().map(|row| row.number).collect::<Vec<_>>(), [5, 6]);
    }

    #[test]
    fn nothing_grows_without_bounds() {
        let word = "<table:table-cell office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
        let many = "table:number-rows-repeated=\"1048576\"";
        let wide = word.replace("cell office", "cell table:number-columns-repeated=\"16384\" office");
        for row in [format!("<table:table-row {many}>{wide}</table:table-row>"), wide.repeat(200)] {
            assert!(read(&row).is_err() || !row.starts_with("<table:table-row"));
        }
        let spaces = word.replace('x', "<text:s text:c=\"999999999999\"/>");
        assert!(read(&format!("<table:table-row>{spaces}</table:table-row>")).is_err());
        assert!(read("<table:table-row>").is_ok() && read("<table:table-row <").is_err());
    }
}
