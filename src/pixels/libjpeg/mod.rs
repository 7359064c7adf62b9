//! libjpeg-turbo's scanline API made safe: [`Decoder`] and [`Encoder`].
//!
//! One of the two places with `unsafe` code. The C side is `shim.c`; it turns libjpeg's `longjmp` errors into return
//! values, so that no jump ever crosses a Rust frame. The library itself is built and linked by `turbojpeg-sys`.
//!
//! Rejected: the `turbojpeg` crate. The small C file gives one API for tiles, for whole images that are fed row by row,
//! and for streamed decoding.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::io::Read;
use std::ptr::NonNull;

// Links the library that `shim.c` calls.
use turbojpeg_sys as _;

/// Colour spaces, numbered as in `jpeglib.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum ColourSpace {
    Unknown = 0,
    Grey = 1,
    Rgb = 2,
    YCbCr = 3,
    Cmyk = 4,
    Ycck = 5,
}

impl ColourSpace {
    fn from_c(value: c_int) -> ColourSpace {
        match value {
            1 => ColourSpace::Grey,
            2 => ColourSpace::Rgb,
            3 => ColourSpace::YCbCr,
            4 => ColourSpace::Cmyk,
            5 => ColourSpace::Ycck,
            _ => ColourSpace::Unknown,
        }
    }
}

/// The contents of a JPEG's markers up to the first scan.
#[derive(Debug, Clone)]
pub struct Header {
    pub width: u32,
    pub height: u32,
    pub components: usize,
    pub colour_space: ColourSpace,
    /// Bits a sample: 8, or 12 and 16 in medical and lossless files. Samples of more than 8 are handed out in two bytes
    /// of the machine's own order.
    pub precision: u32,
    /// All coefficients must be in memory before the first row.
    pub multiple_scans: bool,
    /// It has an Adobe marker: CMYK is stored inverted.
    pub saw_adobe: bool,
    /// Horizontal and vertical sampling factor of each component.
    pub sampling: Vec<(u8, u8)>,
}

#[repr(C)]
#[derive(Default)]
struct RawHeader {
    width: c_uint,
    height: c_uint,
    components: c_int,
    colour_space: c_int,
    precision: c_int,
    progressive: c_int,
    saw_adobe: c_int,
    h_samples: [u8; 4],
    v_samples: [u8; 4],
}

#[repr(C)]
struct RawEncoding {
    width: c_uint,
    height: c_uint,
    components: c_int,
    quality: c_int,
    subsampled: c_int,
    optimised: c_int,
    progressive: c_int,
}

#[repr(C)]
struct RawDecoder {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawEncoder {
    _opaque: [u8; 0],
}

type ReadFunction = unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> usize;

unsafe extern "C" {
    fn ib_version() -> *const c_char;
    fn ib_decoder_new(read: ReadFunction, context: *mut c_void, limits: Limits) -> *mut RawDecoder;
    fn ib_decoder_header(decoder: *mut RawDecoder, header: *mut RawHeader) -> c_int;
    fn ib_decoder_marker(decoder: *const RawDecoder, app: c_int, index: c_uint, data: *mut *const u8) -> usize;
    fn ib_decoder_start(decoder: *mut RawDecoder, stored: c_int, wanted: c_int) -> c_int;
    fn ib_decoder_halve(decoder: *mut RawDecoder);
    fn ib_decoder_tolerate(decoder: *mut RawDecoder);
    fn ib_decoder_rows(decoder: *mut RawDecoder, pixels: *mut u8, stride: usize, rows: c_uint) -> c_int;
    fn ib_decoder_message(decoder: *const RawDecoder) -> *const c_char;
    fn ib_decoder_damage(decoder: *const RawDecoder) -> *const c_char;
    fn ib_decoder_free(decoder: *mut RawDecoder);
    fn ib_encoder_new() -> *mut RawEncoder;
    fn ib_encoder_start(encoder: *mut RawEncoder, encoding: *const RawEncoding) -> c_int;
    fn ib_encoder_rows(encoder: *mut RawEncoder, pixels: *const u8, stride: usize, rows: c_uint) -> c_int;
    fn ib_encoder_finish(encoder: *mut RawEncoder) -> c_int;
    fn ib_encoder_take(encoder: *mut RawEncoder, data: *mut *const u8) -> usize;
    fn ib_encoder_message(encoder: *const RawEncoder) -> *const c_char;
    fn ib_encoder_free(encoder: *mut RawEncoder);
}

/// Limits on the files that a [`Decoder`] reads.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Limits {
    /// Most bytes before the first scan.
    pub header_bytes: usize,
    pub scans: c_int,
}

type Input = Box<dyn Read + Send>;

