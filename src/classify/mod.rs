//! What a reply means: its signature, and why (category), whose problem (class), what to do (action).
//!
//! May be asked by any stage and knows none of them. Pure functions over bytes.

pub mod advice;
mod byte_set;
mod category;
pub mod code;
mod engine;
pub mod enhanced;
mod fold;
mod literals;
mod mask;
mod matcher;
mod needles;
mod pattern;
mod rules;
mod stated;
pub mod thresholds;
mod token;
mod unfold;

pub use category::{Action, Category, Class, Detail, Disagreement, Evidence, Scope};
pub use engine::{Classifier, Scratch, Verdict};
pub use mask::{LIMIT, mask, mask_unless};
pub use rules::{Rule, RulesError, Says, When, stub};
pub use stated::Stated;
pub use thresholds::{Limit, Thresholds};
