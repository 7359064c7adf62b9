//! The project's own rule for the names of page files: a regular expression with named groups.

use super::MasterRole;
use regex::{Captures, Regex, RegexBuilder};

/// The largest size of a compiled pattern in bytes. One that a person writes needs a few thousand.
const MAX_COMPILED: usize = 1 << 20;

/// The named groups that are allowed.
const GROUPS: [&str; 4] = ["page", "side", "role", "label"];

/// The words that the group `role` may match.
const ROLES: [(MasterRole, [&str; 3]); 5] = [
    (MasterRole::ServiceEdited, ["se", "service", "service-edited"]),
    (MasterRole::MasterEdited, ["me", "edited", "master-edited"]),
    (MasterRole::Master, ["m", "raw", "master"]),
    (MasterRole::Access, ["a", "web", "access"]),
    (MasterRole::Thumbnail, ["t", "thumb", "thumbnail"]),
];

/// See the [module](self). Matching takes time that is linear in the length of the name, whatever the pattern.
#[derive(Debug, Clone)]
pub struct PagePattern(Regex);

/// The parts of a name that a pattern matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternMatch {
    /// The page token: the group `page`, followed by `side`.
    pub token: String,
    /// The kind of master, if the group `role` matched.
    pub role: Option<MasterRole>,
    /// `None`: the label is made from the token.
    pub label: Option<String>,
}

impl PagePattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The pattern does not compile, has no group `page`, or has a group of an unknown name.
    pub fn compile(text: &str) -> Result<PagePattern, String> {
        let compile = |text: &str| RegexBuilder::new(text).size_limit(MAX_COMPILED).build();
        let why = |error: regex::Error| {
            let message = error.to_string();
            let why = message.lines().last().unwrap_or_default().trim();
            format!("it is not a regular expression: {}", why.strip_prefix("error: ").unwrap_or(why))
        };
        // By itself first: `a)|(b` has no meaning of its own, but would have one within brackets.
        compile(text).map_err(why)?;
        let regex = compile(&format!("^(?:{text})$")).map_err(why)?;
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        if let Some(other) = names.iter().find(|name| !GROUPS.contains(name)) {
            return Err(format!("its group {other:?} means nothing; expected one of {}", GROUPS.join(", ")));
        }
        match names.contains(&"page") {
            true => Ok(PagePattern(regex)),
            false => Err("it has no group `page`, as in (?<page>[0-9]+)".into()),
        }
    }

    /// Matches the whole of `stem`. `None`: it does not match, or its role is not one of the known words.
    pub fn read(&self, stem: &str) -> Option<PatternMatch> {
        let found = self.0.captures(stem)?;
        let group = |name| group(&found, name);
        let page = group("page")?;
        let role = match group("role").map(|word| word.to_lowercase().replace('_', "-")) {
            None => None,
            Some(word) => Some(ROLES.iter().find(|(_, words)| words.contains(&word.as_str()))?.0),
        };
        let token = group("side").map_or_else(|| page.to_owned(), |side| format!("{page}_{side}"));
        Some(PatternMatch { token, role, label: group("label").map(str::to_owned) })
    }
}

fn group<'a>(found: &Captures<'a>, name: &str) -> Option<&'a str> {
    found.name(name).map(|found| found.as_str()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_page_side_role_and_label() {
        let pattern =
            PagePattern::compile("MS[0-9]+-f(?<page>[0-9]+)(?<side>[rv])?(?:-(?<role>[a-z]+))?(?: (?<label>.+))?");
        let pattern = pattern.unwrap();
        let read = |stem| pattern.read(stem).map(|found| (found.token, found.role, found.label));
        assert_eq!(read("MS12-f007r-se"), Some(("007_r".into(), Some(MasterRole::ServiceEdited), None)));
        assert_eq!(read("MS12-f008 Titelblatt"), Some(("008".into(), None, Some("Titelblatt".into()))));
        assert_eq!(read("MS12-f008-xx"), None, "a role that is none");
        assert_eq!(read("xMS12-f008"), None, "the whole name is meant");
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused_with_the_reason() {
        for (pattern, why) in [
            ("(?<page>[0-9]+", "unclosed group"),
            ("[0-9]+", "no group `page`"),
            ("(?<page>a)(?<paeg>b)", "\"paeg\""),
            ("(?<page>a))|((?:b)", "unopened"),
            ("(?<page>(?:a{1000}){1000})", "size limit"),
        ] {
            let message = PagePattern::compile(pattern).unwrap_err();
            assert!(message.contains(why), "{pattern}: {message}");
        }
    }
}
