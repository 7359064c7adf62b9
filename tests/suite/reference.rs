//! What other programs make of an image file: upright, 8-bit sRGB, alpha on white. One process for each picture, with
//! a folder and a time limit of its own.

use std::borrow::BorrowMut;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A program that takes longer has lost its way.
const PATIENCE: Duration = Duration::from_secs(20);

/// The programs, in the order in which they are asked. libvips and ImageMagick convert colour with lcms, relative
/// colorimetric, the second with black point compensation. The others leave profiles alone, but read what they were
/// written for better than those two.
pub const TOOLS: [Tool; 4] = [Tool::Vips, Tool::ImageMagick, Tool::Libtiff, Tool::OpenJpeg];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Vips,
    ImageMagick,
    Libtiff,
    OpenJpeg,
}

/// Interleaved RGB.
#[derive(Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

/// Whether all programs are installed.
pub fn are_installed() -> bool {
    // They answer with help or a version, and not all of them call that a success.
    ["vips", "tiff2rgba", "opj_decompress"].iter().all(|tool| Command::new(tool).arg("-h").output().is_ok())
        && image_magick().is_some()
}

/// What its `convert` is called here: other programs bear that name too.
fn image_magick() -> Option<&'static str> {
    static NAME: LazyLock<Option<&str>> = LazyLock::new(|| {
        let is_it = |name: &&str| {
            let version = Command::new(name).arg("-version").output();
            version.is_ok_and(|version| String::from_utf8_lossy(&version.stdout).contains("ImageMagick"))
        };
        ["convert-im6", "magick", "convert"].into_iter().find(is_it)
    });
    *NAME
}

impl Tool {
    pub fn name(self) -> &'static str {
        match self {
            Tool::Vips => "vips",
            Tool::ImageMagick => "ImageMagick",
            Tool::Libtiff => "tiff2rgba",
            Tool::OpenJpeg => "opj_decompress",
        }
    }

    /// The first image of the file at `path`; `None` where the program refuses it.
    pub fn read(self, path: &Path, has_profile: bool) -> Option<Picture> {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let out = folder.join("out.ppm");
        let ran = match self {
            Tool::Vips => vips(path, folder, &out),
            Tool::ImageMagick => {
                has_profile && finishes(convert(path, &out, Some(&srgb_profile(folder))))
                    || finishes(convert(path, &out, None))
            }
            Tool::Libtiff => {
                let rgba = folder.join("rgba.tif");
                finishes(command("tiff2rgba", [path, &rgba])) && finishes(convert(&rgba, &out, None))
            }
            Tool::OpenJpeg => opj_decompress(path, folder, &out),
        };
        if ran { Picture::of_ppm(&fs::read(out).ok()?) } else { None }
    }
}

fn command<'a>(program: &str, arguments: impl IntoIterator<Item = &'a Path>) -> Command {
    let mut command = Command::new(program);
    command.env("VIPS_CONCURRENCY", "1").env("OMP_NUM_THREADS", "1").args(arguments);
    command
}

/// Upright, then in sRGB: by the embedded profile where it fits, else by what the colour space means.
fn vips(path: &Path, folder: &Path, out: &Path) -> bool {
    let (upright, flat, srgb) = (folder.join("upright.v"), folder.join("flat.v"), folder.join("srgb.v"));
    let vips = |operation: &str, from: &Path, to: &Path, rest: &[&str]| {
        finishes(command("vips", [Path::new(operation), from, to]).args(rest))
    };
    if !vips("autorot", &with_text(path, "[fail-on=error]"), &upright, &[]) {
        return false;
    }
    let field = |at: usize| fs::read(&upright).ok().and_then(|image| image.get(at).copied());
    // Transparent pixels of 16 bit are flattened at once, before it takes their alpha for one of 8 bit.
    let is_deep = field(20) == Some(2);
    let whole_range = ["--background", "65535", "--max-alpha", "65535"];
    let from = if is_deep && vips("flatten", &upright, &flat, &whole_range) { &flat } else { &upright };
    // A profile that does not fit, or has no such intent, is only warned of; then another one was used.
    let embedded = |intent: &str| {
        let mut vips = command("vips", [Path::new("icc_transform"), from, &srgb]);
        finishes(vips.env("G_DEBUG", "fatal-warnings").args(["srgb", "--embedded", "--depth", "8", "--intent", intent]))
    };
    let plain = || vips("colourspace", from, &srgb, &["srgb"]);
    let converted = match field(28) {
        // XYZ, as it reads LogLuv.
        Some(12) => plain(),
        // CIELab is ICC's connection space; by itself it takes the white of it for that of sRGB.
        Some(13 | 21) => vips("icc_export", from, &srgb, &["--output-profile", "srgb", "--intent", "relative"]),
        _ => embedded("relative") || embedded("perceptual") || plain(),
    };
    converted && vips("copy", &srgb, &with_text(out, "[background=255]"), &[])
}

