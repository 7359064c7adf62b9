//! The order in which the characters of a word stand on the page. PDF shows text from left to right, so a word of a script
//! that is written from right to left is shown from its end, as other programs do, and readers turn it round again.
//! `ReversedChars` (ISO 32000-1, 14.8.2.3.3) is not used: some readers lose the text behind it. The structure holds the text
//! of such a paragraph as it is read.

/// Whether the first letter of `word` is of a script that is written from right to left.
pub fn is_right_to_left(word: &str) -> bool {
    word.chars().find(|c| c.is_alphabetic() || is_of_such_script(*c)).is_some_and(is_of_such_script)
}

/// The characters of a word that is written from right to left, as they stand from left to right: numbers and words of
/// other scripts in it keep their order.
pub fn visual(word: &str) -> Vec<char> {
    let mut characters: Vec<char> = word.chars().collect();
    characters.reverse();
    let keeps_order = |c: char| c.is_numeric() || (c.is_alphabetic() && !is_of_such_script(c));
    for run in characters.chunk_by_mut(|one, next| keeps_order(*one) == keeps_order(*next)) {
        if keeps_order(run[0]) {
            run.reverse();
        }
    }
    characters
}

/// The blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their like (Unicode, bidirectional classes R and AL), without
/// their digits.
fn is_of_such_script(c: char) -> bool {
    let is_in_block = matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' |
        '\u{1e800}'..='\u{1efff}');
    is_in_block && !c.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(word: &str) -> String {
        visual(word).into_iter().collect()
    }

    #[test]
    fn the_first_letter_tells_the_direction() {
        assert!(is_right_to_left("(שלום") && is_right_to_left("12שלום") && is_right_to_left("سلام"));
        assert!(!is_right_to_left("1844") && !is_right_to_left("٤٢") && !is_right_to_left("a שלום"));
    }

    #[test]
    fn numbers_keep_their_order_in_a_word_that_is_turned_round() {
        assert_eq!(shown("אבג"), "גבא");
        assert_eq!(shown("א123ב"), "ב123א");
        assert_eq!(shown("א-pdf"), "pdf-א");
        assert_eq!(shown("ב٤٢"), "٤٢ב");
    }
}
