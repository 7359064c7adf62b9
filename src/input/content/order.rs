//! The order of a collection's members: as its description says; else that in which a table or a finding aid has them;
//! else that of their folders' names.

use super::Scan;
use super::description::COLLECTION_FILE;
use super::folder::Folder;
use super::members::names;
use super::names::Names;
use super::naming::file_name;
use super::records::{Inherited, RecordFile};
use crate::diagnostics::{Code, Diagnostic};
use crate::model::{Member, MemberOrder, OrderBy};

/// Without a setting a file orders the members only if it has records of more than this share of them: `1 / SHARE`. One that
/// has rows without a key does not: nobody knows where those members stand.
const SHARE: usize = 2;

impl Scan<'_> {
    /// Orders the members of the collection in `folder`, which are in the order of their folders' names. Members that a list
    /// or a file does not have stand behind the others.
    pub(super) fn sort_members(
        &mut self,
        members: &mut Vec<Member>,
        folder: &Folder,
        order: Option<&MemberOrder>,
        inherited: Inherited<'_>,
    ) {
        let places = match order {
            Some(MemberOrder::By(OrderBy::Name)) => return,
            Some(MemberOrder::Listed(names)) => self.as_listed(members, names, folder),
            Some(MemberOrder::By(by)) => {
                let is_wanted = |file: &&RecordFile| file.is_xml() == (*by == OrderBy::FindingAid);
                let file = inherited.all_files().into_iter().filter(is_wanted).find(|file| known(file, members) > 0);
                if file.is_none() && !members.is_empty() {
                    self.diagnostics.push(without_file(*by, folder));
                }
                file.map(|file| in_file(file, members)).unwrap_or_default()
            }
            None => {
                let orders = |file: &&RecordFile| file.is_whole() && known(file, members) * SHARE > members.len();
                let file = inherited.all_files().into_iter().find(orders);
                file.map(|file| in_file(file, members)).unwrap_or_default()
            }
        };
        if places.len() == members.len() {
            let mut placed: Vec<(usize, Member)> = places.into_iter().zip(members.drain(..)).collect();
            placed.sort_by_key(|(place, _)| *place);
            members.extend(placed.into_iter().map(|(_, member)| member));
        }
    }

    /// The places of members in a list of their folders. A name in it that is of no folder is a warning.
    fn as_listed(&mut self, members: &[Member], listed: &[String], folder: &Folder) -> Vec<usize> {
        let mut wanted = Names::default();
        listed.iter().enumerate().for_each(|(at, name)| wanted.add(name, at));
        let place = |member: &Member| {
            let names = names_of(member);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            wanted.find_any(&names).copied().unwrap_or(usize::MAX)
        };
        let places = members.iter().map(place).collect();
        let mut there = Names::default();
        let inner = folder.folders.iter().map(|inner| inner.name.clone());
        inner.chain(members.iter().flat_map(names_of)).for_each(|name| there.add(&name, ()));
        let unknown: Vec<&String> = listed.iter().filter(|name| there.find(name).is_none()).collect();
        let path = folder.path.join(COLLECTION_FILE);
        self.diagnostics.extend(wanted.guessed(&path));
        self.diagnostics.extend(unknown.first().map(|name| {
            let more = if unknown.len() > 1 { format!(" and {} more", unknown.len() - 1) } else { String::new() };
            let message = format!("`order` names {name:?}{more}, and there is no such folder");
            Diagnostic::new(Code::Metadata, message).with_path(&path).with_hint("write the names of folders")
        }));
        places
    }
}

fn without_file(by: OrderBy, folder: &Folder) -> Diagnostic {
    let what = if by == OrderBy::Table { "table" } else { "finding aid" };
    let message = format!("`order` asks for the order of a {what}, and no {what} describes the members");
    let diagnostic = Diagnostic::new(Code::Metadata, message).with_path(folder.path.join(COLLECTION_FILE));
    diagnostic.with_hint("they stand in the order of their names; `order` can also be a list of folders")
}

/// How many of the members a file has records of.
fn known(file: &RecordFile, members: &[Member]) -> usize {
    members.iter().filter(|member| file.same_place(&names_of(member)).is_some()).count()
}

fn in_file(file: &RecordFile, members: &[Member]) -> Vec<usize> {
    members.iter().map(|member| file.same_place(&names_of(member)).unwrap_or(usize::MAX)).collect()
}

fn names_of(member: &Member) -> Vec<String> {
    match member {
        Member::Item(item) => names(&item.path, &file_name(&item.folder)),
        Member::Collection(collection) => names(&collection.path, &file_name(&collection.folder)),
    }
}
