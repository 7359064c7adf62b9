//! OpenJPEG's decoder made safe: [`Decoder`] and [`Component`].
//!
//! One of the two places with `unsafe` code. The `jpeg2k` crate wraps the same library, but cannot decode a single
//! tile, takes every core for each codec, and returns slices of planes that were never decoded.
#![allow(unsafe_code)]

use openjpeg_sys as opj;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io::{Read, Seek, SeekFrom};
use std::ptr::NonNull;

const TRUE: opj::OPJ_BOOL = 1;
const STREAM_BUFFER: usize = 1 << 16;

/// The bytes of a file as OpenJPEG reads them.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// The two ways a codestream is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    Jp2,
    Codestream,
}

/// A JPEG 2000 image whose header is read and whose pixels can be decoded.
pub struct Decoder {
    codec: NonNull<opj::opj_codec_t>,
    stream: NonNull<opj::opj_stream_t>,
    image: NonNull<opj::opj_image_t>,
    message: Box<Message>,
}

// SAFETY: the codec is used by one thread at a time, and its source is `Send`.
unsafe impl Send for Decoder {}

/// The first error that OpenJPEG reported. The decoder boxes it, because the library keeps its address.
#[derive(Default)]
struct Message(String);

/// One decoded plane. It can have fewer samples than the image has pixels.
pub struct Component<'a> {
    pub width: usize,
    pub height: usize,
    /// Image pixels from one sample to the next, across and down.
    pub dx: u32,
    pub dy: u32,
    /// Bits a sample, 1 to 31.
    pub precision: u32,
    pub signed: bool,
    pub samples: &'a [i32],
}

/// The version of OpenJPEG, such as `2.5.4`.
pub fn version() -> String {
    // SAFETY: a string that ends with 0 and lives as long as the program.
    unsafe { CStr::from_ptr(opj::opj_version()) }.to_string_lossy().into_owned()
}

impl Decoder {
    /// Reads the header of `source`, which is `len` bytes long. `threads` decode one image together.
    pub fn new(
        source: impl ReadSeek + 'static,
        len: u64,
        wrapping: Wrapping,
        threads: usize,
    ) -> Result<Decoder, String> {
        let format = match wrapping {
            Wrapping::Jp2 => opj::CODEC_FORMAT::OPJ_CODEC_JP2,
            Wrapping::Codestream => opj::CODEC_FORMAT::OPJ_CODEC_J2K,
        };
        let source: Box<Box<dyn ReadSeek>> = Box::new(Box::new(source));
        // SAFETY: plain allocations; the stream takes ownership of `source` and frees it in `drop_source`.
        let (codec, stream) = unsafe {
            let stream = opj::opj_stream_create(STREAM_BUFFER, TRUE);
            let stream = NonNull::new(stream).ok_or("out of memory")?;
            opj::opj_stream_set_user_data(stream.as_ptr(), Box::into_raw(source).cast(), Some(drop_source));
            opj::opj_stream_set_user_data_length(stream.as_ptr(), len);
            opj::opj_stream_set_read_function(stream.as_ptr(), Some(read_source));
            opj::opj_stream_set_skip_function(stream.as_ptr(), Some(skip_source));
            opj::opj_stream_set_seek_function(stream.as_ptr(), Some(seek_source));
            match NonNull::new(opj::opj_create_decompress(format)) {
                Some(codec) => (codec, stream),
                None => {
                    opj::opj_stream_destroy(stream.as_ptr());
                    return Err("out of memory".into());
                }
            }
        };
        let mut message = Box::<Message>::default();
        let mut image = std::ptr::null_mut();
        // SAFETY: codec and stream are valid; `message` is boxed, so its address stays; the parameters are a plain
        // C struct that the library fills with defaults.
        let read = unsafe {
            opj::opj_set_error_handler(codec.as_ptr(), Some(note_error), std::ptr::from_mut(&mut *message).cast());
            let mut parameters = std::mem::zeroed::<opj::opj_dparameters_t>();
            opj::opj_set_default_decoder_parameters(&mut parameters);
            opj::opj_setup_decoder(codec.as_ptr(), &mut parameters) == TRUE
                && (threads < 2 || opj::opj_codec_set_threads(codec.as_ptr(), threads as c_int) == TRUE)
                && opj::opj_read_header(stream.as_ptr(), codec.as_ptr(), &mut image) == TRUE
        };
        match NonNull::new(image) {
            Some(image) => {
                let decoder = Decoder { codec, stream, image, message };
                if read { Ok(decoder) } else { Err(decoder.failure()) }
            }
            None => {
                // SAFETY: both were made above and are not used again.
                unsafe {
                    opj::opj_destroy_codec(codec.as_ptr());
                    opj::opj_stream_destroy(stream.as_ptr());
                }
                Err(message.0)
            }
        }
    }

