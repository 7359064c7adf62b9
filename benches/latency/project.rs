//! A project of 1,000 pages, and what somebody who works on it saves.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};

const ITEMS: u32 = 20;
const PAGES: u32 = 50;

/// Pixels of a page, and of the one that is replaced: eight megapixels.
const SMALL: (u32, u32) = (240, 320);
const LARGE: (u32, u32) = (3500, 2300);

/// As many editions of the large page are prepared.
const EDITIONS: u32 = 4;

/// The item that is looked at; its last page is the large one.
const ITEM: &str = "item10";

/// See the [module](self). Removed when it is dropped.
pub struct Project {
    pub root: PathBuf,
}

/// What is saved.
#[derive(Clone, Copy)]
pub enum Edit {
    Label,
    Template,
    Page,
    Style,
}

impl Edit {
    pub const ALL: [Edit; 4] = [Edit::Label, Edit::Template, Edit::Page, Edit::Style];

    pub fn name(self) -> &'static str {
        match self {
            Edit::Label => "a label in item.toml",
            Edit::Template => "a template of all items",
            Edit::Page => "a page of 8 megapixels",
            Edit::Style => "a style sheet in static/",
        }
    }

    /// What a reader gets anew when he looks at the change.
    pub fn path(self) -> String {
        match self {
            Edit::Label | Edit::Template => format!("/{ITEM}/"),
            Edit::Page => format!("/iiif/3/{ITEM}_{PAGES}/full/max/0/default.jpg"),
            Edit::Style => "/own.css".into(),
        }
    }
}

impl Project {
    pub fn new(root: PathBuf) -> Project {
        let project = Project { root };
        for item in 1..=ITEMS {
            for page in 1..=PAGES {
                let number = item * PAGES + page;
                project.write(&format!("content/item{item}/{page}.jpg"), &jpeg(SMALL, number));
            }
            project.write(&format!("content/item{item}/item.toml"), format!("label = \"Item {item}\"\n").as_bytes());
        }
        for edition in 0..EDITIONS {
            project.write(&format!("editions/{edition}.jpg"), &jpeg(LARGE, edition));
        }
        project.prepare(0);
        Edit::ALL.iter().for_each(|edit| project.save(*edit, 0));
        project
    }

    /// Saves the change for the `number`th time, as an editor would: never twice the same.
    pub fn save(&self, edit: Edit, number: u32) {
        match edit {
            Edit::Label => {
                let text = format!("label = \"Corrected {number}\"\nsummary = \"With a *summary* beside it.\"\n");
                self.write(&format!("content/{ITEM}/item.toml"), text.as_bytes());
            }
            Edit::Template => {
                let text = format!(
                    "{{% extends \"theme/item.html\" %}}\n{{% block footer %}}<p>Edition {number}</p>{{% endblock %}}\n"
                );
                self.write("templates/item.html", text.as_bytes());
            }
            Edit::Page => {
                // The editor's own time for writing it is not ours: only the rename counts.
                let page = self.root.join(format!("content/{ITEM}/{PAGES}.jpg"));
                fs::rename(self.root.join("next.jpg"), page).expect("a page is replaced");
            }
            Edit::Style => self.write("static/own.css", format!("body {{ order: {number} }}\n").as_bytes()),
        }
    }

    /// Whatever [`Project::save`] needs beforehand.
    pub fn prepare(&self, number: u32) {
        let edition = self.root.join(format!("editions/{}.jpg", number % EDITIONS));
        fs::copy(edition, self.root.join("next.jpg")).expect("an edition");
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).expect("a folder");
        fs::write(file, bytes).expect("a file");
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Something like print on paper; no two numbers look alike.
fn jpeg((width, height): (u32, u32), number: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_add(number) >> 27;
        let is_ink = (x / 7 * 31 + y / 19 * 17 + number * 13) % 11 < 4 && y % 19 < 12;
        let paper = 225 - (x * 20 / width) as u8 - noise as u8;
        if is_ink { Rgb([40, 35, 30]) } else { Rgb([paper, paper - 8, paper - 30]) }
    };
    let mut bytes = vec![];
    let image = RgbImage::from_fn(width, height, pixel);
    JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(&image).expect("a JPEG");
    bytes
}
