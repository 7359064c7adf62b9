//! JPEG 2000 files that others read: boxes that are not as they should be, and components of less resolution.

use iiif_build::error::Result;
use iiif_build::model::settings::ImageSettings;
use iiif_build::pixels::decode;
use std::fs;
use std::path::Path;
use std::process::Command;

const SCAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/content/balloon-1786/balloon_kdu71.jp2");

/// All samples of the file, or as many rows as are asked for.
fn decoded(path: &Path, rows: u32) -> Result<Vec<u8>> {
    let settings = ImageSettings::default();
    let header = decode::probe(path, &settings)?.remove(0);
    let mut source = decode::open(path, &header, &settings, 1 << 30)?;
    let rows = rows.min(header.size.height) as usize;
    let mut pixels = vec![0; rows * header.size.width as usize * header.channels.count()];
    source.read_rows(&mut pixels)?;
    Ok(pixels)
}

fn decoded_bytes(bytes: &[u8], rows: u32) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.jp2");
    fs::write(&path, bytes).unwrap();
    decoded(&path, rows)
}

fn place(bytes: &[u8], name: &[u8; 4]) -> usize {
    bytes.windows(4).position(|word| word == name).unwrap()
}

#[test]
fn a_last_box_that_claims_more_than_the_file_has_is_read() {
    let sound = fs::read(SCAN).unwrap();
    let expected = decoded_bytes(&sound, 8).unwrap();
    let name = place(&sound, b"jp2c");
    let length = |length: u32| [&sound[..name - 4], &length.to_be_bytes(), &sound[name..]].concat();
    let wide = |length: u64| {
        [&sound[..name - 4], &1u32.to_be_bytes(), b"jp2c", &length.to_be_bytes(), &sound[name + 4..]].concat()
    };
    for file in [length(sound.len() as u32), length(u32::MAX), length(0), wide(1 << 40), wide(u64::MAX)] {
        assert!(decoded_bytes(&file, 8).unwrap() == expected);
    }
    // What is not there is missed nevertheless.
    let cut = &length(u32::MAX)[..sound.len() / 2];
    assert!(decoded_bytes(cut, u32::MAX).is_err());
}

#[test]
fn a_palette_without_its_mapping_is_refused_with_that_reason() {
    let sound = fs::read(SCAN).unwrap();
    let (header, colour) = (place(&sound, b"jp2h"), place(&sound, b"colr"));
    for columns in [1u8, 3] {
        let entries =
            [0u8, 1].into_iter().chain([columns]).chain(vec![7; columns.into()]).chain(vec![9; columns.into()]);
        let content: Vec<u8> = entries.collect();
        let palette = [&(8 + content.len() as u32).to_be_bytes()[..], b"pclr", &content].concat();
        let mut file = [&sound[..colour - 4], &palette, &sound[colour - 4..]].concat();
        let length = u32::from_be_bytes(file[header - 4..header].try_into().unwrap()) + palette.len() as u32;
        file[header - 4..header].copy_from_slice(&length.to_be_bytes());
        let error = decoded_bytes(&file, 1).unwrap_err();
        assert!(error.message().contains("palette without a component mapping"), "{error:?}");
        assert!(error.hint().is_some_and(|hint| hint.contains("export")), "{error:?}");
    }
}

/// Raw planes of YCbCr: luma of full resolution, chroma of less.
struct Planes {
    width: u32,
    height: u32,
    across: u32,
    down: u32,
    bits: u32,
}

impl Planes {
    fn sample(&self, plane: usize, x: u32, y: u32) -> u32 {
        let value = match plane {
            0 => 70 + (x * 3 + y * 5) % 110,
            1 => 90 + (x * 7 + y) % 80,
            _ => 80 + (x + y * 9) % 90,
        };
        value << (self.bits - 8)
    }

