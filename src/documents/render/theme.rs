//! The theme: templates and browser files compiled into the binary, and a project's own templates, which replace them.
//!
//! This module finds the template of a name, reads and renders templates, and holds the words of the interface. It
//! never writes a file. Other modules decide the content of pages; [`super::context`] lists the values that templates
//! can use.
//!
//! The project file `templates/item.html` replaces the built-in template of the same name. The built-in template stays
//! available as `theme/item.html`, so a project can `{% extends "theme/item.html" %}` and replace one block.
//! `templates/words.toml` replaces single words: see [`super::words`].

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};

use super::context::Assets;
use super::localized::is_rtl;
use super::words::{Words, is_words_file};
use crate::config::files;
use crate::error::{Error, ErrorKind, Position};
use crate::storage::fingerprint::hashed;

/// The prefix of built-in templates in the names of the template engine.
const BUILT_IN: &str = "theme/";

const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "site/dist/"]
struct Bundle;

/// Makes HTML from the context of a page.
pub struct Theme {
    tera: Tera,
    project: Option<PathBuf>,
    assets: Assets,
    words: Arc<Words>,
    hash: u64,
}

impl Theme {
    /// The built-in theme with a project's templates before it, for a site in `language`.
    ///
    /// A missing folder counts as an empty one.
    ///
    /// # Errors
    ///
    /// `Template` for each template that cannot be read or parsed, or that names another one which does not exist, and for each
    /// mistake in the words.
    pub fn load(project_templates: Option<&Path>, language: &str) -> Result<Theme, Vec<Error>> {
        let project = project_templates.filter(|folder| folder.is_dir()).map(Path::to_path_buf);
        let built_in = built_in_templates().map_err(|error| vec![error])?;
        let own = match &project {
            Some(folder) => project_files(folder).map_err(|error| vec![error])?,
            None => Vec::new(),
        };

        let of_words = |(name, _): &(String, String)| is_words_file(name);
        let (files, built_in): (Vec<_>, Vec<_>) = built_in.into_iter().partition(of_words);
        let mut words = Words::built_in(&files, language).map_err(|error| vec![error])?;
        let mut templates: Vec<_> =
            built_in.into_iter().map(|(name, text)| (format!("{BUILT_IN}{name}"), text)).collect();
        let (mut files, own): (Vec<_>, Vec<_>) = own.into_iter().partition(of_words);
        // Those of a language stand behind `words.toml`, which holds for all.
        files.sort_by_key(|(name, _)| name != "words.toml");
        let mut mistakes = vec![];
        for file in files {
            let wrong = words.replace(&file, &own, language);
            mistakes.extend(wrong.into_iter().map(|error| at(error, project.as_deref(), &file.0)));
        }
        templates.extend(own);

        let assets = asset_names().map_err(|error| vec![error])?;
        let hash = hashed(&(&templates, words.table.to_string(), &words.language, &assets));
        let words = Arc::new(words);
        let mut tera = engine(&words).map_err(|error| vec![template_error(&error, None)])?;
        tera.global_context().insert("words", &words.table);
        if let Err(error) = tera.add_raw_templates(templates.iter().map(|(name, text)| (name, text))) {
            let unparsed = unparsed(&templates, &words, project.as_deref());
            let first = unparsed.is_empty().then(|| template_error(&error, project.as_deref()));
            mistakes.extend(unparsed.into_iter().chain(first));
        }
        if mistakes.is_empty() { Ok(Theme { tera, project, assets, words, hash }) } else { Err(mistakes) }
    }

    /// Renders the named template with `context`.
    ///
    /// # Errors
    ///
    /// `Template` if there is no such template, or if it uses a value that the context does not have.
    pub fn render(&self, template_name: &str, context: impl Serialize) -> Result<String, Error> {
        let values = Context::from_serialize(&context);
        // Of an item with thousands of pages both are large.
        drop(context);
        values
            .and_then(|context| self.tera.render(template_name, &context))
            .map_err(|error| template_error(&error, self.project.as_deref()))
    }

