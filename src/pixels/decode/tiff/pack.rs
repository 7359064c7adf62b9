//! Samples of more than 8 bits as a TIFF stores them: what the JPEG codec hands out is packed again, so that unpacking
//! has one place.

/// Packs rows of `row_samples` samples, each of `bits` bits, into rows of whole bytes. Answers the bytes filled.
pub fn pack(samples: &[u16], row_samples: usize, bits: u32, big_endian: bool, raw: &mut [u8]) -> usize {
    let row_bytes = (row_samples * bits as usize).div_ceil(8);
    for (row, raw) in samples.chunks_exact(row_samples).zip(raw.chunks_exact_mut(row_bytes)) {
        if bits == 16 {
            let bytes = row.iter().map(|value| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
            raw.as_chunks_mut::<2>().0.iter_mut().zip(bytes).for_each(|(out, bytes)| *out = bytes);
        } else {
            pack_row(row, bits, raw);
        }
    }
    samples.len() / row_samples * row_bytes
}

/// Highest bit first.
fn pack_row(row: &[u16], bits: u32, raw: &mut [u8]) {
    let (mut held, mut count) = (0u64, 0);
    let mut out = raw.iter_mut();
    for value in row {
        held = held << bits | u64::from(*value);
        count += bits;
        while count >= 8 {
            count -= 8;
            if let Some(byte) = out.next() {
                *byte = (held >> count) as u8;
            }
        }
    }
    if let (1.., Some(byte)) = (count, out.next()) {
        *byte = (held << (8 - count)) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_at_bytes() {
        let mut raw = [0; 10];
        assert_eq!(pack(&[0x123, 0x456, 0x789, 0xabc, 0xdef, 0x012], 3, 12, true, &mut raw), 10);
        assert_eq!(raw, [0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef, 0x01, 0x20]);
        let mut raw = [0; 2];
        assert_eq!((pack(&[0x1234], 1, 16, false, &mut raw), raw), (2, [0x34, 0x12]));
    }
}
