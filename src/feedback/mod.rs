//! What came back by mail: bounces after delivery (RFC 3464 and what is no report at all) and complaints (RFC 5965).
//!
//! Takes one mail and says what it is: [`Mail::read`]. Beside the flow of logs: it knows neither formats nor rows. A part for machines
//! is believed before words for people; families of mailers that write only words are data (`families`). Nothing behind the place
//! where the returned message begins is looked at, for the original may hold anything.

mod address;
mod automatic;
mod case;
mod complaint;
mod families;
mod fields;
mod mail;
mod notification;
mod parsed;
mod reply;
mod report;
mod returned;
mod text;
mod verp;
mod watch;

pub use case::{Case, Returned, Sort};
pub use complaint::{Complaint, Feedback};
pub use mail::{About, Mail, Original};
pub use report::{Action, Notice};
pub use watch::{By, CaseWatch, Fate, Link, Offer, Settled};