/// The version of libjpeg-turbo, such as `3.1.2`.
pub fn version() -> String {
    // SAFETY: a string that ends with 0 and lives as long as the program.
    unsafe { CStr::from_ptr(ib_version()) }.to_string_lossy().into_owned()
}

/// Fills `buffer`. An error of the reader is treated as the end of the data, which libjpeg reports.
unsafe extern "C" fn read_input(context: *mut c_void, buffer: *mut u8, capacity: usize) -> usize {
    // SAFETY: `context` is the `Input` that `Decoder` keeps alive and unshared; the shim owns `buffer`.
    let (input, buffer) = unsafe { (&mut *context.cast::<Input>(), std::slice::from_raw_parts_mut(buffer, capacity)) };
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => return result.unwrap_or(0),
        }
    }
}

/// Reads one JPEG from top to bottom.
pub struct Decoder {
    raw: NonNull<RawDecoder>,
    /// Only read through `raw`, whose context points at it.
    _input: Box<Input>,
    pub header: Header,
    /// Bytes of a decoded row, once started.
    row_bytes: usize,
    rows_left: u32,
}

// SAFETY: libjpeg keeps no thread-local state, and `Input` is `Send`.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Reads the header. Errors are libjpeg's words.
    pub fn new(input: impl Read + Send + 'static, limits: Limits) -> Result<Decoder, String> {
        let mut input: Box<Input> = Box::new(Box::new(input));
        let context: *mut Input = &mut *input;
        // SAFETY: `context` outlives the raw decoder: both are fields of the value made below.
        let raw = unsafe { ib_decoder_new(read_input, context.cast(), limits) };
        let raw = NonNull::new(raw).ok_or("out of memory")?;
        let header = Header {
            width: 0,
            height: 0,
            components: 0,
            colour_space: ColourSpace::Unknown,
            precision: 8,
            multiple_scans: false,
            saw_adobe: false,
            sampling: vec![],
        };
        let mut decoder = Decoder { raw, _input: input, header, row_bytes: 0, rows_left: 0 };
        let mut raw_header = RawHeader::default();
        // SAFETY: both pointers are valid for the call.
        if unsafe { ib_decoder_header(decoder.raw.as_ptr(), &mut raw_header) } == 0 {
            return Err(decoder.message());
        }
        decoder.header = Header::from(&raw_header);
        Ok(decoder)
    }

    /// The payloads of APP1 (EXIF, XMP) or APP2 (ICC) markers, in the order of the file.
    pub fn markers(&self, app: u8) -> Vec<&[u8]> {
        (0..)
            .map_while(|index| {
                let mut data = std::ptr::null();
                // SAFETY: the shim answers 0 or a pointer to as many bytes, which live as long as the decoder.
                let bytes = unsafe { ib_decoder_marker(self.raw.as_ptr(), c_int::from(app), index, &mut data) };
                (bytes > 0).then(|| unsafe { std::slice::from_raw_parts(data, bytes) })
            })
            .collect()
    }

    /// Decodes at half the resolution, rounded up. Must be called before the start.
    pub fn halve(&mut self) {
        // SAFETY: the decoder is valid.
        unsafe { ib_decoder_halve(self.raw.as_ptr()) }
        self.header.width = self.header.width.div_ceil(2);
        self.header.height = self.header.height.div_ceil(2);
    }

    /// Bad codes are then reported by [`Decoder::damage`] instead of being errors. Must be called before the start.
    pub fn tolerate_bad_codes(&mut self) {
        // SAFETY: the decoder is valid.
        unsafe { ib_decoder_tolerate(self.raw.as_ptr()) }
    }

    /// The first bad code in the data decoded so far, in libjpeg's words; only if bad codes are tolerated.
    pub fn damage(&self) -> Option<String> {
        // SAFETY: the shim keeps a terminated string in the decoder.
        let damage = unsafe { CStr::from_ptr(ib_decoder_damage(self.raw.as_ptr())) };
        (!damage.is_empty()).then(|| damage.to_string_lossy().into_owned())
    }

    /// Starts decoding to `wanted`. `stored` overrides the colour space that the file gives (TIFF needs this).
    pub fn start(&mut self, stored: Option<ColourSpace>, wanted: ColourSpace) -> Result<(), String> {
        let stored = stored.map_or(-1, |space| space as c_int);
        // SAFETY: the decoder is valid and its header was read.
        if unsafe { ib_decoder_start(self.raw.as_ptr(), stored, wanted as c_int) } == 0 {
            return Err(self.message());
        }
        let components = match wanted {
            ColourSpace::Grey => 1,
            ColourSpace::Rgb | ColourSpace::YCbCr => 3,
            ColourSpace::Cmyk | ColourSpace::Ycck => 4,
            ColourSpace::Unknown => self.header.components,
        };
        self.row_bytes = self.header.width as usize * components * self.bytes_per_sample();
        self.rows_left = self.header.height;
        Ok(())
    }

    fn bytes_per_sample(&self) -> usize {
        if self.header.precision > 8 { 2 } else { 1 }
    }

    /// Decodes the next rows into `pixels`, which holds whole rows without padding and is aligned to its samples.
    pub fn read_rows(&mut self, pixels: &mut [u8]) -> Result<(), String> {
        let rows = pixels.len().checked_div(self.row_bytes).unwrap_or(0) as u32;
        if rows > self.rows_left || rows as usize * self.row_bytes != pixels.len() {
            return Err("more rows asked for than there are".into());
        }
        if !pixels.as_ptr().addr().is_multiple_of(self.bytes_per_sample()) {
            return Err("rows are not aligned".into());
        }
        // SAFETY: `pixels` holds `rows` rows of `row_bytes` bytes and is aligned, checked above.
        if unsafe { ib_decoder_rows(self.raw.as_ptr(), pixels.as_mut_ptr(), self.row_bytes, rows) } == 0 {
            return Err(self.message());
        }
        self.rows_left -= rows;
        Ok(())
    }

    fn message(&self) -> String {
        // SAFETY: the shim keeps a terminated string in the decoder.
        unsafe { CStr::from_ptr(ib_decoder_message(self.raw.as_ptr())) }.to_string_lossy().into_owned()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `ib_decoder_new`, freed once.
        unsafe { ib_decoder_free(self.raw.as_ptr()) }
    }
}

