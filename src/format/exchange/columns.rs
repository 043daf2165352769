//! The columns that are read, under the names of the log and of its exports, and their order where the log's head is lost.

use super::super::row::{Cells, Columns, is_name, trim};

/// What a column holds. The names of [`NAMES`] stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// When it happened, UTC.
    DateTime,
    /// Who submitted: on `SEND` the server itself.
    ClientIp,
    /// The same by name.
    ClientHostname,
    /// On `SEND` the server that took it.
    ServerIp,
    /// The same by name.
    ServerHostname,
    /// What the source adds; the reply to a message among it.
    SourceContext,
    /// Send or receive connector.
    ConnectorId,
    /// Which component: `SMTP`, `STOREDRIVER`, `ROUTING` …
    Source,
    /// What happened.
    EventId,
    /// The Message-ID header, in angle brackets or not.
    MessageId,
    /// One for the whole organisation, since 2013.
    NetworkMessageId,
    /// A list, with `;` between.
    RecipientAddress,
    /// A list likewise.
    RecipientStatus,
    /// Bytes.
    TotalBytes,
    /// The group or the address before it was resolved.
    RelatedRecipientAddress,
    /// The message that a notification is about.
    Reference,
    /// The From header.
    SenderAddress,
    /// MAIL FROM.
    ReturnPath,
    /// On `SEND` and `DELIVER`: when the message arrived.
    MessageInfo,
    /// `Originating`, `Incoming`.
    Directionality,
    /// `S:E2ELatency=1.203;…`
    CustomData,
}

impl Column {
    /// How many there are.
    pub(super) const COUNT: usize = NAMES.len();
}

/// The names, in the order of [`Column`]; then those of the export where they differ by more than hyphens and case.
pub(super) const NAMES: [(&[u8], &[u8]); 21] = [
    (b"date-time", b"Timestamp"),
    (b"client-ip", b""),
    (b"client-hostname", b""),
    (b"server-ip", b""),
    (b"server-hostname", b""),
    (b"source-context", b""),
    (b"connector-id", b""),
    (b"source", b""),
    (b"event-id", b""),
    (b"message-id", b""),
    (b"network-message-id", b""),
    (b"recipient-address", b"Recipients"),
    (b"recipient-status", b""),
    (b"total-bytes", b""),
    (b"related-recipient-address", b""),
    (b"reference", b""),
    (b"sender-address", b"Sender"),
    (b"return-path", b""),
    (b"message-info", b""),
    (b"directionality", b""),
    (b"custom-data", b"EventData"),
];

/// What a message trace calls the time of an event.
const TRACE_TIME: &[u8] = b"date_time_utc";

/// The column of a name.
pub(super) fn known(name: &[u8]) -> Option<usize> {
    if name.eq_ignore_ascii_case(TRACE_TIME) {
        return Some(Column::DateTime as usize);
    }
    NAMES.iter().position(|(log, export)| is_same(log, name) || (!export.is_empty() && export.eq_ignore_ascii_case(name)))
}

/// `client-ip` is `ClientIp` in the export, and `client_ip` in a message trace.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    fn letters(name: &[u8]) -> impl Iterator<Item = u8> + '_ {
        name.iter().filter(|byte| !matches!(byte, b'-' | b'_')).map(u8::to_ascii_lowercase)
    }
    letters(one).eq(letters(other))
}

/// Where a header's columns stand.
pub(super) fn read<'a>(names: impl Iterator<Item = &'a [u8]>) -> Columns<{ Column::COUNT }> {
    Columns::read(names, known)
}

/// A line without the mark of the byte order and without blanks.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// The names behind `#Fields:`.
pub(super) fn fields(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"#Fields:").map(trim)
}

/// Whether the names are of message tracking: the protocol logs have a `#Fields:` line too.
pub(super) fn is_tracking(names: &Cells<'_>) -> bool {
    names.get(0) == b"date-time"
        && names.iter().any(|name| name == b"event-id")
        && names.iter().any(|name| name == b"recipient-address")
}

/// Whether a row is the header of an export: the shell's, or the extended report of a message trace of Exchange Online.
pub(super) fn is_export(cells: &Cells<'_>) -> bool {
    let has = |name: &[u8]| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name));
    let of_shell = || has(b"EventId") && has(b"Timestamp") && has(b"Recipients");
    let of_trace = || has(b"event_id") && has(TRACE_TIME) && has(b"recipient_address");
    cells.len() > 5 && is_name(cells.get(0)) && (of_shell() || of_trace())
}

