//! Classify.
pub mod category;
mod mask;
mod token;
mod unfold;
pub use category::{Action, Category, Class, Evidence};
pub use mask::{LIMIT, mask};
