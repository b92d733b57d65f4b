//! Sequences of ASN.1: documents and the structures in them.

use der::asn1::AnyRef;
use der::{Encode, Reader, SliceReader, Tag};

/// What `members` reads in a document that is one sequence. No byte may be left over, neither in
/// the sequence nor after it.
pub(super) fn read<'a, T>(
    document: &'a [u8],
    members: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<T> {
    let mut reader = SliceReader::new(document)?;
    let value = reader.sequence(members)?;
    reader.finish()?;
    Ok(value)
}

/// A sequence of members that are encoded already.
pub(super) fn write(members: &[Vec<u8>]) -> der::Result<Vec<u8>> {
    AnyRef::new(Tag::Sequence, &members.concat())?.to_der()
}
