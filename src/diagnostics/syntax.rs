//! What is wrong with the form of a TOML, YAML or JSON file, in words for people who write metadata, with the right form.

/// Longest part of a line that is shown.
const LONGEST: usize = 60;

/// A mistake in the form of the TOML file `text`: the `message` of the parser about the byte `at`, in plain words.
pub fn of_toml(message: &str, text: &str, at: usize) -> String {
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let line = line_of(text, at);
    let inside = match what {
        "invalid basic string" | "invalid literal string" if !wanted.contains("characters") => {
            return format!("the closing quotation mark {} of this text is missing", wanted.trim_matches('`'));
        }
        "string values must be quoted"
        | "invalid float"
        | "invalid boolean"
        | "invalid value"
        | "invalid mantissa"
        | "missing value" => {
            return unquoted(line);
        }
        "key with no value" => return no_equals_sign(line),
        "unexpected leading zero" => {
            return "a number cannot begin with 0; write it in quotation marks, such as \"0001\"".to_owned();
        }
        "invalid date" | "invalid time" | "invalid datetime" => {
            let wanted = if wanted.is_empty() { String::new() } else { format!(": expected {wanted}") };
            return format!("there is no such date{wanted}; write for example 2030-01-31");
        }
        "missing escaped value" | "too few unicode value digits" => {
            "a backslash has a special meaning here; write the text in single quotation marks, such as 'C:\\scans'"
        }
        "invalid basic string" | "invalid literal string" => "this text has a control character, which is not allowed",
        "missing value for key" => return unquoted(line),
        "extra `=`" | "extra assignment between key-value pairs" => "there is one `=` too many",
        "missing assignment between key-value pairs" => {
            "`=` is missing between key and value, as in label = \"Letter\""
        }
        "unclosed table" => return unclosed(line, "]"),
        "unclosed array table" => return unclosed(line, "]]"),
        "unclosed array" => "the closing ] of this list is missing, as in [\"one\", \"two\"]",
        "missing comma between array elements" => {
            "a comma is missing between two values of this list, or the closing ] before, as in [\"one\", \"two\"]"
        }
        "extra comma in array" | "extra comma in inline table" => "there is one comma too many",
        "unexpected `=` in array" => "a list has no keys; its closing ] may be missing, as in [\"one\", \"two\"]",
        "unclosed inline table" => "the closing } is missing, as in { en = \"Letter\", fr = \"Lettre\" }",
        "missing comma between key-value pairs"
        | "missing key for inline table element"
        | "invalid inline table element" => {
            "expected keys and values with commas between them, as in { en = \"Letter\", fr = \"Lettre\" }"
        }
        "unquoted keys cannot be empty" => "the key before `=` is missing, as in label = \"Letter\"",
        "invalid unquoted key" => {
            "this key needs quotation marks, because it has other characters than a-z, 0-9, - and _, as in \"Umfang (Seiten)\" = \"4\""
        }
        "duplicate key" => "this key is here twice; keep one of them",
        "unexpected key or value" | "unexpected content" => {
            "there is something after the value; each key needs a line of its own, and a text its quotation marks"
        }
        "carriage return must be followed by newline" => {
            "the file has line ends that TOML does not know; save it with others"
        }
        "cannot recurse further; max recursion depth met" => "lists or tables are nested too deep",
        _ if what.starts_with("invalid ") && line.contains('=') => return unquoted(line),
        _ => return format!("this is not correct TOML: {message}"),
    };
    inside.to_owned()
}

