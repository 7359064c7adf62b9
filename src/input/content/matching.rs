//! Which file of an item each page of a list is.
//!
//! A list names files by path, by name, or by a name with another ending. Lists that were made for a server often name none of
//! the files that are here: their addresses have a query or are bare numbers. Then files are taken by the ids that the list
//! gives them, else by number, else in their order if there are as many. A file that the list withholds must not be taken
//! for another: if there are some, only names and ids count.

use super::naming::{last_segment, natural_order, without_ending};
use crate::model::RecordPage;
use crate::model::address::normalised;
use std::collections::{HashMap, HashSet};

/// Segments from the end of a path that are compared.
const MAX_SEGMENTS: usize = 8;

/// Runs of digits from the end of a name that are compared.
const MAX_RUNS: usize = 8;

/// Words in names of folders with small or reduced copies. Of files with one name, others are taken first.
const DERIVED: [&str; 10] =
    ["thumb", "thumbs", "thumbnail", "thumbnails", "min", "small", "preview", "previews", "bin", "derivatives"];

/// See [`pages`].
#[derive(Debug, PartialEq, Eq)]
pub struct Matches {
    pub way: Way,
    /// One for each page of the list.
    pub files: Vec<Option<Matched>>,
    /// How the list and the folder name a file whose capitals differ.
    pub other_case: Option<(String, usize)>,
}

/// How the files were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Names,
    Ids,
    Numbers,
    Order,
}

/// The index of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    First(usize),
    /// The list names the file again.
    Again(usize),
}

impl Matched {
    pub fn index(self) -> usize {
        match self {
            Matched::First(index) | Matched::Again(index) => index,
        }
    }
}

impl Matches {
    /// How many pages have a file.
    pub fn count(&self) -> usize {
        self.files.iter().flatten().count()
    }
}

/// Finds the files of the pages in a list. `files` are paths below the item's folder. `None`: nothing shows which of them
/// the list is about.
pub fn pages(listed: &[RecordPage], files: &[String], is_partial: bool) -> Option<Matches> {
    let matches = by_name(listed, files);
    let is_elsewhere = listed.iter().any(|page| !page.file_ids.is_empty());
    if matches.count() > 0 || !is_elsewhere || files.is_empty() {
        return Some(matches);
    }
    let groups = Group::of(files);
    let by_id = found(Way::Ids, by_id(listed, &groups));
    if is_partial {
        return Some(by_id.unwrap_or(matches));
    }
    by_id
        .or_else(|| found(Way::Numbers, by_number(listed, &groups)?))
        .or_else(|| found(Way::Order, by_order(listed, &groups)?))
}

fn found(way: Way, files: Vec<Option<usize>>) -> Option<Matches> {
    let mut taken = HashSet::new();
    let mut as_matched = |index: usize| match taken.insert(index) {
        true => Matched::First(index),
        false => Matched::Again(index),
    };
    let files: Vec<Option<Matched>> = files.into_iter().map(|file| file.map(&mut as_matched)).collect();
    let matches = Matches { way, files, other_case: None };
    (matches.count() > 0).then_some(matches)
}

/// A name that only resembles that of a file which is listed already (`0007.jpg` where only `0007.tif` is there) names no
/// file.
fn by_name(listed: &[RecordPage], files: &[String]) -> Matches {
    let index = Index::of(files);
    let mut listed_as: HashMap<usize, &str> = HashMap::new();
    let mut matches = Matches { way: Way::Names, files: vec![], other_case: None };
    for page in listed {
        let names =
            page.file.iter().chain(&page.versions).map(String::as_str).filter(|name| !is_bare_number(name, page));
        let (derived, names): (Vec<&str>, Vec<&str>) = names.partition(|name| is_derived(name));
        let found =
            index.find(&names).or_else(|| index.find(&derived)).and_then(|Found { name, file, is_other_case }| {
                if is_other_case && matches.other_case.is_none() {
                    matches.other_case = Some((name.to_owned(), file));
                }
                let path = files.get(file)?;
                match listed_as.get(&file) {
                    None => {
                        listed_as.insert(file, name);
                        Some(Matched::First(file))
                    }
                    Some(first) if *first == name || path == name || last_segment(path) == name => {
                        Some(Matched::Again(file))
                    }
                    Some(_) => None,
                }
            });
        matches.files.push(found);
    }
    matches
}

/// The files by the ends of their paths, with and without the ending of the name.
#[derive(Default)]
struct Index {
    paths: HashMap<String, usize>,
    ends: HashMap<String, usize>,
    stems: HashMap<String, usize>,
    /// Stems in lower case.
    lower: HashMap<String, usize>,
}

struct Found<'n> {
    name: &'n str,
    file: usize,
    is_other_case: bool,
}