    /// Whether the project replaces templates or words.
    pub fn has_own_templates(&self) -> bool {
        self.project.is_some()
    }

    /// The words of the interface.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The hash of all templates, words and browser files.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The paths of the script and the style sheet of the theme.
    pub fn asset_paths(&self) -> &Assets {
        &self.assets
    }

    /// Every browser file of the theme with its path from the site's root, sorted by path.
    pub fn assets(&self) -> impl Iterator<Item = (String, Cow<'static, [u8]>)> + use<> {
        let mut paths: Vec<_> = Bundle::iter().filter(|path| path.starts_with("assets/")).collect();
        paths.sort();
        paths.into_iter().filter_map(|path| Some((path.to_string(), Bundle::get(&path)?.data)))
    }
}

fn built_in_templates() -> Result<Vec<(String, String)>, Error> {
    Templates::iter()
        .filter_map(|name| Some((name.to_string(), Templates::get(&name)?.data)))
        .map(|(name, bytes)| match String::from_utf8(bytes.into_owned()) {
            Ok(text) => Ok((name, text)),
            Err(_) => Err(Error::new(ErrorKind::Internal, format!("built-in template {name} is not UTF-8"))),
        })
        .collect()
}

/// All files below `folder` by their `/`-separated path in it. Hidden files are skipped: editors leave them.
fn project_files(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let is_hidden = |name: &OsStr| name.to_str().is_none_or(|name| name.starts_with('.'));
    let walked = files::walk(folder, ErrorKind::Template, is_hidden)?;
    if let Some((path, why)) = walked.others.into_iter().next() {
        return Err(Error::read(ErrorKind::Template, &path, why));
    }
    let read = |path: PathBuf| {
        let text = files::read_to_string(&path, files::SETTINGS);
        let text = text.map_err(|error| Error::read(ErrorKind::Template, &path, error))?;
        let names = path.strip_prefix(folder).unwrap_or(&path).iter();
        Ok((names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/"), text))
    };
    let mut files = walked.files.into_iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    files.sort();
    Ok(files)
}

/// An engine without templates.
fn engine(words: &Arc<Words>) -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    tera.register_filter("urlencode", url_encode);
    tera.register_filter("json", json);
    tera.register_filter("file_kind", |format: &str, _: Kwargs, _: &State| file_kind(format));
    let locale = words.locale();
    tera.register_filter("number", move |number: u64, _: Kwargs, _: &State| locale.number(number));
    let is_page_rtl = is_rtl(&words.language);
    tera.register_filter("direction", move |rtl: bool, arguments: Kwargs, _: &State| {
        arguments.must_get::<bool>("known").map(|is_known| direction(rtl, is_known, is_page_rtl))
    });
    let words = words.clone();
    tera.register_filter("counted", move |number: u64, arguments: Kwargs, _: &State| {
        arguments.must_get::<String>("of").map(|thing| words.counted(number, &thing))
    });
    tera.set_fallback_prefixes([BUILT_IN]).map(|()| tera)
}

/// The mistakes in the form of each template on its own: the engine tells only the first.
fn unparsed(templates: &[(String, String)], words: &Arc<Words>, project: Option<&Path>) -> Vec<Error> {
    let error = |(name, text): &(String, String)| {
        let error = engine(words).and_then(|mut tera| tera.add_raw_template(name, text)).err()?;
        let is_own = matches!(error.kind(), tera::ErrorKind::SyntaxError(_));
        is_own.then(|| template_error(&error, project))
    };
    templates.iter().filter_map(error).collect()
}

fn asset_names() -> Result<Assets, Error> {
    let missing = || Error::new(ErrorKind::Internal, "the embedded theme has no asset list");
    let file = Bundle::get("assets.json").ok_or_else(missing)?;
    let names: serde_json::Value = serde_json::from_slice(&file.data).map_err(|_| missing())?;
    let path = |name: &str| names[name].as_str().map(str::to_owned).ok_or_else(missing);
    Ok(Assets {
        viewer: path("viewer.js")?,
        scripted: path("scripted.js")?,
        theme: path("theme.css")?,
        collection: path("collection.js")?,
        icon: path("icon.svg")?,
    })
}

fn url_encode(text: &str, _: Kwargs, _: &State) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string()
}

