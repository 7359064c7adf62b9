//! The TOML of `iiif-build.toml`, and how it becomes a [`Config`].

use super::bucket::{Access, Bucket, RemoteContent, endpoint};
use super::examples::of_settings;
use super::features::lacking;
use super::mistakes::{Mistake, Read};
use super::project::{Config, Overrides, Scope};
use super::resources::{LOCAL_BASE_URL, Resources, parse_bytes};
use super::target::Target;
use super::toml::{locate, read_toml};
use super::viewers;
use crate::config::files;
use crate::diagnostics::{Code, check_accepted};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::BaseUrl;
use crate::model::settings::{
    ApiChoices, Granularity, ImageChoices, ImageSettings, Originals, PdfChoices, Refused, TableSettings,
};
use crate::model::{
    Day, Feed, LanguageMap, MasterRole, NO_LANGUAGE, OaiPmh, OneOrMany, OtherViewer, PagePattern, SiteViewer,
    check_language_tag,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The name of the configuration file in a project's root.
pub const FILE_NAME: &str = "iiif-build.toml";

/// The folder of the content where nothing else is set.
const CONTENT: &str = "content";

/// Edited masters before raw ones.
const MASTERS: [MasterRole; 3] = [MasterRole::ServiceEdited, MasterRole::MasterEdited, MasterRole::Master];

/// How many bytes of masters from a bucket are kept from one build to the next by default.
const CACHE_SIZE: u64 = 10 << 30;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct File {
    base_url: Option<String>,
    title: LanguageMap,
    language: Option<String>,
    content: Option<String>,
    source: SourceChoices,
    output: Option<PathBuf>,
    masters: Option<Vec<MasterRole>>,
    discovery: BTreeSet<Feed>,
    oai_pmh: Repository,
    page_pattern: Option<String>,
    deploy: BTreeMap<String, Target>,
    accept: Vec<Code>,
    text_granularity: Granularity,
    originals: Originals,
    pdf: Option<PdfChoices>,
    open_in: Option<Vec<OtherViewer>>,
    viewer: OneOrMany<SiteViewer>,
    tables: TableSettings,
    images: ImageChoices,
    iiif: ApiChoices,
}

/// `[oai-pmh]`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Repository {
    admin_email: Option<String>,
    gateway: Option<String>,
}

/// `[source]`
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct SourceChoices {
    #[serde(deserialize_with = "endpoint")]
    endpoint: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    cache_size: Option<String>,
}

/// The project in whose content a folder lies. `None`: it lies in none.
pub fn project_above(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    let holds_it = |above: &&Path| {
        let settings = files::read_to_string(&above.join(FILE_NAME), files::SETTINGS);
        settings.is_ok_and(|text| {
            folder.starts_with(above.join(read_toml::<File>(&text).value.content.as_deref().unwrap_or(CONTENT)))
        })
    };
    folder.ancestors().skip(1).find(holds_it).map(Path::to_path_buf)
}

/// Keys that stand above all tables. Below `[images]` they are unknown.
const OF_ALL: [&str; 13] = [
    "base-url",
    "title",
    "language",
    "content",
    "output",
    "masters",
    "discovery",
    "page-pattern",
    "accept",
    "originals",
    "pdf",
    "open-in",
    "viewer",
];

/// Says of a key that would be known elsewhere where it belongs.
fn with_place(mistake: Error) -> Error {
    let key = mistake.message().strip_prefix("there is no key `").and_then(|rest| rest.split('`').next());
    match key.filter(|key| OF_ALL.contains(key)).map(str::to_owned) {
        Some(key) => {
            mistake.with_hint(format!("`{key}` belongs to the whole site: write it above the first line in brackets"))
        }
        None => mistake,
    }
}

impl Config {
    /// Reads the project in `root`: a folder with `content/`, and usually `iiif-build.toml`.
    ///
    /// # Errors
    /// The file cannot be read or holds a value that is not allowed; an override is not allowed; there is no folder with
    /// content.
    pub fn load(root: &Path, overrides: &Overrides) -> Result<Config> {
        let (config, mut mistakes) = Config::read(root, overrides)?;
        let more = mistakes.len().saturating_sub(1);
        match mistakes.is_empty() {
            true => Ok(config),
            false => {
                let first = mistakes.swap_remove(0);
                Err(if more > 0 {
                    first.with_hint("the file has more mistakes: `iiif-build plan` shows all")
                } else {
                    first
                })
            }
        }
    }

