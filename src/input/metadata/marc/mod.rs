//! MARC 21 bibliographic records as MARCXML. Coded fields (006, 007, 3xx) are not taken over.

mod field;

use super::builder::{Builder, Group, Label, link};
use super::warnings::{Warnings, quoted};
use super::{mods, prose, values};
use crate::error::Result;
use crate::input::xml;
use crate::model::NO_LANGUAGE;
use field::{Field, cut_full_stop, cut_punctuation};
use roxmltree::Node;

/// Fields that become pairs: tag, subfields, group, label. Any other `5xx` is a note.
const VALUES: [(&str, &str, Group, &str); 35] = [
    ("130", "adfgklmnoprst", Group::Title, "Uniform title"),
    ("240", "adfgklmnoprs", Group::Title, "Uniform title"),
    ("210", "ab", Group::Title, "Abbreviated title"),
    ("242", "abnp", Group::Title, "Translated title"),
    ("246", "abnp", Group::Title, "Alternative title"),
    ("247", "abnp", Group::Title, "Former title"),
    ("740", "anp", Group::Title, "Alternative title"),
    ("250", "ab", Group::Publication, "Edition"),
    ("310", "ab", Group::Publication, "Frequency"),
    ("362", "a", Group::Publication, "Issued"),
    ("490", "av", Group::Context, "Series"),
    ("800", "abcdfgklmnopqrstv", Group::Context, "Series"),
    ("810", "abcdfgklmnopqrstv", Group::Context, "Series"),
    ("811", "acdefgklnpqstv", Group::Context, "Series"),
    ("830", "adfgklmnoprstv", Group::Context, "Series"),
    ("773", "abdgt", Group::Context, "Part of"),
    ("050", "ab", Group::Subject, "Classification"),
    ("060", "ab", Group::Subject, "Classification"),
    ("080", "ab", Group::Subject, "Classification"),
    ("082", "ab", Group::Subject, "Classification"),
    ("084", "ab", Group::Subject, "Classification"),
    ("090", "ab", Group::Holding, "Shelf mark"),
    ("099", "a", Group::Holding, "Shelf mark"),
    ("255", "abc", Group::Extent, "Scale"),
    ("300", "abcefg", Group::Extent, "Extent"),
    ("505", "agrt", Group::Note, "Contents"),
    ("506", "abcdef", Group::Rights, "Access"),
    ("521", "ab", Group::Note, "Audience"),
    ("524", "a", Group::Note, "Preferred citation"),
    ("541", "abcdefhno", Group::Holding, "Acquisition"),
    ("545", "ab", Group::Note, "Biography or history"),
    ("546", "ab", Group::Note, "Language note"),
    ("555", "abcd", Group::Note, "Finding aid"),
    ("561", "a", Group::Holding, "Provenance"),
    ("720", "a", Group::Agent, "Name"),
];

/// Fields about the record, or with codes only.
const ABOUT_THE_RECORD: [&str; 16] =
    ["005", "006", "007", "003", "039", "040", "042", "043", "044", "045", "336", "337", "338", "066", "883", "884"];

/// Reads a `record`.
///
/// # Errors
/// It is a record of an authority, a holding, a classification or community information.
pub fn read(record: Node<'_, '_>, warnings: &mut Warnings<'_>) -> Result<Builder> {
    if let Some(kind) = other_kind(record) {
        let message =
            format!("this is a MARC record of {kind} (leader, position 06); expected one of a book or the like");
        return Err(warnings
            .error(record, message)
            .with_hint("move the file out of the folder, or export the title's record"));
    }
    let mut builder = Builder::default();
    for node in xml::children(record, "controlfield") {
        control_field(node, &mut builder, warnings);
    }
    for node in xml::children(record, "datafield") {
        data_field(Field::of(node), &mut builder, warnings);
    }
    Ok(builder)
}

fn other_kind(record: Node<'_, '_>) -> Option<&'static str> {
    let leader = xml::child(record, "leader").and_then(|leader| leader.text())?;
    match leader.trim_start().as_bytes().get(6)? {
        b'z' => Some("an authority"),
        b'q' => Some("community information"),
        b'w' => Some("a classification"),
        b'u' | b'v' | b'x' | b'y' => Some("holdings"),
        _ => None,
    }
}