/// A media type as people call it: `PDF`, `XML`, `WAV`. One without a short name stays as it is.
fn file_kind(format: &str) -> String {
    let subtype =
        format.split(';').next().unwrap_or_default().trim().split_once('/').map_or("", |(_, subtype)| subtype);
    if format.starts_with("audio/mpeg") {
        return "MP3".into();
    }
    match subtype.rsplit('+').next().unwrap_or_default().trim_start_matches("x-") {
        "plain" => "TXT".into(),
        "vtt" => "WebVTT".into(),
        name if (2..=5).contains(&name.len()) => name.to_ascii_uppercase(),
        _ => format.to_owned(),
    }
}

/// The attribute with the direction of a text, where it can differ from that of the page.
fn direction(rtl: bool, is_known: bool, is_page_rtl: bool) -> &'static str {
    match (rtl, is_known, is_page_rtl) {
        (true, ..) => " dir=\"rtl\"",
        (false, _, false) => "",
        (false, true, true) => " dir=\"ltr\"",
        (false, false, true) => " dir=\"auto\"",
    }
}

/// A text as a value of JSON.
fn json(text: &str, _: Kwargs, _: &State) -> String {
    serde_json::Value::from(text).to_string()
}

fn template_error(error: &tera::Error, project: Option<&Path>) -> Error {
    match error.kind() {
        tera::ErrorKind::SyntaxError(report) => reported(report, project),
        tera::ErrorKind::RenderingError(report) => {
            reported(report, project).with_hint("the values that a template may use are those of `render::context`")
        }
        _ => {
            let text = error.to_string();
            let plain = Error::new(ErrorKind::Template, text.strip_prefix("error: ").unwrap_or(&text));
            match project {
                Some(folder) => plain.with_path(folder),
                None => plain,
            }
        }
    }
}

fn reported(report: &tera::ReportError, project: Option<&Path>) -> Error {
    let span = report.span();
    let position = Position { line: span.start_line, column: span.start_col + 1 };
    at(Error::new(ErrorKind::Template, report.message()).with_position(position), project, report.filename())
}

