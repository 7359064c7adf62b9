//! The file with the text of a page, and which part of it is the page's.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The file with the text of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFile {
    /// The file in the project.
    pub path: PathBuf,
    /// The part of it that is the page's text.
    pub share: TextShare,
}

/// The part of a file that is the text of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextShare {
    /// All of it.
    #[default]
    Whole,
    /// One of several pages in it.
    Part(TextPart),
}

/// How the text of a page is found among others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPart {
    /// The name of its image without ending. Empty: the image has no name of its own.
    pub image: String,
    /// The place of the page, if the file does not name images. `None`: places say nothing, as when a page is withheld.
    pub place: Option<TextPlace>,
}

/// The place of a page among all that a file has the texts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPlace {
    /// From 0.
    pub index: usize,
    /// The number of pages.
    pub of: usize,
}

impl TextFile {
    /// The file at `path` for one page alone.
    pub fn whole(path: PathBuf) -> TextFile {
        TextFile { path, share: TextShare::Whole }
    }

    /// The text of the image at `place` in the page's file, which holds several images.
    pub fn of_image(self, place: TextPlace) -> TextFile {
        let share = match self.share {
            TextShare::Whole => TextShare::Part(TextPart { image: String::new(), place: Some(place) }),
            TextShare::Part(part) => TextShare::Part(TextPart { place: None, ..part }),
        };
        TextFile { share, ..self }
    }

    /// How the text is found in a file that has several. `None`: it is all of the file.
    pub fn part(&self) -> Option<&TextPart> {
        match &self.share {
            TextShare::Whole => None,
            TextShare::Part(part) => Some(part),
        }
    }
}
