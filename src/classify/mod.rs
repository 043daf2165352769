//! What a reply means: its signature, and why (category), whose problem (class), what to do (action).
//!
//! May be asked by any stage and knows none of them. Pure functions over bytes.

mod category;
mod engine;
mod mask;
mod token;
mod unfold;

pub use category::{Action, Category, Class, Evidence};
pub use engine::{Classifier, RulesError, Verdict};
pub use mask::{LIMIT, mask};
