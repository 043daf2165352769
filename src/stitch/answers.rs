//! Words that other records tell of a recipient's attempts: before them, after them, or once all was accepted.

use super::lexicon::Told;
use super::life::Life;
use super::recipient::Turn;
use super::recipients::Recipients;
use super::tale::{Span, Whom, Words};
use crate::event::{Micros, Speaker};
use crate::rows::Bounced;

/// A bounce or complaint within a life, and whether an outcome carries it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) time: Micros,
    pub(super) words: Words,
    pub(super) is_matched: bool,
}

/// A line of a reply, and whose words it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) text: Span,
    pub(super) speaker: Speaker,
    /// The line before it.
    before: Option<u32>,
}

impl Recipients {
    /// A line of the words of a recipient's next attempt.
    pub(super) fn foretell(&mut self, life: &Life, whom: Whom, text: Span, speaker: Speaker) {
        let number = self.whose(life, whom);
        let Some(recipient) = self.all.get_mut(number as usize) else { return };
        recipient.is_awaited = true;
        let before = recipient.words.replace(self.lines.len() as u32);
        self.lines.push(Line { text, speaker, before });
    }

    /// The words that stood before an attempt of a recipient, line by line.
    pub(super) fn words_ahead(&self, turn: Turn) -> Vec<Line> {
        let Ok(place) = self.ahead.binary_search_by_key(&turn, |ahead| ahead.0) else { return Vec::new() };
        let line = |number: u32| self.lines.get(number as usize).copied();
        let last = self.ahead.get(place).and_then(|ahead| line(ahead.1));
        let mut lines: Vec<Line> = std::iter::successors(last, |known| known.before.and_then(line)).collect();
        lines.reverse();
        lines
    }

    pub(super) fn reply(&mut self, life: &Life, words: &Words) {
        match words.whom {
            Whom::AllOpen => {
                let tries: Vec<u32> = self
                    .all
                    .iter()
                    .filter(|recipient| recipient.is_open())
                    .filter_map(|recipient| recipient.last_try)
                    .collect();
                for tried in tries {
                    self.say(tried, words);
                }
            }
            Whom::Share(_) | Whom::Address(_) | Whom::Index(_) | Whom::Awaited => {
                let recipient = self.find(life, words.whom).and_then(|number| self.all.get(number as usize));
                if let Some(tried) = recipient.and_then(|recipient| recipient.last_try) {
                    self.say(tried, words);
                }
            }
        }
    }

    /// Only the first words count.
    fn say(&mut self, tried: u32, words: &Words) {
        self.said.entry(tried).or_insert(*words);
    }

    pub(super) fn feedback(&mut self, life: &Life, words: Words, time: Micros) {
        let number = self.find(life, words.whom);
        let recipient = number.and_then(|number| self.all.get_mut(number as usize));
        let recipient = recipient.filter(|recipient| recipient.is_accepted());
        let is_matched = recipient.is_some();
        if let Some(recipient) = recipient {
            if words.is_complaint {
                recipient.complained = recipient.complained.or(Some(time));
            } else if recipient.bounced.is_none() {
                let Told { code, enhanced, signature, .. } = words.told;
                recipient.bounced = Some(Bounced { time, code, enhanced, signature });
            }
        }
        self.answers.push(Answer { time, words, is_matched });
    }
}
