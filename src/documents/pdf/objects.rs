//! The numbered objects of a PDF, written one after the other (ISO 32000-1, 7.3.10 and 7.5.8). Only the place of each is
//! kept, eight bytes an object.

use crate::storage::fingerprint::Hasher;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Chunk, Filter, Finish, Name, Obj, Ref, Settings, Str, Stream};
use std::io::{self, Write};

/// The objects are as small as they can be.
const COMPACT: Settings = Settings { pretty: false };

/// Four bytes above 127 tell programs that the file is not text.
const HEADER: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";

/// See the [module](self).
pub struct Objects<'a> {
    out: &'a mut dyn Write,
    position: u64,
    /// Of the objects from number 1 on; 0: the object is not written.
    places: Vec<u64>,
    hasher: Hasher,
}

impl<'a> Objects<'a> {
    /// Begins a file.
    pub fn begin(out: &'a mut dyn Write) -> io::Result<Objects<'a>> {
        let mut objects = Objects { out, position: 0, places: vec![], hasher: Hasher::new() };
        objects.write(HEADER)?;
        Ok(objects)
    }

    /// The number of an object that is written later, or never.
    pub fn reserve(&mut self) -> Ref {
        self.places.push(0);
        number(self.places.len())
    }

    /// Writes the object `id`.
    pub fn put(&mut self, id: Ref, fill: impl FnOnce(Obj<'_>)) -> io::Result<()> {
        let mut chunk = Chunk::with_settings(COMPACT);
        fill(chunk.indirect(id));
        self.place(id);
        self.write(chunk.as_bytes())
    }

    /// Writes the stream `id` of bytes that are compressed already.
    pub fn put_packed(&mut self, id: Ref, packed: &[u8], fill: impl FnOnce(&mut Stream<'_>)) -> io::Result<()> {
        let mut chunk = Chunk::with_settings(COMPACT);
        let mut stream = chunk.stream(id, packed);
        stream.filter(Filter::FlateDecode);
        fill(&mut stream);
        stream.finish();
        self.place(id);
        self.write(chunk.as_bytes())
    }

    /// Writes the stream `id`, and compresses its bytes.
    pub fn put_stream(&mut self, id: Ref, bytes: &[u8], fill: impl FnOnce(&mut Stream<'_>)) -> io::Result<()> {
        let mut packer = packer();
        packer.write_all(bytes)?;
        self.put_packed(id, &packer.finish()?, fill)
    }

    /// Begins the stream `id` of `length` bytes, which are written as they are. `dictionary`: its other keys.
    pub fn begin_raw(&mut self, id: Ref, dictionary: &str, length: u64) -> io::Result<()> {
        self.place(id);
        self.write(format!("{} 0 obj\n<<{dictionary}/Length {length}>>\nstream\n", id.get()).as_bytes())
    }

    /// Writes bytes of the stream that was begun.
    pub fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }

    /// Ends the stream that was begun.
    pub fn end_raw(&mut self) -> io::Result<()> {
        self.write(b"\nendstream\nendobj\n")
    }

    /// Writes where each object is, and ends the file.
    pub fn finish(mut self, catalog: Ref, info: Ref) -> io::Result<()> {
        let id = self.reserve();
        self.place(id);
        let table = self.table();
        let start = self.position;
        let name = &self.hasher.finalize().as_bytes()[..16].to_vec();
        let size = i32::try_from(self.places.len() + 1).map_err(io::Error::other)?;
        self.put_stream(id, &table, |stream| {
            stream.pair(Name(b"Type"), Name(b"XRef"));
            stream.pair(Name(b"Size"), size);
            stream.insert(Name(b"W")).array().items([1, 8, 2]);
            stream.pair(Name(b"Root"), catalog);
            stream.pair(Name(b"Info"), info);
            stream.insert(Name(b"ID")).array().items([Str(name), Str(name)]);
        })?;
        self.write(format!("startxref\n{start}\n%%EOF\n").as_bytes())
    }

    /// A row of 11 bytes for each object: whether it is there, its place, its generation (7.5.8.3).
    fn table(&self) -> Vec<u8> {
        let row = |place: u64, generation: u16| {
            let place_and_kind = [&[u8::from(place > 0)][..], &place.to_be_bytes()].concat();
            [&place_and_kind[..], &generation.to_be_bytes()].concat()
        };
        let free = row(0, u16::MAX);
        free.into_iter().chain(self.places.iter().flat_map(|place| row(*place, 0))).collect()
    }

    fn place(&mut self, id: Ref) {
        if let Some(place) = self.places.get_mut(id.get() as usize - 1) {
            *place = self.position;
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.position += bytes.len() as u64;
        Ok(())
    }
}

/// Compresses what is written into it.
pub fn packer() -> ZlibEncoder<Vec<u8>> {
    ZlibEncoder::new(vec![], Compression::default())
}

/// The number of the last of so many objects. No item has two thousand million.
fn number(count: usize) -> Ref {
    Ref::new(i32::try_from(count).unwrap_or(i32::MAX))
}
