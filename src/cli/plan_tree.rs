//! The tree that `iiif-build plan` prints: collections and items with their numbers of pages.

use super::terminal::plural;
use iiif_build::model::site::{SiteCollection, SiteItem, SiteMember};
use iiif_build::model::{Description, LanguageMap};
use indicatif::HumanCount;
use std::ops::Add;

/// The most members of a collection that are shown one by one.
const MOST: usize = 25;
/// Columns of the terminal for names; a longer name moves its counts to the right.
const NAMES: usize = 44;
/// The most letters of a label.
const LABEL: usize = 40;

/// How much a collection holds, at any depth.
#[derive(Default, Clone, Copy)]
struct Count {
    items: u64,
    pages: u64,
}

impl Add for Count {
    type Output = Count;

    fn add(self, other: Count) -> Count {
        Count { items: self.items + other.items, pages: self.pages + other.pages }
    }
}

/// How the tree is shown.
pub struct Tree<'a> {
    /// The language of labels.
    pub language: &'a str,
    /// With all members of large collections.
    pub is_whole: bool,
}

impl Tree<'_> {
    pub fn lines(&self, root: &SiteCollection) -> Vec<String> {
        let mut lines = vec![];
        self.collection(root, "content", 0, &mut lines);
        lines
    }

    fn collection(&self, of: &SiteCollection, name: &str, depth: usize, lines: &mut Vec<String>) {
        lines.push(self.line(depth, &format!("{name}/"), &in_words(count(of)), &of.description));
        let shown = if self.is_whole { of.members.len() } else { MOST.min(of.members.len()) };
        for member in &of.members[..shown] {
            match member {
                SiteMember::Collection(inner) => {
                    self.collection(inner, last(inner.path.as_str()), depth + 1, lines);
                }
                SiteMember::Item(item) => lines.push(self.item(item, depth + 1)),
            }
        }
        let rest = of.members.len() - shown;
        if rest > 0 {
            lines.push(format!("{}… and {} more; -v shows all", "  ".repeat(depth + 1), HumanCount(rest as u64)));
        }
    }

    fn item(&self, item: &SiteItem, depth: usize) -> String {
        self.line(depth, last(item.path.as_str()), &plural(item.pages.len() as u64, "page"), &item.description)
    }

    fn line(&self, depth: usize, name: &str, counts: &str, description: &Description) -> String {
        let indented = format!("{}{name}", "  ".repeat(depth));
        let label = self.label(&description.label);
        // A label that only repeats the name of the folder says nothing.
        let label = if label == name.trim_end_matches('/') { "" } else { &label };
        format!("{indented:<NAMES$}  {counts:<18}  {label}").trim_end().to_owned()
    }

    fn label(&self, label: &LanguageMap) -> String {
        let texts = label.preferred(self.language).next();
        let text = texts.and_then(|(_, texts)| texts.first()).map(String::as_str).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(LABEL) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn count(collection: &SiteCollection) -> Count {
    let of_member = |member: &SiteMember| match member {
        SiteMember::Collection(inner) => count(inner),
        SiteMember::Item(item) => Count { items: 1, pages: item.pages.len() as u64 },
    };
    collection.members.iter().map(of_member).fold(Count::default(), Count::add)
}

fn in_words(Count { items, pages }: Count) -> String {
    format!("{}, {}", plural(items, "item"), plural(pages, "page"))
}
