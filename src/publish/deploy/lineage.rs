//! Whether what was built comes after what was published, by the history of the project's Git repository.
//!
//! Git answers from the repository alone: it fetches nothing, asks for nothing, and runs no program that the repository
//! names. Without Git, or without a repository, nothing is known.

use std::path::Path;
use std::process::{Command, Stdio};

/// The place of one commit in the history of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// The build contains what was published.
    Descends,
    /// The build is of an older or of another line.
    Differs,
    Unknown,
}

/// A commit, and its time in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Dated<'a> {
    pub commit: &'a str,
    pub time: Option<i64>,
}

/// Compares `ours`, a commit of the repository around `root`, with the one that was `published`.
///
/// The same commit proves nothing, because scans and records are often not in the repository. In a shallow clone, as CI
/// makes it, the commit that was published is often not there: then the later commit counts as the descendant.
pub fn lineage(root: &Path, ours: Dated<'_>, published: Dated<'_>) -> Lineage {
    if ours.commit == published.commit || ![ours.commit, published.commit].into_iter().all(is_commit) {
        return Lineage::Unknown;
    }
    let Some(is_shallow) = ask(root, &["rev-parse", "--is-shallow-repository"]) else { return Lineage::Unknown };
    let is_ancestor = git(root, &["merge-base", "--is-ancestor", published.commit, ours.commit]).status();
    match is_ancestor {
        Ok(status) if status.success() => Lineage::Descends,
        Ok(_) if is_shallow != "true" => Lineage::Differs,
        Ok(_) if ours.time.zip(published.time).is_some_and(|(ours, theirs)| ours > theirs) => Lineage::Descends,
        _ => Lineage::Unknown,
    }
}

/// The time of a commit of the repository around `root`, in seconds since 1970.
pub fn time_of(root: &Path, commit: &str) -> Option<i64> {
    if !is_commit(commit) {
        return None;
    }
    ask(root, &["show", "--no-patch", "--format=%ct", commit])?.parse().ok()
}

/// A commit from a target is text that anybody may have written.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ask(root: &Path, arguments: &[&str]) -> Option<String> {
    let answer = git(root, arguments).output().ok().filter(|answer| answer.status.success())?;
    Some(String::from_utf8(answer.stdout).ok()?.trim().to_owned())
}

fn git(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // Inside a hook of Git these variables lead to another repository.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
        command.env_remove(variable);
    }
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    command
        .args(["-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.hooksPath=/dev/null", "-C"])
        .arg(root)
        .args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}
