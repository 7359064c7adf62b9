//! A deploy that keeps others out, with what it has said so far.

use super::deployed::Deployed;
use super::journal::Journal;
use super::lease::Held;
use super::states;
use super::unit::Units;
use crate::error::Result;
use crate::storage::fingerprint::Hash;
use crate::storage::store::Store;

/// See the [module](self).
pub struct Session<'a> {
    pub store: &'a Store,
    pub held: Held<'a>,
    pub journal: Journal,
    /// The state that the pointer names.
    pub last: Option<Hash>,
}

impl Session<'_> {
    /// Keeps what will be written over, and says what will be no more as it is, and what may be there from now on.
    pub async fn start(&mut self, copies: &Units, started: &Deployed) -> Result<()> {
        if let Some(earlier) = started.earlier.as_ref().filter(|_| !copies.is_empty()) {
            // Nobody else may write over it meanwhile.
            self.held.claim().await?;
            earlier.copy(copies, self.store, &mut self.held).await?;
        }
        let state = states::write(self.store, started).await?;
        self.held.put(state).await?;
        self.replace(state, started).await;
        Ok(())
    }

    /// Says that all is there, and nothing more is put.
    pub async fn end(&mut self, ended: &Deployed) -> Result<Hash> {
        let state = states::write(self.store, ended).await?;
        self.held.put_whole(state).await?;
        self.replace(state, ended).await;
        Ok(state)
    }

    /// Forgets the last state, now that the pointer names `hash`, unless it can be gone back to.
    async fn replace(&mut self, hash: Hash, state: &Deployed) {
        let is_earlier = |before: Hash| state.earlier.as_ref().is_some_and(|earlier| earlier.state == before);
        if let Some(before) = self.last.replace(hash).filter(|before| *before != hash && !is_earlier(*before)) {
            states::forget(self.store, before).await;
        }
    }

    /// Lets others in although not all was put. Where that cannot be said, they must wait until the lease runs out.
    pub async fn leave(&mut self) {
        drop(self.held.leave().await);
    }
}
