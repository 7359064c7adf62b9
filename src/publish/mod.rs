//! What happens to a built site: it is served, watched, deployed, and its host is configured.

pub mod deploy;
pub mod headers;
pub mod hosting;
pub mod serve;
pub mod watch;
