//! Logs that are known and that no reader reads: what they are, and what to give in their place. Asked only of a file of unknown format.

use super::cursor::unmarked;
use super::detect::lines;

/// A log that is known, and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// What it is, as the rest of `it is …`.
    pub what: &'static str,
    /// Why it is not read, and what can be done, in whole sentences.
    pub instead: &'static str,
}

/// A line that only such a log has, and the log.
struct Sign {
    shows: fn(&[u8]) -> bool,
    stranger: Stranger,
}

const TRACKING: &str = "It tells commands and replies, and of no recipient what became of him. Give Exchange's message tracking logs in its place: \
                        TransportRoles\\Logs\\MessageTracking\\MSGTRK*.LOG.";

/// The first whose line stands in a head is told.
const SIGNS: [Sign; 7] = [
    Sign {
        shows: |line| line.starts_with(b"#Log-type: SMTP ") || has(line, b"date-time,connector-id,session-id,sequence-number,"),
        stranger: Stranger { what: "an SMTP protocol log of Exchange", instead: TRACKING },
    },
    Sign {
        shows: |line| line.starts_with(b"#Log-type: ") && !line.starts_with(b"#Log-type: Message Tracking Log"),
        stranger: Stranger {
            what: "a log of Exchange that tells of no recipient",
            instead: "Give its message tracking logs in its place: TransportRoles\\Logs\\MessageTracking\\MSGTRK*.LOG.",
        },
    },
    Sign {
        shows: |line| line.starts_with(b"RecipientStatus ") && has(line, b" : "),
        stranger: Stranger {
            what: "what Get-MessageTrackingLog shows as a list",
            instead: "Let it write a table in its place: Get-MessageTrackingLog … | Export-Csv tracking.csv, or | ConvertTo-Json.",
        },
    },
    Sign {
        shows: |line| {
            has(line, b" (delivery.") || has(line, b" (queue.") || (has(line, b" (smtp.") && has(line, b" listenerId = "))
        },
        stranger: Stranger {
            what: "a log of Stalwart",
            instead: "No reader for it exists. If what it delivers also goes to a relay of yours, give that relay's log; a table or \
                      JSON with one record for each delivery can be read by a mapping (see `[[format]]` in docs/formats.md).",
        },
    },
    Sign {
        shows: |line| has(line, b" type=event subtype=smtp ") && has(line, b" session_id="),
        stranger: Stranger {
            what: "a log of FortiMail",
            instead: "No reader for it exists. Give the log of the server that it delivers to or takes from.",
        },
    },
    Sign {
        shows: |line| line.starts_with(b"\"SMTPC\"\t") || line.starts_with(b"\"SMTPD\"\t"),
        stranger: Stranger {
            what: "a log of hMailServer",
            instead: "It tells commands and replies of sessions, and of no recipient what became of him: no reader for it exists.",
        },
    },
    Sign {
        shows: is_channel_log,
        stranger: Stranger {
            what: "a log of Oracle Communications Messaging Server",
            instead: "No reader for it exists. If its mail leaves by a relay of yours, give that relay's log.",
        },
    },
];

/// Which known log that no reader reads begins with `head`. None: no such log.
#[must_use]
pub fn stranger(head: &[u8]) -> Option<Stranger> {
    lines(head).map(unmarked).find_map(|line| SIGNS.iter().find(|sign| (sign.shows)(line)).map(|sign| sign.stranger))
}

fn has(line: &[u8], words: &[u8]) -> bool {
    memchr::memmem::find(line, words).is_some()
}

/// `19-Jan-1998 19:17:01.16 tcp_local … rfc822;…`
fn is_channel_log(line: &[u8]) -> bool {
    let is_stamp =
        |text: &[u8]| matches!(text, [_, _, b'-', _, _, _, b'-', _, _, _, _, b' ', _, _, b':', _, _, b':', _, _, b'.', ..]);
    is_stamp(line) && has(line, b" rfc822;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_them_is_told_by_a_line_of_its_own() {
        let what = |line: &[u8]| stranger(line).map_or("", |stranger| stranger.what);
        assert_eq!(
            what(b"\xef\xbb\xbf#Software: x\r\n#Log-type: SMTP Send Protocol Log\r\n"),
            "an SMTP protocol log of Exchange"
        );
        let fields =
            b"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context";
        assert_eq!(what(fields), "an SMTP protocol log of Exchange");
        assert_eq!(what(b"#Log-type: Transport Connectivity Log"), "a log of Exchange that tells of no recipient");
        assert_eq!(what(b"Source          : AGENT\nRecipientStatus : {250 ok}"), "what Get-MessageTrackingLog shows as a list");
        let stalwart =
            b"2025-01-17T16:59:03Z INFO Delivery attempt started (delivery.attempt-start) queueId = 2198, from = <>, total = 1";
        assert_eq!(what(stalwart), "a log of Stalwart");
        let fortimail = b"time=18:33:35.615 device_id=x log_id=0003007072 type=event subtype=smtp pri=information  user=mail \
            session_id=\"13KGXMHI007058\" msg=\"to=<a@b.example>, delay=00:00:06, mailer=esmtp, dsn=2.0.0, stat=Sent\"";
        assert_eq!(what(fortimail), "a log of FortiMail");
        let hmail = b"\"SMTPC\"\t2144\t17\t\"2015-03-06 15:41:56.409\"\t\"127.0.0.1\"\t\"RECEIVED: 250 OK\"";
        assert_eq!(what(hmail), "a log of hMailServer");
        let oracle =
            b"19-Jan-1998 19:17:01.16 tcp_local                  D 1 adam@b.example rfc822;marlowe@c.example marlowe@c.example";
        assert_eq!(what(oracle), "a log of Oracle Communications Messaging Server");
    }

    #[test]
    fn what_is_read_is_none_of_them() {
        assert_eq!(stranger(b"#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n"), None);
        assert_eq!(
            stranger(b"Oct  1 08:00:00 mx postfix/qmgr[9]: 4B1C: from=<a@b.example>, size=1, nrcpt=1 (queue active)"),
            None
        );
    }
}
