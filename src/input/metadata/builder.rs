//! Builds a description: readers add titles, pairs and links in the order of the file, and they come out in one order
//! for all formats.
//!
//! Each language of a value gets a metadata pair of its own, because clients show one language of a pair and hide the
//! others.

use super::warnings::Warnings;
use crate::model::{Description, LabelValue, LanguageMap, Link, NO_LANGUAGE, NavDate, OneOrMany, Provider};
use roxmltree::{Node, NodeId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A record is matched by its keys. A file that names thousands of them identifies nothing.
const MAX_KEYS: usize = 64;

/// The position of a pair among the others. Pairs of a group keep the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Title,
    Agent,
    Date,
    Publication,
    Language,
    Context,
    Holding,
    Identifier,
    Subject,
    Genre,
    Extent,
    Rights,
    Note,
}

/// The label of a pair: an English word of this program, or a text of the file whose language is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    is_ours: bool,
    text: String,
}

impl Label {
    /// A label of the file.
    pub fn of_file(text: impl Into<String>) -> Label {
        Label { is_ours: false, text: text.into() }
    }

    /// `word`, with the `type` that the file gives in brackets: `Identifier (oclc)`.
    pub fn of_sort(word: &str, sort: Option<&str>) -> Label {
        match sort.map(str::trim).filter(|sort| !sort.is_empty()) {
            Some(sort) => Label { is_ours: true, text: format!("{word} ({sort})") },
            None => Label { is_ours: true, text: word.to_owned() },
        }
    }

    fn into_map(self) -> LanguageMap {
        match self.is_ours {
            true => LanguageMap::plain(self.text).in_language("en"),
            false => LanguageMap::plain(self.text),
        }
    }
}

impl From<&str> for Label {
    fn from(word: &str) -> Label {
        Label::of_sort(word, None)
    }
}

/// Texts by language, in the order of the file, without duplicates.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    texts: BTreeMap<String, Vec<String>>,
    /// Languages by text.
    known: HashMap<String, HashSet<String>>,
}

impl Texts {
    /// Adds a text unless it is empty or a duplicate.
    pub fn add(&mut self, text: impl Into<String>, language: &str) {
        let text = text.into();
        if !text.is_empty() && self.known.entry(text.clone()).or_default().insert(language.to_owned()) {
            self.texts.entry(language.to_owned()).or_default().push(text);
        }
    }

    /// Whether there is a text in this language.
    pub fn has(&self, language: &str) -> bool {
        self.texts.contains_key(language)
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether there is this text, in any language.
    pub fn contains(&self, text: &str) -> bool {
        self.known.contains_key(text)
    }

    /// Languages and texts.
    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().flat_map(|(language, texts)| texts.iter().map(move |text| (language.as_str(), text.as_str())))
    }

    fn into_map(self) -> LanguageMap {
        self.texts.into_iter().collect()
    }
}

/// Pairs by label and language. Clients show one language of a pair and hide the others, so each language gets its own
/// pair.
#[derive(Debug, Default)]
struct Pairs {
    pairs: Vec<Pair>,
    by_label: HashMap<(Label, String), usize>,
}

#[derive(Debug)]
struct Pair {
    group: Group,
    label: Label,
    language: String,
    values: Vec<String>,
    known: HashSet<String>,
}

/// Where a title comes from that is that of a larger work.
#[derive(Debug, Clone, Copy)]
pub struct Borrowed {
    /// `series` or `host`.
    pub kind: &'static str,
    /// The element with the title.
    pub from: NodeId,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Builder {
    pub label: Texts,
    /// The label is the title of a larger work, for there is none of its own.
    pub borrowed: Option<Borrowed>,
    /// The number that is printed on the page, if this describes a single one.
    pub page_number: Option<String>,
    pub summary: Texts,
    pairs: Pairs,
    /// Pairs of other descriptions that hold here too.
    inherited: Vec<(Group, LabelValue)>,
    /// The first statement that was found.
    pub rights: Option<String>,
    pub nav_date: Option<NavDate>,
    pub provider: Vec<Provider>,
    pub homepage: Vec<Link>,
    pub see_also: Vec<Link>,
    pub rendering: Vec<Link>,
    /// Keys by which the folder of the record can be found, the best first.
    pub keys: Vec<String>,
}

impl Builder {
    /// Adds a value without a known language.
    pub fn add(&mut self, group: Group, label: impl Into<Label>, value: impl Into<String>) {
        self.add_in(group, label, value, NO_LANGUAGE);
    }

    /// Adds a value to the pair of this label and language, unless it is empty or a duplicate.
    pub fn add_in(&mut self, group: Group, label: impl Into<Label>, value: impl Into<String>, language: &str) {
        let (label, value) = (label.into(), value.into());
        if value.is_empty() {
            return;
        }
        let pairs = &mut self.pairs.pairs;
        let new = pairs.len();
        let at = *self.pairs.by_label.entry((label.clone(), language.to_owned())).or_insert(new);
        if at == new {
            let language = language.to_owned();
            pairs.push(Pair { group, label, language, values: vec![], known: HashSet::new() });
        }
        if let Some(pair) = pairs.get_mut(at)
            && pair.known.insert(value.clone())
        {
            pair.values.push(value);
        }
    }

    /// Adds a pair of another description.
    pub fn inherit(&mut self, group: Group, pair: LabelValue) {
        self.inherited.push((group, pair));
    }

