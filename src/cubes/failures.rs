//! Failed outcomes by address: what the lists of addresses are made of.
//!
//! The one place that keeps the text of an address, and only of those that failed or complained. Entries are collected, sorted by the
//! hash of their address and, when they are many, put away in temporary files without a name; in the end they come back address by
//! address, in the order in which the ledger gives its own. Knows no verdict: what a reply means is asked when the lists are made.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::ledger::{LedgerError, hash};
use crate::event::{Micros, Pos};
use crate::intern::{Id, Translation};

/// Bytes that are collected before they are sorted and put away.
const RUN: usize = 16 << 20;

/// A longer address is none: RFC 5321 section 4.5.3.1.3 allows 256 bytes, with its brackets.
const LONGEST: usize = 1_000;

/// How many failures of one address are kept: the latest.
const MOST: usize = 1_000;

/// Who is behind a failure, as far as the lists ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The recipient's side, or the name service, when it came to the recipient.
    Told,
    /// The recipient's side, after it had accepted the mail: a bounce that came later.
    Returned,
    /// The recipient's side before it heard of any recipient: at the connection, greeting, EHLO, STARTTLS, AUTH or MAIL.
    Early,
    /// Our own MTA or service.
    Own,
    /// A person complained.
    Complaint,
}

impl How {
    const ALL: [Self; 5] = [Self::Told, Self::Returned, Self::Early, Self::Own, Self::Complaint];
}

/// One failed outcome, or a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// When its deciding reply came.
    pub time: Micros,
    /// Where the record of it stands.
    pub pos: Pos,
    /// Who is behind it.
    pub how: How,
    /// Recipient domain.
    pub domain: Id,
    /// Route of the deciding attempt.
    pub route: Id,
    /// The deciding reply, masked; empty where none is logged.
    pub signature: Id,
    /// Who sent.
    pub source: Id,
    /// Domain of the envelope sender; empty where there is none.
    pub sender_domain: Id,
}

impl Failure {
    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        to.write_all(&self.time.0.to_le_bytes())?;
        to.write_all(&self.pos.file.to_le_bytes())?;
        to.write_all(&self.pos.offset.to_le_bytes())?;
        to.write_all(&[self.how as u8])?;
        for id in [self.domain, self.route, self.signature, self.source, self.sender_domain] {
            to.write_all(&id.0.to_le_bytes())?;
        }
        Ok(())
    }

    fn read(from: &mut impl Read) -> std::io::Result<Self> {
        let time = Micros(i64::from_le_bytes(bytes(from)?));
        let pos = Pos { file: u32::from_le_bytes(bytes(from)?), offset: u64::from_le_bytes(bytes(from)?) };
        let [how] = bytes(from)?;
        let mut id = || Ok::<_, std::io::Error>(Id(u32::from_le_bytes(bytes(from)?)));
        let (domain, route, signature, source, sender_domain) = (id()?, id()?, id()?, id()?, id()?);
        let how = How::ALL.get(usize::from(how)).copied().unwrap_or(How::Own);
        Ok(Self { time, pos, how, domain, route, signature, source, sender_domain })
    }

    fn translated(self, by: &Translation) -> Self {
        Self {
            domain: by.of(self.domain),
            route: by.of(self.route),
            signature: by.of(self.signature),
            source: by.of(self.source),
            sender_domain: by.of(self.sender_domain),
            ..self
        }
    }
}

