//! The roles of a table's columns, by their headers.

use super::sheet::{Sheet, refusal};
use crate::diagnostics::words::{did_you_mean, nearest};
use crate::error::Error;
use crate::model::settings::TableSettings;
use crate::model::{LanguageMap, NO_LANGUAGE, check_language_tag, is_language_tag};
use std::collections::HashMap;
use std::fmt;

/// The role of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// The key of the item that a row describes.
    Key,
    /// The key of the item that a row is a part of.
    Parent,
    File,
    /// The page token.
    Page,
    Text,
    Missing,
    /// The role of a file on the site. Only pages are read.
    RowKind,
    Label,
    Summary,
    Rights,
    RequiredStatement,
    Provider,
    Homepage,
    SeeAlso,
    Rendering,
    NavDate,
    Latitude,
    Longitude,
    Behavior,
    ViewingDirection,
    /// Whether the item is published.
    Publish,
    Embargo,
    /// A metadata pair with this label.
    Metadata(String),
    LeftOut,
}

/// The headers of each role, the preferred one first. All columns with the first header that a table has get the role;
/// columns with the other headers become metadata. In lower case, with `-` between words.
type Names = [(Role, &'static [&'static str])];

/// For a table of items.
pub const ITEM_COLUMNS: &Names = &[
    (Role::Key, &["item", "id", "objectid", "pid", "digital-object-id", "identifier", "path"]),
    (Role::Parent, &["parent-id", "parentid", "field-member-of"]),
    (Role::File, &["file", "filename", "object-location"]),
    (Role::Label, &["label", "title", "digital-object-title"]),
    (Role::Summary, &["summary", "description", "field-description"]),
    (Role::Rights, &["rights-statement", "rightsstatement", "rights"]),
    (Role::RequiredStatement, &["required-statement", "requiredstatement", "attribution"]),
    (Role::Provider, &["provider"]),
    (Role::Homepage, &["homepage"]),
    (Role::SeeAlso, &["see-also", "seealso"]),
    (Role::Rendering, &["rendering"]),
    (Role::NavDate, &["nav-date", "navdate"]),
    (Role::Latitude, &["latitude"]),
    (Role::Longitude, &["longitude"]),
    (Role::Behavior, &["behavior"]),
    (Role::ViewingDirection, &["viewing-direction", "viewingdirection"]),
    (Role::Publish, &["publish"]),
    (Role::Embargo, &["embargo"]),
];

/// For a table of pages.
pub const PAGE_COLUMNS: &Names = &[
    (Role::Key, &["item", "parent-id", "parentid", "objectid", "pid"]),
    (Role::Page, &["page", "id"]),
    (Role::File, &["file", "filename", "image"]),
    (Role::Label, &["label", "title"]),
    (Role::Text, &["text", "ocr"]),
    (Role::Missing, &["missing"]),
    (Role::RowKind, &["role"]),
    (Role::LeftOut, &["image-id"]),
    (Role::LeftOut, &["rule"]),
    (Role::Publish, &["publish"]),
    (Role::Embargo, &["embargo"]),
];

/// Prefix of the header of a metadata pair.
pub const METADATA: &str = "metadata:";

/// Prefix of the header of a column that a build writes for information. It is not read.
pub const NOTE: &str = "built:";

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Index of the column, from 0.
    pub at: usize,
    pub role: Role,
    /// BCP 47, or `none`.
    pub language: String,
    /// The label of its metadata pairs: that of its role, else its header.
    pub label: LanguageMap,
    is_chosen: bool,
}

/// The columns of a table.
pub struct Columns(Vec<Column>);

impl Columns {
    /// # Errors
    /// All headers that stand twice, values without a header, and columns of the same role and language.
    pub fn of(sheet: &Sheet, names: &Names, settings: &TableSettings) -> Result<Columns, Vec<Error>> {
        let (mut columns, mut mistakes) = (vec![], vec![]);
        for (at, header) in sheet.header.cells.iter().enumerate() {
            match header.as_str() {
                "" => mistakes.extend(used_without_header(sheet, at)),
                header => columns.push(column(at, header, names, settings)),
            }
        }
        let mut columns = Columns(columns);
        columns.assign(sheet, names);
        mistakes.extend(columns.repeated(sheet));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        for column in &mut columns.0 {
            column.label = LanguageMap::plain(match &column.role {
                Role::Metadata(label) => label.as_str(),
                _ => sheet.header.cell(column.at),
            });
        }
        Ok(columns)
    }