impl Index {
    fn of(files: &[String]) -> Index {
        let mut index = Index::default();
        for file in in_preference(files) {
            let path = normalised(&files[file]);
            index.lower.entry(without_ending(last_segment(&path)).to_lowercase()).or_insert(file);
            for end in ends(&path) {
                index.ends.entry(end.to_owned()).or_insert(file);
                index.stems.entry(without_ending(end).to_owned()).or_insert(file);
            }
            if let Some(plain) = without_uuid(&path) {
                for end in ends(&plain) {
                    index.stems.entry(without_ending(end).to_owned()).or_insert(file);
                }
            }
            index.paths.insert(path, file);
        }
        index
    }

    /// The file of a page by the first of its `names` that finds one. Whole paths hold before ends of paths, and these before
    /// names with another ending.
    fn find<'n>(&self, names: &[&'n str]) -> Option<Found<'n>> {
        let by = |find: &dyn Fn(&str) -> Option<usize>, is_other_case: bool| {
            names.iter().find_map(|name| find(&normalised(name)).map(|file| Found { name, file, is_other_case }))
        };
        by(&|name| self.paths.get(name).copied(), false)
            .or_else(|| by(&|name| ends(name).find_map(|end| self.ends.get(end)).copied(), false))
            .or_else(|| by(&|name| ends(name).find_map(|end| self.stems.get(without_ending(end))).copied(), false))
            .or_else(|| by(&|name| self.lower.get(&without_ending(last_segment(name)).to_lowercase()).copied(), true))
    }
}

/// A path and its ends, the longest first: `a/b/c`, `b/c`, `c`.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.rmatch_indices('/').map(|(at, _)| at + 1).take(MAX_SEGMENTS - 1);
    let mut starts: Vec<usize> = starts.collect();
    if starts.len() < MAX_SEGMENTS - 1 {
        starts.push(0);
    }
    starts.into_iter().rev().filter_map(|start| path.get(start..))
}

/// Archivematica puts a UUID before the names of the files in a DIP.
fn without_uuid(path: &str) -> Option<String> {
    let name = last_segment(path);
    let (uuid, rest) = name.split_at_checked(37)?;
    let is_uuid = uuid.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 | 36 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let folder = &path[..path.len() - name.len()];
    (is_uuid && !rest.is_empty()).then(|| format!("{folder}{rest}"))
}

/// Whether the name of a file that lies elsewhere is a number of the server's: that it is also the name of a file here says
/// nothing.
fn is_bare_number(name: &str, page: &RecordPage) -> bool {
    !page.file_ids.is_empty() && last_segment(name).bytes().all(|byte| byte.is_ascii_digit())
}

fn is_derived(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_lowercase();
    folder.split(|c: char| !c.is_alphanumeric()).any(|word| DERIVED.contains(&word))
}

/// The indexes of files, those in folders with reduced copies last.
fn in_preference(files: &[String]) -> Vec<usize> {
    let (derived, mut all): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|file| is_derived(&files[*file]));
    all.extend(derived);
    all
}

/// Files with the same stem: the same page in several formats or sizes.
struct Group {
    stem: String,
    /// The file that is taken.
    file: usize,
}

impl Group {
    /// In natural order of the stems.
    fn of(files: &[String]) -> Vec<Group> {
        let mut known = HashSet::new();
        let stem = |file: usize| normalised(without_ending(last_segment(&files[file])));
        let all = in_preference(files).into_iter().map(|file| Group { stem: stem(file), file });
        let mut groups: Vec<Group> = all.filter(|group| known.insert(group.stem.clone())).collect();
        groups.sort_by(|a, b| natural_order(&a.stem, &b.stem));
        groups
    }
}

fn by_id(listed: &[RecordPage], groups: &[Group]) -> Vec<Option<usize>> {
    let files: HashMap<&str, usize> = groups.iter().map(|group| (group.stem.as_str(), group.file)).collect();
    listed.iter().map(|page| page.file_ids.iter().find_map(|id| files.get(id.as_str()).copied())).collect()
}

/// By the numbers in names, else in ids. Each file must have a page.
fn by_number(listed: &[RecordPage], groups: &[Group]) -> Option<Vec<Option<usize>>> {
    let stems: Vec<&str> = groups.iter().map(|group| group.stem.as_str()).collect();
    let files: HashMap<u64, usize> = numbers(&stems)?.into_iter().zip(groups.iter().map(|group| group.file)).collect();
    let pages: Vec<usize> = (0..listed.len()).filter(|page| listed[*page].file.is_some()).collect();
    let name = |page: &usize| listed[*page].file.as_deref().map(last_segment).unwrap_or_default();
    let id = |page: &usize| listed[*page].file_ids.first().map(String::as_str).unwrap_or_default();
    let of_names = pages.iter().map(name).map(without_ending).collect::<Vec<_>>();
    [of_names, pages.iter().map(id).collect()].iter().find_map(|names| {
        let numbers = numbers(names)?;
        let known: HashSet<u64> = numbers.iter().copied().collect();
        files.keys().all(|number| known.contains(number)).then(|| {
            let mut found = vec![None; listed.len()];
            for (page, number) in pages.iter().zip(numbers) {
                found[*page] = files.get(&number).copied();
            }
            found
        })
    })
}

