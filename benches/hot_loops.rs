//! The loops that a build spends its time in, one at a time: `cargo bench --bench hot_loops`.
//!
//! Each is measured in bytes of pixels a second on one thread, over pixels that are smooth and grainy as scans are.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use iiif_build::model::Channels;
use iiif_build::model::geometry::Size;
use iiif_build::model::pyramid::Pyramid;
use iiif_build::model::settings::{Coding, FileFormat, ImageSettings};
use iiif_build::pixels::decode;
use iiif_build::pixels::encode::{self, Pixels, Target};
use iiif_build::pixels::tiling::shrink_rows;
use image::{DynamicImage, ImageFormat, RgbImage};
use std::f32::consts::TAU;
use std::hint::black_box;
use std::path::PathBuf;

const SIDE: u32 = 2048;

fn scan(side: u32) -> RgbImage {
    let mut state = 1u32;
    RgbImage::from_fn(side, side, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (state >> 29) as f32 - 3.5;
        let wave = (TAU * x as f32 / 97.0).sin() + (TAU * y as f32 / 61.0).cos();
        image::Rgb([0.0, 8.0, -8.0].map(|hue: f32| (150.0 + 40.0 * wave + hue + grain) as u8))
    })
}

fn shrink(c: &mut Criterion) {
    let mut group = c.benchmark_group("halve two rows");
    for (channels, name) in [(Channels::Grey, "grey"), (Channels::Rgb, "RGB")] {
        let row = vec![77u8; 12_240 * channels.count()];
        let mut out = vec![0; row.len() / 2];
        group.throughput(Throughput::Bytes(2 * row.len() as u64));
        group.bench_function(name, |b| b.iter(|| shrink_rows(black_box(&row), black_box(&row), &mut out, channels)));
    }
}

fn encode_tile(c: &mut Criterion) {
    let image = scan(512);
    let mut group = c.benchmark_group("encode a tile of 512");
    group.throughput(Throughput::Bytes(image.as_raw().len() as u64));
    for quality in [75, 80, 90] {
        let coding = Coding { quality, ..Coding::default() };
        let target = Target { format: FileFormat::Jpeg, coding };
        let pixels =
            Pixels { data: image.as_raw(), stride: 512 * 3, size: Size::new(512, 512), channels: Channels::Rgb };
        group.bench_function(BenchmarkId::from_parameter(quality), |b| {
            b.iter(|| encode::encode(pixels, target, |jpeg| Ok(black_box(jpeg.len()))).unwrap())
        });
    }
}

/// The same picture in a file of each format.
fn files(folder: &tempfile::TempDir) -> Vec<(&'static str, PathBuf)> {
    let image = DynamicImage::from(scan(SIDE));
    [("JPEG", "1.jpg", ImageFormat::Jpeg), ("PNG", "1.png", ImageFormat::Png)]
        .map(|(name, file, format)| {
            let path = folder.path().join(file);
            image.save_with_format(&path, format).unwrap();
            (name, path)
        })
        .to_vec()
}

fn decode_rows(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let settings = ImageSettings::default();
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Bytes(u64::from(SIDE).pow(2) * 3)).sample_size(20);
    for (name, path) in files(&folder) {
        let header = decode::probe(&path, &settings).unwrap().remove(0);
        let memory = header.decoder_memory.bytes(rayon::current_num_threads()) + header.extra_memory;
        let mut rows = vec![0; SIDE as usize * 3 * 512];
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut source = decode::open(&path, &header, &settings, memory).unwrap();
                (0..SIDE / 512).for_each(|_| source.read_rows(&mut rows).unwrap());
            })
        });
    }
}

fn cut_without_decoding(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let settings = ImageSettings::default();
    let (_, path) = files(&folder).remove(0);
    let header = decode::probe(&path, &settings).unwrap().remove(0);
    let pyramid = Pyramid::new(header.size, settings.tile_size, settings.whole_limit());
    let mut group = c.benchmark_group("cut tiles out of a JPEG");
    group.throughput(Throughput::Bytes(u64::from(SIDE).pow(2) * 3)).sample_size(20);
    group.bench_function("512", |b| {
        b.iter(|| decode::open_passthrough(&path, &header).unwrap().tiles(&pyramid, &|_, _, _| Ok(())).unwrap())
    });
}

criterion_group!(benches, shrink, encode_tile, decode_rows, cut_without_decoding);
criterion_main!(benches);
