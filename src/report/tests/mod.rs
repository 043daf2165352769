//! The page as a whole: what it looks like, what it weighs, that it asks nobody, and that foreign text stays text.

pub(in crate::report) mod browser;
pub(crate) mod fixture;
mod hostile;
mod palette;
mod whole;
