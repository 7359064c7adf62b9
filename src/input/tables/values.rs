//! The cells of a row as properties of Presentation API 3.

use super::columns::{Columns, Role};
use super::sheet::Row;
use crate::diagnostics::words::in_plain_words;
use crate::error::Result;
use crate::input::budget::Budget;
use crate::model::{Description, LabelValue, LanguageMap, Link, NavPlace, OneOrMany, Provider, rights};
use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use std::collections::{BTreeMap, HashMap};

/// Memory for a property, beside its text.
const PROPERTY: usize = 160;

/// Why a cell is not valid.
type Fault = String;

/// The values of one label, by language.
#[derive(Default)]
struct Texts(BTreeMap<String, Vec<String>>);

impl Texts {
    fn add(&mut self, language: &str, cell: &str, separator: &str) {
        let mut values = split(cell, separator).map(str::to_owned).peekable();
        if values.peek().is_some() {
            self.0.entry(language.to_owned()).or_default().extend(values);
        }
    }

    fn map(self) -> LanguageMap {
        self.0.into_iter().collect()
    }
}

/// The metadata pairs of a row, in order.
#[derive(Default)]
struct Pairs<'a> {
    pairs: Vec<(&'a LanguageMap, Texts)>,
    /// A row can have thousands of columns.
    by_label: HashMap<&'a str, usize>,
}

impl<'a> Pairs<'a> {
    fn of(&mut self, label: &'a LanguageMap) -> &mut Texts {
        let name = label.values().next().map_or("", String::as_str);
        let at = *self.by_label.entry(name).or_insert(self.pairs.len());
        if at == self.pairs.len() {
            self.pairs.push((label, Texts::default()));
        }
        &mut self.pairs[at].1
    }
}

/// The description in the columns of a row, without the cells that are not valid. `refuse` gets the column of each, if it
/// is one, and the reason.
///
/// # Errors
/// The row takes more than the budget.
pub fn description(
    row: &Row,
    columns: &Columns,
    separator: &str,
    budget: &Budget,
    refuse: &mut dyn FnMut(Option<usize>, &str),
) -> Result<Description> {
    let mut description = Description::default();
    let (mut label, mut summary, mut statement) = <(Texts, Texts, Texts)>::default();
    let mut pairs = Pairs::default();
    for column in columns.iter() {
        let cell = row.cell(column.at);
        if cell.is_empty() {
            continue;
        }
        budget.take(PROPERTY + cell.len())?;
        match &column.role {
            Role::Label => label.add(&column.language, cell, separator),
            Role::Summary => summary.add(&column.language, cell, separator),
            Role::RequiredStatement => statement.add(&column.language, cell, separator),
            // Words about rights are shown as they are.
            Role::Rights if !rights::is_address(cell) && rights::canonical(cell).is_err() => {
                pairs.of(&column.label).add(&column.language, cell, separator);
            }
            Role::Metadata(_) => pairs.of(&column.label).add(&column.language, cell, separator),
            role => set_property(&mut description, role, cell, separator)
                .unwrap_or_else(|why| refuse(Some(column.at), &why)),
        }
    }
    description.label = label.map();
    description.summary = summary.map();
    description.required_statement = required_statement(statement.map());
    description.nav_place = place(row, columns, refuse);
    let filled = pairs.pairs.into_iter().filter(|(_, texts)| !texts.0.is_empty());
    // All rows share the label.
    let pair = |(label, texts): (&LanguageMap, Texts)| LabelValue { label: label.clone(), value: texts.map() };
    description.metadata = filled.map(pair).collect();
    Ok(description)
}

/// The values of the label columns, by language.
pub fn label(row: &Row, columns: &Columns) -> LanguageMap {
    let mut label = Texts::default();
    for column in columns.iter().filter(|column| column.role == Role::Label && !row.cell(column.at).is_empty()) {
        label.add(&column.language, row.cell(column.at), "");
    }
    label.map()
}

/// Presentation API 3 asks for a label, and a table has none.
fn required_statement(value: LanguageMap) -> Option<LabelValue> {
    let label = LanguageMap::plain("Attribution").in_language("en");
    (!value.is_empty()).then_some(LabelValue { label, value })
}

