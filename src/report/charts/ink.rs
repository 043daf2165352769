//! What a mark means, and so how it looks: the names that chart and style sheet share.

use plotters::style::RGBColor;

/// The meaning of a mark. Its colour, light and dark, and its pattern are the style sheet's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// End state: accepted.
    Delivered,
    /// A temporary failure, or delivered after one.
    Deferred,
    /// Failed for good; class hard.
    Bounced,
    /// Failed by policy; class policy.
    Blocked,
    /// Given up; class config.
    Expired,
    /// Bounced later; no known end; class unknown.
    Later,
    /// A figure that is no end state: a rate, an interval.
    Line,
    /// The ground: what must not be seen through words.
    Page,
    /// Words that carry the message.
    Text,
    /// Words beside it.
    Muted,
    /// Axes and grid.
    Rule,
    /// A threshold.
    Mark,
    /// What stands behind, for comparison.
    Ghost,
}

impl Ink {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Delivered,
        Self::Deferred,
        Self::Bounced,
        Self::Blocked,
        Self::Expired,
        Self::Later,
        Self::Line,
        Self::Page,
        Self::Text,
        Self::Muted,
        Self::Rule,
        Self::Mark,
        Self::Ghost,
    ];

    /// Its class in the style sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Blocked => "blocked",
            Self::Expired => "expired",
            Self::Later => "later",
            Self::Line => "figure",
            Self::Page => "page",
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Rule => "rule",
            Self::Mark => "mark",
            Self::Ghost => "ghost",
        }
    }

    /// The colour that stands for it between plotters and [`super::restyle`]: plotters knows colours only, the page knows classes only.
    pub(super) const fn sentinel(self) -> RGBColor {
        RGBColor(0xfa, 0xce, self as u8)
    }

    /// Whose sentinel this is, as plotters writes it: `#FACE03`.
    pub(super) fn of_sentinel(written: &str) -> Option<Self> {
        let number = u8::from_str_radix(written.strip_prefix("#FACE")?, 16).ok()?;
        Self::ALL.into_iter().find(|ink| *ink as u8 == number)
    }
}
