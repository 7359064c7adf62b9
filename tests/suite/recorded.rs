//! Sound and video for tests: files of which only the headers say something.

/// A file of the format that the name of `path` asks for.
pub fn file(path: &str, seconds: f64, size: Option<(u32, u32)>) -> Vec<u8> {
    match path.rsplit_once('.').unwrap().1 {
        "wav" => wav(seconds),
        "mp3" => mp3(seconds),
        "flac" => flac(seconds),
        "mp4" | "m4a" | "m4v" => mp4(seconds, size),
        "webm" => webm(seconds, size),
        other => panic!("nobody records .{other}"),
    }
}

/// Silence: one channel of 8 bits, 1000 samples a second.
pub fn wav(seconds: f64) -> Vec<u8> {
    let samples = (seconds * 1000.0) as u32;
    let mut wav = [b"RIFF".as_slice(), &(samples + 36).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    wav.extend([1, 0, 1, 0]);
    wav.extend(1000_u32.to_le_bytes());
    wav.extend(1000_u32.to_le_bytes());
    wav.extend([1, 0, 8, 0]);
    wav.extend(b"data");
    wav.extend(samples.to_le_bytes());
    wav.resize(wav.len() + samples as usize, 128);
    wav
}

/// MPEG-1 layer III, 32 kbit/s, 48 kHz: frames of 96 bytes and 24 ms, all silent.
pub fn mp3(seconds: f64) -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x14, 0xc0];
    frame.resize(96, 0);
    frame.repeat((seconds / 0.024).round() as usize)
}

/// STREAMINFO alone, of 1000 samples a second.
pub fn flac(seconds: f64) -> Vec<u8> {
    let mut flac = b"fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0".to_vec();
    // 20 bits of rate, 3 of channels, 5 of depth, 36 of samples.
    let described = (1000_u64 << 44) | (15 << 36) | (seconds * 1000.0) as u64;
    flac.extend(described.to_be_bytes());
    flac.extend([0; 16]);
    flac
}

fn atom(kind: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    [(body.len() as u32 + 8).to_be_bytes().as_slice(), kind, &body].concat()
}

/// ISO base media: `moov` with one track, in thousandths of a second.
pub fn mp4(seconds: f64, size: Option<(u32, u32)>) -> Vec<u8> {
    let ticks = ((seconds * 1000.0).round() as u32).to_be_bytes().to_vec();
    let zeros = |count: usize| vec![0; count];
    let rate = || 1000_u32.to_be_bytes().to_vec();
    let mvhd = atom(b"mvhd", &[zeros(12), rate(), ticks.clone(), zeros(80)]);
    let identity = [0x10000_u32, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000].map(u32::to_be_bytes).concat();
    let (width, height) = size.unwrap_or_default();
    let sides = [width << 16, height << 16].map(u32::to_be_bytes).concat();
    let tkhd = atom(
        b"tkhd",
        &[vec![0, 0, 0, 3], zeros(8), vec![0, 0, 0, 1], zeros(4), ticks.clone(), zeros(16), identity, sides],
    );
    let mdhd = atom(b"mdhd", &[zeros(12), rate(), ticks, zeros(4)]);
    let kind = if size.is_some() { b"vide" } else { b"soun" };
    let hdlr = atom(b"hdlr", &[zeros(8), kind.to_vec(), zeros(13)]);
    let sound =
        atom(b"mp4a", &[zeros(16), vec![0, 1, 0, 16], zeros(4), 48_000_u32.to_be_bytes()[2..].to_vec(), zeros(2)]);
    let entries = if size.is_some() { zeros(8) } else { [vec![0, 0, 0, 0, 0, 0, 0, 1], sound].concat() };
    let minf = atom(b"minf", &[atom(b"stbl", &[atom(b"stsd", &[entries])])]);
    let trak = atom(b"trak", &[tkhd, atom(b"mdia", &[mdhd, hdlr, minf])]);
    [atom(b"ftyp", &[b"isom\0\0\x02\0isommp42".to_vec()]), atom(b"moov", &[mvhd, trak])].concat()
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let size = (0x1000_0000 | body.len() as u32).to_be_bytes();
    [id, &size, body].concat()
}

/// Matroska: `Info` and one track.
pub fn webm(seconds: f64, size: Option<(u32, u32)>) -> Vec<u8> {
    let head = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
    let duration = element(&[0x44, 0x89], &(seconds * 1000.0).to_be_bytes());
    let info = element(&[0x15, 0x49, 0xa9, 0x66], &duration);
    let sides = size.map(|(width, height)| {
        let pixels = [element(&[0xb0], &width.to_be_bytes()), element(&[0xba], &height.to_be_bytes())].concat();
        element(&[0xe0], &pixels)
    });
    let kind = element(&[0x83], &[if size.is_some() { 1 } else { 2 }]);
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &[kind, sides.unwrap_or_default()].concat()));
    [head, element(&[0x18, 0x53, 0x80, 0x67], &[info, tracks].concat())].concat()
}
