//! Makes the binary find the DuckDB library: beside itself, else where it was linked from.
#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts by the environment")]

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    let dir = env::var("DUCKDB_LIB_DIR").unwrap_or_default();
    let names = ["libduckdb.so", "libduckdb.dylib", "duckdb.dll"];
    assert!(
        names.iter().any(|name| Path::new(&dir).join(name).exists()),
        "no DuckDB library in `{dir}`\n\
         hint: run `make` (it fetches the library with npm), set DUCKDB_LIB_DIR to the folder of \
         libduckdb 1.5.6, or build with `--features bundled`"
    );
    // A run path instead of LD_LIBRARY_PATH: the binary runs from anywhere.
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}");
}
