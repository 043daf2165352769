//! Finds inputs, tells their compression by magic bytes and yields their lines.
//!
//! First stage of the flow. Knows nothing of formats: a file is a name, a head and content. Memory is bounded whatever the size of
//! a file or of its lines; damage is a value ([`Damage`]), never a panic and never the end of the run.
