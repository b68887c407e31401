//! Frames: a tag, the length of the content, the length as it is stored, the content. Compressed (LZ4 block) when that is shorter.

use crate::error::{ArchiveError, reading};
use std::io::{Read, Write};

/// Content of one frame at most: one row with the largest document there can be (16 MiB), and room.
pub(crate) const CONTENT_MAX: usize = 32 * 1024 * 1024;
/// No LZ4 block becomes longer than this many times its stored length.
const RATIO_MAX: usize = 255;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Head,
    Rows,
    File,
    End,
}

impl Tag {
    const ALL: [(Self, u8); 4] = [
        (Self::Head, b'H'),
        (Self::Rows, b'R'),
        (Self::File, b'F'),
        (Self::End, b'E'),
    ];

    fn byte(self) -> u8 {
        let known = Self::ALL.iter().find(|(tag, _)| *tag == self);
        known.map_or(0, |(_, byte)| *byte)
    }

    fn of(byte: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == byte).map(|(tag, _)| *tag)
    }
}

pub(crate) fn write(out: &mut impl Write, tag: Tag, content: &[u8]) -> Result<(), ArchiveError> {
    if content.len() > CONTENT_MAX {
        return Err(ArchiveError::Misused("a frame beyond the limit"));
    }
    let packed = lz4_flex::block::compress(content);
    let stored = if packed.len() < content.len() { &packed } else { content };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map(u32::to_be_bytes);
    let (Ok(whole), Ok(kept)) = (length(content), length(stored)) else {
        return Err(ArchiveError::Misused("a frame beyond the limit"));
    };
    let mut put = |bytes: &[u8]| out.write_all(bytes).map_err(ArchiveError::Write);
    put(&[tag.byte()])?;
    put(&whole)?;
    put(&kept)?;
    put(stored)
}

/// The next frame; it must be there.
pub(crate) fn read(input: &mut impl Read) -> Result<(Tag, Vec<u8>), ArchiveError> {
    let tag = Tag::of(u8::from_be_bytes(array(input)?)).ok_or(ArchiveError::Damaged("a frame of an unknown kind"))?;
    let (whole, kept) = (length(input)?, length(input)?);
    if kept > whole || whole > CONTENT_MAX || whole > kept.saturating_mul(RATIO_MAX).saturating_add(RATIO_MAX) {
        return Err(ArchiveError::Damaged("a frame with a length that it cannot have"));
    }
    let mut stored = Vec::new();
    let limit = u64::try_from(kept).unwrap_or(u64::MAX);
    input.by_ref().take(limit).read_to_end(&mut stored).map_err(reading)?;
    if stored.len() != kept {
        return Err(ArchiveError::Truncated);
    }
    if kept == whole {
        return Ok((tag, stored));
    }
    let unpacked = ArchiveError::Damaged("a frame that cannot be unpacked");
    match lz4_flex::block::decompress(&stored, whole) {
        Ok(content) if content.len() == whole => Ok((tag, content)),
        Ok(_) | Err(_) => Err(unpacked),
    }
}

/// Whether nothing follows.
pub(crate) fn at_end(input: &mut impl Read) -> Result<bool, ArchiveError> {
    let mut rest = Vec::new();
    input.by_ref().take(1).read_to_end(&mut rest).map_err(reading)?;
    Ok(rest.is_empty())
}

fn length(input: &mut impl Read) -> Result<usize, ArchiveError> {
    usize::try_from(u32::from_be_bytes(array(input)?)).map_err(|_| ArchiveError::Damaged("a length beyond memory"))
}

pub(crate) fn array<const N: usize>(input: &mut impl Read) -> Result<[u8; N], ArchiveError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(reading)?;
    Ok(bytes)
}
