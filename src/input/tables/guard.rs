//! Cells that a spreadsheet program would change or run: written with an apostrophe before them, and read without it.
//!
//! A formula in a file's name must not run when somebody opens the list, and page `0007` must not come back as `7`,
//! nor `1-2` as a date.

/// A spreadsheet takes so many digits as they are.
const MAX_DIGITS: usize = 15;

/// The cell to write for `text`.
pub fn guarded(text: &str) -> String {
    if needs_guard(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text that a cell was written for.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| needs_guard(text)).unwrap_or(cell)
}

fn needs_guard(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\''])
        || text.trim() != text
        || (is_like_number(text) && !is_plain_number(text))
}

/// What may be taken for a number, a date or a time.
fn is_like_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_digit() || ".,-/: eE+%".contains(c))
}

fn is_plain_number(text: &str) -> bool {
    let is_short = text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    is_short && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_would_change_is_guarded_and_nothing_else() {
        for text in ["=1+1", "@SUM(A1)", "+x", "-x", "'x", " x", "\tx", "0007", "1-2", "1/2", "1E5", "1234567890123456"]
        {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "0", "7", "1784", "7r", "0007_recto", "Titel", "fol. 1", "日本", "x=1"] {
            assert_eq!(guarded(text), text);
        }
        assert_eq!(unguarded("'68 was a year"), "'68 was a year", "an apostrophe of somebody's own stays");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[-'=+@0-9 .eé]{0,6}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text);
        }
    }
}
