//! Finds inputs, tells their compression by magic bytes and cuts them into records.
//!
//! First stage of the flow. Knows nothing of formats: a file is a name, a head and content. Memory is bounded whatever the size of
//! a file or of its lines; damage is a value ([`Damage`]), never a panic and never the end of the run.
//!
//! [`discover`] finds [`File`]s, [`drop_duplicates`] drops what is there twice, [`rank`] puts them in their true order, and
//! [`File::open`] reads one of the [`File::ranges`]; what can only be read from its beginning is shared in [`File::stretches`].

mod compression;
mod content;
mod damage;
mod dated;
mod decoder;
mod discover;
mod duplicates;
mod file;
mod framing;
mod input;
mod lines;
mod opened;
#[cfg(test)]
mod packing;
mod rotation;
mod stretch;
mod utf16;

pub use compression::Compression;
pub use damage::{Damage, Severity, What, settled};
pub use discover::{Discovery, discover};
pub use duplicates::{Once, Torn, drop_duplicates};
pub use file::{File, HEAD_BYTES};
pub use framing::each_record_of;
pub use input::Progress;
pub use lines::LINE_BYTES;
pub use opened::{Decompress, Ended, Opened, Range, SEGMENT_BYTES, segments};
pub use rotation::{Age, Rotation, Span, rank};
pub use stretch::{Lengths, Stretch, Stretches};
