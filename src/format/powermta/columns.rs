//! The columns that are read, and the row that names them.

use super::super::cursor::skip_blanks;
use super::super::row::{Cells, Columns, is_name, trim};

/// What a column holds. The names of [`NAMES`] stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// `d`, `b`, `t` …
    Type,
    /// When it happened.
    TimeLogged,
    /// When the message came into the queue.
    TimeQueued,
    /// From reception to this record, in seconds.
    TotalSecondsQueued,
    /// MAIL FROM.
    Orig,
    /// RCPT TO.
    Rcpt,
    /// ORCPT, with its address type in front.
    Orcpt,
    /// `5.1.1 (bad destination mailbox address)`
    DsnStatus,
    /// `smtp;550 5.1.1 …`
    DsnDiag,
    /// `mx.example.com (192.0.2.1)`
    DsnMta,
    /// The site's own verdict.
    BounceCat,
    /// `smtp`, `pipe`, `file`, `discard`.
    DlvType,
    /// Our address.
    DlvSourceIp,
    /// Theirs.
    DlvDestinationIp,
    /// A comma list.
    DlvEsmtpAvailable,
    /// Bytes.
    DlvSize,
    /// `TLSv1.2`
    DlvTlsProtocol,
    /// Virtual MTA.
    Vmta,
    /// Its pool.
    VmtaPool,
    /// Campaign.
    JobId,
    /// ENVID.
    EnvId,
    /// Who brought a received message.
    RcvSourceIp,
    /// `abuse`, `not-spam` …
    FeedbackType,
    /// The Message-ID header, if the site has it logged.
    MessageId,
}

impl Column {
    /// How many there are.
    pub(super) const COUNT: usize = NAMES.len();
}

/// The names, in the order of [`Column`], compared without regard to case.
pub(super) const NAMES: [&[u8]; 24] = [
    b"type",
    b"timeLogged",
    b"timeQueued",
    b"totalSecondsQueued",
    b"orig",
    b"rcpt",
    b"orcpt",
    b"dsnStatus",
    b"dsnDiag",
    b"dsnMta",
    b"bounceCat",
    b"dlvType",
    b"dlvSourceIp",
    b"dlvDestinationIp",
    b"dlvEsmtpAvailable",
    b"dlvSize",
    b"dlvTlsProtocol",
    b"vmta",
    b"vmtaPool",
    b"jobId",
    b"envId",
    b"rcvSourceIp",
    b"feedbackType",
    b"header_Message-Id",
];

/// The column of a name.
pub(super) fn known(name: &[u8]) -> Option<usize> {
    NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))
}

/// Where a header's columns stand.
pub(super) fn read(cells: &Cells<'_>) -> Columns<{ Column::COUNT }> {
    Columns::read(cells.iter(), known)
}

/// Each known column in its own place.
pub(super) fn every() -> Columns<{ Column::COUNT }> {
    Columns::read(NAMES.into_iter(), known)
}

/// A line without the marks that may stand before a header: that of the byte order, and that of a comment.
pub(super) fn uncommented(line: &[u8]) -> &[u8] {
    let line = trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
    line.strip_prefix(b"#").map_or(line, skip_blanks)
}

/// Whether a name is one that, beside `type`, only an accounting file has.
pub(super) fn telling(name: &[u8]) -> bool {
    const TELLING: [&[u8]; 7] = [b"rcpt", b"orig", b"timeLogged", b"timeQueued", b"dsnStatus", b"bounceCat", b"vmta"];
    TELLING.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A row of names: the first is `type`, and one of the others is telling. What went through a database or a spreadsheet may have `type`
/// elsewhere, and then several of the others.
pub(super) fn is_header(cells: &Cells<'_>) -> bool {
    const FEWEST: usize = 3;
    let is_type = |cell: &[u8]| cell.eq_ignore_ascii_case(b"type");
    let is_told = || is_name(cells.get(0)) && cells.iter().filter(|cell| telling(cell)).count() >= FEWEST;
    if is_type(cells.get(0)) { cells.iter().any(telling) } else { cells.iter().any(is_type) && is_told() }
}

/// Whether a cell looks like what EHLO answers: `PIPELINING`, `SIZE 35882577`, `8BITMIME`.
pub(super) fn is_keyword(cell: &[u8]) -> bool {
    cell.iter().any(u8::is_ascii_uppercase)
        && cell.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'='))
}

#[cfg(test)]
mod tests {
    use super::super::super::row::Row;
    use super::*;

    #[test]
    fn each_name_stands_at_its_column() {
        let all = every();
        assert!((0..Column::COUNT).all(|column| all.place(column) == Some(column)));
        assert_eq!(NAMES[Column::MessageId as usize], b"header_Message-Id");
        assert_eq!(NAMES[Column::DlvType as usize], b"dlvType");
        assert_eq!(NAMES[Column::Vmta as usize], b"vmta");
    }

    #[test]
    fn a_header_begins_with_type() {
        let is = |line: &str| is_header(&Row::new().read(uncommented(line.as_bytes())));
        assert!(is("type,timeLogged,rcpt\r"));
        assert!(is("\u{feff}\"type\",\"rcpt\""));
        assert!(is("# Type, DSNSTATUS"));
        assert!(!is("type,name,price"));
        assert!(!is("rcpt,type"));
        assert!(is("\"\",\"type\",timeLogged,rcpt,dsnStatus"));
        assert!(is("rcpt,type,orig,vmta"));
        assert!(!is("d,1178807903,a@b.example"));
    }
}
