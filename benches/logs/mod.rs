//! Logs of formats that the simulator does not write: rows in their usual proportions, and fixtures over and over.

use std::fmt::Write as _;

/// A sequence that looks random and is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const DOMAINS: [&str; 5] = ["gmail.example", "yahoo.example", "hotmail.example", "t-online.example", "acme.example"];

/// `PowerMTA`'s accounting of deliveries, bounces and transients, with the columns that it has by default.
pub(crate) fn accounting(bytes: usize) -> Vec<u8> {
    let mut log =
        "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,\
                   dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool\r\n"
            .to_owned();
    let mut numbers = Numbers(7);
    let mut second = 0;
    while log.len() < bytes {
        second += numbers.below(2);
        let domain = DOMAINS[numbers.below(5) as usize];
        let (kind, action, status, diagnosis, category) = match numbers.below(100) {
            0..=3 => (
                "b",
                "failed",
                "5.1.1 (bad destination mailbox address)",
                "smtp;550 5.1.1 The email account that you tried to reach does not exist",
                "bad-mailbox",
            ),
            4..=12 => (
                "t",
                "delayed",
                "4.7.0 (other or undefined security status)",
                "\"smtp;421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume, try again later\"",
                "policy-related",
            ),
            _ => ("d", "relayed", "2.0.0 (success)", "smtp;250 2.0.0 OK 1791180031 gsmtp", "success"),
        };
        let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
        let stamp = format!("2026-10-05 {hour:02}:{minute:02}:{:02}+0200", second % 60);
        let _written = write!(
            log,
            "{kind},{stamp},{stamp},bounce-{n}@letters.example.org,user{n}@{domain},,{action},{status},{diagnosis},mx.{domain} (192.0.2.{host}),\
             {category},api,app1.example.org (198.51.100.7),smtp,203.0.113.{host},192.0.2.{host},\"PIPELINING,8BITMIME,SIZE 157286400,STARTTLS\",\
             20412,mta-{vmta},october-{job},,{domain}/mta-{vmta},pool-news\r\n",
            n = numbers.below(1_000_000),
            host = numbers.below(200),
            vmta = numbers.below(16),
            job = numbers.below(9),
        );
    }
    log.into_bytes()
}

/// `text` over and over, its first `head` lines once.
pub(crate) fn again(text: &[u8], head: usize, bytes: usize) -> Vec<u8> {
    let start = text.split_inclusive(|&byte| byte == b'\n').take(head).map(<[u8]>::len).sum::<usize>();
    let mut log = text.to_vec();
    while log.len() < bytes {
        log.extend_from_slice(&text[start..]);
    }
    log
}
