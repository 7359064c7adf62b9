//! What METS says of single divisions (`DMDID`): parts and pages of the object. Each section is read once for each set of
//! ids.

use super::{Mets, sections};
use crate::error::Result;
use crate::input::metadata::builder::Builder;
use crate::input::metadata::warnings::Warnings;
use crate::model::Description;
use roxmltree::{Node, NodeId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Pages and values of all parts and pages together. One year of a newspaper, by day and article, has about 100,000.
const MAX_MENTIONS: usize = 2_000_000;

/// The approximate least size of a value in a description.
const BYTES_OF_VALUE: usize = 10;

/// What is said of a division.
#[derive(Clone, Default)]
pub struct Described {
    /// Its label is its own title, never that of a larger work.
    pub description: Arc<Description>,
    /// The number that is printed on the page, if it is one.
    pub page_number: Option<String>,
}

/// The descriptions of divisions, and a count of all that divisions mention.
pub struct Descriptions<'m, 'a, 'input> {
    mets: &'m Mets<'a, 'input>,
    /// By the `DMDID` that the description was read for.
    known: HashMap<&'a str, Described>,
    /// Descriptive sections that were read.
    read: HashSet<NodeId>,
    mentions: usize,
}

impl<'m, 'a, 'input> Descriptions<'m, 'a, 'input> {
    pub fn new(mets: &'m Mets<'a, 'input>) -> Descriptions<'m, 'a, 'input> {
        Descriptions { mets, known: HashMap::new(), read: HashSet::new(), mentions: 0 }
    }

    /// What is said of a division; nothing if it refers to no description.
    ///
    /// # Errors
    /// A section that cannot be read, or more mentions than the limit.
    pub fn of(&mut self, div: Node<'a, 'input>, warnings: &mut Warnings<'_>) -> Result<Described> {
        let Some(ids) = div.attribute("DMDID") else { return Ok(Described::default()) };
        let described = match self.known.get(ids) {
            Some(known) => known.clone(),
            None => self.read(ids, div, warnings)?,
        };
        self.count(described.description.metadata.len(), div, warnings)?;
        Ok(described)
    }

    fn read(&mut self, ids: &'a str, div: Node<'a, 'input>, warnings: &mut Warnings<'_>) -> Result<Described> {
        let mut builder = Builder::default();
        for section in self.mets.referred(div, "DMDID", "dmdSec") {
            // The first reading of a section is free; each other one counts.
            if !self.read.insert(section.id()) {
                self.count(section.range().len() / BYTES_OF_VALUE, div, warnings)?;
            }
            builder.merge(sections::description(section, warnings)?);
        }
        builder.give_back_borrowed();
        let page_number = builder.page_number.take();
        let described = Described { description: Arc::new(builder.finish().0), page_number };
        self.known.insert(ids, described.clone());
        Ok(described)
    }

    /// Counts pages or values that a division mentions.
    ///
    /// # Errors
    /// They are more than the limit.
    pub fn count(&mut self, mentions: usize, div: Node<'_, '_>, warnings: &Warnings<'_>) -> Result<()> {
        self.mentions += mentions;
        match self.mentions <= MAX_MENTIONS {
            true => Ok(()),
            false => {
                Err(warnings.error(div, format!("its parts list more than {MAX_MENTIONS} pages and values together")))
            }
        }
    }
}