impl From<&RawHeader> for Header {
    fn from(raw: &RawHeader) -> Header {
        let components = raw.components.clamp(0, 4) as usize;
        Header {
            width: raw.width,
            height: raw.height,
            components,
            colour_space: ColourSpace::from_c(raw.colour_space),
            precision: raw.precision.unsigned_abs(),
            multiple_scans: raw.progressive != 0,
            saw_adobe: raw.saw_adobe != 0,
            sampling: (0..components).map(|i| (raw.h_samples[i], raw.v_samples[i])).collect(),
        }
    }
}

/// The kind of JPEG that an [`Encoder`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    pub width: u32,
    pub height: u32,
    /// 1 (grey) or 3 (RGB).
    pub components: usize,
    /// 1 to 100.
    pub quality: u8,
    /// Colour at half resolution both ways (4:2:0).
    pub subsampled: bool,
    pub tables: Tables,
}

/// The Huffman tables of a JPEG, and its scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// The tables of the standard; rows are encoded as they come.
    Standard,
    /// Tables made for the image; its coefficients stay in memory until its last row.
    Optimised,
    /// The same, in several scans.
    Progressive,
}

impl From<&Encoding> for RawEncoding {
    fn from(encoding: &Encoding) -> RawEncoding {
        RawEncoding {
            width: encoding.width,
            height: encoding.height,
            components: encoding.components as c_int,
            quality: c_int::from(encoding.quality),
            subsampled: c_int::from(encoding.subsampled),
            optimised: c_int::from(encoding.tables != Tables::Standard),
            progressive: c_int::from(encoding.tables == Tables::Progressive),
        }
    }
}

/// Writes JPEGs, one after the other, row by row.
pub struct Encoder {
    raw: NonNull<RawEncoder>,
    row_bytes: usize,
    rows_left: u32,
}

// SAFETY: libjpeg keeps no thread-local state.
unsafe impl Send for Encoder {}

impl Encoder {
    pub fn new() -> Result<Encoder, String> {
        // SAFETY: no preconditions.
        let raw = NonNull::new(unsafe { ib_encoder_new() }).ok_or("out of memory")?;
        Ok(Encoder { raw, row_bytes: 0, rows_left: 0 })
    }

    /// Begins a JPEG; an unfinished one is dropped.
    pub fn start(&mut self, encoding: Encoding) -> Result<(), String> {
        // SAFETY: the encoder is valid; the encoding is only read, during the call.
        let ok = unsafe { ib_encoder_start(self.raw.as_ptr(), &RawEncoding::from(&encoding)) };
        self.row_bytes = encoding.width as usize * encoding.components;
        self.rows_left = encoding.height;
        self.checked(ok)
    }

    /// Encodes the next `rows` rows of `pixels`, which begin `stride` bytes apart.
    pub fn write_rows(&mut self, pixels: &[u8], stride: usize, rows: u32) -> Result<(), String> {
        let needed = (rows as usize).saturating_sub(1) * stride + self.row_bytes;
        if rows == 0 || rows > self.rows_left || stride < self.row_bytes || pixels.len() < needed {
            return Err("rows do not fit the image".into());
        }
        self.rows_left -= rows;
        // SAFETY: `pixels` holds `rows` rows `stride` bytes apart, checked above.
        let ok = unsafe { ib_encoder_rows(self.raw.as_ptr(), pixels.as_ptr(), stride, rows) };
        self.checked(ok)
    }

