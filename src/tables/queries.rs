//! The tables that SQL makes: the cubes as views, and the queries over them.

use polars::prelude::{DataFrame, IntoLazy, LazyFrame, PolarsResult};
use polars::sql::SQLContext;

use super::column::Row;
use super::dimensions::{self, DOMAIN_PROVIDERS, DomainProviders, EXAMPLES, REPLIES, Verdicts};
use super::frame::rows_of;
use super::frames::{self, ATTEMPT_CODES, ATTEMPT_REPLIES, OUTCOME_DOMAINS};
use super::names::Names;
use super::{
    Table, Tables, TablesError, codes, domains, inbound_rejects, providers, reasons, retries, senders, signatures, sources,
    timeline, tls,
};
use crate::cubes::Tally;

/// What the views are made of.
pub(super) struct Asked<'a> {
    pub(super) tally: &'a Tally,
    pub(super) names: &'a Names<'a>,
    pub(super) domain_providers: &'a DomainProviders,
    pub(super) verdicts: &'a Verdicts<'a>,
    pub(super) paths: &'a [String],
}

/// The tables that SQL makes.
pub(super) struct Queried {
    pub(super) domains: Vec<domains::Domain>,
    pub(super) providers: Vec<providers::Provider>,
    pub(super) reasons: Vec<reasons::ReasonRow>,
    pub(super) codes: Vec<codes::Code>,
    pub(super) signatures: Vec<signatures::Signature>,
    pub(super) timeline: Vec<timeline::Day>,
    pub(super) retries: Vec<retries::Retry>,
    pub(super) sources: Vec<sources::Source>,
    pub(super) senders: Vec<senders::Sender>,
    pub(super) tls: Vec<tls::Channel>,
    pub(super) inbound_rejects: Vec<inbound_rejects::InboundReject>,
}

impl Queried {
    /// Beside all other tables.
    pub(super) fn beside(self, others: Tables) -> Tables {
        let Self { domains, providers, reasons, codes, signatures, timeline, retries, sources, senders, tls, inbound_rejects } =
            self;
        Tables {
            domains,
            providers,
            reasons,
            codes,
            signatures,
            timeline,
            retries,
            sources,
            senders,
            tls,
            inbound_rejects,
            ..others
        }
    }
}

impl Asked<'_> {
    /// Makes the views, and asks all queries of them.
    pub(super) fn tables(&self) -> Result<Queried, TablesError> {
        let mut context = SQLContext::new();
        for (name, frame) in self.views().map_err(|source| TablesError::Query { table: "cubes", source })? {
            context.register(name, frame.lazy());
        }
        Ok(Queried {
            domains: query_and_keep(&mut context, &domains::TABLE)?,
            providers: query(&mut context, &providers::TABLE)?,
            reasons: query(&mut context, &reasons::TABLE)?,
            codes: query(&mut context, &codes::TABLE)?,
            signatures: query(&mut context, &signatures::TABLE)?,
            timeline: query(&mut context, &timeline::TABLE)?,
            retries: query(&mut context, &retries::TABLE)?,
            sources: query(&mut context, &sources::TABLE)?,
            senders: query(&mut context, &senders::TABLE)?,
            tls: query(&mut context, &tls::TABLE)?,
            inbound_rejects: query(&mut context, &inbound_rejects::TABLE)?,
        })
    }

    /// The frames that the queries read, with their names.
    fn views(&self) -> PolarsResult<[(&'static str, DataFrame); 9]> {
        let Self { tally, names, domain_providers, verdicts, paths } = *self;
        Ok([
            (OUTCOME_DOMAINS.name, frames::outcome_domains(&tally.counts.outcome_domains, names)?),
            (ATTEMPT_CODES.name, frames::attempt_codes(&tally.counts.attempt_codes, names)?),
            (ATTEMPT_REPLIES.name, frames::attempt_replies(&tally.counts.attempt_replies, names)?),
            (frames::OUTCOME_SENDERS.name, frames::outcome_senders(&tally.counts.outcome_senders, names)?),
            (frames::ATTEMPT_CHANNELS.name, frames::attempt_channels(&tally.counts.attempt_channels, names)?),
            (frames::INBOUND.name, frames::inbound(&tally.counts.inbound_rejects, names)?),
            (DOMAIN_PROVIDERS.name, domain_providers.frame(names)?),
            (REPLIES.name, verdicts.frame(names)?),
            (EXAMPLES.name, dimensions::examples(&tally.counts.attempt_replies, &tally.evidence, names, paths)?),
        ])
    }
}

/// Runs the query of a table and reads its rows.
pub(super) fn query<R: Row>(context: &mut SQLContext, table: &Table) -> Result<Vec<R>, TablesError> {
    rows(table, answer(context, table)?)
}

/// Likewise, and lets the queries that follow read the table.
fn query_and_keep<R: Row>(context: &mut SQLContext, table: &Table) -> Result<Vec<R>, TablesError> {
    let frame = answer(context, table)?;
    context.register(table.name, frame.clone().lazy());
    rows(table, frame)
}

fn answer(context: &mut SQLContext, table: &Table) -> Result<DataFrame, TablesError> {
    let answered = context.execute(table.sql.unwrap_or_default()).and_then(LazyFrame::collect);
    answered.map_err(|source| TablesError::Query { table: table.name, source })
}

fn rows<R: Row>(table: &Table, mut frame: DataFrame) -> Result<Vec<R>, TablesError> {
    rows_of(&mut frame).map_err(|source| TablesError::Query { table: table.name, source })
}
