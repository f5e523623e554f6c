use super::{
    head::Head,
    scan::{Malformed, scan},
};

/// The same value with the entries of each map in the order of their encoded keys.
pub(in crate::codec) fn canonical(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    scan(bytes)?;
    let mut sorted = Vec::with_capacity(bytes.len());
    copy_value(bytes, &mut sorted).ok_or(Malformed::NoValue)?;
    Ok(sorted)
}

/// Copies the first value; gives what is behind it. The bytes were scanned, so this goes no deeper than the scan allows.
fn copy_value<'a>(bytes: &'a [u8], sorted: &mut Vec<u8>) -> Option<&'a [u8]> {
    let head = Head::read(bytes)?;
    let (before, mut rest) = bytes.split_at_checked(usize::try_from(head.bytes).ok()?)?;
    sorted.extend_from_slice(before);
    if head.is_map {
        return copy_map(rest, head.values / 2, sorted);
    }
    for _ in 0..head.values {
        rest = copy_value(rest, sorted)?;
    }
    Some(rest)
}

fn copy_map<'a>(mut bytes: &'a [u8], pairs: u64, sorted: &mut Vec<u8>) -> Option<&'a [u8]> {
    let mut entries = Vec::new();
    for _ in 0..pairs {
        let mut entry = Vec::new();
        bytes = copy_value(bytes, &mut entry)?;
        bytes = copy_value(bytes, &mut entry)?;
        entries.push(entry);
    }
    // A key says where it ends, so entries with different keys sort by their keys alone.
    entries.sort_unstable();
    sorted.extend(entries.into_iter().flatten());
    Some(bytes)
}
