//! A bucket of a server, to which the program deploys through a proxy, and which others look at without it.

use super::proxy::Proxy;
use super::server::{KEY, SECRET, Server};
use crate::http::request;
use crate::project::Project;
use crate::site::Site;
use crate::{cli, http};
use futures_util::{StreamExt, TryStreamExt, stream};
use iiif_build::publish::headers::headers;
use iiif_build::storage::store::PRIVATE;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Where in a bucket the site lies.
const PREFIX: &str = "archive";

pub struct Bucket {
    pub server: &'static Server,
    pub proxy: Proxy,
    pub name: String,
    pub client: Client,
}

impl Bucket {
    pub fn on(server: &'static Server) -> Bucket {
        let bucket = Bucket::missing_on(server);
        let url = bucket.client.runtime.block_on(bucket.client.store.signed_url(
            reqwest::Method::PUT,
            &Path::from(""),
            Duration::from_secs(60),
        ));
        let url = url.unwrap();
        let target = format!("{}?{}", url.path(), url.query().unwrap());
        let answer: http::Answer = request(server.port, "PUT", &target, &[("Content-Length", "0")]);
        assert_eq!(answer.status, 200, "{}: {}", server.name, answer.text());
        bucket
    }

    /// One that there is not.
    pub fn missing_on(server: &'static Server) -> Bucket {
        static BUCKETS: AtomicU32 = AtomicU32::new(1);
        let name = format!("scans-{}", BUCKETS.fetch_add(1, Ordering::Relaxed));
        let client = Client::of(server, &name);
        Bucket { server, proxy: Proxy::to(server.port), name, client }
    }

    /// The project has it as its target `live`.
    pub fn is_target_of(&self, project: &Project, grace: &str) {
        let path = project.root().join("iiif-build.toml");
        let settings = std::fs::read_to_string(&path).unwrap_or_default();
        let settings = settings.split("[deploy.live]").next().unwrap();
        let (name, port) = (&self.name, self.proxy.port);
        let target = format!(
            "[deploy.live]\nurl = \"s3://{name}/{PREFIX}\"\nregion = \"us-east-1\"\n\
             endpoint = \"http://127.0.0.1:{port}\"\ngrace = \"{grace}\"\n"
        );
        project.write("iiif-build.toml", format!("{settings}{target}"));
    }

    /// The program, which is told to do what it would refuse.
    pub fn command(&self, project: &Project, arguments: &[&str]) -> Command {
        self.strict_command(project, &[arguments, &["--from-stale", "--allow-shrink", "1000"]].concat())
    }

    /// The program, with credentials.
    pub fn strict_command(&self, project: &Project, arguments: &[&str]) -> Command {
        let mut command = cli::command(&[&["deploy", "live"], arguments].concat());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command.arg("--root").arg(project.root());
        command
    }

    /// The same files as `site`, and of `looked_at` the bytes and what hosts say of each.
    #[track_caller]
    pub fn assert_holds(&self, site: &Site, looked_at: &BTreeSet<String>) {
        let (there, local) = (self.client.keys(), site.files(""));
        let of = self.server.name;
        let (missing, odd): (Vec<_>, Vec<_>) = (local.difference(&there).collect(), there.difference(&local).collect());
        assert!(missing.is_empty() && odd.is_empty(), "{of}: missing are {missing:?}, left over {odd:?}");
        self.assert_shows(site, local.intersection(looked_at));
    }

    /// The files of `site` at `paths`, and what hosts say of each. More may be there.
    #[track_caller]
    pub fn assert_shows<'a>(&self, site: &Site, paths: impl IntoIterator<Item = &'a String>) {
        let of = self.server.name;
        for (path, found) in self.client.all(paths) {
            let (bytes, attributes) = found.unwrap_or_else(|| panic!("{of}: {path} is not there"));
            assert!(bytes == site.read(&path), "{of}: {path} has other bytes");
            let said = |attribute: Attribute| attributes.get(&attribute).map(|value| value.to_string());
            let (kind, cache) = (said(Attribute::ContentType), said(Attribute::CacheControl));
            let headers = headers(&path);
            let right = (Some(headers.content_type), Some(headers.cache_control));
            assert_eq!((kind.as_deref(), cache.as_deref()), right, "{of}: {path}");
        }
    }
}

type Object = (Vec<u8>, Attributes);

/// Asks the server itself.
pub struct Client {
    store: AmazonS3,
    runtime: Runtime,
}

impl Client {
    pub fn of(server: &Server, bucket: &str) -> Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region("us-east-1");
        let builder = builder.with_endpoint(format!("http://localhost:{}", server.port)).with_allow_http(true);
        let store = builder.with_access_key_id(KEY).with_secret_access_key(SECRET).build().unwrap();
        Client { store, runtime: Builder::new_current_thread().enable_all().build().unwrap() }
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Of the site, without what is private.
    pub fn keys(&self) -> BTreeSet<String> {
        let prefix = Path::from(PREFIX);
        let listed: Vec<_> = self.wait(self.store.list(Some(&prefix)).try_collect()).unwrap();
        let paths = listed.iter().map(|entry| below_prefix(entry.location.as_ref()));
        paths.filter(|path| !path.starts_with(PRIVATE)).map(str::to_owned).collect()
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.wait(self.object(path)).map(|(bytes, _)| bytes)
    }

    pub fn has(&self, path: &str) -> bool {
        match self.wait(self.store.head(&key(path))) {
            Ok(_) => true,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// As somebody else would.
    pub fn put(&self, path: &str, bytes: Vec<u8>, content_type: &'static str) {
        let options = PutOptions::from(Attributes::from_iter([(Attribute::ContentType, content_type)]));
        self.wait(self.store.put_opts(&key(path), bytes.into(), options)).unwrap();
    }

    pub fn delete(&self, path: &str) {
        self.wait(self.store.delete(&key(path))).unwrap();
    }

    /// The whole site.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let found = self.all(&self.keys());
        found.into_iter().filter_map(|(path, found)| Some((path, found?.0))).collect()
    }

    fn all<'a>(&self, paths: impl IntoIterator<Item = &'a String>) -> Vec<(String, Option<Object>)> {
        let get = |path: String| async move { (path.clone(), self.object(&path).await) };
        let paths: Vec<String> = paths.into_iter().cloned().collect();
        self.wait(stream::iter(paths).map(get).buffer_unordered(16).collect())
    }

    async fn object(&self, path: &str) -> Option<Object> {
        match self.store.get(&key(path)).await {
            Ok(found) => {
                let attributes = found.attributes.clone();
                Some((found.bytes().await.unwrap().to_vec(), attributes))
            }
            Err(object_store::Error::NotFound { .. }) => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

fn key(path: &str) -> Path {
    Path::parse(format!("{PREFIX}/{path}")).unwrap()
}

/// A key, or the path of a request that ends with one, as a path of the site.
pub fn below_prefix(key: &str) -> &str {
    key.split_once(&format!("{PREFIX}/")).map_or(key, |(_, path)| path)
}