/// The error with the path of the project's file, unless the template is built in.
fn at(error: Error, project: Option<&Path>, name: &str) -> Error {
    match project {
        Some(folder) if !name.starts_with(BUILT_IN) => error.with_path(folder.join(name)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::render::context::{NotFoundPage, Robots};
    use std::fs;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn every_built_in_template_parses_and_names_only_what_exists() {
        let theme = Theme::load(None, "en").unwrap();
        assert!(theme.render("404.html", NotFoundPage::default()).unwrap().contains("<h1>Page not found</h1>"));
        assert!(theme.assets().any(|(path, _)| path == theme.asset_paths().viewer));
    }

    #[test]
    fn a_project_file_wins_and_may_extend_the_one_it_replaces() {
        let folder = project(&[
            (
                "404.html",
                "{% extends 'theme/404.html' %}{% block footer %}{% include 'parts/imprint.html' %}{% endblock %}",
            ),
            ("parts/imprint.html", "our imprint"),
        ]);
        let page = Theme::load(Some(folder.path()), "en").unwrap().render("404.html", NotFoundPage::default()).unwrap();
        assert!(page.contains("<h1>Page not found</h1>") && page.contains("our imprint"));
    }

    #[test]
    fn a_project_replaces_single_words() {
        let folder = project(&[("words.toml", "not_found = 'Nichts gefunden'")]);
        let page = Theme::load(Some(folder.path()), "en").unwrap().render("404.html", NotFoundPage::default()).unwrap();
        assert!(page.contains("<h1>Nichts gefunden</h1>") && page.contains("Go to the home page"));
    }

    #[test]
    fn each_language_of_the_theme_has_all_words_with_the_same_gaps() {
        let words = |language| Theme::load(None, language).unwrap().words().clone();
        let english = words("en").table;
        let gaps = |text: &str| -> std::collections::BTreeSet<String> {
            text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
        };
        // Where a word depends on a number, a language can place the number itself.
        let is_counted = |key: &str| ["items_", "pages_", "collections_"].iter().any(|thing| key.starts_with(thing));
        let forms = ["_zero", "_two", "_few", "_other"];
        let files = built_in_templates().unwrap();
        let of_language = |(name, text): &(String, String)| {
            let language = name.strip_prefix("words.")?.strip_suffix(".toml")?;
            Some((language.to_owned(), text.clone()))
        };
        let mut languages: Vec<(String, String)> = files.iter().filter_map(of_language).collect();
        languages.sort();
        let tags: Vec<&str> = languages.iter().map(|(tag, _)| tag.as_str()).collect();
        assert_eq!(tags, ["ar", "de", "es", "fr", "he"]);
        for (language, file) in &languages {
            let own: toml::Table = toml::from_str(file).unwrap();
            for (key, word) in &english {
                let translated =
                    own.get(key).and_then(toml::Value::as_str).unwrap_or_else(|| panic!("{language}: no {key}"));
                let mut found = gaps(translated);
                if is_counted(key) {
                    found.remove("count");
                }
                assert_eq!(found, gaps(word.as_str().unwrap()), "{language}: {key}");
            }
            let is_form = |key: &str| forms.iter().any(|form| key.ends_with(form)) && is_counted(key);
            let unknown: Vec<&String> = own.keys().filter(|key| !english.contains_key(*key) && !is_form(key)).collect();
            assert!(unknown.is_empty(), "{language}: {unknown:?}");
            assert_eq!(&words(language).language, language);
        }
    }

    #[test]
    fn kinds_of_files_have_their_short_names() {
        for (format, kind) in [
            ("application/pdf", "PDF"),
            ("text/plain; charset=utf-8", "TXT"),
            ("audio/x-wav", "WAV"),
            ("application/mets+xml", "XML"),
            ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(file_kind(format), kind);
        }
    }

    #[test]
    fn a_mistake_in_a_project_file_names_the_file() {
        let folder = project(&[("robots.txt", "{{ sitemapz }}")]);
        let robots = Robots { sitemaps: vec!["https://example.org/sitemap.xml".into()] };
        let error = Theme::load(Some(folder.path()), "en").unwrap().render("robots.txt", &robots).unwrap_err();
        assert_eq!(error.path(), Some(folder.path().join("robots.txt").as_path()));
        assert_eq!(error.position(), Some(Position { line: 1, column: 4 }));
        assert!(error.message().contains("sitemapz"), "{error}");

        for (name, text) in
            [("item.html", "{% if %}"), ("words.toml", "not_found = x"), ("a.html", "{% include 'b.html' %}")]
        {
            let folder = project(&[(name, text)]);
            let error = Theme::load(Some(folder.path()), "en").err().unwrap().remove(0);
            assert_eq!(error.kind(), ErrorKind::Template);
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn values_are_escaped_in_html_and_xml_but_not_in_text() {
        let folder =
            project(&[("a.html", "{{ sitemaps[0] }}"), ("a.xml", "{{ sitemaps[0] }}"), ("a.txt", "{{ sitemaps[0] }}")]);
        let theme = Theme::load(Some(folder.path()), "en").unwrap();
        let context = Robots { sitemaps: vec!["<&>".into()] };
        let shown = ["a.html", "a.xml", "a.txt"].map(|name| theme.render(name, &context).unwrap());
        assert_eq!(shown, ["&lt;&amp;&gt;", "&lt;&amp;&gt;", "<&>"]);
    }
}