fn control_field(node: Node<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let text = node.text().unwrap_or_default();
    match node.attribute("tag").unwrap_or_default() {
        "001" => {
            builder.add_key(text.trim());
            builder.add(Group::Identifier, "Identifier (control number)", text.trim());
        }
        // Positions 06 to 10: a single known date. Positions 35 to 37: the language.
        "008" => {
            if text.get(6..7) == Some("s")
                && text.get(11..15).is_some_and(|second| second.trim_matches(['|', ' ']).is_empty())
            {
                builder.nav_date = text.get(7..11).and_then(values::nav_date);
            }
            if let Some(code) = text.get(35..38).filter(|code| code.bytes().all(|byte| byte.is_ascii_lowercase())) {
                add_languages(code, builder);
            }
        }
        tag if ABOUT_THE_RECORD.contains(&tag) => {}
        tag => warnings.warn(node, format!("field {} of MARC is not taken over", quoted(tag))),
    }
}

/// One code, or several without separators.
fn add_languages(codes: &str, builder: &mut Builder) {
    let letters: Vec<char> = codes.chars().collect();
    match letters.len() % 3 {
        0 => letters.chunks(3).for_each(|code| match code.iter().collect::<String>().as_str() {
            "zxx" | "und" | "mul" => {}
            code => mods::add_language(code, builder),
        }),
        _ => mods::add_language(codes, builder),
    }
}

fn data_field(field: Field<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    match field.tag {
        "245" => title(field, builder),
        "100" | "110" | "111" | "700" | "710" | "711" => agent(field, builder),
        "260" | "264" => origin(field, builder),
        "010" | "015" | "016" | "020" | "022" | "024" | "028" | "035" => identifier(field, builder),
        "041" => field.subfields("a").iter().for_each(|(_, codes)| add_languages(codes, builder)),
        "520" => builder.summary.add(field.text("abc"), NO_LANGUAGE),
        "540" | "542" => terms_of_use(field, builder),
        "600" | "610" | "611" | "630" | "647" | "648" | "650" | "651" | "653" | "654" | "656" | "657" => {
            builder.add(Group::Subject, "Subject", heading(field));
        }
        "655" => builder.add(Group::Genre, "Genre", heading(field)),
        "852" => holding(field, builder),
        "856" => address(field, builder, warnings),
        tag if ABOUT_THE_RECORD.contains(&tag) => {}
        tag => match VALUES.iter().find(|(value, ..)| *value == tag) {
            Some((_, codes, group, label)) => builder.add(*group, *label, field.text(codes)),
            None if tag.starts_with('5') => builder.add(Group::Note, "Note", field.words()),
            None if tag.starts_with("76") || tag.starts_with("77") || tag.starts_with("78") => {
                builder.add(Group::Note, "Related", field.text("abdgikmnst"));
            }
            // Fields of the library's own.
            None if tag.starts_with('9') => {}
            None => warnings.warn(field.node, format!("field {} of MARC is not taken over", quoted(tag))),
        },
    }
}

/// The statement of responsibility ($c), behind `/` in a title, is a pair of its own.
fn title(field: Field<'_, '_>, builder: &mut Builder) {
    let words = cut_full_stop(&field.text("abfgknps")).to_owned();
    let responsible = field.text("c");
    builder.label.add(words, NO_LANGUAGE);
    builder.add(Group::Agent, "Statement of responsibility", cut_full_stop(&responsible));
}

/// 1xx is the creator; 7xx is a contributor or a related work. $e and $4 give the role.
fn agent(field: Field<'_, '_>, builder: &mut Builder) {
    if !field.subfields("t").is_empty() {
        builder.add(Group::Note, "Related", field.text("abcdqtnpklmorf"));
        return;
    }
    let relations = field.subfields("4e");
    let known = relations.iter().find_map(|(_, text)| values::role(text));
    let written = relations.iter().find(|(code, _)| *code == 'e').map(|(_, text)| cut_full_stop(text).to_owned());
    let label = match (known, written) {
        (Some(role), _) => role.into(),
        (None, Some(role)) => Label::of_file(role),
        (None, None) if field.tag.starts_with('1') => "Creator".into(),
        (None, None) => "Contributor".into(),
    };
    builder.add(Group::Agent, label, cut_full_stop(&field.text("abcdgnq")));
}