    /// Decodes one tile; tiles are counted row by row. Can be called again for another tile.
    pub fn decode_tile(&mut self, index: u32) -> Result<Vec<Component<'_>>, String> {
        // SAFETY: all three are valid and belong together.
        let ok =
            unsafe { opj::opj_get_decoded_tile(self.codec.as_ptr(), self.stream.as_ptr(), self.image.as_ptr(), index) };
        if ok == TRUE { self.components() } else { Err(self.failure()) }
    }

    /// Decodes the area from (`x0`, `y0`) up to (`x1`, `y1`) on the reference grid. Must be called only once for each
    /// decoder.
    pub fn decode_area(&mut self, x0: u32, y0: u32, x1: u32, y1: u32) -> Result<Vec<Component<'_>>, String> {
        let side = |value: u32| opj::OPJ_INT32::try_from(value).map_err(|_| "area out of range");
        let (x0, y0, x1, y1) = (side(x0)?, side(y0)?, side(x1)?, side(y1)?);
        // SAFETY: all three are valid and belong together.
        let ok = unsafe {
            opj::opj_set_decode_area(self.codec.as_ptr(), self.image.as_ptr(), x0, y0, x1, y1) == TRUE
                && opj::opj_decode(self.codec.as_ptr(), self.stream.as_ptr(), self.image.as_ptr()) == TRUE
        };
        if ok { self.components() } else { Err(self.failure()) }
    }

    fn components(&self) -> Result<Vec<Component<'_>>, String> {
        // SAFETY: the image is valid; `comps` holds `numcomps` components, each with `w * h` samples where its data
        // is not null, which is checked. They live until the next call, which the borrow prevents.
        unsafe {
            let image = self.image.as_ref();
            if image.comps.is_null() {
                return Err("no components".into());
            }
            std::slice::from_raw_parts(image.comps, image.numcomps as usize)
                .iter()
                .map(|component| {
                    let (width, height) = (component.w as usize, component.h as usize);
                    if component.data.is_null() || component.prec == 0 || component.prec > 31 {
                        return Err("a component was not decoded".to_owned());
                    }
                    Ok(Component {
                        width,
                        height,
                        dx: component.dx.max(1),
                        dy: component.dy.max(1),
                        precision: component.prec,
                        signed: component.sgnd != 0,
                        samples: std::slice::from_raw_parts(component.data, width * height),
                    })
                })
                .collect()
        }
    }

    fn failure(&self) -> String {
        if self.message.0.is_empty() { "damaged data".into() } else { self.message.0.clone() }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made in `new`, freed once.
        unsafe {
            opj::opj_destroy_codec(self.codec.as_ptr());
            opj::opj_stream_destroy(self.stream.as_ptr());
            opj::opj_image_destroy(self.image.as_ptr());
        }
    }
}

/// Keeps the first error; later errors only follow from it.
unsafe extern "C" fn note_error(message: *const c_char, kept: *mut c_void) {
    // SAFETY: `kept` is the decoder's boxed message; OpenJPEG reports on the thread that called it.
    let (kept, message) = unsafe { (&mut (*kept.cast::<Message>()).0, CStr::from_ptr(message)) };
    if kept.is_empty() {
        *kept = message.to_string_lossy().trim().to_owned();
    }
}

unsafe extern "C" fn drop_source(source: *mut c_void) {
    // SAFETY: boxed by `Decoder::new`, freed once by OpenJPEG.
    drop(unsafe { Box::from_raw(source.cast::<Box<dyn ReadSeek>>()) });
}

/// Returns how many bytes were read, or the library's sign for the end.
unsafe extern "C" fn read_source(buffer: *mut c_void, bytes: opj::OPJ_SIZE_T, source: *mut c_void) -> opj::OPJ_SIZE_T {
    // SAFETY: OpenJPEG hands back the user data, unshared, and a buffer of its own.
    let (source, buffer) = unsafe {
        (&mut *source.cast::<Box<dyn ReadSeek>>(), std::slice::from_raw_parts_mut(buffer.cast::<u8>(), bytes))
    };
    match source.read(buffer) {
        Ok(read) if read > 0 => read,
        _ => opj::OPJ_SIZE_T::MAX,
    }
}

unsafe extern "C" fn skip_source(bytes: opj::OPJ_OFF_T, source: *mut c_void) -> opj::OPJ_OFF_T {
    // SAFETY: as above.
    let source = unsafe { &mut *source.cast::<Box<dyn ReadSeek>>() };
    source.seek(SeekFrom::Current(bytes)).map_or(-1, |_| bytes)
}

unsafe extern "C" fn seek_source(offset: opj::OPJ_OFF_T, source: *mut c_void) -> opj::OPJ_BOOL {
    // SAFETY: as above.
    let source = unsafe { &mut *source.cast::<Box<dyn ReadSeek>>() };
    let seek = u64::try_from(offset).map(|offset| source.seek(SeekFrom::Start(offset)).is_ok());
    opj::OPJ_BOOL::from(seek.unwrap_or(false))
}
