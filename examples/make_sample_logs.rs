//! Writes `sample-logs/`, the month that the README shows: `cargo run --no-default-features --example make_sample_logs`.

use std::io::Write as _;
use std::path::Path;

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, reason = "the tests use more of the simulator")]
mod simulate;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let (files, truth) = simulate::simulate(&simulate::sample_logs());
    for file in &files {
        let folder = folder.join(&file.host);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(&file.name), &file.bytes)?;
        writeln!(std::io::stderr(), "{}/{}: {} bytes", file.host, file.name, file.bytes.len())?;
    }
    writeln!(std::io::stderr(), "{} outcomes", truth.outcomes.len())
}
