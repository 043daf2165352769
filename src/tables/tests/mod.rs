//! Tests of all tables together.

mod build;
mod dialect;
mod fixture;
mod property;
mod registry;
