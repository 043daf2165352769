//! Files that overlap tell nothing twice.
