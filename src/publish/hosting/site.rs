//! A site as its host needs it: its path on the host, the folder that the host serves at its root, and files for the
//! host.

use crate::error::{Error, ErrorKind, Result};
use crate::model::SiteViewer;
use crate::model::address::BaseUrl;
use crate::publish::headers::{CONTENT_SECURITY_POLICY, viewers_policy};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tera::{Context, Tera};

/// The facts about a site that a host must know. Paths are absolute.
pub struct Site<'a> {
    /// `None`: it is not set.
    pub base_url: Option<&'a BaseUrl>,
    /// The project's folder.
    pub root: &'a Path,
    pub output: &'a Path,
    /// The folder whose files each build copies into the output.
    pub static_files: &'a Path,
    /// Whether the site has images for Image API 2.
    pub image_api_2: bool,
    /// Other viewers that the site has.
    pub viewers: &'a [SiteViewer],
}

/// A file for a host, and the place where the host looks for it.
#[derive(Debug, PartialEq, Eq)]
pub struct HostingFile {
    pub path: PathBuf,
    pub text: String,
}

/// The files to write, and the next steps for the user.
#[derive(Debug)]
pub struct Files {
    pub files: Vec<HostingFile>,
    /// Sentences for the user.
    pub next: Vec<String>,
}

impl Site<'_> {
    /// The path of `base-url`, with a slash at both ends. No host needs escapes for its characters, except for the dot
    /// in regular expressions.
    ///
    /// # Errors
    /// The path has other characters.
    pub(super) fn base_path(&self) -> Result<String> {
        let Some(base_url) = self.base_url else { return Ok("/".into()) };
        let path = base_url.path();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain);
        let inner = path.strip_prefix('/').and_then(|path| path.strip_suffix('/'));
        if path != "/" && !inner.is_some_and(|inner| inner.split('/').all(is_name)) {
            let refused = Error::new(ErrorKind::Config, format!("the path {path} of base-url is not one for hosts"));
            return Err(refused.with_hint("it may hold letters and digits of ASCII and - . _ ~ in its names"));
        }
        Ok(path.to_owned())
    }

    /// The folder that is served at the root of the host: the output, or a folder above it if `base-url` has a path.
    ///
    /// # Errors
    /// The folders of the output do not match the path of `base-url`.
    pub(super) fn served_folder(&self) -> Result<&Path> {
        let base_path = self.base_path()?;
        let mut folder = self.output;
        for name in base_path.split('/').rev().filter(|name| !name.is_empty()) {
            folder = match folder.parent() {
                Some(above) if folder.file_name().is_some_and(|last| last == name) => above,
                _ => return Err(self.wrongly_placed(&base_path)),
            };
        }
        // With the whole project in it, everything would be published.
        if self.root.starts_with(folder) { Err(self.wrongly_placed(&base_path)) } else { Ok(folder) }
    }

    fn wrongly_placed(&self, base_path: &str) -> Error {
        let output = self.output.strip_prefix(self.root).unwrap_or(self.output);
        let deeper = format!("{}{}", output.display(), base_path.trim_end_matches('/'));
        let why = format!("base-url has the path {base_path}, and this host serves a folder at its root");
        Error::new(ErrorKind::Config, why)
            .with_path(self.output)
            .with_hint(format!("set output = \"{deeper}\", so that the files lie where their addresses say"))
    }

    /// The path of a folder below the project's folder, with `/`.
    pub(super) fn in_project(&self, folder: &Path) -> Result<String> {
        let below = folder.strip_prefix(self.root).map_err(|_| {
            let refused = Error::new(ErrorKind::Config, "this host needs an output within the project's folder");
            refused.with_path(folder)
        })?;
        let names: Vec<_> = below.components().map(|name| name.as_os_str().to_string_lossy()).collect();
        Ok(if names.is_empty() { ".".into() } else { names.join("/") })
    }

    /// The path of a file that must be at the root of the host. Usually that is among the static files, which each
    /// build copies into the output. If `base-url` has a path, the output is deeper, and the file goes into the served
    /// folder.
    pub(super) fn at_served_root(&self, name: &str) -> Result<PathBuf> {
        let served = self.served_folder()?;
        Ok(if served == self.output { self.static_files.join(name) } else { served.join(name) })
    }

    /// The policy of the pages of viewers, and their folders. `None`: there are none.
    pub(super) fn viewers(&self) -> Option<Viewers> {
        let folders = || self.viewers.iter().map(|viewer| viewer.folder()).collect();
        (!self.viewers.is_empty()).then(|| Viewers { policy: viewers_policy(self.viewers), folders: folders() })
    }

    /// The policy for hosts on which only one can be set for the whole site.
    pub(super) fn policy_of_all(&self) -> String {
        self.viewers().map_or_else(|| CONTENT_SECURITY_POLICY.to_owned(), |viewers| viewers.policy)
    }

    /// The versions of the Image API in which the site has images.
    pub(super) fn image_apis(&self) -> &'static [&'static str] {
        if self.image_api_2 { &["3", "2"] } else { &["3"] }
    }
}

/// The pages of other viewers, for hosts on which a folder can have a policy of its own.
#[derive(Serialize)]
pub(super) struct Viewers {
    policy: String,
    /// Below the root of the site, without slashes at the ends.
    folders: Vec<String>,
}

/// Fills in a template of this folder.
pub(super) fn fill(template: &str, values: &impl Serialize) -> Result<String> {
    let filled = Context::from_serialize(values).and_then(|values| Tera::one_off(template, &values, false));
    filled.map_err(|error| Error::new(ErrorKind::Internal, format!("a file for a host cannot be made: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site<'a>(base_url: &'a BaseUrl, output: &'a str) -> Site<'a> {
        Site {
            base_url: Some(base_url),
            root: Path::new("/p"),
            output: Path::new(output),
            static_files: Path::new("/p/static"),
            image_api_2: false,
            viewers: &[],
        }
    }

    #[test]
    fn a_path_in_the_base_url_is_one_in_the_output() {
        let base_url = BaseUrl::parse("https://a.example/x/y/").unwrap();
        let placed = site(&base_url, "/p/public/x/y");
        assert_eq!(placed.base_path().unwrap(), "/x/y/");
        assert_eq!(placed.served_folder().unwrap(), Path::new("/p/public"));
        assert_eq!(placed.at_served_root("_headers").unwrap(), Path::new("/p/public/_headers"));
        let refused = site(&base_url, "/p/public").served_folder().unwrap_err();
        assert_eq!(refused.hint().unwrap().split('"').nth(1), Some("public/x/y"));
        assert!(site(&base_url, "/p/x/y").served_folder().is_err(), "that would publish the project");
    }

    #[test]
    fn without_a_path_the_output_is_served() {
        let base_url = BaseUrl::parse("https://a.example").unwrap();
        let placed = site(&base_url, "/p/public");
        assert_eq!(placed.base_path().unwrap(), "/");
        assert_eq!(placed.at_served_root("_headers").unwrap(), Path::new("/p/static/_headers"));
        assert_eq!(placed.in_project(placed.output).unwrap(), "public");
        assert!(site(&base_url, "/elsewhere").in_project(Path::new("/elsewhere")).is_err());
    }

    #[test]
    fn a_path_that_would_be_code_in_a_file_for_a_host_is_refused() {
        for path in ["a;b", "a'b", "$a", "{a}", "a%20b", "(a", "a//b", "..", ".a", "a|b", "*", ":a", "/a"] {
            let base_url = BaseUrl::parse(&format!("https://a.example/{path}/")).unwrap();
            assert!(site(&base_url, "/p/public").base_path().is_err(), "{path}");
        }
    }
}
