//! On which machine it was measured.

/// The program's version, processor and cores.
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("iiif-build {}; {model}, {cores} cores", env!("CARGO_PKG_VERSION"))
}