    /// The first title; empty if there is none.
    pub fn title(&self) -> String {
        self.label.iter().next().map(|(_, title)| title.to_owned()).unwrap_or_default()
    }

    /// Adds another description of the same object. Its title becomes a pair if it is different.
    pub fn merge(&mut self, mut other: Builder) {
        if self.label.is_empty() || (self.borrowed.is_some() && other.borrowed.is_none() && !other.label.is_empty()) {
            self.label = std::mem::take(&mut other.label);
            self.borrowed = other.borrowed;
        } else if other.borrowed.is_none() {
            for (language, title) in
                other.label.iter().filter(|(_, title)| !self.label.contains(title)).collect::<Vec<_>>()
            {
                self.add_in(Group::Title, "Title", title, language);
            }
        }
        for (language, text) in other.summary.iter() {
            self.summary.add(text, language);
        }
        for pair in std::mem::take(&mut other.pairs).pairs {
            for value in pair.values {
                self.add_in(pair.group, pair.label.clone(), value, &pair.language);
            }
        }
        self.inherited.append(&mut other.inherited);
        self.page_number = self.page_number.take().or(other.page_number);
        self.rights = self.rights.take().or(other.rights);
        self.nav_date = self.nav_date.take().or(other.nav_date);
        self.provider.append(&mut other.provider);
        self.homepage.append(&mut other.homepage);
        self.see_also.append(&mut other.see_also);
        self.rendering.append(&mut other.rendering);
        other.keys.into_iter().for_each(|key| self.add_key(key));
    }

    /// Makes a pair of the label if it is that of a larger work.
    pub fn give_back_borrowed(&mut self) {
        let Some(borrowed) = self.borrowed.take() else { return };
        let label = if borrowed.kind == "series" { "Series" } else { "Part of" };
        for (language, title) in std::mem::take(&mut self.label).iter() {
            self.add_in(Group::Context, label, title, language);
        }
    }

    /// Warns if the label is that of a larger work. `node`: any element of the document.
    pub fn warn_of_borrowed(&self, node: Node<'_, '_>, warnings: &mut Warnings<'_>) {
        let Some(Borrowed { kind, from }) = self.borrowed else { return };
        if let Some(item) = node.document().get_node(from) {
            warnings.warn(item, format!("the record has no title of its own; that of its {kind} is taken"));
        }
    }

    /// Adds a key unless it is empty or a duplicate.
    pub fn add_key(&mut self, key: impl Into<String>) {
        let key = key.into();
        if !key.is_empty() && self.keys.len() < MAX_KEYS && !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    /// The pairs, in order of their groups.
    fn take_pairs(&mut self) -> Vec<(Group, LabelValue)> {
        let into_pair = |pair: Pair| {
            let value = LanguageMap::from_iter([(pair.language, pair.values)]);
            (pair.group, LabelValue { label: pair.label.into_map(), value })
        };
        let mut pairs: Vec<(Group, LabelValue)> =
            std::mem::take(&mut self.pairs).pairs.into_iter().map(into_pair).collect();
        pairs.append(&mut self.inherited);
        pairs.sort_by_key(|(group, _)| *group);
        pairs
    }

    /// The description and its keys.
    pub fn finish(mut self) -> (Description, Vec<String>) {
        let metadata = self.take_pairs().into_iter().map(|(_, pair)| pair).collect();
        let description = Description {
            label: self.label.into_map(),
            summary: self.summary.into_map(),
            metadata,
            rights: self.rights,
            nav_date: self.nav_date,
            provider: OneOrMany(self.provider),
            homepage: OneOrMany(self.homepage),
            see_also: OneOrMany(self.see_also),
            rendering: OneOrMany(self.rendering),
            ..Description::default()
        };
        (description, self.keys)
    }
}

/// A link to a web page or to a file elsewhere. `None`: `address` is not an http(s) address.
pub fn link(address: &str, label: &str, kind: &str) -> Option<Link> {
    let is_web = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    let is_plain = !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
    let label = if label.is_empty() { address } else { label };
    (is_web && is_plain).then(|| Link {
        id: address.to_owned(),
        label: LanguageMap::plain(label),
        kind: Some(kind.to_owned()),
        ..Link::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stand_in_one_order_and_values_of_one_label_together() {
        let mut builder = Builder::default();
        builder.add(Group::Note, "Note", "b");
        builder.add(Group::Agent, "Author", "Kant");
        builder.add(Group::Note, "Note", "a");
        builder.add(Group::Note, "Note", "b");
        builder.add_in(Group::Note, "Note", "c", "fr");
        builder.add(Group::Note, Label::of_file("Notiz"), "");
        let (description, _) = builder.finish();
        let shown: Vec<String> = description
            .metadata
            .iter()
            .map(|pair| {
                format!("{:?} {:?}", pair.label.entries().next().unwrap(), pair.value.entries().next().unwrap())
            })
            .collect();
        let expected = [
            r#"("en", ["Author"]) ("none", ["Kant"])"#,
            r#"("en", ["Note"]) ("none", ["b", "a"])"#,
            r#"("en", ["Note"]) ("fr", ["c"])"#,
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn only_addresses_of_the_web_are_linked() {
        assert!(link("https://example.org/a", "", "Text").is_some());
        for bad in ["javascript:alert(1)", "b1234", "https://a b", "http://a\"onclick=\"b"] {
            assert!(link(bad, "", "Text").is_none(), "{bad}");
        }
    }
}
