//! For tests: content packed in every way, and files of it.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::file::File;

/// A way to pack.
pub(crate) type Pack = fn(&[u8]) -> Vec<u8>;

/// Every compression that there is, by name.
pub(crate) const PACKS: [(&str, Pack); 5] =
    [("plain", <[u8]>::to_vec), ("gzip", gzip), ("zstd", zstd), ("bzip2", bzip2), ("xz", xz)];

/// One member, with 1790812800 as its time.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packer = flate2::GzBuilder::new().mtime(1_790_812_800).write(Vec::new(), flate2::Compression::fast());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// One frame, with a checksum.
pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packer.include_checksum(true).unwrap();
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// One stream.
pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// One stream.
pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 0);
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// `lines` lines like those of a log, all different, with `\n`.
pub(crate) fn log(lines: usize) -> Vec<u8> {
    let line =
        |n| format!("Oct  1 06:25:{:02} mx1 postfix/smtp[{n}]: 4F1C2{n:05X}: to=<user{n}@example.com>, status=sent\n", n % 60);
    (0..lines).map(line).collect::<String>().into_bytes()
}

/// A folder that goes with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes a file and finds it, under its bare name.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> File {
        File::regular(name, &self.write(name, bytes)).unwrap()
    }
}
