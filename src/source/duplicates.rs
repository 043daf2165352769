//! The same content twice counts once: `mail.log.1` beside `mail.log.1.gz`, or a copy made while the log grew.

use std::borrow::Cow;
use std::collections::HashMap;

use super::compression::Compression;
use super::content::Content;
use super::damage::{Damage, Mishap, settled};
use super::file::{File, HEAD_BYTES};
use super::input::Progress;

/// How much of two files is compared at once.
const BLOCK_BYTES: usize = 64 << 10;

/// How the contents of two files lie to each other. Where the shorter one ends within a line: that line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Likeness {
    Equal,
    /// The first is the beginning of the second.
    Beginning(Option<Torn>),
    /// The second is the beginning of the first.
    Continued(Option<Torn>),
    Different,
}

/// A line that a file ends with, and that the file of which it is the beginning goes on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Its bytes up to the end of the shorter file.
    pub tail: Vec<u8>,
    /// Its bytes behind that, without `\n`.
    pub rest: Vec<u8>,
}

/// Files of which each counts.
pub struct Once<T> {
    /// What remains, in its order.
    pub files: Vec<T>,
    /// What goes and ends within a line: a third file may hold the other half of it, which then counts no more than the first.
    pub torn: Vec<(T, Torn)>,
    /// What goes, and for which.
    pub notes: Vec<Damage>,
}

/// Drops each file whose content is that of another, or the beginning of another, and holds a whole line; says which. The longer one
/// stays; of equals a plain one, then the first by name: in whatever order they come. What remains stands in its order. What is in
/// memory of their heads decides for almost all files; only where it begins that of another are both heads read, and both files where one
/// head begins the other. A pipe cannot be read twice, so it is never compared.
#[must_use]
pub fn drop_duplicates<T: AsRef<File>>(files: Vec<T>) -> Once<T> {
    let candidates = files.iter().map(AsRef::as_ref).filter(|file| !file.is_pipe() && has_line(file));
    let mut candidates: Vec<Candidate<'_>> = candidates.map(Candidate::new).collect();
    let mut dropped: Vec<Dropped<'_>> = Vec::new();
    for begin_alike in alike(&mut candidates) {
        begin_alike.iter_mut().for_each(|candidate| candidate.head = candidate.file.head());
        for group in alike(begin_alike) {
            drop_within(group, &mut dropped);
            group.iter_mut().for_each(|candidate| *candidate = Candidate::new(candidate.file));
        }
    }
    let fates: Fates<'_, '_> = dropped.iter().map(|gone| (std::ptr::from_ref(gone.file), gone)).collect();
    let notes = dropped.iter().map(|gone| {
        let (stays, beginning) = last_of(gone.file, &fates);
        Damage::new(&gone.file.name, Mishap::SameContent { other: stays.name.clone(), beginning })
    });
    let notes = settled(notes.collect());
    let fate = |file: &T| fates.get(&std::ptr::from_ref(file.as_ref())).map(|gone| gone.torn.clone());
    let fates: Vec<Option<Option<Torn>>> = files.iter().map(fate).collect();
    let mut once = Once { files: Vec::new(), torn: Vec::new(), notes };
    for (file, fate) in files.into_iter().zip(fates) {
        match fate {
            None => once.files.push(file),
            Some(Some(torn)) => once.torn.push((file, torn)),
            Some(None) => {}
        }
    }
    once
}

/// A file that is compared with others.
struct Candidate<'a> {
    file: &'a File,
    /// Its head, or the beginning of that.
    head: Cow<'a, [u8]>,
}

impl<'a> Candidate<'a> {
    fn new(file: &'a File) -> Self {
        Self { file, head: Cow::Borrowed(file.beginning()) }
    }
}

/// The groups of more than one in which all heads begin with that of the first.
fn alike<'c, 'a>(mut candidates: &'c mut [Candidate<'a>]) -> Vec<&'c mut [Candidate<'a>]> {
    // A head that begins another one sorts right before it or before others that it begins too.
    candidates.sort_by(|one, other| (&one.head, rank(one.file)).cmp(&(&other.head, rank(other.file))));
    let mut groups = Vec::new();
    while let Some((first, after)) = candidates.split_first() {
        let others = after.iter().take_while(|other| other.head.starts_with(&first.head)).count();
        let Some((group, rest)) = std::mem::take(&mut candidates).split_at_mut_checked(1 + others) else { break };
        if others > 0 {
            groups.push(group);
        }
        candidates = rest;
    }
    groups
}

/// Whether a file holds a whole line: most show it by their beginning.
fn has_line(file: &File) -> bool {
    holds_line(file.beginning()) || holds_line(&file.head())
}

/// Whether some line is whole, and longer than a stamp: the end of a cut line alone may be that of many.
fn holds_line(head: &[u8]) -> bool {
    const STAMP_BYTES: usize = 16;
    head.split_inclusive(|&byte| byte == b'\n').any(|line| line.ends_with(b"\n") && line.len() > STAMP_BYTES)
}

/// Which of equals stays: the least.
fn rank(file: &File) -> (bool, &str) {
    (file.compression != Compression::Plain, &file.name)
}

