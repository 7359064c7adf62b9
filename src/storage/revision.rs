//! The commit of a project's Git repository. Its files are read; Git is not run, so that nothing that a repository names
//! is run either.

use std::fs;
use std::path::{Path, PathBuf};

/// How many links lead from `HEAD` to a commit at most.
const MAX_LINKS: usize = 5;

/// The commit that is checked out in the repository around `folder`. `None`: there is none, or its files have a form
/// that is not known.
pub fn head(folder: &Path) -> Option<String> {
    let folder = fs::canonicalize(folder).ok()?;
    let repository = folder.ancestors().find_map(repository)?;
    // A worktree has its own HEAD, and shares its branches with others.
    let shared = fs::read_to_string(repository.join("commondir")).ok();
    let shared = shared.map_or_else(|| repository.clone(), |path| repository.join(path.trim_end()));
    let mut name = fs::read_to_string(repository.join("HEAD")).ok()?;
    for _ in 0..MAX_LINKS {
        let Some(branch) = name.strip_prefix("ref:").map(|branch| branch.trim().to_owned()) else { break };
        if branch.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return None;
        }
        let loose = [&repository, &shared].into_iter().find_map(|at| fs::read_to_string(at.join(&branch)).ok());
        name = loose.or_else(|| packed(&shared, &branch))?;
    }
    commit(name.trim())
}

/// The folder `.git` in `folder`, or the one that a file of this name leads to.
fn repository(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let link = fs::read_to_string(&git).ok()?;
    Some(folder.join(link.strip_prefix("gitdir:")?.trim()))
}

fn packed(repository: &Path, branch: &str) -> Option<String> {
    let list = fs::read_to_string(repository.join("packed-refs")).ok()?;
    list.lines()
        .find_map(|line| line.split_once(' ').filter(|(_, name)| *name == branch))
        .map(|(commit, _)| commit.into())
}

fn commit(text: &str) -> Option<String> {
    let is_one = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_found_loose_packed_detached_and_in_a_worktree() {
        let folder = tempfile::tempdir().unwrap();
        let (root, git) = (folder.path().join("repo/project"), folder.path().join("repo/.git"));
        let [one, two, three] = ["1", "2", "3"].map(|digit| digit.repeat(40));
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(&root).unwrap();
        assert_eq!(head(&root), None);
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git.join("packed-refs"), format!("# pack-refs\n{one} refs/heads/main\n")).unwrap();
        assert_eq!(head(&root), Some(one));
        fs::write(git.join("refs/heads/main"), format!("{two}\n")).unwrap();
        assert_eq!(head(&root), Some(two.clone()));
        let (tree, own) = (folder.path().join("tree"), git.join("worktrees/tree"));
        fs::create_dir_all(&tree).unwrap();
        fs::create_dir_all(&own).unwrap();
        fs::write(tree.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        fs::write(own.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(head(&tree), Some(two));
        fs::write(git.join("HEAD"), &three).unwrap();
        assert_eq!(head(&root), Some(three));
        fs::write(git.join("HEAD"), "ref: ../../../etc/passwd\n").unwrap();
        assert_eq!(head(&root), None);
    }
}
