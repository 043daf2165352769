//! CSV and lines of JSON whose meaning a configuration tells: which column or member is the recipient, the time, the status, the reply.
//!
//! For logs of in-house senders and exports of services that no format here knows. A [`Mapping`] is a format like the others, told by
//! its columns or members or forced by its name; it lives as long as the program. What it reads goes the way of the services' events
//! ([`super::json`]), so that one reply is one reply whatever logged it. [`suggest()`] writes a mapping for a file that nobody knows.
//!
//! Kinds: what is mapped to an attempt is a delivery; accepted, refused by the service, later bounces and complaints are context; what
//! is ignored, and objects without any of the members, other; a value that the mapping does not know leaves its record unparsed.

mod field;
mod objects;
mod record;
mod sample;
mod suggest;
mod table;
mod time;
mod usual;
mod words;
mod written;

pub use suggest::suggest;
pub use written::{Mapping, MappingError, WrittenMapping};

use super::{Confidence, FileContext, Format, Reader};
use crate::event::Framing;

impl Format for Mapping {
    fn name(&self) -> &str {
        &self.name
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        match &self.layout {
            written::Layout::Table { separator, columns } => table::recognise(self, *separator, columns.as_deref(), head),
            written::Layout::Objects => objects::recognise(self, head),
        }
    }

    fn reader(&self, _head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        match &self.layout {
            written::Layout::Table { separator, columns } => {
                Box::new(table::TableReader::new(self.clone(), *separator, columns.as_deref(), context))
            }
            written::Layout::Objects => Box::new(objects::ObjectReader::new(self.clone(), context)),
        }
    }

    fn misfit(&self, head: &[u8]) -> Option<String> {
        match &self.layout {
            written::Layout::Table { separator, columns } => table::misfit(self, *separator, columns.as_deref(), head),
            written::Layout::Objects => objects::misfit(self, head),
        }
    }
}
