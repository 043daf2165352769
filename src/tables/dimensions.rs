//! The verdicts that join the cubes: domain to provider, and reply to category.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;
use polars::prelude::{DataFrame, PolarsResult};

use super::column::{Cell, Column, Kind};
use super::frame::frame_of;
use super::frames::{View, sorted};
use super::names::{Names, utf8};
use crate::classify::{Category, Classifier, Scope, Scratch, Verdict};
use crate::cubes::evidence::Evidence;
use crate::cubes::keys::ReplyCounts;
use crate::cubes::{AttemptReply, Cube, Tally};
use crate::intern::{Id, Interner};
use crate::provider::{Providers, SELF_HOSTED, UNREACHED, registrable};

/// Who runs the mailboxes of each domain.
pub const DOMAIN_PROVIDERS: View = View {
    name: "domain_providers",
    about: "Recipient domain to provider: the route of most of its attempts, else its registrable domain.",
    columns: &[
        Column::key("domain", Kind::Text, "Recipient domain."),
        Column::key("provider", Kind::Text, "Id of a known provider, else the registrable domain."),
    ],
};

/// What each reply means.
pub const REPLIES: View = View {
    name: "replies",
    about: "Route and masked reply to what it means.",
    columns: &[
        Column::key("route", Kind::Text, "Who answered."),
        Column::key("signature", Kind::Text, "The masked reply."),
        Column::key("category", Kind::Text, "What it means."),
        Column::key("class", Kind::Text, "Whose problem it is."),
        Column::key("action", Kind::Text, "What to do."),
        Column::key("rule", Kind::Text, "The rule that decided."),
        Column::key("evidence", Kind::Text, "What the rule rests on."),
        Column::key("help", Kind::Text, "The provider's page on it.").or_null(),
    ],
};

/// A record of each reply.
pub const EXAMPLES: View = View {
    name: "examples",
    about: "Route, source and masked reply to the earliest record in the log.",
    columns: &[
        Column::key("route", Kind::Text, "Who answered."),
        Column::key("source", Kind::Text, "Who sent."),
        Column::key("signature", Kind::Text, "The masked reply."),
        Column::key("example", Kind::Text, "The record, whole."),
        Column::key("path", Kind::Text, "Its file."),
        Column::count("place", "bytes", "Byte of the file's decompressed content where it begins."),
    ],
};

/// What the tail of a cube is put together as.
pub(super) const OTHER: &str = "(other)";

/// What is known by a number of the interner's.
type ById<T> = hashbrown::HashMap<Id, T, FixedState>;

/// The provider of every domain of the cubes.
pub(super) struct DomainProviders {
    /// Of each domain, its place in `providers`.
    of: ById<usize>,
    /// All providers, sorted.
    providers: Vec<String>,
    /// Of each provider, the domain that its tail folds into.
    others: Vec<Id>,
    /// The place of what has no provider: folded tails.
    none: usize,
}

impl DomainProviders {
    /// Lets the attempts of each domain vote for its route, and its outcomes where it has none; the name decides between equals. A
    /// domain that was never tried is its provider's by name. A route that is no provider leaves the domain to itself.
    pub(super) fn of(tally: &Tally, interner: &mut Interner) -> Self {
        let majority = majority_routes(tally, interner);
        let routes: BTreeSet<Id> = majority.values().flatten().copied().collect();
        let other_of_none = interner.intern(OTHER.as_bytes());
        let mut others: HashMap<String, Id> = HashMap::new();
        for route in routes {
            let name = utf8(interner.text(route)).into_owned();
            let other = interner.intern(format!("(other {name})").as_bytes());
            others.insert(name, other);
        }
        let own_name = |domain: Id| {
            let text = interner.text(domain);
            Providers::builtin().of_domain(text).map_or_else(|| registrable(text), str::as_bytes)
        };
        let name_of = |(domain, route): (Id, Option<Id>)| {
            let name = route.map_or_else(|| own_name(domain), |route| interner.text(route));
            (domain, utf8(name))
        };
        let mut names: ById<Cow<'_, str>> = majority.into_iter().map(name_of).collect();
        names.extend(others.iter().map(|(name, &other)| (other, Cow::Borrowed(name.as_str()))));
        names.insert(other_of_none, Cow::Borrowed(OTHER));
        let mut named: Vec<(Cow<'_, str>, Id)> = names.into_iter().map(|(domain, name)| (name, domain)).collect();
        named.sort_unstable();
        let mut of = ById::default();
        let mut providers: Vec<String> = Vec::new();
        for (name, domain) in named {
            if providers.last().is_none_or(|last| *last != name) {
                providers.push(name.into_owned());
            }
            of.insert(domain, providers.len() - 1);
        }
        Self {
            none: of.get(&other_of_none).copied().unwrap_or_default(),
            of,
            others: providers.iter().map(|name| others.get(name).copied().unwrap_or(other_of_none)).collect(),
            providers,
        }
    }

    /// All providers, sorted.
    pub(super) fn names(&self) -> &[String] {
        &self.providers
    }

    /// The place of a domain's provider in [`Self::names`].
    pub(super) fn place(&self, domain: Id) -> usize {
        self.of.get(&domain).copied().unwrap_or(self.none)
    }

    /// A domain's provider; None for a domain that is not in the cubes.
    pub(super) fn named(&self, domain: Id) -> Option<&str> {
        self.providers.get(*self.of.get(&domain)?).map(String::as_str)
    }

    /// The domain that stands for the tail of this one's provider.
    pub(super) fn other(&self, domain: Id) -> Id {
        self.others.get(self.place(domain)).copied().unwrap_or_default()
    }

    /// The frame of [`DOMAIN_PROVIDERS`]: every domain of the cubes, and what tails fold into.
    pub(super) fn frame(&self, names: &Names<'_>) -> PolarsResult<DataFrame> {
        let mut rows: Vec<_> = self.of.iter().collect();
        rows.sort_unstable_by_key(|(domain, _)| names.rank(**domain));
        let provider = |place: usize| Cell::Text(self.providers.get(place).map_or("", String::as_str));
        frame_of(
            DOMAIN_PROVIDERS.columns,
            rows.into_iter().map(|(&domain, &place)| [Cell::Text(names.text(domain)), provider(place)]),
        )
    }
}

/// Attempts and, where these do not decide, outcomes.
type Votes = (u64, u64);

/// The provider that most attempts of each domain went to; None where that is none, or where nothing was ever reached.
fn majority_routes(tally: &Tally, interner: &Interner) -> ById<Option<Id>> {
    let mut votes: hashbrown::HashMap<(Id, Id), Votes, FixedState> = hashbrown::HashMap::default();
    for (key, attempts) in tally.counts.attempt_codes.iter() {
        votes.entry((key.domain, key.route)).or_default().0 += attempts;
    }
    for (key, counts) in tally.counts.outcome_domains.iter() {
        votes.entry((key.domain, key.route)).or_default().1 += counts.outcomes;
    }
    let mut best: ById<Option<(Id, Votes)>> = ById::default();
    for ((domain, route), votes) in votes {
        let so_far = best.entry(domain).or_default();
        let name = interner.text(route);
        if name.is_empty() || name == UNREACHED.as_bytes() {
            continue;
        }
        let is_better = |(other, most): (Id, Votes)| votes > most || (votes == most && name < interner.text(other));
        if so_far.is_none_or(is_better) {
            *so_far = Some((route, votes));
        }
    }
    let is_provider = |route: &Id| interner.text(*route) != SELF_HOSTED.as_bytes();
    best.into_iter().map(|(domain, best)| (domain, best.map(|(route, _)| route).filter(is_provider))).collect()
}

/// What every reply of the cubes means.
pub(super) struct Verdicts<'a>(HashMap<(Id, Id), Verdict<'a>>);

