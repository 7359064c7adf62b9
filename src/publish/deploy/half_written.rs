//! Files that a killed deploy to a folder left half written. `object_store` writes `NAME` as `NAME#1` beside it and then
//! renames it. It lists no such names, but a host serves them.

use super::artifact::{Artifact, Artifacts};
use super::deployed::{Deployed, RollbackPoint};
use super::strangers::is_ours;
use super::verify::Owners;
use crate::error::Result;
use crate::storage::store::cannot_write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// See the [module](self).
#[derive(Debug, Default)]
pub struct HalfWritten {
    /// Those beside the place of a file that a deploy of this site puts.
    pub ours: Vec<PathBuf>,
    /// The others, by their paths below the folder: somebody else may have named them so.
    pub strange: Vec<String>,
}

impl HalfWritten {
    /// Looks for them in `folder`, where a deploy goes from `base` to `goal`.
    pub fn find(folder: &Path, goal: &Artifacts, base: &Deployed) -> Result<HalfWritten> {
        let waiting = base.rollback_point.iter().flat_map(RollbackPoint::tombstones);
        let waiting: Vec<(String, Artifact)> =
            base.tombstones.iter().cloned().chain(waiting).map(|one| (one.path, one.artifact)).collect();
        let mut owners = Owners::default();
        goal.iter().chain(&base.artifacts).for_each(|(path, artifact)| owners.add(path, artifact));
        waiting.iter().for_each(|(path, artifact)| owners.add(path, artifact));
        let mut found = HalfWritten::default();
        for file in files(folder).map_err(|error| cannot_write(folder, error))? {
            let of = original(&file).unwrap_or_default();
            if is_ours(of) || owners.owner(of).is_some() {
                found.ours.push(file.split('/').fold(folder.to_path_buf(), |folder, name| folder.join(name)));
            } else {
                found.strange.push(file);
            }
        }
        Ok(found)
    }

    pub fn remove(&self) -> Result<()> {
        self.ours.iter().try_for_each(|file| match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(file, error)),
            _ => Ok(()),
        })
    }
}

/// The path of the file that becomes of `file`.
fn original(file: &str) -> Option<&str> {
    let (of, number) = file.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !of.is_empty() && !of.ends_with('/')).then_some(of)
}

/// All files below `root` with such names, folder by folder. Links are not followed.
fn files(root: &Path) -> io::Result<Vec<String>> {
    let (mut files, mut open) = (vec![], vec![(root.to_path_buf(), String::new())]);
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => open.push((entry.path(), format!("{name}/"))),
                false if original(&name).is_some() => files.push(name),
                false => {}
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::deploy::artifact::fixtures::{image, site};

    #[test]
    fn only_what_lies_beside_the_place_of_a_file_of_the_site_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let image = image(300, 300);
        let tile = image.files("iiif/3/a_1").into_iter().next().unwrap();
        let ours = [format!("{tile}#1"), format!("{tile}#12"), ".iiif-build/pointer.json#1".to_owned()];
        let others = ["notes#1", "a/track #2", ".iiif-build/public.sqlite#1", "b#", "c#x", "#3"];
        for file in ours.iter().map(String::as_str).chain(others) {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let goal = site(&[("iiif/3/a_1", image)]);
        let mut found = HalfWritten::find(folder.path(), &goal, &Deployed::default()).unwrap();
        found.strange.sort_unstable();
        assert_eq!(found.strange, [".iiif-build/public.sqlite#1", "a/track #2", "notes#1"]);
        found.remove().unwrap();
        assert!(ours.iter().all(|file| !folder.path().join(file).exists()));
        assert!(others.iter().all(|file| folder.path().join(file).exists()));
    }
}
