//! Which cryptography connections are made with. Certificates are checked against those that the system trusts.

/// Whoever came first has chosen; there is only this one.
pub fn use_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
