//! The ways of a built site to its readers: it is served on this machine or deployed, and its host is configured.
//! Changes that need a new build are watched. Other viewers are brought into a project.

#[cfg(feature = "deploy")]
pub mod deploy;
pub mod headers;
pub mod hosting;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(feature = "deploy")]
pub mod viewers;
#[cfg(feature = "serve")]
pub mod watch;
