//! What a reader can take away of a page or an item, and how it is called on the reader's own disk.

use super::context::{Link, Localized, Picture, PictureFile};
use crate::model::ImageId;
use crate::model::site::SiteItem;

/// Smaller files are thumbnails. The script of the menu has the same limit.
const LEAST_WIDTH: u32 = 400;
/// How many sizes of an image are offered.
const SIZES: usize = 3;

/// The files of an image that are offered, ascending: the largest, and its half and quarter if they are large enough. Each
/// is named after the item and the page, as a file that is called `default.jpg` says nothing in a folder of downloads.
pub fn picture_files(image: &ImageId, sources: &[Picture]) -> Vec<PictureFile> {
    let count = sources.len();
    let is_offered = |&(index, picture): &(usize, &Picture)| index + 1 == count || picture.width >= LEAST_WIDTH;
    let offered: Vec<_> = sources.iter().enumerate().skip(count.saturating_sub(SIZES)).filter(is_offered).collect();
    let sizes = ["small", "medium", "large"];
    let names: &[&str] = match offered.len() {
        1 => &["full"],
        2 => &["small", "large"],
        _ => &sizes,
    };
    let file = |((index, picture), size): ((usize, &Picture), &&'static str)| PictureFile {
        picture: picture.clone(),
        size,
        file: match index + 1 == count {
            true => format!("{}.jpg", image.0),
            false => format!("{}_{}.jpg", image.0, picture.width),
        },
    };
    offered.into_iter().zip(names).map(file).collect()
}

/// The link to the PDF that is made of the item.
pub fn pdf(item: &SiteItem, root: &str) -> Option<Link> {
    let href = format!("{root}{}", item.pdf_path()?.encoded());
    let label = Localized { text: "PDF".into(), ..Localized::default() };
    Some(Link { href, label, format: Some("application/pdf".into()), host: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(widths: &[u32]) -> Vec<(&'static str, String)> {
        let sources: Vec<Picture> =
            widths.iter().map(|&width| Picture { src: String::new(), width, height: width }).collect();
        let files = picture_files(&ImageId("books-a_0007".into()), &sources);
        files.into_iter().map(|file| (file.size, file.file)).collect()
    }

    #[test]
    fn the_largest_files_are_offered_under_the_name_of_item_and_page() {
        let (small, medium, large) =
            ("books-a_0007_500.jpg".to_owned(), "books-a_0007_1000.jpg".to_owned(), "books-a_0007.jpg".to_owned());
        assert_eq!(
            names(&[125, 250, 500, 1000, 2000]),
            [("small", small), ("medium", medium), ("large", large.clone())]
        );
        assert_eq!(names(&[300, 600]), [("full", large.clone())]);
        assert_eq!(names(&[200]), [("full", large)]);
    }
}
