//! Whether bytes are one value of MessagePack, not too deep.
//!
//! `rmp-serde` doesn't see bytes that are left over, and counts depth for lists and maps but not for enums, so that a few hundred kilobytes of
//! nested variants end the process. Looking first costs a pass over the heads, and makes each length true before anything is decoded.

use std::{error, fmt};

use super::{super::MAX_DEPTH, head::Head};

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) enum Malformed {
    /// They end before the value does, or a marker that doesn't exist stands where a value should.
    NoValue,
    TooDeep,
    LeftOver,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue => f.write_str("the bytes are no MessagePack, or end too early"),
            Self::TooDeep => write!(f, "it nests deeper than {MAX_DEPTH}"),
            Self::LeftOver => f.write_str("bytes are left over"),
        }
    }
}

impl error::Error for Malformed {}

/// Checks the bytes, in time that grows with their number, without allocating.
pub(super) fn scan(mut bytes: &[u8]) -> Result<(), Malformed> {
    // For each open list and map, how many values are missing; beneath them, the one value.
    let mut missing = [0_u64; MAX_DEPTH + 1];
    missing[0] = 1;
    let mut depth = 0;
    loop {
        while missing[depth] == 0 {
            if depth == 0 {
                return if bytes.is_empty() { Ok(()) } else { Err(Malformed::LeftOver) };
            }
            depth -= 1;
        }
        missing[depth] -= 1;
        let head = Head::read(bytes).ok_or(Malformed::NoValue)?;
        let behind = usize::try_from(head.bytes).ok().and_then(|head| bytes.get(head..));
        bytes = behind.ok_or(Malformed::NoValue)?;
        // Each value takes a byte at least.
        if head.values > bytes.len() as u64 {
            return Err(Malformed::NoValue);
        }
        if head.values > 0 {
            depth += 1;
            *missing.get_mut(depth).ok_or(Malformed::TooDeep)? = head.values;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_of_each_kind_passes_and_one_byte_less_or_more_does_not() {
        let values: [&[u8]; 17] = [
            &[0x07],
            &[0xc0],
            &[0xff],
            &[0xa2, b'h', b'i'],
            &[0xc4, 1, 0],
            &[0xc5, 0, 1, 0],
            &[0xc6, 0, 0, 0, 1, 0],
            &[0xc7, 1, 9, 0],
            &[0xca, 0, 0, 0, 0],
            &[0xcb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xcd, 1, 0],
            &[0xd8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xd9, 1, b'x'],
            &[0x92, 0x91, 0x01, 0x90],
            &[0x81, 0xa1, b'a', 0x80],
            &[0xdc, 0, 1, 0x01],
            &[0xdf, 0, 0, 0, 1, 0x01, 0xc3],
        ];
        for value in values {
            assert_eq!(scan(value), Ok(()), "{value:x?}");
            assert_eq!(scan(&value[..value.len() - 1]), Err(Malformed::NoValue), "{value:x?}");
            assert_eq!(scan(&[value, &[0xc0]].concat()), Err(Malformed::LeftOver), "{value:x?}");
        }
    }

    #[test]
    fn a_list_may_nest_so_deep_and_no_deeper() {
        let nested = |depth: usize| [vec![0x91; depth], vec![0xc0]].concat();
        assert_eq!(scan(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(scan(&nested(MAX_DEPTH + 1)), Err(Malformed::TooDeep));
    }

    #[test]
    fn a_length_that_lies_is_no_value() {
        for lie in
            [[0xdd, 0xff, 0xff, 0xff, 0xff, 0], [0xdf, 0xff, 0xff, 0xff, 0xff, 0], [0xdb, 0xff, 0xff, 0xff, 0xff, 0]]
        {
            assert_eq!(scan(&lie), Err(Malformed::NoValue));
        }
    }
}
