//! Writes `sample-logs/`, the two months that the README shows: `cargo run --no-default-features --example make_sample_logs`.

use std::io::Write as _;
use std::path::Path;

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, reason = "the tests use more of the simulator")]
mod simulate;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    for (month, file) in simulate::sample_logs() {
        let folder = folder.join(month).join(&file.host);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(&file.name), &file.bytes)?;
        writeln!(std::io::stderr(), "{month}/{}/{}: {} bytes", file.host, file.name, file.bytes.len())?;
    }
    Ok(())
}
