use super::{kind_of_name, mp4, probe, webm};
use crate::model::geometry::Size;
use crate::model::{RecordingHeader, RecordingKind};
use std::io::Cursor;

fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [(body.len() as u32 + 8).to_be_bytes().as_slice(), kind, &body].concat()
}

/// A movie of 12.5 seconds with one track; `sides` and whether they are turned: it is video.
fn movie(version: u8, video: Option<([u32; 2], bool)>) -> Vec<u8> {
    let long =
        |value: u32| if version == 1 { u64::from(value).to_be_bytes().to_vec() } else { value.to_be_bytes().to_vec() };
    let times = [long(0), long(0)].concat();
    let mvhd = atom(b"mvhd", &[&[version, 0, 0, 0], &times, &600_u32.to_be_bytes(), &long(7500), &[0; 80]]);
    let ([width, height], is_turned) = video.unwrap_or_default();
    let (a, b) = if is_turned { (0, 0x10000) } else { (0x10000_u32, 0) };
    let matrix = [a, b, 0, b, a, 0, 0, 0, 0x4000_0000].map(u32::to_be_bytes).concat();
    let sides = [width << 16, height << 16].map(u32::to_be_bytes).concat();
    let tkhd = atom(b"tkhd", &[&[version, 0, 0, 3], &times, &[0; 8], &long(7500), &[0; 16], &matrix, &sides]);
    let hdlr = atom(b"hdlr", &[&[0; 8], if video.is_some() { b"vide" } else { b"soun" }, &[0; 13]]);
    let trak = atom(b"trak", &[&tkhd, &atom(b"mdia", &[&hdlr])]);
    [atom(b"ftyp", &[b"isom\0\0\x02\0"]), atom(b"free", &[&[0; 100]]), atom(b"moov", &[&mvhd, &trak])].concat()
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id, &(0x1000_0000 | body.len() as u32).to_be_bytes(), body].concat()
}

/// 3.5 seconds of 640 by 360 in a segment whose size is not known, before a cluster that is cut off.
fn matroska(display: &[u8]) -> Vec<u8> {
    let head = element(&[0x1a, 0x45, 0xdf, 0xa3], &[]);
    let info = element(&[0x15, 0x49, 0xa9, 0x66], &element(&[0x44, 0x89], &3500_f32.to_be_bytes()));
    let pixels = [element(&[0xb0], &[2, 128]), element(&[0xba], &[1, 104]), display.to_vec()].concat();
    let entry = [element(&[0x83], &[1]), element(&[0xe0], &pixels)].concat();
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &entry));
    let segment = [&[0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255][..], &info, &tracks].concat();
    [head, segment, vec![0x1f, 0x43, 0xb6, 0x75, 0x88, 1]].concat()
}

fn video(duration: f64, width: u32, height: u32) -> Result<RecordingHeader, String> {
    let size = Some(Size::new(width, height));
    Ok(RecordingHeader { kind: RecordingKind::Video, duration: Some(duration), size })
}

#[test]
fn names_tell_recordings_from_other_files() {
    assert_eq!(kind_of_name("a.MP3"), Some(RecordingKind::Sound));
    assert_eq!(kind_of_name("a.webm"), Some(RecordingKind::Video));
    assert_eq!(["mp3", "a.vtt", "a.tif"].map(kind_of_name), [None; 3]);
}

#[test]
fn mp4_says_its_length_and_its_upright_size() {
    for version in [0, 1] {
        let read = |video| mp4::probe(Cursor::new(movie(version, video)));
        assert_eq!(read(Some(([480, 360], false))), video(12.5, 480, 360));
        assert_eq!(read(Some(([480, 360], true))), video(12.5, 360, 480));
        let sound = RecordingHeader { kind: RecordingKind::Sound, duration: Some(12.5), size: None };
        assert_eq!(read(None), Ok(sound));
    }
}

#[test]
fn webm_is_read_up_to_its_tracks() {
    assert_eq!(webm::probe(Cursor::new(matroska(&[]))), video(3.5, 640, 360));
    let shown = [element(&[0x54, 0xb0], &[2, 208]), element(&[0x54, 0xba], &[2, 28])].concat();
    assert_eq!(webm::probe(Cursor::new(matroska(&shown))), video(3.5, 720, 540));
}

