//! Failed outcomes by address: what the lists of addresses are made of.
//!
//! The one place that keeps the text of an address, and only of those that failed or complained. Entries are collected, sorted by the
//! hash of their address and, when they are many, put away as [`runs`](super::runs); in the end they come back address by address, in
//! the order in which the ledger gives its own. Knows no verdict: what a reply means is asked when the lists are made.

use std::io::{self, Read, Write};

use super::ledger::{LedgerError, hash};
use super::runs::{Merge, Record, Runs, bytes};
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
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.time.0.to_le_bytes())?;
        to.write_all(&self.pos.file.to_le_bytes())?;
        to.write_all(&self.pos.offset.to_le_bytes())?;
        to.write_all(&[self.how as u8])?;
        for id in [self.domain, self.route, self.signature, self.source, self.sender_domain] {
            to.write_all(&id.0.to_le_bytes())?;
        }
        Ok(())
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let time = Micros(i64::from_le_bytes(bytes(from)?));
        let pos = Pos { file: u32::from_le_bytes(bytes(from)?), offset: u64::from_le_bytes(bytes(from)?) };
        let [how] = bytes(from)?;
        let mut id = || Ok::<_, io::Error>(Id(u32::from_le_bytes(bytes(from)?)));
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

/// A failure with the hash of its address, and its text: where that lies, while it is collected.
#[derive(Clone, Copy)]
struct Noted<T> {
    address: u64,
    failure: Failure,
    text: T,
}

/// The place of a text among those that were collected: where it begins, and its length.
type Place = (usize, usize);

impl Noted<Place> {
    /// With its text, which is one of `texts`.
    fn of(self, texts: &[u8]) -> Noted<&[u8]> {
        let (start, length) = self.text;
        let text = texts.get(start..start + length).unwrap_or_default();
        Noted { address: self.address, failure: self.failure, text }
    }
}

impl<T: AsRef<[u8]>> Noted<T> {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let text = self.text.as_ref();
        to.write_all(&self.address.to_le_bytes())?;
        self.failure.write(to)?;
        to.write_all(&(text.len() as u16).to_le_bytes())?;
        to.write_all(text)
    }
}

impl Record for Noted<Vec<u8>> {
    type Key = u64;

    fn key(&self) -> u64 {
        self.address
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        Noted::write(self, to)
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let address = u64::from_le_bytes(bytes(from)?);
        let failure = Failure::read(from)?;
        let mut text = vec![0; usize::from(u16::from_le_bytes(bytes(from)?))];
        from.read_exact(&mut text)?;
        Ok(Self { address, failure, text })
    }

    fn translated(self, by: &Translation) -> Self {
        Self { failure: self.failure.translated(by), ..self }
    }
}

/// Collects failed outcomes.
pub struct Failures {
    open: Vec<Noted<Place>>,
    texts: Vec<u8>,
    /// So many bytes are collected before they are sorted and put away.
    most: usize,
    runs: Runs<Noted<Vec<u8>>>,
}

impl Default for Failures {
    fn default() -> Self {
        Self::collecting(RUN, Runs::default())
    }
}

impl std::fmt::Debug for Failures {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Failures").field("open", &self.open.len()).field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

impl Failures {
    /// Puts `most` bytes away at once, into `runs`.
    fn collecting(most: usize, runs: Runs<Noted<Vec<u8>>>) -> Self {
        Self { open: Vec::new(), texts: Vec::new(), most, runs }
    }

    /// Notes that a mail to `address` failed, or that its owner complained.
    pub fn note(&mut self, address: &[u8], failure: Failure) {
        if !address.is_empty() && address.len() <= LONGEST {
            self.push(Noted { address: hash(address), failure, text: address });
        }
    }

    fn push(&mut self, Noted { address, failure, text }: Noted<&[u8]>) {
        self.open.push(Noted { address, failure, text: (self.texts.len(), text.len()) });
        self.texts.extend_from_slice(text);
        if self.texts.len() + self.open.len() * size_of::<Noted<Place>>() >= self.most {
            self.settle();
        }
    }

    /// Takes over what another part noted in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        self.runs.absorb(other.runs, by);
        for noted in &other.open {
            let noted = noted.of(&other.texts);
            self.push(Noted { failure: noted.failure.translated(by), ..noted });
        }
    }

    /// Puts the collected entries away.
    fn settle(&mut self) {
        self.open.sort_unstable_by_key(|noted| noted.address);
        self.runs.put(|to| self.open.iter().try_for_each(|noted| noted.of(&self.texts).write(to)));
        self.open.clear();
        self.texts.clear();
    }

    /// All of them, address by address in the order of hashes.
    ///
    /// # Errors
    ///
    /// A temporary file could not be written or read.
    pub fn sorted(mut self) -> Result<Sorted, LedgerError> {
        self.open.sort_unstable_by_key(|noted| noted.address);
        let (open, texts) = (self.open, self.texts);
        let memory = open.into_iter().map(move |noted| {
            let Noted { address, failure, text } = noted.of(&texts);
            Noted { address, failure, text: text.to_vec() }
        });
        Ok(Sorted(self.runs.merge(memory)?))
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
pub struct Sorted(Merge<Noted<Vec<u8>>>);

impl Sorted {
    /// The hash of the next address; None at the end.
    #[must_use]
    pub fn peek(&self) -> Option<u64> {
        self.0.peek()
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
            let Some(Noted { failure, text, .. }) = self.0.take()? else { break };
            if failed.text.is_empty() || text < failed.text {
                failed.text = text;
            }
            failed.failures.push(failure);
            if failed.failures.len() >= 2 * MOST {
                failed.prune();
            }
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
        let mut failures = Failures::collecting(1_000, Runs::merging(3));
        let many = 500;
        for number in 0..many {
            failures.note(format!("{}@example.org", number % 100).as_bytes(), failure(number as i64, signature));
        }
        assert!(failures.runs.len() > 1 && !failures.open.is_empty());
        let mut ours = Interner::default();
        ours.intern(b"something else");
        let by = ours.absorb(&theirs);
        let mut whole = Failures::collecting(1_000, Runs::merging(3));
        whole.absorb(failures, &by);
        let mut sorted = whole.sorted().unwrap();
        let (mut addresses, mut count) = (0, 0);
        while let Some(failed) = sorted.next_address().unwrap() {
            addresses += 1;
            count += failed.failures.len();
            assert!(failed.failures.iter().all(|failure| ours.text(failure.signature) == b"550 unknown"));
        }
        assert_eq!((addresses, count), (100, many));
    }
}
