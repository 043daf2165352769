//! A progress bar on stderr: bytes taken as they are stored, their rate, the time left.
//!
//! A thread looks at the counter that the readers advance, so that they do nothing for it. Shown to people only.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::reading::Listed;
use crate::source::Progress;

/// How often the bar is drawn.
const PACE: Duration = Duration::from_millis(150);

/// The bar of a run. Dropping it takes it away too.
pub(super) struct Bar {
    is_over: Arc<AtomicBool>,
    drawing: Option<JoinHandle<()>>,
}

impl Bar {
    /// Shows how much of what is `listed` was taken, unless nobody wants to see it.
    pub(super) fn new(quiet: bool, listed: &Listed, progress: &Progress) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let is_shown = !quiet && is_wanted(std::io::stderr().is_terminal(), |name| std::env::var(name).ok());
        let drawing = is_shown.then(|| {
            let (bar, progress, is_over) = (bar(total(listed)), progress.clone(), Arc::clone(&is_over));
            let draw = move || {
                while !is_over.load(Ordering::Relaxed) {
                    bar.set_position(progress.taken());
                    std::thread::park_timeout(PACE);
                }
                bar.finish_and_clear();
            };
            std::thread::Builder::new().name("progress".to_owned()).spawn(draw).ok()
        });
        Self { is_over, drawing: drawing.flatten() }
    }

    /// Takes the bar away.
    pub(super) fn clear(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(drawing) = self.drawing.take() {
            drawing.thread().unpark();
            // Had drawing failed, the run would not care.
            let _ = drawing.join();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

/// Stored bytes of all that is read; None if a pipe is among it, whose end nobody knows.
fn total(listed: &Listed) -> Option<u64> {
    listed.files.iter().filter(|told| told.format.is_some()).map(|told| told.file.bytes_on_disk).sum()
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, style) = match total {
        Some(total) => (
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()),
            "{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left",
        ),
        None => (ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()), "{spinner} {bytes}  {bytes_per_sec}"),
    };
    // A style that cannot be read leaves the bar as it comes.
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Whether a person sees stderr and did not ask for silence. <https://no-color.org>; `CI` is set by those who keep logs of runs.
fn is_wanted(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| is_set(name, &variable);
    let is_dumb = variable("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
    is_terminal && !is_set("NO_COLOR") && !is_set("CI") && !is_dumb
}

/// Whether a variable of the environment says something: an empty one counts as none.
pub(super) fn is_set(name: &str, variable: impl Fn(&str) -> Option<String>) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_terminal: bool, variables: &[(&str, &str)], expected: bool) {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(is_wanted(is_terminal, variable), expected, "{variables:?}");
    }

    #[test]
    fn only_a_person_at_a_terminal_sees_it() {
        check(true, &[("TERM", "xterm")], true);
        check(true, &[("TERM", "xterm"), ("NO_COLOR", "")], true);
        check(false, &[("TERM", "xterm")], false);
        check(true, &[("TERM", "dumb")], false);
        check(true, &[], false);
        check(true, &[("TERM", "xterm"), ("NO_COLOR", "1")], false);
        check(true, &[("TERM", "xterm"), ("CI", "true")], false);
    }

    #[test]
    fn the_time_left_is_shown_where_the_end_is_known() {
        // Both styles can be read: else the bar would be one without words.
        assert_eq!(bar(Some(7)).length(), Some(7));
        assert_eq!(bar(None).length(), None);
        for style in ["{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left", "{spinner} {bytes}"] {
            assert!(ProgressStyle::with_template(style).is_ok());
        }
    }
}
