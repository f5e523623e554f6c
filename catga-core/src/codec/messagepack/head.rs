/// What the first byte of a value, and the length behind it, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// How many bytes come before the values within: marker, length, and data.
    pub(super) bytes: u64,
    /// How many values are within; for a map, keys and values.
    pub(super) values: u64,
    pub(super) is_map: bool,
}

impl Head {
    /// The head of the first value; nothing if there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (&marker, rest) = bytes.split_first()?;
        Some(match marker {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Self::data(1),
            0x80..=0x8f => Self::map(1, u64::from(marker & 0x0f)),
            0x90..=0x9f => Self::list(1, u64::from(marker & 0x0f)),
            0xa0..=0xbf => Self::data(1 + u64::from(marker & 0x1f)),
            0xc1 => return None,
            0xc4 | 0xd9 => Self::data(2 + number::<1>(rest)?),
            0xc5 | 0xda => Self::data(3 + number::<2>(rest)?),
            0xc6 | 0xdb => Self::data(5 + number::<4>(rest)?),
            // An extension has a byte for its kind.
            0xc7 => Self::data(3 + number::<1>(rest)?),
            0xc8 => Self::data(4 + number::<2>(rest)?),
            0xc9 => Self::data(6 + number::<4>(rest)?),
            0xcc | 0xd0 => Self::data(2),
            0xcd | 0xd1 => Self::data(3),
            0xca | 0xce | 0xd2 => Self::data(5),
            0xcb | 0xcf | 0xd3 => Self::data(9),
            0xd4..=0xd8 => Self::data(2 + (1 << (marker - 0xd4))),
            0xdc => Self::list(3, number::<2>(rest)?),
            0xdd => Self::list(5, number::<4>(rest)?),
            0xde => Self::map(3, number::<2>(rest)?),
            0xdf => Self::map(5, number::<4>(rest)?),
        })
    }

    fn data(bytes: u64) -> Self {
        Self { bytes, values: 0, is_map: false }
    }

    fn list(bytes: u64, values: u64) -> Self {
        Self { bytes, values, is_map: false }
    }

    fn map(bytes: u64, pairs: u64) -> Self {
        Self { bytes, values: 2 * pairs, is_map: true }
    }
}

/// A number of so many bytes, most significant first.
fn number<const N: usize>(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<N>().map(|bytes| bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}
