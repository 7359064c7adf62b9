//! Names in a description that lead to nothing: a page that the item does not have, a file that is not there. Each is told
//! with its line, and with the name that was meant.

use super::description;
use crate::diagnostics::words::nearest;
use crate::error::{Error, ErrorKind};
use crate::input::source::ContentSource;
use std::path::Path;

/// A name that leads to nothing.
pub struct Misnamed {
    /// As the description has it.
    pub name: String,
    /// The message.
    pub why: String,
    /// What the reader can do.
    pub hint: Option<String>,
}

/// For so many names of a description the line is told, and the name that was meant. Each costs a look at the whole file, and at
/// all names that are known, if there are not too many.
const MAX_PLACED: usize = 100;
const MAX_KNOWN: usize = 2_000;

impl Misnamed {
    /// Names with their messages. `known`: the names that might be meant.
    pub fn all(names: impl IntoIterator<Item = (String, String)>, known: &[&str]) -> Vec<Misnamed> {
        let misnamed = |(index, (name, why)): (usize, (String, String))| {
            let meant = if index < MAX_PLACED { meant(&name, known.iter().copied()) } else { None };
            let hint = meant.map(|meant| format!("did you mean {meant:?}?"));
            Misnamed { name, why, hint }
        };
        names.into_iter().enumerate().map(misnamed).collect()
    }

    /// The same with another hint, unless it has one.
    pub fn or_hint(mut self, hint: &str) -> Misnamed {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }
}

/// The one of the names `known` that was meant by `name`.
pub fn meant<'a>(name: &str, known: impl ExactSizeIterator<Item = &'a str>) -> Option<&'a str> {
    let known = Some(known).filter(|known| known.len() <= MAX_KNOWN)?;
    nearest(name, known.filter(|known| digits(known).eq(digits(name))))
}

/// The numbers in a name: page 7 is never meant to be page 8.
fn digits(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_digit)
}

/// The errors about the metadata file `file` of a folder. A name that does not stand in it comes from another file: then the
/// error is about the folder.
pub fn errors(misnamed: Vec<Misnamed>, folder: &Path, file: &str, source: &ContentSource) -> Vec<Error> {
    if misnamed.is_empty() {
        return vec![];
    }
    let text = description::find(folder, file, source).ok().flatten();
    let error = |(index, misnamed): (usize, Misnamed)| {
        let Misnamed { name, why, hint } = misnamed;
        let error = Error::new(ErrorKind::Content, why);
        let text = text.as_ref().filter(|_| index < MAX_PLACED);
        let error = match text.and_then(|text| Some((text, text.position_of(&name)?))) {
            Some((text, position)) => error.with_path(&text.path).with_position(position),
            None => error.with_path(folder),
        };
        hint.into_iter().fold(error, Error::with_hint)
    };
    misnamed.into_iter().enumerate().map(error).collect()
}
