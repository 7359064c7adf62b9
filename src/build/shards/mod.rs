//! A build on many machines. `plan --shards` writes down which images are due, in N shards ([`freeze()`]). Tasks of any engine
//! make the images of their shards ([`task`]), each at least once. `finish` takes what they made and does the rest of the
//! build ([`results`]).
//!
//! The plan is a [`SharedFolder`](crate::storage::shared::SharedFolder):
//!
//! ```text
//! plan.json               the head: the shards, each with the hash of its file
//! shards/00007.jsonl      the images of a shard, in the order of their ids: everything that a task needs to know
//! attempts/00007/NAME     what an attempt has made so far, written now and then, so that the next one goes on there
//! records/00007.json      what was made of a shard, written last
//! ```
//!
//! A task reads the plan, the masters and nothing else: no records of builds, and of the settings only where content and output
//! are. What it writes depends on the plan alone, so attempts can overlap, and one that is repeated changes nothing.

mod balance;
mod freeze;
mod plan_files;
mod results;
mod selection;
mod task;

pub use crate::build::images::{ImageOrder, MadeImage};
pub use freeze::{Freezing, freeze};
pub use plan_files::{PlanHead, ShardHead, ShardedPlan};
pub use results::{Status, Taken};
pub use selection::{Selection, VARIABLES, ranges};
pub use task::{Delivery, IntoFolder, Task, TaskEnd, attempts};