fn bytes<const N: usize>(from: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A failure with the hash of its address, and where its text lies.
#[derive(Clone, Copy)]
struct Entry {
    address: u64,
    failure: Failure,
    text: (usize, usize),
}

/// Entries sorted by address, in a temporary file. The ids are of the interner that it was written under; None: of ours.
struct Run {
    file: File,
    entries: usize,
    by: Option<Translation>,
}

/// Collects failed outcomes.
#[derive(Default)]
pub struct Failures {
    open: Vec<Entry>,
    texts: Vec<u8>,
    runs: Vec<Run>,
    failed: Option<std::io::Error>,
}

impl std::fmt::Debug for Failures {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Failures").field("open", &self.open.len()).field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

impl Failures {
    /// Notes that a mail to `address` failed, or that its owner complained.
    pub fn note(&mut self, address: &[u8], failure: Failure) {
        if !address.is_empty() && address.len() <= LONGEST {
            self.push(hash(address), address, failure);
        }
    }

    fn push(&mut self, address: u64, text: &[u8], failure: Failure) {
        self.open.push(Entry { address, failure, text: (self.texts.len(), text.len()) });
        self.texts.extend_from_slice(text);
        if self.texts.len() + self.open.len() * size_of::<Entry>() >= RUN {
            self.settle();
        }
    }

    /// Takes over what another part noted in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        self.failed = self.failed.take().or(other.failed);
        for run in other.runs {
            let then = match run.by {
                Some(first) => first.then(by),
                None => by.clone(),
            };
            self.runs.push(Run { by: Some(then), ..run });
        }
        for entry in &other.open {
            self.push(entry.address, text(&other.texts, entry), entry.failure.translated(by));
        }
    }

    /// Puts the collected entries away.
    fn settle(&mut self) {
        self.open.sort_unstable_by_key(|entry| entry.address);
        if self.failed.is_none() {
            match written(&self.open, &self.texts) {
                Ok(file) => self.runs.push(Run { file, entries: self.open.len(), by: None }),
                Err(error) => self.failed = Some(error),
            }
        }
        self.open.clear();
        self.texts.clear();
    }

    /// All of them, address by address in the order of hashes.
    ///
    /// # Errors
    ///
    /// A temporary file could not be written or read.
    pub fn sorted(mut self) -> Result<Sorted, LedgerError> {
        if let Some(error) = self.failed {
            return Err(LedgerError::from(error));
        }
        self.open.sort_unstable_by_key(|entry| entry.address);
        let mut sources = vec![Source::Memory { entries: self.open.into_iter(), texts: self.texts }];
        for run in self.runs {
            sources.push(Source::File { from: BufReader::with_capacity(1 << 18, run.file), left: run.entries, by: run.by });
        }
        let (mut heads, mut heap) = (Vec::with_capacity(sources.len()), BinaryHeap::new());
        for (index, source) in sources.iter_mut().enumerate() {
            let head = source.next()?;
            heap.extend(head.as_ref().map(|head| Reverse((head.address, index))));
            heads.push(head);
        }
        Ok(Sorted { sources, heads, heap })
    }
}

fn text<'a>(texts: &'a [u8], entry: &Entry) -> &'a [u8] {
    let (start, length) = entry.text;
    texts.get(start..start + length).unwrap_or_default()
}

/// The entries in a temporary file, at its beginning.
fn written(entries: &[Entry], texts: &[u8]) -> std::io::Result<File> {
    let mut to = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
    for entry in entries {
        let text = text(texts, entry);
        to.write_all(&entry.address.to_le_bytes())?;
        entry.failure.write(&mut to)?;
        to.write_all(&(text.len() as u16).to_le_bytes())?;
        to.write_all(text)?;
    }
    let mut file = to.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// An entry as it comes back.
struct Head {
    address: u64,
    failure: Failure,
    text: Vec<u8>,
}

/// Entries in order of address.
enum Source {
    Memory { entries: std::vec::IntoIter<Entry>, texts: Vec<u8> },
    File { from: BufReader<File>, left: usize, by: Option<Translation> },
}

impl Source {
    fn next(&mut self) -> std::io::Result<Option<Head>> {
        match self {
            Self::Memory { entries, texts } => Ok(entries.next().map(|entry| {
                let text = text(texts, &entry).to_vec();
                Head { address: entry.address, failure: entry.failure, text }
            })),
            Self::File { left: 0, .. } => Ok(None),
            Self::File { from, left, by } => {
                *left -= 1;
                let address = u64::from_le_bytes(bytes(from)?);
                let failure = Failure::read(from)?;
                let mut text = vec![0; usize::from(u16::from_le_bytes(bytes(from)?))];
                from.read_exact(&mut text)?;
                Ok(Some(Head { address, failure: by.as_ref().map_or(failure, |by| failure.translated(by)), text }))
            }
        }
    }
}

/// An address with its failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// As the ledger knows it.
    pub address: u64,
    /// As logged; of several spellings the first in order.
    pub text: Vec<u8>,
    /// The latest of its failures, 1,000 at most, in order of time.
    pub failures: Vec<Failure>,
}

/// Failed addresses in the order of their hashes.
pub struct Sorted {
    sources: Vec<Source>,
    heads: Vec<Option<Head>>,
    heap: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Sorted {
    /// The hash of the next address; None at the end.
    #[must_use]
    pub fn peek(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse((address, _))| *address)
    }