/// The line of `text` in which the byte `at` is.
fn line_of(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or(text);
    // At the end of a file the line before is meant.
    let before = if at >= text.len() { before.trim_end_matches(['\r', '\n']) } else { before };
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// A line whose value is not in quotation marks, or has none.
fn unquoted(line: &str) -> String {
    const ADVICE: &str = "a text must be in quotation marks";
    let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
        return format!("{ADVICE}, as in label = \"Letter\"");
    };
    let is_typographic = |letter: char| "\u{201c}\u{201d}\u{201e}\u{2018}\u{2019}\u{201a}\u{ab}\u{bb}".contains(letter);
    let plain = value.trim_matches(|letter: char| is_typographic(letter) || letter == '"');
    let is_shown = plain.chars().all(|letter| !"[]{}\"#\\,".contains(letter)) && line.len() <= LONGEST;
    match plain.to_lowercase().as_str() {
        "" => return format!("there is no value after `=`; write for example {} = \"Letter\"", short(key)),
        "yes" | "on" | "true" => {
            return format!("write true in small letters, or a text in quotation marks: {} = true", short(key));
        }
        "no" | "off" | "false" => {
            return format!("write false in small letters, or a text in quotation marks: {} = false", short(key));
        }
        _ => (),
    }
    let why = match value.starts_with(is_typographic) {
        true => "the quotation marks must be straight ones",
        false => ADVICE,
    };
    if is_shown { format!("{why}: {key} = \"{plain}\"") } else { format!("{why}, as in label = \"Letter\"") }
}

/// A heading without its end.
fn unclosed(line: &str, end: &str) -> String {
    let (heading, _) = line.split_once('#').unwrap_or((line, ""));
    let heading = heading.trim().trim_end_matches(']');
    let heading = if heading.len() <= LONGEST { heading } else { "[images" };
    format!("the closing {end} of this line is missing: {heading}{end}")
}

/// A line without `=`.
fn no_equals_sign(line: &str) -> String {
    let example = match line.split_once(':').or_else(|| line.split_once(' ')) {
        Some((key, value))
            if line.len() <= LONGEST && !value.trim().is_empty() && !key.trim().contains([' ', '"', '[', '{']) =>
        {
            let value = value.trim();
            let is_plain = value.starts_with(|first: char| first.is_alphabetic()) && !value.contains('"');
            let value =
                if is_plain && value != "true" && value != "false" { format!("\"{value}\"") } else { value.to_owned() };
            format!("{} = {value}", key.trim())
        }
        _ => "label = \"Letter\"".to_owned(),
    };
    format!("`=` is missing between key and value; write {example}")
}

fn short(key: &str) -> &str {
    if key.is_empty() || key.len() > LONGEST { "label" } else { key }
}

/// A mistake in the form of a YAML file. `None`: the message is about something else.
pub fn of_yaml(message: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 14] = [
        ("unclosed bracket '['", "the closing ] of this list is missing, as in [one, two]"),
        ("unclosed bracket '{'", "the closing } is missing, as in {en: Letter, fr: Lettre}"),
        ("unclosed quote", "the closing quotation mark of this text is missing"),
        (
            "mapping values are not allowed in this context",
            "a text with a colon needs quotation marks, as in label: \"Letter: 1888\"; all keys of one level begin in the same column",
        ),
        ("simple key expected ':'", "a colon is missing after the key, as in label: Letter"),
        ("simple key expect ':'", "a colon is missing after the key, as in label: Letter"),
        ("could not find expected ':'", "a colon is missing after the key, as in label: Letter"),
        (
            "alias references unknown anchor",
            "a text that begins with * needs quotation marks, as in label: \"*Letter\"",
        ),
        (
            "unexpected character",
            "a text that begins with a special character needs quotation marks, as in label: \"@Letter\"",
        ),
        ("tabs disallowed", "YAML does not allow tabs at the beginning of a line; use spaces"),
        ("tab cannot be used as indentation", "YAML does not allow tabs at the beginning of a line; use spaces"),
        ("did not find expected ',' or ']'", "a comma or the closing ] of this list is missing, as in [one, two]"),
        ("did not find expected ',' or '}'", "a comma or the closing } is missing, as in {en: Letter, fr: Lettre}"),
        ("invalid indentation", "this line begins in another column than the keys of its level"),
    ];
    WORDS.iter().find(|(theirs, _)| message.contains(theirs)).map(|(_, ours)| *ours)
}

