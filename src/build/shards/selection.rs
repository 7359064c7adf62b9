//! The shards that a task is about: `7`, `3,8-11`, or `auto`, the number that the engine gives to the task.

use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeSet;

/// The variables in which engines give tasks their numbers, all from 0 on: this program's own, Slurm, AWS Batch, Kubernetes.
pub const VARIABLES: [&str; 4] =
    ["IIIF_BUILD_SHARD", "SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"];

/// Numbers of shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(BTreeSet<u32>);

impl Selection {
    /// Reads `text` for a plan with `shards` shards. `variable`: the value of a variable of the environment.
    ///
    /// # Errors
    /// It is no list of numbers, or a number is not one of the plan; or with `auto`, no engine gives a number, or two do.
    pub fn parse(text: &str, shards: u32, variable: impl Fn(&str) -> Option<String>) -> Result<Selection> {
        let refused = |why: String, hint: String| Error::new(ErrorKind::Config, why).with_hint(hint);
        if text != "auto" {
            return Selection::list(text, shards);
        }
        let given =
            VARIABLES.iter().filter_map(|name| Some((*name, variable(name).filter(|value| !value.is_empty())?)));
        match given.collect::<Vec<_>>().as_slice() {
            [(name, value)] => Selection::list(value, shards).map_err(|error| error.with_context(name)),
            [] => Err(refused(
                "no engine gives this task a number".into(),
                format!("say --shard 0, or set one of {}", VARIABLES.join(", ")),
            )),
            several => {
                let names: Vec<_> = several.iter().map(|(name, value)| format!("{name}={value}")).collect();
                Err(refused(
                    format!("two engines give this task a number: {}", names.join(", ")),
                    "unset one of the variables, or say --shard with a number".into(),
                ))
            }
        }
    }

    fn list(text: &str, shards: u32) -> Result<Selection> {
        let refused = |why: String| {
            let last = shards.saturating_sub(1);
            Error::new(ErrorKind::Config, why)
                .with_hint(format!("the plan has the shards 0 to {last}: say 7, or 3,8-11"))
        };
        let number = |text: &str| {
            let number: u32 =
                text.trim().parse().map_err(|_| refused(format!("{text:?} is not the number of a shard")))?;
            if number < shards { Ok(number) } else { Err(refused(format!("there is no shard {number}"))) }
        };
        let mut chosen = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(refused(format!("{part:?} runs backwards")));
            }
            chosen.extend(first..=last);
        }
        Ok(Selection(chosen))
    }

    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }
}

/// Numbers in order as ranges, such as `3,8-11`.
pub fn ranges(numbers: impl IntoIterator<Item = u32>) -> String {
    let numbers: Vec<u32> = numbers.into_iter().collect();
    let runs = numbers.chunk_by(|one, next| one + 1 == *next).filter_map(|run| Some((run.first()?, run.last()?)));
    let runs = runs.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    runs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, variables: &[(&str, &str)]) -> std::result::Result<String, String> {
        let variable =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let parsed = Selection::parse(text, 12, variable);
        parsed.map(|chosen| ranges(chosen.numbers())).map_err(|error| error.to_string())
    }

    #[test]
    fn shards_are_numbers_and_ranges() {
        for (text, expected) in [("7", "7"), ("0-11", "0-11"), ("9,3-5,4", "3-5,9"), (" 1 , 2 ", "1-2")] {
            assert_eq!(parse(text, &[]).unwrap(), expected);
        }
        for text in ["", "12", "3-12", "-1", "5-3", "a", "1,,2", "4294967296", "1-2-3"] {
            assert!(parse(text, &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn auto_is_the_number_of_the_one_engine() {
        assert_eq!(parse("auto", &[("SLURM_ARRAY_TASK_ID", "7")]).unwrap(), "7");
        assert_eq!(parse("auto", &[("JOB_COMPLETION_INDEX", "0"), ("IIIF_BUILD_SHARD", "")]).unwrap(), "0");
        assert!(parse("auto", &[]).unwrap_err().contains("no engine"));
        let two = parse("auto", &[("SLURM_ARRAY_TASK_ID", "7"), ("AWS_BATCH_JOB_ARRAY_INDEX", "7")]).unwrap_err();
        assert!(two.contains("SLURM_ARRAY_TASK_ID=7") && two.contains("AWS_BATCH_JOB_ARRAY_INDEX=7"), "{two}");
        assert!(parse("auto", &[("SLURM_ARRAY_TASK_ID", "99")]).unwrap_err().contains("SLURM_ARRAY_TASK_ID"));
    }
}