/// Exchange 2013; 2010 lacks `network-message-id`, 2007 also what follows `message-info`; 2016 and later have three more at the end.
const IN_ORDER: [&[u8]; 27] = [
    b"date-time",
    b"client-ip",
    b"client-hostname",
    b"server-ip",
    b"server-hostname",
    b"source-context",
    b"connector-id",
    b"source",
    b"event-id",
    b"internal-message-id",
    b"message-id",
    b"network-message-id",
    b"recipient-address",
    b"recipient-status",
    b"total-bytes",
    b"recipient-count",
    b"related-recipient-address",
    b"reference",
    b"message-subject",
    b"sender-address",
    b"return-path",
    b"message-info",
    b"directionality",
    b"tenant-id",
    b"original-client-ip",
    b"original-server-ip",
    b"custom-data",
];

/// The columns of a row whose header is lost, by their number and what stands in the first and the ninth.
pub(super) fn by_count(cells: &Cells<'_>) -> Option<Columns<{ Column::COUNT }>> {
    let has_network_id = match cells.len() {
        21 | 26 => false,
        27..=30 => true,
        _ => return None,
    };
    let is_stamp = |cell: &[u8]| matches!(cell, [y, .., b'Z'] if y.is_ascii_digit()) && cell.get(10) == Some(&b'T');
    let is_word = |cell: &[u8]| cell.len() > 2 && cell.iter().all(u8::is_ascii_uppercase);
    // A shipper may have put its own words before the stamp.
    let first = cells.get(0).rsplit(|&byte| byte == b' ').next().unwrap_or_default();
    if !(is_stamp(first) && is_word(cells.get(7)) && is_word(cells.get(8))) {
        return None;
    }
    let names = IN_ORDER.into_iter().filter(|&name| has_network_id || name != b"network-message-id");
    Some(read(names.take(cells.len())))
}

#[cfg(test)]
mod tests {
    use super::super::super::row::Row;
    use super::*;

    #[test]
    fn each_name_stands_at_its_column() {
        assert_eq!(NAMES[Column::CustomData as usize].0, b"custom-data");
        assert_eq!(NAMES[Column::EventId as usize].0, b"event-id");
        assert_eq!(NAMES[Column::ReturnPath as usize].0, b"return-path");
        let columns = read(IN_ORDER.into_iter());
        assert_eq!(
            (columns.place(Column::EventId as usize), columns.place(Column::RecipientStatus as usize)),
            (Some(8), Some(13))
        );
    }

    #[test]
    fn the_export_has_the_same_columns_by_other_names() {
        let mut row = Row::new();
        let cells = row.read(
            b"\"PSComputerName\",\"Timestamp\",\"ClientIp\",\"EventId\",\"Recipients\",\"RecipientStatus\",\"ReturnPath\"",
        );
        assert!(is_export(&cells));
        let columns = read(cells.iter());
        let places = [Column::DateTime, Column::ClientIp, Column::EventId, Column::RecipientAddress, Column::RecipientStatus];
        assert_eq!(places.map(|column| columns.place(column as usize)), [Some(1), Some(2), Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn a_message_trace_has_the_same_columns_with_other_marks() {
        let mut row = Row::new();
        let cells = row.read(b"date_time_utc,client_ip,source,event_id,recipient_address,recipient_status,custom_data");
        assert!(is_export(&cells));
        let columns = read(cells.iter());
        let places = [Column::DateTime, Column::ClientIp, Column::EventId, Column::RecipientStatus, Column::CustomData];
        assert_eq!(places.map(|column| columns.place(column as usize)), [Some(0), Some(1), Some(3), Some(5), Some(6)]);
        assert!(!is_export(&row.read(b"date_time_utc,sender,recipient,subject,size,status")));
    }

    #[test]
    fn a_row_without_its_header_is_known_by_its_cells() {
        let row = |count: usize| {
            let mut cells = vec![""; count];
            (cells[0], cells[7], cells[8]) = ("2026-10-01T08:02:06.000Z", "SMTP", "SEND");
            cells.join(",")
        };
        let at = |count: usize| {
            by_count(&Row::new().read(row(count).as_bytes())).map(|columns| columns.place(Column::RecipientAddress as usize))
        };
        assert_eq!((at(26), at(27), at(30), at(25)), (Some(Some(11)), Some(Some(12)), Some(Some(12)), None));
        assert_eq!(at(21), Some(Some(11)));
        assert!(by_count(&Row::new().read(",".repeat(26).as_bytes())).is_none());
    }
}
