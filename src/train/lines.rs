//! Lines of plain or compressed files, numbered, bounded, and hashed as they pass.

use super::Error;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::{
    cell::RefCell,
    fmt::Write as _,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    rc::Rc,
};

/// The longest line that is read, in bytes.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;

/// A file's lines, in order.
pub(super) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    seen: Rc<RefCell<Seen>>,
    bytes_total: u64,
    number: u64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Counts from 1.
    pub(super) number: u64,
    /// What it says, or `None` where it is too long.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What has passed so far.
#[derive(Default)]
struct Seen {
    bytes: u64,
    sha256: Sha256,
}

/// A file whose bytes are counted and hashed as they are read.
struct Watched {
    file: File,
    seen: Rc<RefCell<Seen>>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let mut seen = self.seen.borrow_mut();
        seen.bytes += count as u64;
        seen.sha256.update(&buffer[..count]);
        Ok(count)
    }
}

impl Lines {
    /// Opens a file; one that begins as gzip does is decompressed.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes_total = file.metadata().map_err(failed)?.len();
        let seen = Rc::new(RefCell::default());
        let mut plain = BufReader::with_capacity(256 << 10, Watched { file, seen: Rc::clone(&seen) });
        let reader: Box<dyn BufRead> = if plain.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(256 << 10, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self { path: path.to_owned(), reader, seen, bytes_total, number: 0 })
    }

    /// Reads the next line, without its end, or returns `None` after the last.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, Error> {
        let failed = |source| Error::Read { path: self.path.clone(), source };
        let mut bytes = Vec::new();
        let most = LINE_BYTES_MAX as u64 + 1;
        if self.reader.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        } else if bytes.len() > LINE_BYTES_MAX {
            self.reader.skip_until(b'\n').map_err(failed)?;
            return Ok(Some(Line { number: self.number, bytes: None }));
        }
        Ok(Some(Line { number: self.number, bytes: Some(bytes) }))
    }

    /// Returns how many bytes of the file were read, and how many there are.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.seen.borrow().bytes, self.bytes_total)
    }

    /// Returns the SHA-256 of what was read: after the last line, of the whole file.
    pub(super) fn sha256(&self) -> String {
        let digest = self.seen.borrow().sha256.clone().finalize();
        digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn read(bytes: &[u8]) -> (Vec<Line>, String) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut lines = Lines::open(file.path()).unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push(line);
        }
        assert_eq!(lines.bytes(), (bytes.len() as u64, bytes.len() as u64));
        (found, lines.sha256())
    }

    #[test]
    fn compressed_lines_read_as_plain_ones_do() {
        let plain = b"one\n\nthree";
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(read(plain).0, read(&packed).0);
        assert_eq!(read(plain).0.len(), 3);
        assert_eq!(read(&packed).1, crate::classify::artifact::sha256_hex(&packed));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
        let mut bytes = vec![b'a'; LINE_BYTES_MAX];
        bytes.push(b'\n');
        bytes.extend(vec![b'b'; LINE_BYTES_MAX + 1]);
        bytes.extend(b"\nc\n");
        let (lines, _) = read(&bytes);
        assert_eq!(lines[0].bytes.as_ref().map(Vec::len), Some(LINE_BYTES_MAX));
        assert_eq!(lines[1], Line { number: 2, bytes: None });
        assert_eq!(lines[2], Line { number: 3, bytes: Some(b"c".to_vec()) });
    }
}
