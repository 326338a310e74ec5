//! Ctrl-C during long work: asked for between two pieces of it, so that nothing is left behind.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Returns what becomes true when the user wants to end the command. When he wants it a second time,
/// the process ends at once; what it leaves behind the next one clears up.
pub(super) fn watch() -> Arc<AtomicBool> {
    let is_cancelled = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Where it cannot be watched for, the signal ends the process as ever.
        let armed = flag::register_conditional_shutdown(
            signal,
            i32::from(crate::cli::failure::INTERRUPTED),
            Arc::clone(&is_cancelled),
        );
        if armed.is_ok() {
            flag::register(signal, Arc::clone(&is_cancelled)).ok();
        }
    }
    is_cancelled
}
