//! What is withheld from the public: the one place that decides it.
//!
//! - Names of the system and of other programs' caches are [`junk()`].
//! - An XML file of an archive says which of its parts are not public ([`parts()`]): EAD `audience="internal"`, rights in
//!   METS, MODS, Dublin Core and MARC that deny access, and notes that these formats call private. Readers never see such
//!   a part: it is [blanked](cuts::blanked) before they read the file.
//! - The pages of an item that a description withholds are taken out of everything that names or shows them ([`Withheld`]).
//! - An original, such as a METS that is linked as `seeAlso`, is published without the parts that are withheld
//!   ([`cuts`]). Which they are beside those that the file itself names, [`Known`] says.
//!
//! Nothing here is read from disk, and no date is taken from the clock: embargoes are compared with the day that the
//! caller gives.

pub mod cuts;
mod item;
mod junk;
mod known;
mod mets;
mod parts;
mod rights;

pub use item::{Withheld, doubt_about_table, doubt_about_xml, reason};
pub use junk::{junk, leads_to_junk};
pub use known::Known;
pub use parts::{Parts, is_component, parts, record_keys};
