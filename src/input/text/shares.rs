//! Which of the texts in a file belongs to which page. The names of images in the file decide; if it has none, its numbers of
//! pages; if it has none either, the order, where there are as many texts as pages.

use super::{Book, PageText};
use crate::error::Error;
use crate::model::TextPart;
use crate::model::address::normalised;
use std::collections::{BTreeSet, HashMap};

/// The texts of a file, handed out to pages.
#[derive(Debug, Default)]
pub struct Shares {
    /// For each page its text. `None`: the file has none for it.
    pub texts: Vec<Option<PageText>>,
    /// Findings that a curator should know.
    pub remarks: Vec<String>,
    /// Why parts of the file could not be read, if so.
    pub damage: Option<Error>,
}

/// Hands out the texts of `book` to pages, each of which is known as its part says.
pub fn share_out(book: Book, parts: &[&TextPart]) -> Shares {
    let is_whole = book.damage.is_none();
    let places = by_name(&book.pages, parts)
        .or_else(|| by_number(&book.pages, parts))
        .or_else(|| by_order(&book.pages, parts).filter(|_| is_whole));
    let Some(Places { of_parts, doubled }) = places else {
        let texts = parts.iter().map(|_| None).collect();
        return Shares { texts, remarks: unmatched(&book, parts), damage: book.damage };
    };
    let Book { pages, damage } = book;
    let mut texts: Vec<Option<PageText>> = pages.into_iter().map(Some).collect();
    let mut take = |place: &Option<usize>| texts.get_mut((*place)?)?.take();
    let found = of_parts.iter().map(&mut take).collect();
    let rest = texts.into_iter().flatten().filter(|text| !text.lines.is_empty()).count();
    let rest = rest.saturating_sub(doubled.len());
    let doubled = doubled.into_iter().map(|name| format!("it has the text of {name} twice; the first is used"));
    let left =
        (rest > 0 && is_whole).then(|| format!("it has {rest} more texts, of pages that the item does not have"));
    Shares { texts: found, remarks: doubled.chain(left).collect(), damage }
}

/// Where in a file the texts of pages are.
struct Places {
    of_parts: Vec<Option<usize>>,
    /// Names of the pages of which there are several texts.
    doubled: BTreeSet<String>,
}

fn by_name(pages: &[PageText], parts: &[&TextPart]) -> Option<Places> {
    let names: Vec<Option<String>> = pages.iter().map(|page| page.image.as_deref().map(stem)).collect();
    let wanted: Vec<Option<String>> =
        parts.iter().map(|part| Some(part.image.to_lowercase()).filter(|name| !name.is_empty())).collect();
    places(&names, &wanted, |name| format!("the image {name:?}"))
}

/// A single text may be of a page that is not there, whatever its number.
fn by_number(pages: &[PageText], parts: &[&TextPart]) -> Option<Places> {
    let of = parts.iter().find_map(|part| part.place)?.of as u64;
    if pages.len() == 1 {
        return None;
    }
    let numbers = || pages.iter().map(|page| page.number);
    let (least, most) = (numbers().flatten().min()?, numbers().flatten().max()?);
    // Some programs count from 1.
    let first = u64::from(most == of && least > 0);
    if most - first >= of || numbers().any(|number| number.is_none()) {
        return None;
    }
    let numbers: Vec<Option<u64>> = numbers().map(|number| Some(number? - first)).collect();
    let wanted: Vec<Option<u64>> = parts.iter().map(|part| Some(part.place?.index as u64)).collect();
    places(&numbers, &wanted, |number| format!("page {}", number + 1))
}

fn by_order(pages: &[PageText], parts: &[&TextPart]) -> Option<Places> {
    let place = |part: &&TextPart| part.place.filter(|place| place.of == pages.len() && place.of > 1);
    let of_parts: Vec<Option<usize>> = parts.iter().map(|part| place(part).map(|place| place.index)).collect();
    of_parts.iter().any(Option::is_some).then(|| Places { of_parts, doubled: BTreeSet::new() })
}

