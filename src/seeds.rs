//! The list of seeds: test addresses at the providers, and what an inbox monitor saw of the mail sent to them.
//!
//! One address a line, or columns: address, provider, date, campaign, seen. A first row of names says which column is which; without
//! one the first is the address, the second the provider, and the rest are told apart by their form. Commas, semicolons or tabs.
//! Knows no log; whoever counts outcomes asks it whether an address is watched.

use std::collections::{BTreeMap, HashSet};

use foldhash::fast::FixedState;
use jiff::civil::Date;

const HASHER: FixedState = FixedState::with_seed(0x7365_6564);

/// Where the monitor found a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// In the inbox, whichever tab of it.
    Inbox,
    /// In the spam folder.
    Spam,
    /// Nowhere.
    Missing,
}

impl Seen {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Spam => "spam",
            Self::Missing => "missing",
        }
    }

    fn of(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "inbox" | "primary" | "promotions" | "delivered" => Some(Self::Inbox),
            "spam" | "junk" | "bulk" => Some(Self::Spam),
            "missing" | "not found" | "none" => Some(Self::Missing),
            _ => None,
        }
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed {
    /// Lower case.
    pub address: String,
    /// As the list names it; empty where it does not.
    pub provider: String,
    /// The day of the mail, since 1970-01-01; None: every mail of the period.
    pub day: Option<i32>,
    /// As the list names it; empty where it does not.
    pub campaign: String,
    /// What the monitor saw; None where the list does not say.
    pub seen: Option<Seen>,
}

/// A list is not as it should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedsError {
    /// There is no address in it.
    #[error("it holds no address. Write one a line, or columns: address, provider, date, campaign, seen")]
    Empty,
    /// A row of names has none for the address.
    #[error("line 1: no column is named address")]
    NoAddress,
    /// A row cannot be read.
    #[error("line {line}: {what}")]
    Row {
        /// From 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// A list of seeds, its addresses ready to be asked for.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    rows: Vec<Seed>,
    /// Strangers' addresses are asked for: the hashers have a seed of their own.
    addresses: HashSet<String, FixedState>,
    domains: HashSet<String, FixedState>,
}

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Address,
    Provider,
    Date,
    Campaign,
    Seen,
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "address" | "email" | "email_address" | "seed" | "seed_address" | "recipient" => Some(Self::Address),
            "provider" | "isp" | "esp" | "mailbox_provider" | "domain" => Some(Self::Provider),
            "date" | "day" | "sent" | "send_date" => Some(Self::Date),
            "campaign" | "job" | "mailing" | "message" => Some(Self::Campaign),
            "seen" | "placement" | "folder" | "result" | "status" => Some(Self::Seen),
            _ => None,
        }
    }
}

impl Seeds {
    /// Reads a list. Equal rows count once.
    ///
    /// # Errors
    /// It holds no address, or a row that cannot be read.
    pub fn read(text: &[u8]) -> Result<Self, SeedsError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text);
        let mut named: Option<BTreeMap<Column, usize>> = None;
        let (mut rows, mut is_first) = (Vec::new(), true);
        for record in reader.byte_records() {
            let line_of = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
            let record = record.map_err(|error| SeedsError::Row {
                line: line_of(error.position()),
                what: "it is no row of a table".to_owned(),
            })?;
            let line = line_of(record.position());
            let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
            if std::mem::take(&mut is_first) && !cells.iter().any(|cell| cell.contains('@')) {
                named = Some(header(&cells)?);
                continue;
            }
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let row = match &named {
                Some(columns) => by_names(&cells, columns),
                None => by_form(&cells),
            };
            rows.push(row.map_err(|what| SeedsError::Row { line, what })?);
        }
        Self::of(rows)
    }

    fn of(mut rows: Vec<Seed>) -> Result<Self, SeedsError> {
        if rows.is_empty() {
            return Err(SeedsError::Empty);
        }
        rows.sort_unstable();
        rows.dedup();
        let (mut addresses, mut domains) = (HashSet::with_hasher(HASHER), HashSet::with_hasher(HASHER));
        for row in &rows {
            addresses.insert(row.address.clone());
            domains.insert(row.address.rsplit('@').next().unwrap_or_default().to_owned());
        }
        Ok(Self { rows, addresses, domains })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, in order of address, provider, day and campaign.
    #[must_use]
    pub fn rows(&self) -> &[Seed] {
        &self.rows
    }

    /// Whether the address is one of them, whatever its case.
    #[must_use]
    pub fn holds(&self, address: &[u8]) -> bool {
        holds(&self.addresses, address)
    }

    /// Whether the domain is that of one of them, whatever its case.
    #[must_use]
    pub fn holds_domain(&self, domain: &[u8]) -> bool {
        holds(&self.domains, domain)
    }
}

fn holds(names: &HashSet<String, FixedState>, name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    // Logs mostly have it in lower case: no copy then.
    let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    !names.is_empty() && (names.contains(name) || (!is_lower && names.contains(&name.to_ascii_lowercase())))
}

/// What parts the cells: what occurs in the first row that is no comment.
fn delimiter(text: &[u8]) -> u8 {
    let first = text.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
    let has = |byte: &u8| first.is_some_and(|line| line.contains(byte));
    [b'\t', b';'].into_iter().find(has).unwrap_or(b',')
}

