//! The same content twice counts once: `mail.log.1` beside `mail.log.1.gz`, a copy that was made while the log grew.

use super::compression::Compression;
use super::content::Content;
use super::damage::{Damage, What};
use super::file::{File, HEAD_BYTES};
use super::input::{Input, Progress};

/// How two contents relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Equal,
    /// The first is how the second begins.
    Beginning,
    Different,
}

/// `files` without those whose content another holds, and a note on each.
pub(super) fn removed(files: Vec<File>) -> (Vec<File>, Vec<Damage>) {
    let mut order: Vec<usize> = (0..files.len()).collect();
    // The longest first, then plain before compressed, then by path: what is kept does not depend on the order of arguments.
    order.sort_by_key(|&index| files.get(index).map(|file| (file.compression != Compression::Plain, file.name.clone())));
    let mut held_by: Vec<Option<(usize, bool)>> = vec![None; files.len()];
    for &shorter in &order {
        for &longer in &order {
            let is_free = held_by.get(longer).copied().flatten().is_none() && held_by.get(shorter).copied().flatten().is_none();
            let (Some(one), Some(other)) = (files.get(shorter), files.get(longer)) else { continue };
            if shorter == longer || !is_free || !may_hold(one, other) {
                continue;
            }
            let is_preferred = order.iter().position(|&n| n == shorter) < order.iter().position(|&n| n == longer);
            let held = match compared(one, other) {
                // Of equals the preferred stays.
                Relation::Equal if !is_preferred => Some((longer, false)),
                Relation::Beginning => Some((longer, true)),
                Relation::Equal | Relation::Different => None,
            };
            if let (Some(slot), Some(held)) = (held_by.get_mut(shorter), held) {
                *slot = Some(held);
            }
        }
    }
    let note = |(index, held): (usize, &Option<(usize, bool)>)| {
        let (other, beginning) = (*held)?;
        let other = files.get(other)?.name.clone();
        Some(Damage::new(&files.get(index)?.name, What::SameContent { other, beginning }))
    };
    let notes = held_by.iter().enumerate().filter_map(note).collect();
    let kept = files.into_iter().zip(&held_by).filter_map(|(file, held)| held.is_none().then_some(file)).collect();
    (kept, notes)
}

/// Whether the heads allow that `other` holds all of `one`: a whole line at least, or chance would do.
fn may_hold(one: &File, other: &File) -> bool {
    let is_readable = one.bytes_on_disk.is_some() && other.bytes_on_disk.is_some();
    is_readable && one.head.contains(&b'\n') && other.head.starts_with(&one.head)
}

/// Compares two contents, the first of which begins like the second.
fn compared(one: &File, other: &File) -> Relation {
    if one.head.len() < HEAD_BYTES {
        return if one.head.len() == other.head.len() { Relation::Equal } else { Relation::Beginning };
    }
    let (Some(mut one), Some(mut other)) = (content(one), content(other)) else { return Relation::Different };
    let (mut left, mut right) = (vec![0; HEAD_BYTES], vec![0; HEAD_BYTES]);
    loop {
        let (ours, theirs) = (one.fill(&mut left), other.fill(&mut right));
        let (seen, held) = (left.get(..ours).unwrap_or_default(), right.get(..theirs).unwrap_or_default());
        if !held.starts_with(seen) {
            return Relation::Different;
        }
        if ours < theirs {
            return Relation::Beginning;
        }
        if ours < HEAD_BYTES {
            return Relation::Equal;
        }
    }
}

/// The content of a file from its beginning.
fn content(file: &File) -> Option<Content> {
    let input = Input::new(Box::new(file.reopened()?), file.bytes_on_disk, 0, Progress::default());
    Some(Content::new(&file.name, input))
}
