//! The rule about files that are not ours: nothing that this program did not write is overwritten, moved or deleted,
//! unless the user says `--force`.
//!
//! What is ours is known from a record or a marker with the name of this program in it, never from the name of a file:
//! any folder can hold an `info.json` or a `collection.json`.
//!
//! - The folder of a site has the records of the project that builds it ([`state`](crate::storage::state)), and a list
//!   of its own ([`SiteList`]), which stands in for records that are lost and shows whose site it is ([`Claim`]).
//! - The folder that `tile` makes has a [marker](mark).
//! - A report begins with the name of this program ([`named_file`]).
//! - An image's folder is replaced as a whole, but files in it that have no address of a IIIF image stay
//!   ([`is_image_file`](crate::model::pyramid::addresses::is_image_file)).
//!
//! Where such files may be is decided by one function too: [`resolved`].

#[cfg(feature = "site")]
mod claim;
pub mod mark;
pub mod named_file;
mod paths;
#[cfg(feature = "site")]
mod site_list;

pub use paths::{check_new_folder, is_within, resolved};
#[cfg(feature = "site")]
pub use {
    claim::{Claim, Known, check_folder, lock},
    site_list::{Entry, FILE, Head, SiteList, Written, is_inside, is_name, write_lines},
};

/// The name that everything of ours carries.
pub const PROGRAM: &str = "iiif-build";

/// The folder for notes of this program, in a project and in an output. It is never published.
pub const FOLDER: &str = ".iiif-build";
