//! MODS `part`: volume, issue and pages, of the record itself or of the newspaper or journal that it belongs to.

use crate::input::metadata::builder::{Builder, Group, Label};
use crate::input::metadata::prose;
use crate::input::xml;
use roxmltree::Node;

/// Types of `detail`, in lower case and without spaces, and their labels.
const DETAILS: [(&str, &str); 12] = [
    ("volume", "Volume"),
    ("issue", "Issue"),
    ("number", "Number"),
    ("edition", "Edition"),
    ("supplement", "Supplement"),
    ("part", "Part"),
    ("book", "Book"),
    ("chapter", "Chapter"),
    ("section", "Section"),
    ("level", "Level"),
    ("page", PAGE),
    ("pagenumber", PAGE),
];

const PAGE: &str = "Page";

/// Adds each detail under the name of its type. A part without details is a pair of its own.
pub fn read(part: Node<'_, '_>, builder: &mut Builder) {
    let mut is_read = false;
    for node in part.children().filter(Node::is_element) {
        is_read |= match node.tag_name().name() {
            "detail" => detail(node, builder),
            "extent" => extent(node, builder),
            "date" => add(builder, "Date of the part", xml::text(node)),
            "text" => add(builder, "Part", prose::line(node)),
            _ => false,
        };
    }
    if !is_read {
        builder.add(Group::Context, "Part", prose::line(part));
    }
}

fn add(builder: &mut Builder, label: impl Into<Label>, value: String) -> bool {
    let is_given = !value.is_empty();
    builder.add(Group::Context, label, value);
    is_given
}

/// The number, else the caption; and the title. Of a type that is not known the caption stays before the number.
fn detail(detail: Node<'_, '_>, builder: &mut Builder) -> bool {
    let sort = detail.attribute("type").unwrap_or_default().trim();
    let key = sort.to_lowercase().replace(' ', "");
    let label = DETAILS.iter().find(|(known, _)| *known == key).map(|(_, label)| *label);
    let all = |name: &str| xml::children(detail, name).map(xml::text).collect::<Vec<_>>().join(" ").trim().to_owned();
    let (number, caption, title) = (all("number"), all("caption"), all("title"));
    let numbered = match label {
        Some(_) if !number.is_empty() => number,
        _ => format!("{caption} {number}").trim().to_owned(),
    };
    let value = [numbered, title].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" : ");
    if label == Some(PAGE) && builder.page_number.is_none() && !value.is_empty() {
        builder.page_number = Some(value.clone());
    }
    match label {
        Some(label) => add(builder, label, value),
        None => add(builder, Label::of_sort("Part", Some(sort)), value),
    }
}

/// A single page is the number that is printed on it.
fn extent(extent: Node<'_, '_>, builder: &mut Builder) -> bool {
    let text = |name: &str| xml::child(extent, name).map(xml::text).filter(|text| !text.is_empty());
    let unit = extent.attribute("unit").unwrap_or_default().trim();
    let is_of_pages = matches!(unit.to_lowercase().as_str(), "" | "page" | "pages" | "p." | "pp.");
    let single = match (text("start"), text("end")) {
        (Some(start), None) => Some(start),
        (Some(start), Some(end)) if start == end => Some(start),
        _ => None,
    };
    if let Some(page) = single.filter(|_| is_of_pages) {
        builder.page_number.get_or_insert_with(|| page.clone());
        return add(builder, PAGE, page);
    }
    let span = match (text("start"), text("end")) {
        (Some(start), Some(end)) => Some(format!("{start}–{end}")),
        (start, end) => start.or(end),
    };
    let value = text("list").or(span).or_else(|| text("total")).unwrap_or_default();
    match is_of_pages {
        true => add(builder, "Pages", value),
        false => add(builder, Label::of_sort("Part", Some(unit)), value),
    }
}