    /// The first column of a role.
    pub fn first(&self, role: &Role) -> Option<usize> {
        self.0.iter().find(|column| column.role == *role).map(|column| column.at)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        self.0.iter()
    }

    fn assign(&mut self, sheet: &Sheet, names: &Names) {
        for (role, names) in names {
            if self.0.iter().any(|column| column.is_chosen && column.role == *role) {
                continue;
            }
            let named = |column: &Column, name: &str| {
                !column.is_chosen && normalised(split_language(sheet.header.cell(column.at)).0) == name
            };
            let Some(name) = names.iter().find(|name| self.0.iter().any(|column| named(column, name))) else {
                continue;
            };
            self.0.iter_mut().filter(|column| named(column, name)).for_each(|column| column.role = role.clone());
        }
        // A place needs both coordinates.
        if self.first(&Role::Latitude).is_none() || self.first(&Role::Longitude).is_none() {
            for column in self.0.iter_mut().filter(|column| matches!(column.role, Role::Latitude | Role::Longitude)) {
                column.role = Role::Metadata(sheet.header.cell(column.at).to_owned());
            }
        }
    }

    /// Warnings about columns that are metadata, and whose header is nearly the name of a role that the table lacks.
    pub fn misspelt(&self, sheet: &Sheet, names: &Names) -> Vec<String> {
        let lacking = names.iter().filter(|(role, _)| self.first(role).is_none());
        let lacking: Vec<&str> = lacking.flat_map(|(_, names)| names.iter().copied()).collect();
        let metadata = self.0.iter().filter(|column| !column.is_chosen && matches!(column.role, Role::Metadata(_)));
        let warning = |column: &Column| {
            let header = split_language(sheet.header.cell(column.at)).0;
            let meant = nearest(header, lacking.iter().copied())?;
            let column = sheet.column_name(column.at);
            Some(format!(
                "the column {column} is shown as metadata; did you mean {meant:?}? If not, call it \"metadata:{header}\""
            ))
        };
        let no_language = self.0.iter().filter_map(|column| {
            let Role::Metadata(label) = &column.role else { return None };
            let (name, tag) = label.rsplit_once('@')?;
            let why = check_language_tag(tag.trim()).err()?;
            let is_known = names.iter().any(|(_, names)| names.contains(&normalised(name.trim()).as_str()));
            let column = sheet.column_name(column.at);
            let is_meant = is_known || why.contains("the tag of");
            is_meant.then(|| format!("the column {column} is shown as metadata in no language: {why}"))
        });
        metadata.filter_map(warning).chain(no_language).collect()
    }

    /// A mistake for each column of a role and language that another one has.
    fn repeated(&self, sheet: &Sheet) -> Vec<Error> {
        let mut mistakes = vec![];
        let mut known: HashMap<(&Role, &str), &Column> = HashMap::new();
        for column in &self.0 {
            let may_repeat =
                matches!(column.role, Role::LeftOut) || (column.is_chosen && matches!(column.role, Role::Metadata(_)));
            let language = if column.role.has_language() { column.language.as_str() } else { "" };
            let first = *known.entry((&column.role, language)).or_insert(column);
            if let Some(other) = Some(first).filter(|other| other.at != column.at && !may_repeat) {
                let (one, two) = (sheet.column_name(other.at), sheet.column_name(column.at));
                let why = format!("the columns {one} and {two} both say the {}", column.role);
                mistakes.push(sheet.refuse(&sheet.header, None, &why).with_hint(
                    "rename one, give them languages (`label@fr`), or say in [tables.columns] what each of them is",
                ));
            }
        }
        mistakes
    }
}

impl Role {
    /// Whether cells of this role decide what is published.
    pub fn withholds(&self) -> bool {
        matches!(self, Role::Publish | Role::Embargo)
    }

    fn has_language(&self) -> bool {
        matches!(self, Role::Label | Role::Summary | Role::RequiredStatement | Role::Metadata(_))
    }
}