#[test]
fn a_movie_in_fragments_is_as_long_as_they_are() {
    let full = |kind, flags: u32, numbers: &[u32]| {
        atom(kind, &[&flags.to_be_bytes(), &numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>()])
    };
    let mvhd = atom(b"mvhd", &[&[0; 12], &600_u32.to_be_bytes(), &[0; 84]]);
    let mdhd = atom(b"mdhd", &[&[0; 12], &1000_u32.to_be_bytes(), &[0; 8]]);
    let hdlr = atom(b"hdlr", &[&[0; 8], b"soun", &[0; 13]]);
    let tkhd = full(b"tkhd", 3, &[0, 0, 7, 0, 0]);
    let trak = atom(b"trak", &[&tkhd, &atom(b"mdia", &[&mdhd, &hdlr])]);
    let trex = full(b"trex", 0, &[7, 1, 20, 0, 0]);
    let head = [atom(b"ftyp", &[b"isom"]), atom(b"moov", &[&mvhd, &trak, &atom(b"mvex", &[&trex])])].concat();
    let fragment = |time: u32, run: &[u8]| {
        let traf = [&full(b"tfhd", 0, &[7])[..], &full(b"tfdt", 0, &[time]), run].concat();
        [atom(b"moof", &[&full(b"mfhd", 0, &[1]), &atom(b"traf", &[&traf])]), atom(b"mdat", &[&[0; 100]])].concat()
    };
    let even = full(b"trun", 0, &[50]);
    let uneven = full(b"trun", 0x301, &[3, 0, 500, 9, 250, 9, 1250, 9]);
    let file = [head, fragment(10_000, &even), fragment(11_000, &uneven)].concat();
    let length = |file: &[u8]| mp4::probe(Cursor::new(file)).unwrap().duration;
    assert_eq!(length(&file), Some(3.0));
    assert_eq!(length(&file[..file.len() - 50]), Some(3.0), "the last samples are cut off");
}

#[test]
fn what_a_browser_records_is_as_long_as_its_blocks() {
    let head = element(&[0x1a, 0x45, 0xdf, 0xa3], &[]);
    let info = element(&[0x15, 0x49, 0xa9, 0x66], &[]);
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &element(&[0x83], &[2])));
    let endless = |id: &[u8]| [id, &[0x01, 255, 255, 255, 255, 255, 255, 255]].concat();
    let cluster = |time: u16, blocks: &[u16]| {
        let block = |since: &u16| element(&[0xa3], &[&[0x81][..], &since.to_be_bytes(), &[0; 20]].concat());
        let blocks: Vec<u8> = blocks.iter().flat_map(block).collect();
        [endless(&[0x1f, 0x43, 0xb6, 0x75]), element(&[0xe7], &time.to_be_bytes()), blocks].concat()
    };
    let clusters = [cluster(100, &[0, 1000, 2000]), cluster(5000, &[0, 1100])].concat();
    let file = [head, endless(&[0x18, 0x53, 0x80, 0x67]), info, tracks, clusters].concat();
    assert_eq!(webm::probe(Cursor::new(&file)).unwrap().duration, Some(6.0));
    assert_eq!(webm::probe(Cursor::new(&file[..file.len() - 30])).unwrap().duration, Some(4.9));
}

#[test]
fn damage_anywhere_is_refused_or_read_past_and_never_more() {
    let whole = [movie(0, Some(([480, 360], false))), matroska(&[])];
    for bytes in whole {
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                _ = mp4::probe(Cursor::new(&damaged));
                _ = webm::probe(Cursor::new(&damaged));
            }
            _ = mp4::probe(Cursor::new(&bytes[..at]));
            _ = webm::probe(Cursor::new(&bytes[..at]));
        }
    }
}

#[test]
fn what_has_no_end_is_given_up() {
    let empty_boxes = [0_u8, 0, 0, 8, b'f', b'r', b'e', b'e'].repeat(30_000);
    assert!(mp4::probe(Cursor::new(empty_boxes)).unwrap_err().contains("no end"));
    assert!(webm::probe(Cursor::new([0xec, 0x80].repeat(200_000))).unwrap_err().contains("no end"));
}

#[test]
fn a_file_is_what_its_name_says_or_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = probe(&path).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        error
    };
    refused("a.mp3", b"");
    refused("b.mp3", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xe8\x03\0\0\xe8\x03\0\0\x01\0\x08\0data\0\0\0\0");
    refused("c.ogg", b"OggS\0\x02");
    refused("d.flac", b"fLaC\x80\0\0\x22");
    assert!(refused("e.mp4", b"not a movie at all").contains("no MP4"));
    assert!(refused("f.webm", b"\x1a\x45\xdf\xa3\x80").contains("neither a track"));
}
