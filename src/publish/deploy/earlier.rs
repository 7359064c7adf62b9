//! What was served before, for as long as the site can go back to it. What a deploy names no longer stays where it is for
//! the grace time; what it writes over is copied beside the site first.

use super::deployed::{Deployed, Retired, has_passed};
use super::lease::Held;
use super::states;
use super::unit::{Unit, Units};
use super::upload::IN_FLIGHT;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::fingerprint::Hash;
use crate::storage::store::{PRIVATE, Store, failed};
use futures_util::{StreamExt, stream};
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its state, which lies where it lay.
    pub state: Hash,
    /// Those of its units that were written over since. All their files were copied.
    pub kept: Units,
    /// When something else was put instead, in seconds since 1970.
    pub since: i64,
}

impl Earlier {
    pub fn of(state: Hash, since: i64) -> Earlier {
        Earlier { state, kept: Units::new(), since }
    }

    fn is_over(&self, grace: Duration, now: i64) -> bool {
        has_passed(grace, self.since, now)
    }

    /// Where the copy of what lies at `path` lies.
    fn place(&self, path: &str) -> String {
        format!("{PRIVATE}/kept/{}/{path}", self.state.hex())
    }

    /// What is to be deleted when nobody will go back.
    pub fn retired(&self) -> Vec<Retired> {
        let copy =
            |(path, unit): (&String, &Unit)| Retired { unit: unit.clone(), ..Retired::private(self.place(path)) };
        self.kept.iter().map(copy).chain([Retired::private(states::path(self.state))]).collect()
    }

    /// Names what `due` will write over of `units`, which are its own, as kept; answers that of it which was not yet.
    fn keep(&mut self, units: &Units, due: &[(&String, &Unit)]) -> Units {
        let is_written_over = |(path, unit): &(&String, &Unit)| {
            let before = units.get(*path).filter(|before| before != unit && !self.kept.contains_key(*path));
            before.map(|before| ((*path).clone(), before.clone()))
        };
        let more: Units = due.iter().filter_map(is_written_over).collect();
        self.kept.extend(more.iter().map(|(path, unit)| (path.clone(), unit.clone())));
        more
    }

    /// Copies all files of `units`. What is not there cannot be copied, nor was it there for readers.
    pub async fn copy(&self, units: &Units, store: &Store, held: &mut Held<'_>) -> Result<()> {
        let files = units.iter().flat_map(|(path, unit)| unit.files(path));
        let copies = files.map(|file| async move {
            match copy(store, &file, &self.place(&file)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(&error)),
            }
        });
        let mut copies = stream::iter(copies).buffer_unordered(IN_FLIGHT);
        while let Some(copied) = copies.next().await {
            copied?;
            held.keep().await?;
        }
        Ok(())
    }

    /// Puts a file of a unit that is kept where it lay.
    pub async fn restore(&self, file: &str, store: &Store) -> Result<()> {
        copy(store, &self.place(file), file).await.map_err(|error| failed(&error))
    }

    /// Refuses where `goal`, its units, are no longer all there beside those that `now` has.
    pub fn check(&self, goal: &Units, now: &Deployed) -> Result<()> {
        let mut waiting = BTreeMap::<&String, Vec<&Unit>>::new();
        for retired in &now.retired {
            waiting.entry(&retired.path).or_default().push(&retired.unit);
        }
        let lies_there = |path: &String, unit: &Unit| {
            let is_waiting = || waiting.get(path).is_some_and(|units| units.contains(&unit));
            now.units.get(path) == Some(unit) || self.kept.get(path) == Some(unit) || is_waiting()
        };
        match goal.iter().find(|(path, unit)| !lies_there(path, unit)) {
            Some((path, _)) => Err(none(&format!("{path} of it is gone"))),
            None => Ok(()),
        }
    }
}

/// What is about to be replaced.
pub struct Replacing<'a> {
    pub base: &'a Deployed,
    /// The state that is replaced, if that was whole.
    pub replaced: Option<Hash>,
    pub due: &'a [(&'a String, &'a Unit)],
    pub now: i64,
    pub grace: Duration,
}

impl Replacing<'_> {
    /// What can be gone back to afterwards: what is replaced, if that was whole, else what could be until now. With those
    /// of its units that must be copied before anything is put.
    pub async fn earlier(&self, store: &Store) -> Result<(Option<Earlier>, Units)> {
        let lasts = |earlier: &Earlier| !earlier.is_over(self.grace, self.now);
        let earlier = match self.replaced {
            Some(state) => Some(Earlier::of(state, self.now)),
            None => self.base.earlier.clone(),
        };
        let Some(mut earlier) = earlier.filter(lasts) else { return Ok((None, Units::new())) };
        if self.due.is_empty() {
            return Ok((Some(earlier), Units::new()));
        }
        let before = match self.replaced {
            Some(_) => Some(Cow::Borrowed(&self.base.units)),
            None => states::find(store, earlier.state).await?.map(|before| Cow::Owned(before.units)),
        };
        let Some(before) = before else { return Ok((None, Units::new())) };
        let copies = earlier.keep(&before, self.due);
        Ok((Some(earlier), copies))
    }
}

/// There is nothing to go back to.
pub fn none(why: &str) -> Error {
    Error::new(ErrorKind::Network, format!("there is no earlier state to go back to: {why}"))
        .with_hint("build what is to be there, from version control for instance, and deploy that")
}

/// Within the store.
async fn copy(store: &Store, from: &str, to: &str) -> object_store::Result<()> {
    let path = |path: &str| object_store::path::Path::parse(path);
    store.objects.copy(&path(from)?, &path(to)?).await
}