/// Places, names and dates. The second indicator of 264 gives their role.
fn origin(field: Field<'_, '_>, builder: &mut Builder) {
    let (place, name, date) = match (field.tag, field.indicator(2)) {
        ("264", '0') => ("Place of production", "Producer", "Date of production"),
        ("264", '2') => ("Place of distribution", "Distributor", "Date of distribution"),
        ("264", '3') => ("Place of manufacture", "Manufacturer", "Date of manufacture"),
        ("264", '4') => ("Place", "Publisher", "Copyright date"),
        _ => ("Place", "Publisher", "Date"),
    };
    for (code, text) in field.subfields("abcefg") {
        match code {
            'a' => builder.add(Group::Publication, place, cut_punctuation(&text)),
            'b' => builder.add(Group::Publication, name, cut_punctuation(&text)),
            'c' => builder.add(Group::Date, date, cut_full_stop(&text)),
            'e' => builder.add(Group::Publication, "Place of manufacture", cut_punctuation(&text)),
            'f' => builder.add(Group::Publication, "Manufacturer", cut_punctuation(&text)),
            _ => builder.add(Group::Date, "Date of manufacture", cut_full_stop(&text)),
        }
    }
}

fn identifier(field: Field<'_, '_>, builder: &mut Builder) {
    let sort = field.first('2');
    let sort = match field.tag {
        "010" => Some("LCCN"),
        "020" => Some("ISBN"),
        "022" => Some("ISSN"),
        "028" => Some("publisher's number"),
        "024" if !sort.is_empty() => Some(sort.as_str()),
        _ => None,
    };
    for (_, text) in field.subfields("a") {
        builder.add(Group::Identifier, Label::of_sort("Identifier", sort), text);
    }
}

/// A licence by its address ($u) is the item's `rights`.
fn terms_of_use(field: Field<'_, '_>, builder: &mut Builder) {
    let addresses = field.subfields("u");
    let statement = addresses.iter().find_map(|(_, address)| values::rights_statement(address));
    let address = addresses.first().map(|(_, address)| address.as_str()).unwrap_or_default();
    let words = match field.tag {
        "540" => field.text("abcdfgnq"),
        _ => field.text("abcdefghijklmnopqrs"),
    };
    if builder.rights.is_none() && statement.is_some() {
        builder.rights = statement;
    } else {
        builder.add(Group::Rights, "Rights", prose::linked(&words, address));
    }
}

/// A heading and its subdivisions, joined by ` -- `.
fn heading(field: Field<'_, '_>) -> String {
    let mut words = String::new();
    for (code, text) in field.subfields("abcdfgklmnopqrstvxyz") {
        let is_subdivision = matches!(code, 'v' | 'x' | 'y' | 'z') || (field.tag == "653" && !words.is_empty());
        match (words.is_empty(), is_subdivision) {
            (true, _) => {}
            (false, true) => words = format!("{} -- ", cut_punctuation(&words)),
            (false, false) => words.push(' '),
        }
        words.push_str(&text);
    }
    cut_full_stop(&words).to_owned()
}

fn holding(field: Field<'_, '_>, builder: &mut Builder) {
    builder.add(
        Group::Holding,
        "Location",
        field.subfields("abc").into_iter().map(|(_, text)| text).fold(String::new(), |all, text| {
            if all.is_empty() || all == text { text } else { format!("{all}, {text}") }
        }),
    );
    builder.add(Group::Holding, "Shelf mark", field.text("khijlm"));
    builder.add(Group::Identifier, "Identifier (barcode)", field.text("p"));
    builder.add(Group::Note, "Note", field.text("z"));
}

fn address(field: Field<'_, '_>, builder: &mut Builder, warnings: &mut Warnings<'_>) {
    let label =
        ["y", "3", "z"].iter().map(|codes| field.text(codes)).find(|label| !label.is_empty()).unwrap_or_default();
    for (_, address) in field.subfields("u") {
        match link(&address, &label, "Text") {
            Some(link) => builder.homepage.push(link),
            None => {
                warnings.warn(field.node, format!("{} is no address of the web; it is not linked", quoted(&address)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
