//! What makes a month worth a report: who is written to, who writes, and which days are bad. Plain data; the hours count from the
//! first midnight of the month, which in October 2026 is a Thursday's.

use super::replies::{Means, Provider};

/// Which month it is: what goes wrong, and how old the lists are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Month {
    /// The month before: younger lists, none of them bought; Yahoo, Microsoft and Apple slow all month, Google refuses some as spam.
    September,
    /// A block over 31 hours, a bought list, a sender that no longer authenticates.
    October,
}

impl Month {
    pub(super) const fn episodes(self) -> &'static [Episode] {
        match self {
            Self::September => QUIET_EPISODES,
            Self::October => EPISODES,
        }
    }

    /// Of a thousand addresses of our lists so many do not exist any more.
    pub(super) const fn stale(self) -> u64 {
        match self {
            Self::September => 1,
            Self::October => 10,
        }
    }

    /// Whether mail to a bought list is sent.
    pub(super) const fn has_bought_lists(self) -> bool {
        matches!(self, Self::October)
    }
}

/// What is special about a domain's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    Sound,
    Greylists,
    Gone,
    NullMx,
    Unreachable,
    NoNameService,
    /// Unreachable from this hour of the month to that one.
    Down(i64, i64),
}

/// Who hands us mail.
#[derive(Debug)]
pub(super) struct Sender {
    /// Envelope sender.
    pub(super) address: &'static str,
    /// Client that submits, and its address.
    pub(super) client: (&'static str, &'static str),
    /// Bytes of a usual message.
    pub(super) size: u64,
    /// The number of the host that it uses. None: each in turn.
    pub(super) host: Option<usize>,
    /// How many in a thousand of all messages, and when.
    pub(super) streams: &'static [(u64, When)],
    pub(super) audience: Audience,
}

/// When the messages of a stream come.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// All month, by the shape of a working week.
    Always,
    /// From this hour of the month on, within this many hours.
    Campaign(i64, i64),
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// One person of the list.
    List,
    /// One person of a list that was bought: many of them do not exist.
    Bought,
    /// People write to people: up to five, at different domains.
    Office,
}

/// A time during which a provider treats a host, or a sender, like this.
#[derive(Debug)]
pub(super) struct Episode {
    pub(super) providers: &'static [Provider],
    /// None: every host.
    pub(super) host: Option<usize>,
    /// The sender's domain. None: every sender.
    pub(super) sender: Option<&'static str>,
    /// First and last hour of the month.
    pub(super) hours: (i64, i64),
    pub(super) means: Means,
    /// How many attempts in a thousand.
    pub(super) share: u64,
}

pub(super) const CONSUMER: &[(&str, Provider, u64)] = &[
    ("gmail.com", Provider::Google, 290),
    ("outlook.com", Provider::Microsoft, 75),
    ("hotmail.com", Provider::Microsoft, 70),
    ("live.com", Provider::Microsoft, 15),
    ("yahoo.com", Provider::Yahoo, 90),
    ("aol.com", Provider::Yahoo, 30),
    ("icloud.com", Provider::Apple, 50),
    ("gmx.de", Provider::Gmx, 35),
    ("web.de", Provider::Gmx, 30),
    ("comcast.net", Provider::Comcast, 18),
    ("orange.fr", Provider::Orange, 14),
    ("t-online.de", Provider::Telekom, 18),
];

/// Domains with something wrong, and how much they weigh.
pub(super) const SPECIAL: &[(&str, Nature, u64)] = &[
    ("lapsed.example", Nature::Gone, 4),
    ("no-mail.example", Nature::NullMx, 2),
    ("unreachable.example", Nature::Unreachable, 4),
    ("lost-zone.example", Nature::NoNameService, 2),
    ("outage.example", Nature::Down(262, 301), 5),
    ("grey.example", Nature::Greylists, 8),
    ("slowly.example", Nature::Greylists, 6),
    ("patience.example", Nature::Greylists, 4),
];

pub(super) const WORDS: [&str; 24] = [
    "acme", "north", "harbor", "cedar", "violet", "granite", "lumen", "orchid", "pioneer", "quartz", "raven", "summit",
    "timber", "umber", "vertex", "willow", "zephyr", "bramble", "copper", "delta", "ember", "falcon", "garnet", "hazel",
];

pub(super) const HOSTED: [Provider; 12] = [
    Provider::Google,
    Provider::Microsoft365,
    Provider::Postfix,
    Provider::Google,
    Provider::Microsoft365,
    Provider::Exim,
    Provider::Proofpoint,
    Provider::Microsoft365,
    Provider::Mimecast,
    Provider::Postfix,
    Provider::Barracuda,
    Provider::Microsoft365,
];