/// Where the keys `wanted` stand among the `keys` of texts. `None`: no page is found, or the texts all have the same key, which
/// then says nothing.
fn places<K: Clone + Eq + std::hash::Hash>(
    keys: &[Option<K>],
    wanted: &[Option<K>],
    name: impl Fn(&K) -> String,
) -> Option<Places> {
    let (mut first, mut doubled) = (HashMap::<&K, usize>::new(), BTreeSet::new());
    for (place, key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        if *first.entry(key).or_insert(place) != place {
            doubled.insert(name(key));
        }
    }
    let is_one_for_all = first.len() == 1 && keys.len() > 1;
    let of_parts: Vec<Option<usize>> = wanted.iter().map(|key| first.get(key.as_ref()?).copied()).collect();
    let is_found = of_parts.iter().any(Option::is_some) && !is_one_for_all;
    is_found.then_some(Places { of_parts, doubled })
}

/// Why a file with several texts says nothing of any page. A single text is that of a page which is not there.
fn unmatched(book: &Book, parts: &[&TextPart]) -> Vec<String> {
    let texts = book.pages.len();
    let pages = parts.iter().find_map(|part| part.place).map_or(parts.len(), |place| place.of);
    let why = match texts == pages {
        true => "a page is withheld or a part of the file is damaged, so that their order says nothing",
        false => "nothing in it says which belongs to which",
    };
    let message = format!("it has {texts} texts, the item has {pages} images, and {why}; none is used");
    if texts > 1 { vec![message] } else { vec![] }
}

/// The name of an image file, without folders and ending, in lower case.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    normalised(stem).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::text::Line;
    use crate::model::TextPlace;

    fn text(words: &str, image: Option<&str>, number: Option<u64>) -> PageText {
        let line = Line { text: words.to_owned(), ..Line::default() };
        PageText { lines: vec![line], image: image.map(str::to_owned), number, ..PageText::default() }
    }

    fn shared(pages: Vec<PageText>, of: usize) -> (Vec<String>, Vec<String>) {
        let place = |index| Some(TextPlace { index, of });
        let part = |index| TextPart { image: format!("b_{}", index + 1), place: place(index) };
        let parts: Vec<TextPart> = (0..of).map(part).collect();
        let shares = share_out(Book { pages, damage: None }, &parts.iter().collect::<Vec<_>>());
        let words =
            |text: &Option<PageText>| text.as_ref().map_or("-".to_owned(), |text| text.plain().trim().to_owned());
        (shares.texts.iter().map(words).collect(), shares.remarks)
    }

    #[test]
    fn names_of_images_go_before_order() {
        let pages = vec![text("two", Some("/tmp/B_2.jp2"), Some(0)), text("one", Some("C:\\b_1.tif"), Some(1))];
        assert_eq!(shared(pages, 3), (vec!["one".into(), "two".into(), "-".into()], vec![]));
    }

    #[test]
    fn numbers_go_before_order_and_may_begin_with_1() {
        let pages = |first| vec![text("three", None, Some(first + 2)), text("one", None, Some(first))];
        for first in [0, 1] {
            assert_eq!(shared(pages(first), 3).0, ["one", "-", "three"]);
        }
    }

    #[test]
    fn the_order_counts_where_there_are_as_many_texts_as_pages() {
        let pages = |count| (0..count).map(|index| text(&format!("{index}"), Some("book.pdf"), Some(0))).collect();
        assert_eq!(shared(pages(2), 2).0, ["0", "1"]);
        let (texts, remarks) = shared(pages(3), 2);
        assert_eq!(texts, ["-", "-"]);
        assert!(remarks[0].contains("3 texts") && remarks[0].contains("2 images"), "{remarks:?}");
        assert_eq!(shared(pages(1), 1), (vec!["-".into()], vec![]));
    }

    #[test]
    fn of_two_texts_of_a_page_the_first_is_used() {
        let pages = vec![text("one", None, Some(0)), text("again", None, Some(0)), text("two", None, Some(1))];
        let (texts, remarks) = shared(pages, 2);
        assert_eq!(texts, ["one", "two"]);
        assert!(remarks.len() == 1 && remarks[0].contains("page 1 twice"), "{remarks:?}");
    }

    #[test]
    fn texts_of_other_pages_are_told() {
        let pages = vec![text("one", Some("b_1.jpg"), None), text("x", Some("b_9.jpg"), None)];
        assert!(shared(pages, 2).1[0].contains("1 more text"));
    }
}