    /// The same, with all mistakes of the file. Where it has some, the settings are not to be built with: they lack what the
    /// file says wrongly.
    ///
    /// # Errors
    /// The file cannot be read; an override is not allowed; there is no folder with content.
    pub fn read(root: &Path, overrides: &Overrides) -> Result<(Config, Vec<Error>)> {
        let path = root.join(FILE_NAME);
        let text = match files::read_to_string(&path, files::SETTINGS) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::read(ErrorKind::Config, &path, error)),
        };
        let (config, mistakes) = Config::parse(&text, &path, root, overrides)?;
        let mut mistakes: Vec<Error> = mistakes.into_iter().map(with_place).collect();
        if config.remote.is_none() && !config.content.is_dir() {
            let hint = match project_above(root) {
                Some(above) => format!("you are inside of the project {}: go there, or name it with --root", above.display()),
                None => "name the project's folder: `iiif-build build DIR`. `iiif-build init` makes a project of the current \
                     folder and the scans in it"
                    .to_owned(),
            };
            let absent =
                Error::new(ErrorKind::Config, "there is no such folder").with_path(&config.content).with_hint(hint);
            mistakes.reverse();
            return Err(mistakes.pop().unwrap_or(absent));
        }
        Ok((config, mistakes))
    }

    fn parse(text: &str, path: &Path, root: &Path, overrides: &Overrides) -> Result<(Config, Vec<Error>)> {
        let Read { value, mut mistakes, .. } = read_toml::<File>(text);
        let config = value.complete(root, overrides, &mut mistakes);
        let config = config.map_err(|why| Error::new(ErrorKind::Config, why))?;
        locate(text, &mut mistakes);
        mistakes.sort_by_key(|mistake| mistake.position.map(|at| (at.line, at.column)));
        let error = |mistake: Mistake| {
            let example = of_settings(&mistake);
            let error = mistake.error(ErrorKind::Config, path);
            example.into_iter().fold(error, Error::with_hint)
        };
        Ok((config, mistakes.into_iter().map(error).collect()))
    }
}