/// The file that stays for one that goes, and whether it is longer: what was kept first may have been dropped for another.
fn last_of<'a>(mut file: &'a File, fates: &Fates<'_, 'a>) -> (&'a File, bool) {
    let mut longer = false;
    while let Some(gone) = fates.get(&std::ptr::from_ref(file)) {
        (file, longer) = (gone.other, longer || gone.is_shorter);
    }
    (file, longer)
}

/// A file that goes.
struct Dropped<'a> {
    file: &'a File,
    /// The one that it repeats.
    other: &'a File,
    /// Whether that one is longer.
    is_shorter: bool,
    torn: Option<Torn>,
}

/// What goes, by where its file lies in memory: there may be very many.
type Fates<'d, 'a> = HashMap<*const File, &'d Dropped<'a>>;

/// Compares the files of a group whose heads all begin with that of the first.
fn drop_within<'a>(group: &mut [Candidate<'a>], dropped: &mut Vec<Dropped<'a>>) {
    // The largest first: most others are then found to be in it at the first comparison.
    group.sort_by_key(|Candidate { file, .. }| (rank(file).0, std::cmp::Reverse(file.bytes_on_disk), rank(file).1));
    let mut kept: Vec<&Candidate<'a>> = Vec::new();
    for candidate in &*group {
        let file = candidate.file;
        let mut likes = kept.iter().map(|other| (other.file, likeness(other, candidate)));
        match likes.find(|(_, likeness)| *likeness != Likeness::Different) {
            None | Some((_, Likeness::Different)) => kept.push(candidate),
            Some((other, Likeness::Equal)) if rank(other) < rank(file) => {
                dropped.push(Dropped { file, other, is_shorter: false, torn: None });
            }
            Some((other, Likeness::Continued(torn))) => dropped.push(Dropped { file, other, is_shorter: true, torn }),
            Some((other, likeness @ (Likeness::Beginning(_) | Likeness::Equal))) => {
                let is_shorter = likeness != Likeness::Equal;
                let torn = if let Likeness::Beginning(torn) = likeness { torn } else { None };
                dropped.push(Dropped { file: other, other: file, is_shorter, torn });
                kept.retain(|one| !std::ptr::eq(one.file, other));
                kept.push(candidate);
            }
        }
    }
}

/// Compares two files, by their heads if these tell, else by all of their content. A file that cannot be opened any more is like no
/// other; reading it later says why. What damage cuts off is not content.
fn likeness(one: &Candidate<'_>, other: &Candidate<'_>) -> Likeness {
    if !one.head.starts_with(&other.head) && !other.head.starts_with(&one.head) {
        return Likeness::Different;
    }
    let uncounted = Progress::default();
    let (Ok(mut one), Ok(mut other)) = (one.file.content(&uncounted), other.file.content(&uncounted)) else {
        return Likeness::Different;
    };
    let (mut left, mut right) = (vec![0; BLOCK_BYTES], vec![0; BLOCK_BYTES]);
    let mut begun = Vec::new();
    loop {
        let (bytes, others) = (one.fill(&mut left), other.fill(&mut right));
        let common = bytes.min(others);
        if left.get(..common) != right.get(..common) {
            return Likeness::Different;
        }
        follow(&mut begun, left.get(..common).unwrap_or_default());
        let ahead = |block: &[u8], bytes: usize| block.get(common..bytes).unwrap_or_default().to_vec();
        match (bytes.cmp(&others), common < BLOCK_BYTES) {
            (std::cmp::Ordering::Less, _) => return Likeness::Beginning(torn(begun, ahead(&right, others), other)),
            (std::cmp::Ordering::Greater, _) => return Likeness::Continued(torn(begun, ahead(&left, bytes), one)),
            (std::cmp::Ordering::Equal, true) => return Likeness::Equal,
            (std::cmp::Ordering::Equal, false) => {}
        }
    }
}

/// Keeps of the line that is `begun` what a further block of content leaves of it, and one byte more than a half of a line may have.
fn follow(begun: &mut Vec<u8>, block: &[u8]) {
    let behind = memchr::memrchr(b'\n', block).map(|end| end + 1);
    if behind.is_some() {
        begun.clear();
    }
    let room = (HEAD_BYTES + 1).saturating_sub(begun.len());
    begun.extend(block.get(behind.unwrap_or(0)..).unwrap_or_default().iter().take(room));
}

/// The line that the shorter of two files ends with, as the `longer` one has it; it goes on with `block`. None: the shorter one ends
/// with a line end, or the line is longer than what is ever held back of one.
fn torn(tail: Vec<u8>, mut block: Vec<u8>, mut longer: Content) -> Option<Torn> {
    if tail.is_empty() {
        return None;
    }
    let mut rest = Vec::new();
    loop {
        let end = memchr::memchr(b'\n', &block);
        rest.extend_from_slice(block.get(..end.unwrap_or(block.len())).unwrap_or_default());
        if tail.len().max(rest.len()) > HEAD_BYTES {
            return None;
        }
        block.resize(BLOCK_BYTES, 0);
        let bytes = if end.is_some() { 0 } else { longer.fill(&mut block) };
        block.truncate(bytes);
        if block.is_empty() {
            return Some(Torn { tail, rest });
        }
    }
}

#[cfg(test)]
mod tests;
