//! One member, frame or stream of compressed data, decompressed step by step: the same few words over four libraries.
//!
//! Their own readers would lose, at an error, all that they had decompressed in the same call. The steps underneath tell it.

use bzip2::Decompress as Bzip2;
use flate2::Decompress as Gzip;
use liblzma::stream::Stream as Xz;
use zstd::stream::raw::{DParameter, Decoder as Zstd, InBuffer, Operation, OutBuffer};

use super::compression::Compression;
use super::utf16::Utf16;

/// The largest window of zstd that is accepted, as a power of two: 128 MiB, which `zstd --ultra -22` needs.
const ZSTD_WINDOW_LOG: u32 = 27;

/// The memory that xz may ask for, in bytes: `xz -9` needs 65 MiB.
const XZ_MEMORY_BYTES: u64 = 128 << 20;

/// The most that zstd is asked for at once. At an error its library forgets what it wrote in the same call, so calls are kept to
/// the size of one block (RFC 8878 section 3.1.1.2.4).
const ZSTD_STEP_BYTES: usize = 128 << 10;

/// The state of one member.
pub(crate) enum Decoder {
    /// A gzip member.
    Gzip(Box<Gzip>),
    /// A zstd frame.
    Zstd(Zstd<'static>),
    /// A bzip2 stream.
    Bzip2(Bzip2),
    /// An xz stream.
    Xz(Xz),
    /// Text in UTF-16.
    Utf16(Utf16),
}

/// What one step did.
pub(crate) struct Step {
    /// Bytes of the input that are done with.
    pub consumed: usize,
    /// Bytes at the beginning of the output that are content.
    pub produced: usize,
    /// How it goes on.
    pub state: State,
}

/// How it goes on after a step.
pub(crate) enum State {
    /// The member is not at its end.
    Inside,
    /// The member is whole, its checksum right.
    End,
    /// The member cannot be read any further; why.
    Broken(String),
}

impl Decoder {
    /// A decoder for the first member. None for what is not compressed; an error if the library has no memory.
    pub(crate) fn new(compression: Compression) -> Result<Option<Self>, String> {
        match compression {
            Compression::Plain => Ok(None),
            Compression::Gzip => Ok(Some(Self::gzip())),
            Compression::Zstd => Self::zstd().map(Some),
            Compression::Bzip2 => Ok(Some(Self::bzip2())),
            Compression::Xz => Self::xz().map(Some),
            Compression::Utf16 => Ok(Some(Self::Utf16(Utf16::default()))),
        }
    }

    /// Ready for the next member of the same compression. A zstd context begins anew by itself, and is dear: `pzstd` writes a frame
    /// every few MiB.
    pub(crate) fn again(self) -> Result<Self, String> {
        match self {
            Self::Gzip(_) => Ok(Self::gzip()),
            Self::Zstd(_) => Ok(self),
            Self::Bzip2(_) => Ok(Self::bzip2()),
            Self::Xz(_) => Self::xz(),
            Self::Utf16(_) => Ok(Self::Utf16(Utf16::default())),
        }
    }

    fn gzip() -> Self {
        Self::Gzip(Box::new(Gzip::new_gzip(15)))
    }

    fn zstd() -> Result<Self, String> {
        let mut decoder = Zstd::new().map_err(|error| error.to_string())?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG)).map_err(|error| error.to_string())?;
        Ok(Self::Zstd(decoder))
    }

    fn bzip2() -> Self {
        Self::Bzip2(Bzip2::new(false))
    }

    fn xz() -> Result<Self, String> {
        Xz::new_stream_decoder(XZ_MEMORY_BYTES, 0).map(Self::Xz).map_err(|error| error.to_string())
    }

    /// Decompresses from `input` into `output` until one of them is used up or the member ends.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Self::Utf16(decoder) => {
                let (consumed, produced) = decoder.step(input, output);
                Step { consumed, produced, state: State::Inside }
            }
            Self::Gzip(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let state = match decoder.decompress(input, output, flate2::FlushDecompress::None) {
                    Ok(flate2::Status::StreamEnd) => State::End,
                    Ok(flate2::Status::Ok | flate2::Status::BufError) => State::Inside,
                    Err(error) => State::Broken(error.message().unwrap_or("the data contradicts itself").to_owned()),
                };
                Step::since(before, (decoder.total_in(), decoder.total_out()), state)
            }
            Self::Zstd(decoder) => zstd_step(decoder, input, output),
            Self::Bzip2(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let state = match decoder.decompress(input, output) {
                    Ok(bzip2::Status::StreamEnd) => State::End,
                    Ok(bzip2::Status::MemNeeded) => State::Broken("out of memory".to_owned()),
                    Ok(_) => State::Inside,
                    Err(error) => State::Broken(error.to_string()),
                };
                Step::since(before, (decoder.total_in(), decoder.total_out()), state)
            }
            Self::Xz(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let state = match decoder.process(input, output, liblzma::stream::Action::Run) {
                    Ok(liblzma::stream::Status::StreamEnd) => State::End,
                    // MemNeeded is xz's word for "no progress": the caller sees that by the counts.
                    Ok(_) => State::Inside,
                    Err(liblzma::stream::Error::MemLimit) => State::Broken("it needs more than 128 MiB of memory".to_owned()),
                    Err(error) => State::Broken(error.to_string()),
                };
                Step::since(before, (decoder.total_in(), decoder.total_out()), state)
            }
        }
    }
}

/// zstd counts no totals, and ends a frame by asking for no more input.
fn zstd_step(decoder: &mut Zstd<'static>, input: &[u8], output: &mut [u8]) -> Step {
    let most = output.len().min(ZSTD_STEP_BYTES);
    let mut input = InBuffer::around(input);
    let mut output = OutBuffer::around(output.get_mut(..most).unwrap_or_default());
    let state = match decoder.run(&mut input, &mut output) {
        Ok(0) => State::End,
        Ok(_) => State::Inside,
        Err(error) => State::Broken(error.to_string()),
    };
    Step { consumed: input.pos(), produced: output.pos(), state }
}

impl Step {
    /// The difference of two pairs of totals, taken in and given out.
    fn since(before: (u64, u64), after: (u64, u64), state: State) -> Self {
        Self { consumed: (after.0 - before.0) as usize, produced: (after.1 - before.1) as usize, state }
    }
}