/// Sets a property that is not a text.
fn set_property(
    description: &mut Description,
    role: &Role,
    cell: &str,
    separator: &str,
) -> std::result::Result<(), Fault> {
    let links = || split(cell, separator).map(link).collect::<std::result::Result<Vec<_>, _>>().map(OneOrMany);
    match role {
        Role::Rights => description.rights = Some(rights::canonical(cell)?),
        Role::Provider => {
            description.provider =
                OneOrMany(split(cell, separator).map(provider).collect::<std::result::Result<_, _>>()?)
        }
        Role::Homepage => description.homepage = links()?,
        Role::SeeAlso => description.see_also = links()?,
        Role::Rendering => description.rendering = links()?,
        Role::NavDate => description.nav_date = Some(word(cell)?),
        Role::ViewingDirection => description.viewing_direction = Some(word(cell)?),
        Role::Behavior => {
            description.behavior = OneOrMany(split(cell, separator).map(word).collect::<std::result::Result<_, _>>()?);
        }
        Role::Publish => description.publish = Some(yes_or_no(cell)?),
        Role::Embargo => description.embargo = Some(cell.parse()?),
        // Read where rows become items and pages.
        _ => {}
    }
    Ok(())
}

/// The point at `latitude` and `longitude`, in decimal degrees.
fn place(row: &Row, columns: &Columns, refuse: &mut dyn FnMut(Option<usize>, &str)) -> Option<NavPlace> {
    let cells = [(Role::Latitude, 90.0), (Role::Longitude, 180.0)].map(|(role, most)| {
        let at = columns.first(&role).filter(|at| !row.cell(*at).is_empty())?;
        Some((at, most, row.cell(at)))
    });
    let mut degrees = |(at, most, cell): (usize, f64, &str)| match cell.parse::<f64>() {
        Ok(degrees) if (-most..=most).contains(&degrees) => Some(degrees),
        _ => {
            refuse(Some(at), &format!("{cell:?} is not a number of degrees from -{most} to {most}"));
            None
        }
    };
    match cells.map(|cell| cell.map(&mut degrees)) {
        [Some(latitude), Some(longitude)] => Some(NavPlace::Point([longitude?, latitude?])),
        [None, None] => None,
        _ => {
            refuse(None, "only one of `latitude` and `longitude` is given");
            None
        }
    }
}

/// The values in a cell, without blank ones.
pub fn split<'a>(cell: &'a str, separator: &str) -> impl Iterator<Item = &'a str> {
    let parts: Vec<&str> = if separator.is_empty() { vec![cell] } else { cell.split(separator).collect() };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty())
}

fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn uri(text: &str) -> std::result::Result<&str, Fault> {
    let is_uri = text.starts_with("http://") || text.starts_with("https://");
    let is_one = is_uri && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_one { Ok(text) } else { Err(format!("{text:?} is not one http(s) URI")) }
}

/// A URI that may have a label behind it, or a file.
fn link(text: &str) -> std::result::Result<Link, Fault> {
    if text.starts_with("www.") {
        return Err(format!("{text:?} is neither a file nor a whole address; expected one such as \"https://{text}\""));
    }
    if !has_scheme(text) {
        return Ok(Link { file: Some(file(text)?), ..Link::default() });
    }
    let (id, label) = text.split_once(char::is_whitespace).unwrap_or((text, text));
    Ok(Link { id: uri(id)?.to_owned(), label: LanguageMap::plain(label.trim()), ..Link::default() })
}

fn provider(text: &str) -> std::result::Result<Provider, Fault> {
    let expected = || {
        format!(
            "{text:?} is no provider; expected a URI and a name, as in \"https://www.nls.uk National Library of Scotland\""
        )
    };
    let (id, name) = text.split_once(char::is_whitespace).ok_or_else(expected)?;
    Ok(Provider {
        id: uri(id).map_err(|_| expected())?.to_owned(),
        label: LanguageMap::plain(name.trim()),
        homepage: OneOrMany::default(),
        see_also: OneOrMany::default(),
        logo: OneOrMany::default(),
    })
}

/// A word that the specification defines, or a date.
fn word<'de, T: Deserialize<'de>>(text: &'de str) -> std::result::Result<T, Fault> {
    T::deserialize(StrDeserializer::<ValueError>::new(text)).map_err(|error| in_plain_words(&error.to_string()))
}

/// Whether a cell means yes or no.
pub fn yes_or_no(cell: &str) -> std::result::Result<bool, Fault> {
    match cell.to_lowercase().as_str() {
        "yes" | "true" | "1" | "x" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err(format!("{cell:?} says neither yes nor no; expected yes, no or nothing")),
    }
}

/// A path below the table's folder. CollectionBuilder writes paths with `/` at the start; it is removed.
pub fn file(text: &str) -> std::result::Result<String, Fault> {
    let path = text.trim_start_matches('/');
    let is_within = path.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if !is_within || path.contains(|c: char| c == '\\' || c.is_control()) {
        return Err(format!("{text:?} is not a file below the table's folder; expected a path such as scans/0001.tif"));
    }
    Ok(path.to_owned())
}

/// Whether a file is a web address.
pub fn is_remote(text: &str) -> bool {
    has_scheme(text)
}
