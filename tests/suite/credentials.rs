//! Credentials of AWS as its tools find them, and that nobody is ever told them: a server of our own stands for S3, STS and
//! the portal of SSO, and notes whose keys it is asked with.

use crate::cli;
use crate::http::serve_all;
use crate::project::Project;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SECRETS: [&str; 3] = ["hush-key", "hush-token", "hush-web"];

/// Answers for S3, which allows nothing, for STS and for SSO.
struct Services {
    port: u16,
    /// Key ids that S3 was asked with.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Services {
    fn start() -> Services {
        let seen = Arc::new(Mutex::new(vec![]));
        let noted = seen.clone();
        let port = serve_all(move |head, body| {
            if body.contains("Action=AssumeRoleWithWebIdentity") {
                let is_token = body.contains("WebIdentityToken=hush-web");
                assert!(is_token, "{body}");
                return (200, "text/xml", ASSUMED.to_owned());
            }
            if head.starts_with("GET /federation/credentials") {
                assert!(head.to_lowercase().contains("x-amz-sso_bearer_token: hush-token"), "{head}");
                let until = 4_102_444_800_000u64;
                let keys = format!(
                    "{{\"accessKeyId\":\"OFSSO\",\"secretAccessKey\":\"hush-key\",\"sessionToken\":\"hush-token\",\"expiration\":{until}}}"
                );
                return (200, "application/json", format!("{{\"roleCredentials\":{keys}}}"));
            }
            if let Some((_, rest)) = head.split_once("Credential=") {
                noted.lock().unwrap().push(rest.split('/').next().unwrap_or_default().to_owned());
            }
            (403, "application/xml", "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_owned())
        });
        Services { port, seen }
    }

    /// Deploys with `environment`, which cannot end well; answers the key that was used, and what was said.
    fn deploy(&self, project: &Project, environment: &[(&str, &str)]) -> (Option<String>, String) {
        self.seen.lock().unwrap().clear();
        let mut command = bare(project);
        let here = format!("http://127.0.0.1:{}", self.port);
        command.env("AWS_ENDPOINT_URL_STS", &here).env("AWS_ENDPOINT_URL_SSO", &here);
        command.envs(environment.iter().copied());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
        (self.seen.lock().unwrap().first().cloned(), said)
    }
}

const ASSUMED: &str = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>OFWEB</AccessKeyId><SecretAccessKey>hush-key</SecretAccessKey>\
<SessionToken>hush-token</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/a/b</Arn><AssumedRoleId>x:b</AssumedRoleId></AssumedRoleUser>\
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

/// `deploy` without what whoever runs the tests has in his environment and home.
fn bare(project: &Project) -> Command {
    let mut command = cli::command(&["deploy", "--verbose", "--root"]);
    command.arg(project.root()).env_clear().env("HOME", project.root().join("home"));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// With a target at `services`; `further`: more of its keys.
fn project(services: &Services, further: &str) -> Project {
    let settings = format!(
        "base-url = \"https://published.example/x/\"\n[deploy.live]\nurl = \"s3://scans/x\"\n\
         endpoint = \"http://127.0.0.1:{}\"\n{further}",
        services.port
    );
    let project = cli::project().file("iiif-build.toml", settings);
    project.built();
    project
}

const PROFILES: &str = "[default]\naws_access_key_id = OFDEFAULT\naws_secret_access_key = hush-key\n\
[profile archive]\naws_access_key_id = OFARCHIVE\naws_secret_access_key = hush-key\nregion = eu-central-1\n\
[profile vault]\ncredential_process = cat HOME/process.json\n\
[profile broken]\ncredential_process = sh -c 'echo hush-key >&2; exit 3'\n\
[profile portal]\nsso_session = library\nsso_account_id = 123456789012\nsso_role_name = scans\nregion = eu-west-1\n\
[sso-session library]\nsso_region = eu-west-1\nsso_start_url = https://library.example/start\n";

fn with_profiles(project: Project) -> Project {
    let home = project.root().join("home").display().to_string();
    let process =
        "{\"Version\":1,\"AccessKeyId\":\"OFVAULT\",\"SecretAccessKey\":\"hush-key\",\"SessionToken\":\"hush-token\"}";
    project
        .file("home/.aws/config", PROFILES.replace("HOME", &home))
        .file("home/process.json", process)
        .file(&format!("home/.aws/sso/cache/{}.json", sha1_hex("library")), SSO_TOKEN)
}

const SSO_TOKEN: &str = "{\"accessToken\":\"hush-token\",\"expiresAt\":\"2100-01-01T00:00:00Z\",\"region\":\"eu-west-1\",\
\"startUrl\":\"https://library.example/start\"}";

/// The name of a token is that of the session.
fn sha1_hex(text: &str) -> String {
    use sha1::Digest;
    sha1::Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn keys_come_from_the_environment_then_from_the_profile_of_the_moment() {
    let services = Services::start();
    let project = with_profiles(project(&services, ""));
    let used = |environment: &[(&str, &str)]| services.deploy(&project, environment).0.unwrap_or_default();
    let keys = [("AWS_ACCESS_KEY_ID", "OFENV"), ("AWS_SECRET_ACCESS_KEY", "hush-key")];
    assert_eq!(used(&keys), "OFENV");
    assert_eq!(used(&[]), "OFDEFAULT");
    assert_eq!(used(&[("AWS_PROFILE", "archive")]), "OFARCHIVE");
    assert_eq!(used(&[("AWS_PROFILE", "vault")]), "OFVAULT");
    assert_eq!(used(&[("AWS_PROFILE", "portal")]), "OFSSO");
}

#[test]
fn a_profile_that_the_target_names_wins_where_the_machine_knows_it() {
    let services = Services::start();
    let project = with_profiles(project(&services, "profile = \"archive\"\n"));
    let keys = [("AWS_ACCESS_KEY_ID", "OFENV"), ("AWS_SECRET_ACCESS_KEY", "hush-key")];
    assert_eq!(services.deploy(&project, &keys).0.as_deref(), Some("OFARCHIVE"));
    project.remove("home/.aws/config");
    assert_eq!(services.deploy(&project, &keys).0.as_deref(), Some("OFENV"));
}

#[test]
fn a_web_identity_as_ci_has_it_is_exchanged_for_keys() {
    let services = Services::start();
    let project = project(&services, "").file("token", "hush-web");
    let token = project.root().join("token");
    let environment = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/a"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let (used, said) = services.deploy(&project, &environment);
    assert_eq!(used.as_deref(), Some("OFWEB"), "{said}");
}

#[test]
fn without_credentials_a_deploy_says_so_within_seconds() {
    let services = Services::start();
    let project = project(&services, "");
    let started = Instant::now();
    let (used, said) = services.deploy(&project, &[("AWS_EC2_METADATA_DISABLED", "false")]);
    assert_eq!(used, None);
    assert!(said.contains("no credentials were found") && said.contains("AWS_PROFILE"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_process_that_fails_is_named_and_what_it_said_is_not_repeated() {
    let services = Services::start();
    let project = with_profiles(project(&services, ""));
    let (used, said) = services.deploy(&project, &[("AWS_PROFILE", "broken")]);
    assert_eq!(used, None);
    assert!(said.contains("credentials cannot be had") && said.contains("exit status: 3"), "{said}");
}

#[test]
fn no_file_of_the_project_or_the_site_holds_a_secret() {
    let services = Services::start();
    let project = project(&services, "");
    let keys = [("AWS_ACCESS_KEY_ID", "OFENV"), ("AWS_SECRET_ACCESS_KEY", "hush-key"), ("RUST_LOG", "trace")];
    services.deploy(&project, &keys);
    let mut folders = vec![project.root().to_path_buf()];
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        SECRETS.iter().any(|secret| bytes.windows(secret.len()).any(|part| part == secret.as_bytes()))
    };
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false => assert!(!holds(&entry), "{}", entry.display()),
            }
        }
    }
}