    /// The next address.
    ///
    /// # Errors
    ///
    /// A temporary file could not be read.
    pub fn next_address(&mut self) -> Result<Option<Failed>, LedgerError> {
        let Some(address) = self.peek() else { return Ok(None) };
        let mut failed = Failed { address, text: Vec::new(), failures: Vec::new() };
        while self.peek() == Some(address) {
            let Some(Reverse((_, index))) = self.heap.pop() else { break };
            let (Some(source), Some(head)) = (self.sources.get_mut(index), self.heads.get_mut(index)) else { continue };
            let Some(entry) = head.take() else { continue };
            if failed.text.is_empty() || entry.text < failed.text {
                failed.text = entry.text;
            }
            failed.failures.push(entry.failure);
            if failed.failures.len() >= 2 * MOST {
                failed.prune();
            }
            *head = source.next()?;
            self.heap.extend(head.as_ref().map(|head| Reverse((head.address, index))));
        }
        failed.prune();
        Ok(Some(failed))
    }
}

impl Failed {
    /// Keeps the latest.
    fn prune(&mut self) {
        self.failures.sort_unstable_by_key(|failure| (failure.time, failure.pos));
        self.failures.drain(..self.failures.len().saturating_sub(MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    fn failure(time: i64, signature: Id) -> Failure {
        Failure {
            time: Micros(time),
            pos: Pos { file: 1, offset: time as u64 },
            how: How::Told,
            domain: Id(1),
            route: Id(2),
            signature,
            source: Id(4),
            sender_domain: Id(5),
        }
    }

    fn all(failures: Failures) -> Vec<(String, Vec<i64>)> {
        let mut sorted = failures.sorted().unwrap();
        let mut all = Vec::new();
        while let Some(failed) = sorted.next_address().unwrap() {
            let times = failed.failures.iter().map(|failure| failure.time.0).collect();
            all.push((String::from_utf8(failed.text).unwrap(), times));
        }
        all
    }

    #[test]
    fn a_failure_reads_back_what_it_wrote() {
        let mut bytes = Vec::new();
        let wanted = Failure { how: How::Complaint, ..failure(-5, Id(u32::MAX)) };
        wanted.write(&mut bytes).unwrap();
        assert_eq!(bytes.len(), 41);
        assert_eq!(Failure::read(&mut bytes.as_slice()).unwrap(), wanted);
    }

    #[test]
    fn failures_come_back_by_address_whatever_its_case() {
        let mut failures = Failures::default();
        for (address, time) in [("b@example.org", 9), ("A@example.org", 7), ("a@example.org", 3)] {
            failures.note(address.as_bytes(), failure(time, Id(3)));
        }
        let mut all = all(failures);
        all.sort();
        assert_eq!(all, [("A@example.org".to_owned(), vec![3, 7]), ("b@example.org".to_owned(), vec![9])]);
    }

    #[test]
    fn what_is_no_address_is_not_kept() {
        let mut failures = Failures::default();
        failures.note(b"", failure(1, Id(3)));
        failures.note(&[b'x'; LONGEST + 1], failure(1, Id(3)));
        assert_eq!(all(failures), []);
    }

    #[test]
    fn of_very_many_failures_the_latest_are_kept() {
        let mut failures = Failures::default();
        for time in (0..5_000).rev() {
            failures.note(b"a@example.org", failure(time, Id(3)));
        }
        assert_eq!(all(failures)[0].1, (4_000..5_000).collect::<Vec<_>>());
    }

    #[test]
    fn what_went_to_files_comes_back_with_what_stayed_and_in_other_numbers() {
        let mut theirs = Interner::default();
        let signature = theirs.intern(b"550 unknown");
        let mut failures = Failures::default();
        let many = RUN / size_of::<Entry>();
        for number in 0..many {
            failures.note(format!("{}@example.org", number % 1_000).as_bytes(), failure(number as i64, signature));
        }
        assert!(!failures.runs.is_empty() && !failures.open.is_empty());
        let mut ours = Interner::default();
        ours.intern(b"something else");
        let by = ours.absorb(&theirs);
        let mut whole = Failures::default();
        whole.absorb(failures, &by);
        let mut sorted = whole.sorted().unwrap();
        let (mut addresses, mut count) = (0, 0);
        while let Some(failed) = sorted.next_address().unwrap() {
            addresses += 1;
            count += failed.failures.len();
            assert!(failed.failures.iter().all(|failure| ours.text(failure.signature) == b"550 unknown"));
        }
        assert_eq!((addresses, count), (1_000, many));
    }
}