    /// Ends the JPEG after its last row.
    pub fn finish(&mut self) -> Result<(), String> {
        // SAFETY: the encoder is valid.
        let ok = unsafe { ib_encoder_finish(self.raw.as_ptr()) };
        self.checked(ok)
    }

    /// The bytes encoded since the last call.
    pub fn take(&mut self) -> &[u8] {
        let mut data = std::ptr::null();
        // SAFETY: the shim answers as many bytes as it points at; they live until the encoder is used again, which
        // the borrow prevents.
        unsafe {
            let bytes = ib_encoder_take(self.raw.as_ptr(), &mut data);
            std::slice::from_raw_parts(data, bytes)
        }
    }

    fn checked(&self, ok: c_int) -> Result<(), String> {
        if ok != 0 {
            return Ok(());
        }
        // SAFETY: the shim keeps a terminated string in the encoder.
        Err(unsafe { CStr::from_ptr(ib_encoder_message(self.raw.as_ptr())) }.to_string_lossy().into_owned())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `ib_encoder_new`, freed once.
        unsafe { ib_encoder_free(self.raw.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { header_bytes: 1 << 20, scans: 100 };

    fn encode(width: u32, height: u32, pixels: &[u8], components: usize) -> Vec<u8> {
        encode_with(Tables::Standard, width, height, pixels, components)
    }

    fn encode_with(tables: Tables, width: u32, height: u32, pixels: &[u8], components: usize) -> Vec<u8> {
        let mut encoder = Encoder::new().unwrap();
        encoder.start(Encoding { width, height, components, quality: 90, subsampled: false, tables }).unwrap();
        let stride = width as usize * components;
        let mut jpeg = vec![];
        for row in pixels.chunks(stride) {
            encoder.write_rows(row, stride, 1).unwrap();
            jpeg.extend_from_slice(encoder.take());
        }
        encoder.finish().unwrap();
        jpeg.extend_from_slice(encoder.take());
        jpeg
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let pixels: Vec<u8> = (0..40 * 30).map(|i| (i % 40 * 6) as u8).collect();
        let jpeg = encode(40, 30, &pixels, 1);
        let mut decoder = Decoder::new(std::io::Cursor::new(jpeg), LIMITS).unwrap();
        assert_eq!((decoder.header.width, decoder.header.height), (40, 30));
        decoder.start(None, ColourSpace::Grey).unwrap();
        let mut decoded = vec![0; pixels.len()];
        decoder.read_rows(&mut decoded).unwrap();
        assert!(pixels.iter().zip(&decoded).all(|(a, b)| a.abs_diff(*b) < 8));
        assert!(decoder.read_rows(&mut [0; 40]).is_err(), "past the end");
    }

    #[test]
    fn other_tables_hold_the_same_pixels_in_fewer_bytes() {
        let pixels: Vec<u8> = (0..200u32 * 150 * 3).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
        let decode = |jpeg: &[u8]| {
            let mut decoder = Decoder::new(std::io::Cursor::new(jpeg.to_vec()), LIMITS).unwrap();
            let progressive = decoder.header.multiple_scans;
            decoder.start(None, ColourSpace::Rgb).unwrap();
            let mut rows = vec![0; pixels.len()];
            decoder.read_rows(&mut rows).unwrap();
            (rows, progressive)
        };
        let [standard, optimised, progressive] = [Tables::Standard, Tables::Optimised, Tables::Progressive]
            .map(|tables| encode_with(tables, 200, 150, &pixels, 3));
        assert!(optimised.len() < standard.len());
        assert_eq!(decode(&optimised), decode(&standard));
        assert_eq!(decode(&progressive), (decode(&standard).0, true));
    }

    #[test]
    fn a_truncated_file_is_an_error_not_grey_pixels() {
        let pixels: Vec<u8> = (0..64u32 * 64 * 3).map(|i| ((i * 7919) >> 3) as u8).collect();
        let mut jpeg = encode(64, 64, &pixels, 3);
        jpeg.truncate(jpeg.len() / 2);
        let mut decoder = Decoder::new(std::io::Cursor::new(jpeg), LIMITS).unwrap();
        decoder.start(None, ColourSpace::Rgb).unwrap();
        assert!(decoder.read_rows(&mut vec![0; pixels.len()]).is_err());
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let mut encoder = Encoder::new().unwrap();
        let (subsampled, tables) = (true, Tables::Standard);
        encoder.start(Encoding { width: 8, height: 2, components: 3, quality: 80, subsampled, tables }).unwrap();
        assert!(encoder.write_rows(&[0; 23], 24, 1).is_err());
        assert!(encoder.write_rows(&[0; 72], 24, 3).is_err());
        assert!(encoder.write_rows(&[0; 48], 24, 2).is_ok());
    }
}