/// The name of the role's column, as messages use it.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = ITEM_COLUMNS.iter().chain(PAGE_COLUMNS).find(|(role, _)| role == self);
        match (self, known.and_then(|(_, names)| names.first())) {
            (Role::Metadata(label), _) => write!(f, "metadata {label:?}"),
            (Role::Rights, _) => f.write_str("rights"),
            (_, name) => f.write_str(name.unwrap_or(&"same")),
        }
    }
}

/// A column with the role that the settings or a prefix give it. All others are metadata for now.
fn column(at: usize, header: &str, names: &Names, settings: &TableSettings) -> Column {
    let chosen = settings.columns.get(header);
    let (name, language) = split_language(chosen.map_or(header, String::as_str));
    let marked = match chosen {
        None if name.starts_with(NOTE) => Some(Role::LeftOut),
        None => name.strip_prefix(METADATA).map(|label| Role::Metadata(label.trim().to_owned())),
        Some(_) => None,
    };
    if let Some(role) = marked {
        return Column { at, role, language: language.to_owned(), label: LanguageMap::default(), is_chosen: true };
    }
    let known =
        names.iter().find(|(role, names)| chosen.is_some() && (names.contains(&name) || role.to_string() == name));
    let role = match known {
        Some((role, _)) => role.clone(),
        None if name.is_empty() => Role::LeftOut,
        None => Role::Metadata(name.to_owned()),
    };
    Column { at, role, language: language.to_owned(), label: LanguageMap::default(), is_chosen: chosen.is_some() }
}

/// The mistake of a column that has values and no header.
fn used_without_header(sheet: &Sheet, at: usize) -> Option<Error> {
    let row = sheet.rows.iter().find(|row| !row.cell(at).is_empty())?;
    Some(sheet.refuse(row, Some(at), "the column has values, but no header"))
}

/// Splits `label@fr` into the name `label` and the language `fr`.
fn split_language(header: &str) -> (&str, &str) {
    match header.rsplit_once('@') {
        Some((name, tag)) if is_language_tag(tag) && !name.trim().is_empty() => (name.trim(), tag),
        _ => (header, NO_LANGUAGE),
    }
}

/// A header in the form in which headers are compared.
pub fn normalised(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

/// A warning about columns that a page cannot have.
pub fn unused_by_pages(sheet: &Sheet, columns: impl IntoIterator<Item = usize>) -> Option<String> {
    let names: Vec<String> = columns.into_iter().map(|column| sheet.column_name(column)).collect();
    (!names.is_empty()).then(|| format!("a page has no place for these columns: {}", names.join(", ")))
}

/// The error for a table without a column of `role`.
pub fn missing(sheet: &Sheet, names: &Names, role: &Role, what: &str, settings: &TableSettings) -> Error {
    let expected =
        names.iter().find(|(known, _)| known == role).map(|(_, names)| names.join("`, `")).unwrap_or_default();
    let table = sheet.name.as_ref().map_or("the table".to_owned(), |name| format!("the sheet {name:?}"));
    let there: Vec<&str> =
        sheet.header.cells.iter().map(String::as_str).filter(|name| !name.is_empty()).take(12).collect();
    let names = names.iter().find(|(known, _)| known == role).map_or(&[][..], |(_, names)| names);
    let meant = there.iter().find_map(|header| Some((header, nearest(header, names.iter().copied())?)));
    let meant = meant.map(|(header, meant)| format!("; is {header:?} meant to be {meant:?}?")).unwrap_or_default();
    let is_meant = |(header, name): &(&String, &String)| {
        names.contains(&split_language(name).0) && !sheet.header.cells.contains(header)
    };
    let mapped = settings.columns.iter().find(is_meant).map(|(header, name)| {
        let meant = did_you_mean(header, there.iter().copied());
        format!("; [tables.columns] says that {header:?} is {name:?}, and the table has no such header{meant}")
    });
    let meant = mapped.unwrap_or(meant);
    refusal(format!("{table} has no column that says {what}: expected one of `{expected}`, found {there:?}{meant}"))
        .with_hint("rename a column, or say in [tables.columns] which one it is, as in \"Shelf mark\" = \"item\"")
}