fn header(cells: &[String]) -> Result<BTreeMap<Column, usize>, SeedsError> {
    let mut columns = BTreeMap::new();
    for (place, name) in cells.iter().enumerate() {
        if let Some(column) = Column::named(name) {
            columns.entry(column).or_insert(place);
        }
    }
    match columns.contains_key(&Column::Address) {
        true => Ok(columns),
        false if cells.iter().any(|cell| Column::named(cell).is_some()) => Err(SeedsError::NoAddress),
        false => {
            let what = format!("{:?} is no address and no name of a column", cells.first().map_or("", String::as_str));
            Err(SeedsError::Row { line: 1, what })
        }
    }
}

fn by_names(cells: &[String], columns: &BTreeMap<Column, usize>) -> Result<Seed, String> {
    let cell = |column| columns.get(&column).and_then(|&place| cells.get(place)).map_or("", String::as_str);
    let seen = match cell(Column::Seen) {
        "" => None,
        word => Some(Seen::of(word).ok_or_else(|| format!("{word:?} is none of inbox, spam, missing"))?),
    };
    let day = match cell(Column::Date) {
        "" => None,
        word => Some(day(word).ok_or_else(|| format!("{word:?} is no day such as 2026-10-07"))?),
    };
    Ok(Seed {
        address: address(cell(Column::Address))?,
        provider: cell(Column::Provider).to_owned(),
        day,
        campaign: cell(Column::Campaign).to_owned(),
        seen,
    })
}

fn by_form(cells: &[String]) -> Result<Seed, String> {
    let mut cells = cells.iter();
    let mut seed = Seed {
        address: address(cells.next().map_or("", String::as_str))?,
        provider: cells.next().cloned().unwrap_or_default(),
        day: None,
        campaign: String::new(),
        seen: None,
    };
    for cell in cells.filter(|cell| !cell.is_empty()) {
        match (Seen::of(cell), day(cell)) {
            (Some(seen), _) if seed.seen.is_none() => seed.seen = Some(seen),
            (_, Some(day)) if seed.day.is_none() => seed.day = Some(day),
            _ if seed.campaign.is_empty() => seed.campaign.clone_from(cell),
            _ => return Err(format!("{cell:?} is one cell too many: a first row of names tells which is which")),
        }
    }
    Ok(seed)
}

fn address(text: &str) -> Result<String, String> {
    let address = text.trim_start_matches('<').trim_end_matches('>');
    let is_address = address
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !address.contains(char::is_whitespace));
    if is_address { Ok(address.to_ascii_lowercase()) } else { Err(format!("{text:?} is no address")) }
}

/// A day, or the day of a moment.
fn day(text: &str) -> Option<i32> {
    let date: Date = text.get(..10)?.parse().ok().filter(|_| {
        text.len() == 10 || text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
    })?;
    let since = date.since(Date::constant(1970, 1, 1)).ok()?;
    Some(since.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(address: &str, provider: &str, day: Option<i32>, campaign: &str, seen: Option<Seen>) -> Seed {
        Seed { address: address.to_owned(), provider: provider.to_owned(), day, campaign: campaign.to_owned(), seen }
    }

    #[track_caller]
    fn check(text: &str, wanted: &[Seed]) {
        assert_eq!(Seeds::read(text.as_bytes()).unwrap().rows(), wanted, "{text}");
    }

    #[track_caller]
    fn fails(text: &str, wanted: &str) {
        let error = Seeds::read(text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains(wanted), "{text}: {error}");
    }

    const OCTOBER_7: i32 = 20_733;

    #[test]
    fn addresses_alone_are_a_list() {
        let wanted = [seed("a@example.org", "", None, "", None), seed("b@example.net", "", None, "", None)];
        check("B@example.net\n\n<a@Example.org>\r\n# a comment\na@example.org\n", &wanted);
    }

    #[test]
    fn columns_are_told_by_their_names() {
        let wanted = [seed("a@example.org", "Gmail, US", Some(OCTOBER_7), "News 41", Some(Seen::Missing))];
        check(
            "Placement;ISP;Seed Address;Note;Date;Campaign\nMISSING;\"Gmail, US\";a@example.org;x;2026-10-07;News 41\n",
            &wanted,
        );
        check("seen\temail\tisp\tday\tjob\nmissing\ta@example.org\tGmail, US\t2026-10-07T08:30:00Z\tNews 41\n", &wanted);
        check("\u{feff}address\na@example.org\n", &[seed("a@example.org", "", None, "", None)]);
    }

    #[test]
    fn without_names_the_form_tells() {
        check(
            "a@example.org,gmail,spam,2026-10-07\n",
            &[seed("a@example.org", "gmail", Some(OCTOBER_7), "", Some(Seen::Spam))],
        );
        check(
            "a@example.org,gmail,2026-10-07,News 41,Inbox",
            &[seed("a@example.org", "gmail", Some(OCTOBER_7), "News 41", Some(Seen::Inbox))],
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        fails("", "no address");
        fails("address,provider\n", "no address");
        fails("provider,seen\ngmail,inbox\n", "no column is named address");
        fails("what is this\n", "\"what is this\" is no address");
        fails("a@example.org\nnot an address\n", "line 2: \"not an address\" is no address");
        fails("address,seen\na@example.org,lost\n", "line 2: \"lost\" is none of inbox, spam, missing");
        fails("address,date\na@example.org,07.10.2026\n", "line 2: \"07.10.2026\" is no day");
        fails("a@example.org,gmail,one,two\n", "too many");
        fails("@example.org\n", "is no address");
    }

    #[test]
    fn an_address_is_watched_whatever_its_case() {
        let seeds = Seeds::read(b"a@example.org\n").unwrap();
        assert!(seeds.holds(b"A@Example.ORG") && seeds.holds(b"a@example.org"));
        assert!(!seeds.holds(b"b@example.org") && !seeds.holds(b"\xff") && !Seeds::default().holds(b"a@example.org"));
    }
}
