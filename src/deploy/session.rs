//! A deploy that keeps others out, with what it has said so far.

use super::deployed::Deployed;
use super::journal::Journal;
use super::lease::Held;
use super::states;
use crate::error::Result;
use crate::fingerprint::Hash;
use crate::store::Store;

/// See the [module](self).
pub struct Session<'a> {
    pub store: &'a Store,
    pub held: Held<'a>,
    pub journal: Journal,
    /// The state that the pointer names.
    pub last: Option<Hash>,
}

impl Session<'_> {
    /// Names `state` as what is there, instead of the last one.
    pub async fn point_to(&mut self, state: &Deployed) -> Result<Hash> {
        let hash = states::write(self.store, state).await?;
        self.held.put(hash).await?;
        let is_earlier = |before: Hash| state.earlier.as_ref().is_some_and(|earlier| earlier.state == before);
        if let Some(before) = self.last.replace(hash).filter(|before| *before != hash && !is_earlier(*before)) {
            states::forget(self.store, before).await;
        }
        Ok(hash)
    }

    /// Lets others in although not all was put. Where that cannot be said, they must wait until the lease runs out.
    pub async fn leave(&mut self) {
        drop(self.held.leave().await);
    }
}