/// A message, and the keys that lead to the value at fault.
type Fault = (String, Vec<&'static str>);

/// The value; the default if there is a fault, which is noted.
fn noted<T: Default>(value: std::result::Result<T, Fault>, mistakes: &mut Vec<Mistake>) -> T {
    value.unwrap_or_else(|(why, keys)| {
        let keys = keys.into_iter().map(str::to_owned).collect();
        mistakes.push(Mistake { why, keys, position: None });
        T::default()
    })
}

impl File {
    /// The address at which the target publishes the site.
    fn base_url_of(&self, name: &str) -> std::result::Result<String, String> {
        let Some(target) = self.deploy.get(name) else { return Err(format!("there is no target {name:?}")) };
        let base_url = target.base_url.as_ref().map(|url| url.as_str().to_owned());
        base_url.ok_or_else(|| format!("the target {name:?} has no `base-url`: set it below [deploy.{name}]"))
    }

    /// The URL at which the site is published, and whether one is given. `mistakes` get that of the file.
    fn base_url(
        &self,
        overrides: &Overrides,
        mistakes: &mut Vec<Mistake>,
    ) -> std::result::Result<(BaseUrl, bool), String> {
        let of_target = overrides.target.as_deref().map(|name| self.base_url_of(name)).transpose()?;
        let given = overrides.base_url.as_ref().or(of_target.as_ref()).or(self.base_url.as_ref());
        let wrong = |url: &str, why| format!("base-url {url:?} cannot be used: {why}");
        match given.map(|url| BaseUrl::parse(url).map_err(|why| wrong(url, why))) {
            Some(Ok(url)) => return Ok((url, true)),
            Some(Err(why)) if overrides.base_url.is_some() => return Err(why),
            Some(Err(why)) => mistakes.push(Mistake::at("base-url", why)),
            None => {}
        }
        let local = BaseUrl::parse(LOCAL_BASE_URL).map_err(|why| wrong(LOCAL_BASE_URL, why))?;
        Ok((local, false))
    }

    /// The settings. `mistakes` get those of the file.
    ///
    /// # Errors
    /// A flag is at fault.
    fn complete(
        self,
        root: &Path,
        overrides: &Overrides,
        mistakes: &mut Vec<Mistake>,
    ) -> std::result::Result<Config, String> {
        let (base_url, base_url_is_set) = self.base_url(overrides, mistakes)?;
        let mut language = self.language.unwrap_or_else(|| NO_LANGUAGE.to_owned());
        if let Err(why) = check_language_tag(&language) {
            mistakes.push(Mistake::at("language", why));
            language = NO_LANGUAGE.to_owned();
        }
        let pattern = self.page_pattern.as_deref().map(PagePattern::compile).transpose();
        let pattern = pattern.map_err(|why| (format!("`page-pattern` cannot be used: {why}"), vec!["page-pattern"]));
        let page_pattern = noted(pattern, mistakes);
        noted(check_accepted(&self.accept).map_err(|why| (why, vec!["accept"])), mistakes);
        let images = self.images.over(ImageSettings::default(), root);
        let images = images.unwrap_or_else(|refused| {
            let wrong = |refused: Refused| Mistake::at(refused.key, refused.why).within("images");
            mistakes.extend(refused.into_iter().map(wrong));
            ImageSettings::default()
        });
        let content = self.content.as_deref().unwrap_or(CONTENT);
        let source = self.source.complete(content, root).map(Some);
        // The folder is there for certain, so that nothing else is told of it.
        let (content, remote) = noted(source, mistakes).unwrap_or_else(|| (root.to_path_buf(), None));
        let oai_pmh = noted(self.oai_pmh.complete(&self.discovery), mistakes);
        let older = noted(self.iiif.complete().map_err(|(why, key)| (why, vec!["iiif", key])), mistakes);
        let OneOrMany(mut viewers) = self.viewer;
        let mut listed = BTreeSet::new();
        viewers.retain(|viewer| listed.insert(*viewer));
        let static_files = root.join("static");
        let open_in = viewers::listed(&viewers, self.open_in, &base_url, &static_files, mistakes);
        let output = match &overrides.output {
            Some(output) => output.clone(),
            None => root.join(self.output.unwrap_or_else(|| "public".into())),
        };
        let config = Config {
            content,
            remote,
            output,
            templates: root.join("templates"),
            static_files,
            base_url,
            base_url_is_set,
            title: self.title,
            language,
            text_granularity: self.text_granularity,
            older,
            originals: self.originals,
            pdf: self.pdf.and_then(|pdf| pdf.over(None)),
            open_in,
            viewers,
            tables: self.tables,
            masters: self.masters.unwrap_or_else(|| MASTERS.to_vec()),
            discovery: self.discovery,
            oai_pmh,
            page_pattern,
            targets: self.deploy,
            accept: self.accept,
            images,
            lossless: overrides.lossless,
            resources: Resources {
                worker: overrides.worker.clone(),
                ..Resources::new(overrides.jobs, overrides.memory)
            },
            today: overrides.today.unwrap_or_else(Day::today),
            fail_fast: overrides.fail_fast,
            scope: match (overrides.documents_only, overrides.only.is_empty()) {
                (true, _) => Scope::Documents,
                (false, true) => Scope::All,
                (false, false) => Scope::Items(overrides.only.iter().cloned().collect()),
            },
            defer_beyond: None,
            force: overrides.force,
            adopt: overrides.adopt,
            verify: overrides.verify,
            strict: false,
            keep_going: overrides.keep_going,
            checksums: false,
            root: root.to_path_buf(),
        };
        noted(lacking(&config).map_or(Ok(()), Err), mistakes);
        Ok(config)
    }
}

impl Repository {
    fn complete(self, discovery: &BTreeSet<Feed>) -> std::result::Result<OaiPmh, Fault> {
        if self.admin_email.is_none() && discovery.contains(&Feed::OaiPmh) {
            let why = "an OAI repository says whom to write to: [oai-pmh] needs `admin-email`";
            return Err((why.into(), vec!["discovery"]));
        }
        let admin_email = self.admin_email.unwrap_or_default();
        if !admin_email.is_empty() && !is_email_address(&admin_email) {
            return Err((format!("{admin_email:?} is no e-mail address"), vec!["oai-pmh", "admin-email"]));
        }
        let gateway = match self.gateway {
            None => String::new(),
            Some(gateway) => BaseUrl::parse(&gateway)
                .map(|gateway| gateway.as_str().trim_end_matches('/').to_owned())
                .map_err(|why| (format!("gateway {gateway:?} cannot be used: {why}"), vec!["oai-pmh", "gateway"]))?,
        };
        Ok(OaiPmh { admin_email, gateway })
    }
}

/// Whether `text` has the form of an e-mail address: the one in the schema of OAI-PMH, and a host with a domain.
fn is_email_address(text: &str) -> bool {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let mut parts = text.split('@');
    let [name, host] = [parts.next(), parts.next()].map(Option::unwrap_or_default);
    is_plain && !name.is_empty() && host.contains('.') && parts.next().is_none()
}

impl SourceChoices {
    /// The path of the content, which is the URL of a bucket if it is in one; and that bucket.
    fn complete(self, content: &str, root: &Path) -> std::result::Result<(PathBuf, Option<RemoteContent>), Fault> {
        let Some(bucket) = Bucket::parse(content) else {
            if self != SourceChoices::default() {
                return Err(("`[source]` is for a bucket only, but `content` names a folder".into(), vec!["source"]));
            }
            return Ok((root.join(content), None));
        };
        let bucket = bucket.map_err(|why| (why, vec!["content"]))?;
        let cache_size = self.cache_size.as_deref().map_or(Ok(CACHE_SIZE), parse_bytes);
        let cache_size = cache_size.map_err(|why| (why, vec!["source", "cache-size"]))?;
        let access = Access { endpoint: self.endpoint, region: self.region, profile: self.profile };
        Ok((PathBuf::from(bucket.url()), Some(RemoteContent { bucket, access, cache_size })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Position;
    use crate::model::settings::{Limit, OlderApis};

    fn all(text: &str) -> (Config, Vec<Error>) {
        Config::parse(text, Path::new(FILE_NAME), Path::new("project"), &Overrides::default()).unwrap()
    }

    fn complete(text: &str) -> Result<Config> {
        let (config, mistakes) = all(text);
        mistakes.into_iter().next().map_or(Ok(config), Err)
    }

    #[test]
    fn all_mistakes_of_the_file_are_told_in_its_order() {
        let text = "base_url = \"https://example.org\"\nlanguage = \"deutsch!\"\nmasters = [\"raw\", \"master\"]\n\
            [images]\nquality = 300\nformat = [\"webp\"]\ntile-size = 100\n[deploy.live]\nurl = \"s3://bucket\"\ngrase = \"1d\"\n";
        let mistakes = all(text).1;
        let lines: Vec<_> = mistakes.iter().filter_map(|mistake| Some(mistake.position()?.line)).collect();
        assert_eq!(lines, [1, 2, 3, 5, 6, 7, 10], "{mistakes:#?}");
        assert!(mistakes[0].message().contains("did you mean `base-url`?"), "{mistakes:?}");
    }

    #[test]
    fn an_empty_file_is_a_complete_configuration() {
        let config = complete("").unwrap();
        assert_eq!(config.output, Path::new("project/public"));
        assert_eq!(config.images, ImageSettings::default());
        assert!(!config.base_url_is_set);
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_line_and_column() {
        let error = complete("base-url = \"https://example.org\"\n[images]\ntile-sise = 256\n").unwrap_err();
        assert_eq!(error.position(), Some(Position { line: 3, column: 1 }), "{error}");
        assert!(error.message().contains("tile-sise") && error.message().contains("tile-size"), "{error}");
    }

    #[test]
    fn a_value_out_of_range_is_an_error_that_points_at_its_key() {
        for (text, line) in [
            ("[images]\ntile-size = 100", 2),
            ("[images]\n\nquality = 0", 3),
            ("[images]\nquality = 300", 2),
            ("[images]\nmax-size = 256", 2),
            ("[images]\nmax-size = -1", 2),
            ("[images]\nmax-resolution = 1", 2),
            ("[images]\nmax-resolution = \"half\"", 2),
            ("[images]\nsubsampling = \"4:1:1\"", 2),
            ("[images]\nhuffman = \"optimized\"", 2),
            ("[images]\nformats = [\"webp\"]", 2),
            ("[images]\nformats = [\"jpg\", \"avif\"]", 2),
            ("[images]\nbackground = \"white\"", 2),
            ("[iiif]\nimage-api = [\"2\"]", 2),
            ("[iiif]\nimage-api = [\"3\", \"4\"]", 2),
            ("[iiif]\n\npresentation-api = [\"3\", \"2\"]", 3),
            ("title = \"x\"\nbase-url = \"x\"", 2),
            ("title = \"x\"\ndiscovery = [\"atom\", \"rss\"]", 2),
            ("\ndiscovery = [\"oai-pmh\"]", 2),
            ("discovery = [\"oai-pmh\"]\n[oai-pmh]\nadmin-email = \"nobody\"", 3),
            ("[oai-pmh]\nadmin-email = \"a@b.example\"\ngateway = \"x\"", 3),
            ("language = \"?\"", 1),
            ("\npage-pattern = \"(?<page>[0-9]+\"", 2),
            ("\npage-pattern = \"[0-9]+\"", 2),
            ("title = \"x\"\ncontent = \"s3://a//b\"", 2),
            ("content = \"scans\"\n[source]\nregion = \"x\"", 2),
            ("content = \"s3://scans\"\n[source]\ncache-size = \"much\"", 3),
            ("[deploy.live]\nurl = \"ftp://a\"", 2),
            ("[deploy.live]\nurl = \"s3://a\"\nsecret-key = \"x\"", 3),
            ("[deploy.live]\nurl = \"s3://a\"\n\ngrace = \"soon\"", 4),
            ("[deploy.live]\nurl = \"s3://a\"\nmax-shrink = 101", 3),
            ("[deploy.live]\nurl = \"s3://a\"\nbase-url = \"x\"", 3),
            ("accept = [\"page-gap\", \"no-such-code\"]", 1),
            ("accept = [\"page-gap\",\n  \"id-taken\"]", 1),
        ] {
            let error = complete(text).unwrap_err();
            assert_eq!(error.position().map(|at| at.line), Some(line), "{text}: {error}");
        }
    }

    #[test]
    fn each_image_setting_is_read() {
        let text = "[images]\nsubsampling = \"4:4:4\"\nhuffman = \"progressive\"\nformats = [\"jpg\", \"webp\"]\n\
            background = \"#f0e8d8\"\nmax-size = \"full\"\nmax-resolution = 3000";
        let images = complete(text).unwrap().images;
        assert!(!images.coding.is_subsampled() && images.formats.webp);
        assert_eq!(images.background.to_string(), "#f0e8d8");
        assert_eq!((images.max_size, images.max_resolution), (Limit::NONE, Limit::pixels(3000)));
    }

    #[test]
    fn version_3_is_written_and_version_2_where_it_is_asked_for() {
        assert_eq!(complete("[iiif]\nimage-api = [\"3\"]").unwrap().older, OlderApis::default());
        let both = complete("[iiif]\nimage-api = [\"2\", \"3\"]\npresentation-api = [\"3\", \"2\"]").unwrap().older;
        assert_eq!(both, OlderApis { image: true, presentation: true });
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = "base-url = \"https://a.example\"\noutput = \"out\"";
        let overrides = Overrides { base_url: Some("https://b.example".into()), ..Overrides::default() };
        let (config, _) = Config::parse(file, Path::new(FILE_NAME), Path::new("p"), &overrides).unwrap();
        assert_eq!(config.base_url.as_str(), "https://b.example/");
        assert_eq!(config.output, Path::new("p/out"));
    }

    #[test]
    fn a_target_may_have_an_address_of_its_own() {
        let file = "base-url = \"https://a.example\"\n[deploy.b]\nurl = \"s3://b\"\nbase-url = \"https://b.example\"\n\
            [deploy.c]\nurl = \"s3://c\"";
        let of = |target: &str| {
            let overrides = Overrides { target: Some(target.into()), ..Overrides::default() };
            Config::parse(file, Path::new(FILE_NAME), Path::new("p"), &overrides).map(|(config, _)| config.base_url)
        };
        assert_eq!(of("b").unwrap().as_str(), "https://b.example/");
        assert!(["c", "d"].into_iter().all(|target| of(target).is_err()));
    }

    #[test]
    fn content_is_a_folder_or_a_bucket() {
        assert_eq!(complete("content = \"scans\"").unwrap().content, Path::new("project/scans"));
        let text = "content = \"s3://scans/a/\"\n[source]\nprofile = \"archive\"\ncache-size = \"2 GB\"";
        let config = complete(text).unwrap();
        assert_eq!(config.content, Path::new("s3://scans/a"));
        let remote = config.remote.unwrap();
        assert_eq!((remote.access.profile.as_deref(), remote.cache_size), (Some("archive"), 2 << 30));
    }
}