fn convert(path: &Path, out: &Path, srgb: Option<&Path>) -> Command {
    let mut command = command(image_magick().unwrap_or("convert"), []);
    command.arg(with_text(path, "[0]")).arg("-auto-orient");
    if let Some(srgb) = srgb {
        command.args(["-intent", "relative", "-black-point-compensation", "-profile"]).arg(srgb);
    }
    command.args(["-colorspace", "sRGB", "-background", "white", "-alpha", "remove", "-depth", "8"]).arg(out);
    command
}

/// It goes by the ending of a name, and writes PNG with alpha.
fn opj_decompress(path: &Path, folder: &Path, out: &Path) -> bool {
    let is_codestream = fs::read(path).is_ok_and(|file| file.starts_with(&[0xff, 0x4f]));
    let (copy, png) = (folder.join(if is_codestream { "in.j2k" } else { "in.jp2" }), folder.join("out.png"));
    fs::copy(path, &copy).unwrap();
    finishes(command("opj_decompress", [Path::new("-i"), &copy, Path::new("-o"), &png]))
        && finishes(convert(&png, out, None))
}

fn with_text(path: &Path, text: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(text);
    path.into()
}

fn srgb_profile(folder: &Path) -> PathBuf {
    let path = folder.join("srgb.icc");
    fs::write(&path, moxcms::ColorProfile::new_srgb().encode().unwrap()).unwrap();
    path
}

/// Whether the program succeeds in time.
fn finishes(mut command: impl BorrowMut<Command>) -> bool {
    let command = command.borrow_mut().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

impl Picture {
    /// From grey (one channel) or RGB (three).
    pub fn of_channels(width: usize, height: usize, channels: usize, pixels: &[u8]) -> Picture {
        let rgb = match channels {
            1 => pixels.iter().flat_map(|value| [*value; 3]).collect(),
            _ => pixels.to_vec(),
        };
        Picture { width, height, rgb }
    }

    /// Reads PGM or PPM, 8 or 16 bit, as both programs write them.
    fn of_ppm(file: &[u8]) -> Option<Picture> {
        let mut at = 0;
        let channels = match word(file, &mut at)? {
            "P5" => 1,
            "P6" => 3,
            _ => return None,
        };
        let mut number = || word(file, &mut at)?.parse::<usize>().ok();
        let (width, height, most) = (number()?, number()?, number()?);
        let samples = file.get(at + 1..)?;
        let wide = |pair: &[u8; 2]| ((u32::from(u16::from_be_bytes(*pair)) * 255 + 32_767) / 65_535) as u8;
        let narrow: Vec<u8>;
        let pixels = match most {
            255 => samples,
            _ => {
                narrow = samples.as_chunks::<2>().0.iter().map(wide).collect();
                &narrow
            }
        };
        Some(Picture::of_channels(width, height, channels, pixels.get(..width * height * channels)?))
    }

    /// The mean of all absolute differences, in 1/255; endless where the sizes differ.
    pub fn difference(&self, other: &Picture) -> f64 {
        if (self.width, self.height) != (other.width, other.height) {
            return f64::INFINITY;
        }
        let sum: u64 = self.rgb.iter().zip(&other.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / self.rgb.len() as f64
    }
}

/// The next word of a header, comments left out.
fn word<'a>(file: &'a [u8], at: &mut usize) -> Option<&'a str> {
    loop {
        while file.get(*at)?.is_ascii_whitespace() {
            *at += 1;
        }
        let start = *at;
        let ends = |byte: &u8| byte.is_ascii_whitespace();
        let is_comment = file[start] == b'#';
        let length = file[start..].iter().position(|byte| if is_comment { *byte == b'\n' } else { ends(byte) })?;
        *at += length;
        if !is_comment {
            return std::str::from_utf8(&file[start..*at]).ok();
        }
    }
}
