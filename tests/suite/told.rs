//! One `iiif-build build` of the program, and what it told with `--log json`.

use crate::project::Project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Reasons by path of what was made.
pub type Made = BTreeMap<String, Vec<String>>;

pub struct Told {
    pub code: Option<i32>,
    /// All of standard error.
    pub said: String,
    events: Vec<Value>,
}

impl Told {
    /// Builds `project` with further `arguments`.
    pub fn by(project: &Project, arguments: &[&str]) -> Told {
        let arguments = [&["build", "--log", "json"], arguments].concat();
        let output = project.command(&arguments).output().unwrap();
        Told::new(output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Of what a build said that may have been cut short in the middle of a line.
    pub fn new(code: Option<i32>, said: String) -> Told {
        let events = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Told { code, said, events }
    }

    /// The same, and nothing failed.
    pub fn well(self) -> Told {
        assert_eq!(self.code, Some(0), "{}", self.said);
        self
    }

    pub fn events(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(move |event| event["event"] == kind)
    }

    /// What was made of a kind (`image`, `documents`, `pages`), and why.
    pub fn made(&self, what: &str) -> Made {
        let words =
            |why: &Value| why.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
        let made = self.events("made").filter(|event| event["what"] == what);
        made.map(|event| (event["path"].as_str().unwrap().to_owned(), words(&event["why"]))).collect()
    }

    /// The ids of the images that were cut.
    pub fn images(&self) -> BTreeSet<String> {
        self.made("image").into_keys().map(|path| path.strip_prefix("iiif/3/").unwrap_or(&path).to_owned()).collect()
    }

    pub fn warnings(&self) -> Vec<&str> {
        self.events("warning").filter_map(|event| event["text"].as_str()).collect()
    }

    pub fn made_nothing(&self) -> bool {
        self.events("made").next().is_none()
    }
}
