//! The logical structure, from which programs read a PDF aloud (ISO 32000-1, 14.7 and 14.8): the document, a section for
//! each page, in it the picture with its alternative text, then the paragraphs, each in its language.

use super::Label;
use super::objects::Objects;
use super::text::{Frame, PICTURE_PART, Paragraph};
use super::trees::write_numbers;
use pdf_writer::types::{Placement, StructRole};
use pdf_writer::writers::{StructElement, StructTreeRoot};
use pdf_writer::{Finish, Name, Rect, Ref, TextStr};
use std::io;

/// The structure of the pages that were written so far.
pub struct Structure {
    pub root: Ref,
    document: Ref,
    sections: Vec<Ref>,
    /// Of each page, the list of the elements that its parts belong to.
    parents: Vec<Ref>,
}

impl Structure {
    pub fn new(objects: &mut Objects<'_>) -> Structure {
        Structure { root: objects.reserve(), document: objects.reserve(), sections: vec![], parents: vec![] }
    }

    /// Adds a page with these paragraphs; `alt` is the alternative text of its picture. Returns the page's number among the parents.
    pub fn add(
        &mut self,
        page: Ref,
        alt: &Label,
        paragraphs: &[Paragraph],
        frame: Frame,
        objects: &mut Objects<'_>,
    ) -> io::Result<i32> {
        let [section, figure, parents] = [(); 3].map(|()| objects.reserve());
        let [width, height] = frame.size();
        objects.put(figure, |object| {
            let mut element: StructElement<'_> = object.start();
            element.kind(StructRole::Figure).parent(section).page(page).alt(TextStr(&alt.text));
            element.pair(Name(b"K"), PICTURE_PART);
            if let Some(language) = &alt.language {
                element.lang(TextStr(language));
            }
            let mut attributes = element.attributes();
            let mut layout = attributes.push().layout();
            layout.placement(Placement::Block).bbox(Rect::new(0.0, 0.0, width, height));
        })?;
        let mut elements = vec![figure];
        for (part, Paragraph { language, actual_text }) in (PICTURE_PART + 1..).zip(paragraphs) {
            let paragraph = objects.reserve();
            objects.put(paragraph, |object| {
                let mut element: StructElement<'_> = object.start();
                element.kind(StructRole::P).parent(section).page(page).pair(Name(b"K"), part);
                if let Some(language) = language {
                    element.lang(TextStr(language));
                }
                if let Some(text) = actual_text {
                    element.actual_text(TextStr(text));
                }
            })?;
            elements.push(paragraph);
        }
        objects.put(section, |object| {
            let mut element: StructElement<'_> = object.start();
            element.kind(StructRole::Sect).parent(self.document);
            element.insert(Name(b"K")).array().items(elements.iter().copied());
        })?;
        objects.put(parents, |object| {
            object.array().items(elements);
        })?;
        self.sections.push(section);
        self.parents.push(parents);
        Ok(self.parents.len() as i32 - 1)
    }

    /// Writes what is above the pages.
    pub fn write(&self, objects: &mut Objects<'_>) -> io::Result<()> {
        let numbers = objects.reserve();
        write_numbers(numbers, self.parents.len(), |page, tree| _ = tree.item(self.parents[page]), objects)?;
        objects.put(self.document, |object| {
            let mut element: StructElement<'_> = object.start();
            element.kind(StructRole::Document).parent(self.root);
            element.insert(Name(b"K")).array().items(self.sections.iter().copied());
        })?;
        objects.put(self.root, |object| {
            let mut root: StructTreeRoot<'_> = object.start();
            root.child(self.document).parent_tree_next_key(self.parents.len() as i32);
            root.pair(Name(b"ParentTree"), numbers);
            root.finish();
        })
    }
}