/// Those who send.
pub(super) const SENDERS: &[Sender] = &[
    Sender {
        address: "bounces@news.example.com",
        client: ("batch1.example.com", "192.0.2.131"),
        size: 48_000,
        host: Some(0),
        streams: &[
            (34, When::Campaign(9, 3)),
            (34, When::Campaign(129, 3)),
            (34, When::Campaign(177, 3)),
            (34, When::Campaign(297, 3)),
            (34, When::Campaign(345, 3)),
            (34, When::Campaign(465, 3)),
            (34, When::Campaign(513, 3)),
            (34, When::Campaign(633, 3)),
            (34, When::Campaign(681, 3)),
            (14, When::Campaign(743, 1)),
        ],
        audience: Audience::List,
    },
    Sender {
        address: "newsletter@mail.example.org",
        client: ("crm.example.org", "192.0.2.140"),
        size: 61_000,
        host: Some(0),
        streams: &[(80, When::Campaign(128, 7))],
        audience: Audience::Bought,
    },
    Sender {
        address: "members@mail.example.org",
        client: ("crm.example.org", "192.0.2.140"),
        size: 33_000,
        host: Some(0),
        streams: &[(30, When::Campaign(298, 4)), (30, When::Campaign(634, 4))],
        audience: Audience::List,
    },
    Sender {
        address: "orders@shop.example.net",
        client: ("app1.example.net", "192.0.2.150"),
        size: 14_000,
        host: None,
        streams: &[(230, When::Always)],
        audience: Audience::List,
    },
    Sender {
        address: "no-reply@app.example.com",
        client: ("app2.example.com", "192.0.2.132"),
        size: 6_000,
        host: Some(0),
        streams: &[(140, When::Always)],
        audience: Audience::List,
    },
    Sender {
        address: "billing@example.org",
        client: ("erp.example.org", "192.0.2.141"),
        size: 95_000,
        host: None,
        streams: &[(20, When::Always), (35, When::Campaign(5, 4)), (25, When::Campaign(341, 4))],
        audience: Audience::List,
    },
    Sender {
        address: "info@partner.example",
        client: ("web.partner.example", "192.0.2.160"),
        size: 22_000,
        host: Some(1),
        streams: &[(40, When::Always)],
        audience: Audience::List,
    },
    Sender {
        address: "staff@office.example.net",
        client: ("desk.office.example.net", "192.0.2.170"),
        size: 31_000,
        host: Some(1),
        streams: &[(80, When::Always)],
        audience: Audience::Office,
    },
];

const EPISODES: &[Episode] = &[
    Episode {
        providers: &[Provider::Microsoft],
        host: Some(0),
        sender: None,
        hours: (149, 180),
        means: Means::Blocked,
        share: 1000,
    },
    Episode { providers: &[Provider::Yahoo], host: None, sender: None, hours: (296, 356), means: Means::Throttled, share: 700 },
    Episode {
        providers: &[Provider::Google],
        host: Some(0),
        sender: None,
        hours: (521, 527),
        means: Means::Throttled,
        share: 600,
    },
    Episode {
        providers: &[Provider::Postfix, Provider::Exim, Provider::Proofpoint],
        host: Some(0),
        sender: None,
        hours: (609, 640),
        means: Means::Blocked,
        share: 1000,
    },
    Episode {
        providers: &[Provider::Google],
        host: None,
        sender: Some("partner.example"),
        hours: (442, 100_000),
        means: Means::Unauthenticated,
        share: 1000,
    },
];

const QUIET_EPISODES: &[Episode] = &[
    Episode {
        providers: &[Provider::Yahoo],
        host: None,
        sender: None,
        hours: (0, 100_000),
        means: Means::Throttled,
        share: 350,
    },
    Episode {
        providers: &[Provider::Microsoft],
        host: Some(0),
        sender: None,
        hours: (0, 100_000),
        means: Means::Throttled,
        share: 90,
    },
    Episode {
        providers: &[Provider::Apple],
        host: None,
        sender: None,
        hours: (0, 100_000),
        means: Means::Throttled,
        share: 120,
    },
    Episode { providers: &[Provider::Google], host: Some(1), sender: None, hours: (0, 100_000), means: Means::Spam, share: 45 },
    Episode {
        providers: &[Provider::Proofpoint],
        host: None,
        sender: None,
        hours: (250, 420),
        means: Means::Blocked,
        share: 600,
    },
];
