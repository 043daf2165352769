//! Whom a record speaks of.

/// Which recipients a record speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// This address, as logged, without the angle brackets.
    Address(&'a [u8]),
    /// The n-th recipient of the message (`IronPort` RID).
    Index(u32),
    /// Every recipient whose last attempt is not final (Postfix `status=expired`).
    AllOpen,
    /// Every recipient that [`What::Recipient`](super::What::Recipient) named since its last attempt: what was begun for them is over, and nothing told how
    /// (Courier).
    Awaited,
    /// Of a message that is queued in shares, those of one share (Haraka).
    Share(Share<'a>),
    /// The recipient that the slot's [`Start`](super::What::Start) named (qmail).
    OfSlot,
}

/// One share of a message: some MTAs queue it once for each domain, or for each recipient, and tell of the share and not of whom it is for.
/// Whose it is follows from the order in which the recipients were named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Share<'a> {
    /// Which share, from 1; 0 where not logged.
    pub number: u16,
    /// `@DOMAIN` of its recipients; empty where the record does not name it.
    pub domain: &'a [u8],
    /// How many of its recipients are meant; 0: all whose last attempt is not final.
    pub count: u16,
    /// How many recipients it had at this try; 0 where not logged.
    pub of: u16,
}