    fn raw(&self) -> Vec<u8> {
        let size = |plane| if plane == 0 { (self.width, self.height) } else { self.chroma() };
        let all = (0..3).flat_map(|plane| {
            let (width, height) = size(plane);
            (0..height).flat_map(move |y| (0..width).map(move |x| (plane, x, y)))
        });
        all.flat_map(|(plane, x, y)| {
            let bytes = self.sample(plane, x, y).to_be_bytes();
            bytes[if self.bits > 8 { 2 } else { 3 }..].to_vec()
        })
        .collect()
    }

    fn chroma(&self) -> (u32, u32) {
        (self.width / self.across, self.height / self.down)
    }

    fn rgb(&self) -> Vec<u8> {
        let unit = |value: u32| value as f32 / ((1u32 << self.bits) - 1) as f32 * 255.0;
        let zero = unit(1 << (self.bits - 1));
        let pixel = |x: u32, y: u32| {
            let luma = unit(self.sample(0, x, y));
            let [cb, cr] = [1, 2].map(|plane| unit(self.sample(plane, x / self.across, y / self.down)) - zero);
            [luma + 1.402 * cr, luma - 0.344_136 * cb - 0.714_136 * cr, luma + 1.772 * cb]
                .map(|value| value.round() as u8)
        };
        (0..self.height).flat_map(|y| (0..self.width).flat_map(move |x| pixel(x, y))).collect()
    }

    /// Encoded without loss, if the encoder is here.
    fn encoded(&self, name: &str, more: &[&str]) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let (raw, out) = (folder.path().join("in.raw"), folder.path().join(name));
        fs::write(&raw, self.raw()).unwrap();
        let Planes { width, height, across, down, bits } = self;
        let form = format!("{width},{height},3,{bits},u@1x1:{across}x{down}:{across}x{down}");
        let mut command = Command::new("opj_compress");
        command.args(["-F", &form, "-mct", "0", "-n", "3"]).args(more).arg("-i").arg(raw).arg("-o").arg(&out);
        match command.output() {
            Ok(output) if output.status.success() => fs::read(out).ok(),
            _ => None,
        }
    }
}

#[test]
fn components_of_less_resolution_are_ycbcr_and_cross_tile_borders() {
    let mut compared = 0;
    for (across, down, bits) in [(2, 2, 8), (2, 1, 8), (2, 2, 12), (4, 1, 8)] {
        let planes = Planes { width: 100, height: 68, across, down, bits };
        let expected = planes.rgb();
        for (name, more) in [
            ("a.j2k", &[][..]),
            ("a.jp2", &[]),
            ("a.j2k", &["-t", "32,32"]),
            ("a.jp2", &["-t", "33,33"]),
            ("a.j2k", &["-t", "35,31"]),
        ] {
            let Some(file) = planes.encoded(name, more) else { continue };
            let pixels = decoded_bytes(&file, u32::MAX).unwrap();
            let worst = pixels.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(pixels.len() == expected.len() && worst <= 1, "{across} x {down}, {bits} bit, {more:?}: {worst}");
            compared += 1;
        }
    }
    println!("{compared} files compared; without opj_compress none");
}

#[test]
fn one_channel_is_grey_whatever_its_file_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let (raw, out) = (folder.path().join("in.raw"), folder.path().join("out.jp2"));
    let values: Vec<u8> = (0..64 * 48).map(|at| (at % 251) as u8).collect();
    fs::write(&raw, &values).unwrap();
    let made =
        Command::new("opj_compress").args(["-F", "64,48,1,8,u"]).arg("-i").arg(&raw).arg("-o").arg(&out).output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("skipped: no opj_compress");
        return;
    }
    let mut file = fs::read(out).unwrap();
    let space = place(&file, b"colr") + 7;
    for number in [16u32, 17, 18, 12, 0] {
        file[space..space + 4].copy_from_slice(&number.to_be_bytes());
        assert_eq!(decoded_bytes(&file, u32::MAX).unwrap(), values);
    }
}
