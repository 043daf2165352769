//! Recipients whom the message leaves without having tried them: aliases, and those who go on in another message.

use super::life::{Fact, Life, Note};
use super::recipients::Recipients;
use super::tale::Span;
use crate::event::Closing;

impl Recipients {
    /// Hands on who is none of this message any more.
    pub(super) fn hand_on(&mut self, life: &Life) {
        if self.all.iter().all(|recipient| recipient.is_tried) {
            return;
        }
        self.expand(life);
        self.replace(life);
        self.split(life);
    }

    /// A recipient that was never tried under its own name, but for which others were, is an alias of those.
    fn expand(&mut self, life: &Life) {
        let originals: Vec<Span> =
            self.all.iter().map(|recipient| recipient.original).filter(|original| !original.is_empty()).collect();
        for original in originals {
            if let Some(number) = self.find_address(life, life.tale.text(original)) {
                self.expand_untried(number);
            }
        }
    }

    /// Where a message that goes on from another names recipients of its own, they take the mail in place of those that it was left.
    fn replace(&mut self, life: &Life) {
        let (left, own) = life.parts();
        if left.is_empty() || !own.iter().any(|note| numbered(note).is_some()) {
            return;
        }
        let find = |note: &Note| self.find_address(life, life.tale.text(numbered(note)?));
        let own: Vec<u32> = own.iter().filter_map(find).collect();
        let gone: Vec<u32> = left.iter().filter_map(find).filter(|number| !own.contains(number)).collect();
        gone.into_iter().for_each(|number| self.expand_untried(number));
    }

    /// Who was not tried in a message that was split is in another.
    fn split(&mut self, life: &Life) {
        let is_over = matches!(life.closed, Some((_, Closing::Done)));
        if is_over && life.notes.iter().any(|note| matches!(note.fact, Fact::Split)) {
            (0..self.all.len() as u32).for_each(|number| self.expand_untried(number));
        }
    }

    fn expand_untried(&mut self, number: u32) {
        self.change(number, |recipient| {
            if !recipient.is_tried {
                recipient.expand();
            }
        });
    }
}

/// The address of a recipient that is told with its number.
fn numbered(note: &Note) -> Option<Span> {
    if let Fact::Recipient { index: Some(_), address } = note.fact { Some(address) } else { None }
}
