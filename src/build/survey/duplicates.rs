//! Pages whose files hold the same bytes. Only files of the same size are compared. If the last build recorded all
//! their hashes, these are compared and no file is read. Otherwise a sample of each file is compared, and the whole
//! files only where samples agree. In a bucket, files are compared by the store's own version of each; none is fetched
//! for this.

use crate::build::plan::Headers;
use crate::config::Config;
use crate::config::files;
use crate::diagnostics::{Code, Diagnostic, shown_path};
use crate::input::source::ContentSource;
use crate::model::Item;
use crate::storage::fingerprint::{FileStamp, Hash, Hasher, hash_file};
use crate::storage::state::PreviousBuild;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes of a sample, in the middle of a file: headers and margins of scans are alike.
const SAMPLE: u64 = 64 << 10;

/// How many copies a diagnostic names.
const NAMED: usize = 3;

/// A page's file.
#[derive(Clone, Copy)]
struct Page<'a> {
    path: &'a Path,
    item: &'a Item,
    bytes: u64,
    /// As the last build recorded it, if the file did not change.
    recorded: Option<Hash>,
}

/// Returns a diagnostic for each set of equal files. Runs on the current rayon pool.
pub fn find(
    items: &[&Item],
    headers: &Headers,
    config: &Config,
    source: &ContentSource,
    previous: &PreviousBuild,
) -> Vec<Diagnostic> {
    let (hashes, mut seen) = (recorded_hashes(previous), HashSet::new());
    let mut by_size = BTreeMap::<u64, Vec<Page<'_>>>::new();
    for (item, path) in
        items.iter().flat_map(|item| item.pages.iter().filter_map(|page| Some((*item, page.image.as_deref()?))))
    {
        // A list may name one file for several pages; SCAN reports it.
        if !seen.insert(path) {
            continue;
        }
        let Some(stamp) = headers.masters.get(path).and_then(|masters| masters.first()?.stamp) else { continue };
        let recorded = hashes.get(config.relative(path).as_str()).filter(|(then, _)| *then == stamp);
        let recorded = recorded.map(|(_, hash)| *hash);
        by_size.entry(stamp.bytes()).or_default().push(Page { path, item, bytes: stamp.bytes(), recorded });
    }
    let candidates: Vec<Vec<Page<'_>>> = by_size.into_values().filter(|pages| pages.len() > 1).collect();
    let mut sets: Vec<Vec<Page<'_>>> = candidates.into_par_iter().flat_map_iter(|pages| equal(pages, source)).collect();
    sets.sort_by_key(|set| set[0].path);
    sets.iter().map(|set| diagnostic(set)).collect()
}

/// Stamps and hashes of the masters of which images were made, by path.
fn recorded_hashes(previous: &PreviousBuild) -> HashMap<&str, (FileStamp, Hash)> {
    let made = previous.images.values().filter(|record| record.made.is_some());
    made.filter_map(|record| Some((record.source.as_str(), (record.stamp?, record.hash)))).collect()
}

/// The sets of equal files among some of one size.
fn equal<'a>(pages: Vec<Page<'a>>, source: &ContentSource) -> Vec<Vec<Page<'a>>> {
    if source.is_remote() {
        let unknown = || io::Error::from(io::ErrorKind::NotFound);
        return grouped(pages, |page| source.version(page.path).ok_or_else(unknown));
    }
    let alike =
        if is_cheaper_by_sample(&pages) { grouped(pages, |page| sample(page.path, page.bytes)) } else { vec![pages] };
    alike
        .into_iter()
        .flat_map(|pages| grouped(pages, |page| page.recorded.map_or_else(|| hash_file(page.path), Ok)))
        .collect()
}

/// Whether samples of all files are fewer bytes than all of the files that are not recorded. One new scan among thousands is
/// read as a whole; in a first build that is resumed, about half of all scans are not recorded.
fn is_cheaper_by_sample(pages: &[Page<'_>]) -> bool {
    let whole: u64 = pages.iter().filter(|page| page.recorded.is_none()).map(|page| page.bytes).sum();
    whole > pages.len() as u64 * SAMPLE
}

/// Groups of more than one file with the same `key`. A file that cannot be read is in no group; PROBE or TILE reports it.
fn grouped<'a>(pages: Vec<Page<'a>>, key: impl Fn(&Page<'a>) -> io::Result<Hash> + Sync) -> Vec<Vec<Page<'a>>> {
    let keys: Vec<io::Result<Hash>> = pages.par_iter().map(&key).collect();
    let mut groups = HashMap::<Hash, Vec<Page<'a>>>::new();
    for (page, key) in pages.into_iter().zip(keys) {
        if let Ok(key) = key {
            groups.entry(key).or_default().push(page);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn sample(path: &Path, bytes: u64) -> io::Result<Hash> {
    let mut file = files::open(path)?;
    file.seek(SeekFrom::Start((bytes / 2).saturating_sub(SAMPLE / 2)))?;
    let mut hasher = Hasher::new();
    hasher.update_reader(file.take(SAMPLE))?;
    Ok(Hash::from(&hasher.finalize()))
}

fn diagnostic(set: &[Page<'_>]) -> Diagnostic {
    let paths: Vec<PathBuf> = set.iter().map(|page| page.path.to_path_buf()).collect();
    let items: BTreeSet<&str> = set.iter().map(|page| page.item.path.as_str()).collect();
    let code = if items.len() < set.len() { Code::Duplicate } else { Code::DuplicateElsewhere };
    let others: Vec<String> = paths.iter().skip(1).take(NAMED).map(|path| shown_path(path)).collect();
    let more = paths.len().saturating_sub(NAMED + 1);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let diagnostic = Diagnostic::new(code, format!("the same bytes as {}{more}", others.join(", "))).with_paths(paths);
    diagnostic.with_hint("was one page copied over another, or one scan filed twice?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::SitePath;
    use crate::model::settings::ImageSettings;
    use crate::model::{Description, ItemId};

    #[test]
    fn masters_that_are_recorded_are_compared_without_being_there() {
        let item = Item {
            id: ItemId("a".into()),
            path: SitePath::root().join("a"),
            folder: PathBuf::from("a"),
            description: Description::default(),
            images: ImageSettings::default(),
            pdf: None,
            pages: vec![],
            companions: vec![],
            annotations: vec![],
            files: vec![],
            doubt: None,
        };
        let page = |name: &'static str, byte| Page {
            path: Path::new(name),
            item: &item,
            bytes: 9,
            recorded: Some(Hash([byte; 16])),
        };
        let sets = equal(vec![page("no/1", 1), page("no/2", 2), page("no/3", 1)], &ContentSource::Folder);
        let names: Vec<&str> = sets[0].iter().filter_map(|page| page.path.to_str()).collect();
        assert_eq!((sets.len(), names), (1, vec!["no/1", "no/3"]));
    }
}
