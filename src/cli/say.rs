//! What is said on stderr: the one way there. Strangers name files and hosts, so what acts on a terminal is shown.

use std::fmt::Display;

use crate::visible::visible;

/// Says a message, on one line.
pub(super) fn say(message: impl Display) {
    tell(&visible(&message.to_string()));
}

/// Says why a run failed, on as many lines as that takes: an error in a file of settings shows the line.
pub(super) fn say_error(error: impl Display) {
    let lines: Vec<String> = error.to_string().split('\n').map(visible).collect();
    tell(&lines.join("\n"));
}

#[expect(clippy::print_stderr, reason = "the one place that speaks there")]
fn tell(words: &str) {
    eprintln!("mailtally: {words}");
}
