//! Marks that others have set: shown as a thin line beside a figure, never as a verdict alone.

/// A mark of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The figure, as in the glossary.
    pub figure: &'static str,
    /// From here on, look.
    pub watch: f64,
    /// From here on, act.
    pub act: f64,
    /// Who says so.
    pub source: &'static str,
}

/// Unknown users of judged addresses.
pub const UNKNOWN_USERS: Threshold = Threshold {
    figure: "unknown_user_rate",
    watch: 0.01,
    act: 0.05,
    source: "Validity help centre, article 220337027: the best senders stay below 1 %, trouble begins at 5 %",
};

/// Hard bounces of resolved outcomes.
pub const HARD_BOUNCES: Threshold = Threshold {
    figure: "hard_rate",
    watch: 0.02,
    act: 0.05,
    source: "2 %: common advice of mail services; 5 %: Amazon SES reviews a sender",
};

/// Complaints of delivered outcomes.
pub const COMPLAINTS: Threshold = Threshold {
    figure: "complaint_rate",
    watch: 0.001,
    act: 0.003,
    source: "Google's guidelines for senders: stay below 0.1 %, never reach 0.3 %; Yahoo: below 0.3 %",
};

/// All of them.
pub const THRESHOLDS: [Threshold; 3] = [UNKNOWN_USERS, HARD_BOUNCES, COMPLAINTS];
