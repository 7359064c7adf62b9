//! The npm packages of the viewers: version, hash, and the files that a site needs.

use crate::error::{Error, ErrorKind, Result};
use crate::model::SiteViewer;
use sha2::{Digest, Sha512};

/// A package at one version.
#[derive(Debug)]
pub struct Package {
    /// The viewer that it holds.
    pub viewer: SiteViewer,
    /// The name in the registry.
    pub name: &'static str,
    /// The version in the registry.
    pub version: &'static str,
    /// The SHA-512 of the package in hexadecimal, as `sha512sum` shows it. The registry has the same in base64.
    pub sha512: &'static str,
    /// Files of the package that a site needs, and their names there. A name that ends with `/` is a folder.
    pub files: &'static [(&'static str, &'static str)],
    /// Style sheets of its page, by their names in the site.
    pub styles: &'static [&'static str],
    /// Scripts of its page, by their names in the site.
    pub scripts: &'static [&'static str],
}

/// Apache-2.0.
const MIRADOR: Package = Package {
    viewer: SiteViewer::Mirador,
    name: "mirador",
    version: "4.0.0",
    sha512: "b96b04f5eda8a9273f954bbebd5c031a14ecc9cba11ac7d9d8a7d7e822df5e24f7c201b2eaa4fdfaae4cdd5f59cfbda191d220b09ba029eb1aa30991b589afac",
    files: &[("dist/mirador.min.js", "mirador.min.js"), ("LICENSE", "LICENSE.txt")],
    styles: &[],
    scripts: &["mirador.min.js"],
};

/// MIT. The page loads `umd/UV.js`, and that the parts that an item needs.
const UNIVERSAL_VIEWER: Package = Package {
    viewer: SiteViewer::UniversalViewer,
    name: "universalviewer",
    version: "4.4.0",
    sha512: "f4e56ceae0b3790630e748e0f24daf106aba85016eee412ff4e380966a951fd76e86ba60d71948a9c3086f6ae13509c0c5341ddd1d778312737bd518922c1dce",
    files: &[("dist/umd/", "umd/"), ("dist/uv.css", "uv.css"), ("LICENSE.txt", "LICENSE.txt")],
    styles: &["uv.css"],
    scripts: &["umd/UV.js"],
};

/// MIT, though its package.json says ISC. The web component holds all that it needs.
const CLOVER: Package = Package {
    viewer: SiteViewer::Clover,
    name: "@samvera/clover-iiif",
    version: "3.3.8",
    sha512: "976f06a192bba83e34d8b5d6fc9a59cbd157df78605f4245351a5c751e83261c2eb3a9b85914fd48e3dd312c130d6fb0df78566c8c91336c16709e03d78d4994",
    files: &[("dist/web-components/index.umd.js", "clover.umd.js"), ("LICENSE", "LICENSE.txt")],
    styles: &[],
    scripts: &["clover.umd.js"],
};

impl Package {
    /// The package of a viewer.
    pub fn of(viewer: SiteViewer) -> Package {
        match viewer {
            SiteViewer::Mirador => MIRADOR,
            SiteViewer::UniversalViewer => UNIVERSAL_VIEWER,
            SiteViewer::Clover => CLOVER,
        }
    }

    /// Refuses bytes that are not those of the package. `kind`: who must act.
    ///
    /// # Errors
    /// The hash differs.
    pub fn check(&self, bytes: &[u8], kind: ErrorKind) -> Result<()> {
        let hash: String = Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if hash == self.sha512 {
            return Ok(());
        }
        let why = format!("this is not the npm package {} {}: its SHA-512 is {hash}", self.name, self.version);
        let hint = format!("only the package with the SHA-512 {} is taken", self.sha512);
        Err(Error::new(kind, why).with_hint(hint))
    }

    /// The name in the site of a file of the package. `None`: the site does not need it.
    pub fn target(&self, path: &str) -> Option<String> {
        self.files.iter().find_map(|(from, to)| match from.ends_with('/') {
            true => path.strip_prefix(from).map(|rest| format!("{to}{rest}")),
            false => (path == *from).then(|| (*to).to_owned()),
        })
    }
}