impl<'a> Verdicts<'a> {
    /// Asks once for each route and masked reply, as the tally did.
    pub(super) fn of(cube: &Cube<AttemptReply, ReplyCounts>, interner: &Interner, classifier: &'a Classifier) -> Self {
        let mut scratch = Scratch::default();
        let mut verdicts = HashMap::new();
        for (key, _) in cube.iter() {
            verdicts.entry((key.route, key.signature)).or_insert_with(|| {
                let provider = std::str::from_utf8(interner.text(key.route)).ok();
                classifier.classify_signature(interner.text(key.signature), provider, &mut scratch)
            });
        }
        Self(verdicts)
    }

    /// The category of a reply; None for one that is not in the cube.
    pub(super) fn category(&self, route: Id, signature: Id) -> Option<Category> {
        self.0.get(&(route, signature)).map(|verdict| verdict.category)
    }

    /// Whether a reply is that of a recipient's organisation, which is no opinion of the provider that hosts it.
    pub(super) fn is_of_organisation(&self, route: Id, signature: Id) -> bool {
        self.0.get(&(route, signature)).is_some_and(|verdict| verdict.scope == Scope::Organisation)
    }

    /// Whether a reply says that too many recipients are unknown.
    pub(super) fn names_unknown_users(&self, route: Id, signature: Id) -> bool {
        self.0.get(&(route, signature)).is_some_and(|verdict| verdict.names_unknown_users)
    }

    /// The frame of [`REPLIES`].
    pub(super) fn frame(&self, names: &Names<'_>) -> PolarsResult<DataFrame> {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_unstable_by_key(|((route, signature), _)| (names.rank(*route), names.rank(*signature)));
        let cells = rows.into_iter().map(|((route, signature), verdict)| {
            [
                Cell::Text(names.text(*route)),
                Cell::Text(names.text(*signature)),
                Cell::Text(verdict.category.name()),
                Cell::Text(verdict.class.name()),
                Cell::Text(verdict.action.name()),
                Cell::Text(verdict.rule),
                Cell::Text(verdict.evidence.name()),
                verdict.help.map_or(Cell::Null, Cell::Text),
            ]
        });
        frame_of(REPLIES.columns, cells)
    }
}

/// The frame of [`EXAMPLES`]. `paths` are the files by rank.
pub(super) fn examples(
    cube: &Cube<AttemptReply, ReplyCounts>,
    evidence: &Evidence,
    names: &Names<'_>,
    paths: &[String],
) -> PolarsResult<DataFrame> {
    let mut keys: Vec<_> =
        sorted(cube, |key| (names.rank(key.route), names.rank(key.source), names.rank(key.signature), key.hour))
            .into_iter()
            .map(|(key, _)| (key.route, key.source, key.signature))
            .collect();
    keys.dedup();
    let found: Vec<_> = keys
        .into_iter()
        .filter_map(|(route, source, signature)| {
            let example = evidence.get(route, signature, source)?;
            Some((route, source, signature, utf8(&example.record), example.pos))
        })
        .collect();
    let cells = found.iter().map(|(route, source, signature, record, pos)| {
        [
            Cell::Text(names.text(*route)),
            Cell::Text(names.text(*source)),
            Cell::Text(names.text(*signature)),
            Cell::Text(record),
            Cell::Text(paths.get(pos.file as usize).map_or("", String::as_str)),
            Cell::Whole(super::frames::count(pos.offset)),
        ]
    });
    frame_of(EXAMPLES.columns, cells)
}
