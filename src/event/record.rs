//! What a record is, before anything is asked of what it says.

/// How a file is cut into records. Only [`Framing::Lines`] may be entered in mid-file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A record is a line.
    Lines,
    /// A record is a CSV row, which may hold line ends in quotes.
    Csv,
    /// A record is a JSON object, at any depth of array, one a line, run together or pretty-printed.
    Json,
    /// A record is a mail.
    Mbox,
    /// A record is an XML element of a file that has no root, over any number of lines.
    Elements,
    /// A record is an entry of the journal with a field a line (`journalctl -o export`, `-o verbose`).
    Entries,
}

/// What a record was. Every record is exactly one of these, and `inspect` shows the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A delivery agent's record of an attempt.
    Delivery,
    /// A delivery agent's record that says it did not try now.
    Suspended,
    /// Tells of a message or connection of ours, but of no attempt.
    Context,
    /// A mail that others brought was refused.
    Inbound,
    /// An address probe.
    Probe,
    /// Understood, and not about mail of ours; or another program's.
    Other,
    /// Not understood.
    Unparsed,
    /// No record: a row that names columns, a comment or an empty row of a table. Not counted among the records.
    Header,
}
