//! One message in gRPC's frame: a byte that says whether it is compressed, its length, and itself.

use bytes::{BufMut as _, Bytes, BytesMut};

/// The bytes before a message.
const HEAD_BYTES: usize = 5;

/// Puts a message into a frame.
pub(super) fn frame(message: &[u8]) -> Option<Bytes> {
    let length = u32::try_from(message.len()).ok()?;
    let mut framed = BytesMut::with_capacity(HEAD_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(length);
    framed.put_slice(message);
    Some(framed.freeze())
}

/// Takes the message out of a frame; `None` where it isn't exactly one.
pub(super) fn unframe(framed: &Bytes) -> Option<Bytes> {
    let (head, message) = framed.split_at_checked(HEAD_BYTES)?;
    let length = u32::from_be_bytes(head[1..].try_into().ok()?);
    (head[0] == 0 && message.len() == usize::try_from(length).ok()?).then(|| framed.slice(HEAD_BYTES..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_framed_comes_out_again_and_nothing_else_does() {
        for message in [b"".as_slice(), b"words"] {
            let framed = frame(message).unwrap();
            assert_eq!(unframe(&framed).unwrap(), message);
            assert_eq!(unframe(&framed.slice(..framed.len() - 1)), None);
            assert_eq!(unframe(&[&framed[..], b"x"].concat().into()), None);
        }
        assert_eq!(unframe(&Bytes::from_static(&[1, 0, 0, 0, 0])), None, "compressed");
    }
}
