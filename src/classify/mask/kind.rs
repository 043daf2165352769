//! What a placeholder stands for.

/// What a placeholder stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ip,
    Email,
    Host,
    Id,
    Time,
    N,
    UrlArg,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [Self::Ip, Self::Email, Self::Host, Self::Id, Self::Time, Self::N, Self::UrlArg];

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Ip => "<ip>",
            Self::Email => "<email>",
            Self::Host => "<host>",
            Self::Id => "<id>",
            Self::Time => "<time>",
            Self::N => "<n>",
            Self::UrlArg => "<url-arg>",
        }
    }
}