fn by_order(listed: &[RecordPage], groups: &[Group]) -> Option<Vec<Option<usize>>> {
    let mut files = groups.iter().map(|group| group.file);
    let count = listed.iter().filter(|page| page.file.is_some()).count();
    (count == groups.len()).then(|| listed.iter().map(|page| page.file.as_ref().and_then(|_| files.next())).collect())
}

/// The numbers that tell names apart: of each name the run of digits at the same place from its end. `None`: no run is
/// different in all of them.
fn numbers(names: &[&str]) -> Option<Vec<u64>> {
    let runs: Vec<Vec<u64>> = names.iter().map(|name| runs(name)).collect();
    (0..MAX_RUNS).find_map(|at| {
        let numbers: Vec<u64> = runs.iter().map(|runs| runs.get(at).copied()).collect::<Option<_>>()?;
        let distinct: HashSet<u64> = numbers.iter().copied().collect();
        (distinct.len() == numbers.len()).then_some(numbers)
    })
}

/// The runs of digits in a name, the last first.
fn runs(name: &str) -> Vec<u64> {
    let runs = name.rsplit(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    runs.take(MAX_RUNS).map_while(|run| run.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages `file|version id` of a list, and the files that they are.
    fn matched(listed: &[&str], files: &[&str], is_partial: bool) -> Option<(Way, Vec<Option<String>>)> {
        let page = |written: &&str| {
            let (names, id) = written.split_once(' ').unwrap_or((written, ""));
            let mut names = names.split('|').map(str::to_owned);
            let file_ids = if id.is_empty() { vec![] } else { vec![id.to_owned()] };
            RecordPage { file: names.next(), versions: names.collect(), file_ids, ..RecordPage::default() }
        };
        let listed: Vec<RecordPage> = listed.iter().map(page).collect();
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let Matches { way, files: found, .. } = pages(&listed, &files, is_partial)?;
        Some((way, found.iter().map(|found| Some(files[found.as_ref()?.index()].clone())).collect()))
    }

    fn all(files: &[&str]) -> Vec<Option<String>> {
        files.iter().map(|file| Some((*file).to_owned())).collect()
    }

    #[test]
    fn the_best_version_that_is_there_is_taken() {
        let listed = ["tif/1.tif|jpg/1.jpg|thumbs/1.jpg", "tif/2.tif|jpg/2.jpg|thumbs/2.jpg"];
        let found = |files: &[&str]| matched(&listed, files, false).unwrap().1;
        let thumbs = ["thumbs/1.jpg", "thumbs/2.jpg", "jpg/1.jpg", "jpg/2.jpg"];
        assert_eq!(found(&thumbs), all(&["jpg/1.jpg", "jpg/2.jpg"]));
        assert_eq!(found(&["thumbs/1.jpg", "a/x_jpg/1.jpg", "tif/2.tif"]), all(&["a/x_jpg/1.jpg", "tif/2.tif"]));
        assert_eq!(found(&["min/1.png", "max/1.png"]), [Some("max/1.png".to_owned()), None]);
    }

    #[test]
    fn files_are_found_through_the_names_that_archivematica_gives_them_and_in_other_capitals() {
        let dip = ["objects/0f3a1c52-1111-4222-8333-944445555666-map.jpg"];
        assert_eq!(matched(&["objects/map.tif"], &dip, false).unwrap().1, all(&dip));
        assert_eq!(matched(&["IMG_1.TIF"], &["img_1.tif"], false).unwrap().1, all(&["img_1.tif"]));
    }

    #[test]
    fn opaque_lists_are_matched_by_id_then_number_then_order() {
        let files = ["F_0001_A.jpg", "F_0002_A.jpg"];
        let way = |listed: &[&str], is_partial| matched(listed, &files, is_partial);
        assert_eq!(way(&["x/77 F_0002_A", "x/78 F_0001_A"], true), Some((Way::Ids, all(&[files[1], files[0]]))));
        assert_eq!(way(&["v/2.jpg a", "v/1.jpg b"], false), Some((Way::Numbers, all(&[files[1], files[0]]))));
        assert_eq!(way(&["x/77 P2", "x/78 P1"], false), Some((Way::Numbers, all(&[files[1], files[0]]))));
        assert_eq!(way(&["x/77 a", "x/78 b"], false), Some((Way::Order, all(&files))));
        assert_eq!(way(&["x/77 a", "x/78 b", "x/79 c"], false), None);
        // One of the files may be the one that is withheld.
        assert_eq!(way(&["x/77 a", "x/78 b"], true), Some((Way::Names, vec![None, None])));
    }

    #[test]
    fn a_list_of_paths_is_never_guessed() {
        assert_eq!(matched(&["c.jpg", "d.jpg"], &["a.jpg", "b.jpg"], false), Some((Way::Names, vec![None, None])));
    }
}
