//! The same content twice counts once: `mail.log.1` beside `mail.log.1.gz`, or a copy made while the log grew.

use super::compression::Compression;
use super::damage::{Damage, What, settled};
use super::file::File;
use super::input::Progress;

/// How much of two files is compared at once.
const BLOCK_BYTES: usize = 64 << 10;

/// How the contents of two files lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Equal,
    /// The first is the beginning of the second.
    Beginning,
    /// The second is the beginning of the first.
    Continued,
    Different,
}

/// Drops each file whose content is that of another, or the beginning of another, and holds a whole line; says which. The longer one
/// stays; of equals a plain one, then the first by name: in whatever order they come. What remains stands in its order. Heads
/// decide for almost all files; only where one head begins the other are both files read. A pipe cannot be read twice, so it is
/// never compared.
#[must_use]
pub fn drop_duplicates(files: Vec<File>) -> (Vec<File>, Vec<Damage>) {
    // A head that begins another one sorts right before it or before others that it begins too.
    let mut order: Vec<&File> = files.iter().filter(|file| !file.is_pipe() && holds_line(&file.head)).collect();
    order.sort_by(|one, other| (&one.head, rank(one)).cmp(&(&other.head, rank(other))));
    let mut dropped: Vec<Dropped<'_>> = Vec::new();
    let mut rest = order.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let alike = after.iter().take_while(|other| other.head.starts_with(&first.head)).count();
        let (group, next) = rest.split_at_checked(alike + 1).unwrap_or((rest, &[]));
        drop_within(group, &mut dropped);
        rest = next;
    }
    let notes = dropped.iter().map(|&(file, _, _)| {
        let (stays, beginning) = last_of(file, &dropped);
        Damage::new(&file.name, What::SameContent { other: stays.name.clone(), beginning })
    });
    let notes = settled(notes.collect());
    let stays: Vec<bool> = files.iter().map(|file| !dropped.iter().any(|(gone, _, _)| std::ptr::eq(*gone, file))).collect();
    let files = files.into_iter().zip(stays).filter_map(|(file, stays)| stays.then_some(file)).collect();
    (files, notes)
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
fn last_of<'a>(mut file: &'a File, dropped: &[Dropped<'a>]) -> (&'a File, bool) {
    let mut longer = false;
    while let Some(&(_, other, beginning)) = dropped.iter().find(|(gone, _, _)| std::ptr::eq(*gone, file)) {
        (file, longer) = (other, longer || beginning);
    }
    (file, longer)
}

/// A file that goes, the one that it repeats, and whether that one is longer.
type Dropped<'a> = (&'a File, &'a File, bool);

/// Compares the files of a group whose heads all begin with that of the first.
fn drop_within<'a>(group: &[&'a File], dropped: &mut Vec<Dropped<'a>>) {
    let mut group = group.to_vec();
    // The largest first: most others are then found to be in it at the first comparison.
    group.sort_by_key(|file| (rank(file).0, std::cmp::Reverse(file.bytes_on_disk), rank(file).1));
    let mut kept: Vec<&File> = Vec::new();
    for file in group {
        let repeats = kept.iter().copied().find_map(|other| match likeness(other, file) {
            Likeness::Different => None,
            likeness @ (Likeness::Equal | Likeness::Beginning | Likeness::Continued) => Some((other, likeness)),
        });
        match repeats {
            None | Some((_, Likeness::Different)) => kept.push(file),
            Some((other, Likeness::Equal)) if rank(other) < rank(file) => dropped.push((file, other, false)),
            Some((other, Likeness::Continued)) => dropped.push((file, other, true)),
            Some((other, likeness @ (Likeness::Beginning | Likeness::Equal))) => {
                dropped.push((other, file, likeness == Likeness::Beginning));
                kept.retain(|one| !std::ptr::eq(*one, other));
                kept.push(file);
            }
        }
    }
}

/// Compares two files, by their heads if these tell, else by all of their content. A file that cannot be opened any more is like no
/// other; reading it later says why. What damage cuts off is not content.
fn likeness(one: &File, other: &File) -> Likeness {
    if !one.head.starts_with(&other.head) && !other.head.starts_with(&one.head) {
        return Likeness::Different;
    }
    let uncounted = Progress::default();
    let (Ok(mut one), Ok(mut other)) = (one.content(&uncounted), other.content(&uncounted)) else { return Likeness::Different };
    let (mut left, mut right) = (vec![0; BLOCK_BYTES], vec![0; BLOCK_BYTES]);
    loop {
        let (bytes, others) = (one.fill(&mut left), other.fill(&mut right));
        let common = bytes.min(others);
        if left.get(..common) != right.get(..common) {
            return Likeness::Different;
        }
        match (bytes.cmp(&others), common < BLOCK_BYTES) {
            (std::cmp::Ordering::Less, _) => return Likeness::Beginning,
            (std::cmp::Ordering::Greater, _) => return Likeness::Continued,
            (std::cmp::Ordering::Equal, true) => return Likeness::Equal,
            (std::cmp::Ordering::Equal, false) => {}
        }
    }
}

#[cfg(test)]
mod tests;
