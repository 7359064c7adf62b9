//! The mistakes in the rows of a sheet, and how much each leaves open about an item.

use super::columns::Columns;
use super::sheet::{Sheet, refusal};
use crate::error::Error;
use crate::model::Doubt;
use std::collections::BTreeMap;

/// See the [module](self).
pub struct RowFaults<'a> {
    sheet: &'a Sheet,
    /// The table decides what is published.
    withholds: bool,
    /// By row.
    pub doubts: Vec<Option<Doubt>>,
    /// The items of some rows are not known.
    pub lost: Option<Doubt>,
    /// By row and column.
    mistakes: BTreeMap<(usize, Option<usize>), Error>,
    /// How many further ones there are.
    untold: usize,
}

/// More mistakes of one sheet are counted and not told: a table of millions of wrong cells would take gigabytes.
const MAX_TOLD: usize = 1000;

impl<'a> RowFaults<'a> {
    /// Begins with the cells that could not be read, and the rows that are wider or narrower than the header.
    pub fn new(sheet: &'a Sheet, withholds: bool) -> RowFaults<'a> {
        let doubts = vec![None; sheet.rows.len()];
        let mut faults = RowFaults { sheet, withholds, doubts, lost: None, mistakes: BTreeMap::new(), untold: 0 };
        let unknown = faults.unknown();
        for (at, row) in sheet.rows.iter().enumerate() {
            row.failed.iter().for_each(|(column, why)| faults.note(at, Some(*column), why, unknown));
        }
        for (at, (why, hint)) in &sheet.uneven {
            if faults.mistakes.len() < MAX_TOLD {
                let uneven = sheet.refuse(&sheet.rows[*at], None, why).with_hint(*hint);
                faults.mistakes.insert((*at, None), uneven);
            } else {
                faults.untold += 1;
            }
            faults.doubt(*at, unknown);
            faults.lost = faults.lost.max(Some(unknown));
        }
        faults
    }

    /// The doubt about an item of which it is not known what the table says.
    pub fn unknown(&self) -> Doubt {
        if self.withholds { Doubt::Publication } else { Doubt::Description }
    }

    /// Notes a mistake. The first mistake in a cell counts, and nothing else is said of an uneven row.
    pub fn note(&mut self, row: usize, column: Option<usize>, why: &str, doubt: Doubt) {
        if self.mistakes.len() >= MAX_TOLD {
            self.untold += 1;
        } else if !self.sheet.uneven.contains_key(&row) {
            let error = || self.sheet.refuse(&self.sheet.rows[row], column, why);
            self.mistakes.entry((row, column)).or_insert_with(error);
        }
        self.doubt(row, doubt);
    }

    /// Notes a mistake in a cell of a row about an item.
    pub fn of_cell(&mut self, row: usize, column: Option<usize>, why: &str, columns: &Columns) {
        let withholds = columns.iter().any(|known| Some(known.at) == column && known.role.withholds());
        self.note(row, column, why, if withholds { Doubt::Publication } else { Doubt::Description });
    }

    /// Notes a mistake that leaves open whose row it is.
    pub fn lose(&mut self, row: usize, column: usize, why: &str) {
        self.note(row, Some(column), why, self.unknown());
        self.lost = self.lost.max(Some(self.unknown()));
    }

    pub fn doubt(&mut self, row: usize, doubt: Doubt) {
        self.doubts[row] = self.doubts[row].max(Some(doubt));
    }

    /// All mistakes, in the order of the rows.
    pub fn mistakes(self) -> Vec<Error> {
        let more = (self.untold > 0).then(|| refusal(format!("{} more mistakes like these", self.untold)));
        self.mistakes.into_values().chain(more).collect()
    }
}
