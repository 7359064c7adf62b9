//! Whether a machine may have credentials of its own: clouds tell them at one address of the link. Where nobody answers
//! there, asking again and again would take minutes.

use crate::error::{Error, ErrorKind, Result};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where Amazon, Google and Azure answer alike.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 169, 254)), 80);

/// Longer than any cloud takes.
const PATIENCE: Duration = Duration::from_secs(1);

/// Refuses a machine that nobody vouches for.
pub fn check(hint: &str) -> Result<()> {
    match TcpStream::connect_timeout(&ADDRESS, PATIENCE) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::new(ErrorKind::Network, "no credentials were found").with_hint(hint)),
    }
}