/// A mistake in the form of a JSON file, or a value of a wrong kind.
pub fn of_json(message: &str) -> String {
    // The parser ends with the place, which the error has already.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let ours = match message {
        _ if message.starts_with("EOF while parsing") => {
            "the file ends too early: a closing bracket or quotation mark is missing"
        }
        "key must be a string" => "a key must be in double quotation marks, as in { \"label\": \"Letter\" }",
        "trailing comma" => "there is a comma before a closing bracket: remove it",
        "trailing characters" => "there is something after the closing bracket",
        "expected value" => "a value is missing, or a text is not in double quotation marks",
        "expected `:`" => "a colon is missing after the key, as in { \"label\": \"Letter\" }",
        "expected `,` or `}`" => "a comma or the closing } is missing",
        "expected `,` or `]`" => "a comma or the closing ] is missing",
        "invalid escape" => "a backslash has a special meaning here; write \\\\ for it",
        _ if message.starts_with("control character") => "a text has a line break or a tab; write \\n or \\t for it",
        _ => return super::words::in_plain_words(message),
    };
    ours.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message about the first mistake of a TOML file.
    fn toml(text: &str) -> String {
        let (_, broken) = ::toml::de::DeTable::parse_recoverable(text);
        let first = broken.first().unwrap_or_else(|| panic!("{text:?} is right"));
        of_toml(first.message(), text, first.span().map_or(0, |span| span.start))
    }

    #[test]
    fn mistakes_in_the_form_of_toml_come_with_the_right_form() {
        for (text, said) in [
            ("label = A letter\n", "a text must be in quotation marks: label = \"A letter\""),
            ("label = \u{201c}A letter\u{201d}\n", "the quotation marks must be straight ones: label = \"A letter\""),
            ("label = \"A letter\n", "the closing quotation mark \" of this text is missing"),
            ("label = 'A letter", "the closing quotation mark ' of this text is missing"),
            ("label =\n", "there is no value after `=`; write for example label = \"Letter\""),
            ("label: A letter\n", "`=` is missing between key and value; write label = \"A letter\""),
            ("label \"A\"\n", "`=` is missing between key and value; write label = \"A\""),
            ("publish = no\n", "write false in small letters, or a text in quotation marks: publish = false"),
            ("publish = True\n", "write true in small letters, or a text in quotation marks: publish = true"),
            ("[images\n", "the closing ] of this line is missing: [images]"),
            ("[[metadata]\n", "the closing ]] of this line is missing: [[metadata]]"),
            ("start = 0001\n", "a number cannot begin with 0; write it in quotation marks, such as \"0001\""),
            ("a = 1\na = 2\n", "this key is here twice; keep one of them"),
            ("= 5\n", "the key before `=` is missing, as in label = \"Letter\""),
        ] {
            assert_eq!(toml(text), said, "{text:?}");
        }
        for text in [
            "a = [\"b\"\nc = 1\n",
            "a = \"C:\\scans\"\n",
            "a = 2030-02-30\n",
            "a = { b = 1\nc = 2\n",
            "a = { b = 1 c = 2 }\n",
            "a = \"b\" c\n",
            "Umfang (Seiten) = 4\n",
            "a = [1,,2]\n",
            "a == 1\n",
            "a = 12 rue\n",
            "a = 12x\n",
            "a = 1.2.3\n",
            "a = 1888-05\n",
            "a = true story\n",
            "a = [b, c]\n",
            "[a b]\n",
            "a = \"b\u{1}\"\n",
        ] {
            let said = toml(text);
            let jargon = ["TOML:", "invalid", "unexpected", "escaped", "string", "inline table", "literal"];
            assert!(!jargon.iter().any(|word| said.contains(word)), "{text:?}: {said}");
        }
    }

    #[test]
    fn mistakes_in_the_form_of_json_are_told_without_jargon() {
        for (text, said) in [
            ("{ \"a\": ", "the file ends too early"),
            ("{ a: 1 }", "double quotation marks"),
            ("{ \"a\": 1, }", "remove it"),
            ("{ \"a\" 1 }", "a colon is missing"),
            ("[1 2]", "a comma or the closing ]"),
            ("{ \"a\": b }", "not in double quotation marks"),
            ("{} {}", "after the closing bracket"),
        ] {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            assert!(of_json(&error.to_string()).contains(said), "{text}: {}", of_json(&error.to_string()));
        }
    }
}
