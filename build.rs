//! Finds what comes from elsewhere: the engine of charts, which goes into the binary, and the DuckDB library,
//! which the binary finds beside itself, else where it was linked from.
#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts by the environment")]

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    find_echarts();
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
    println!("cargo:rerun-if-env-changed=TONGBAN_RELOCATABLE");
    // What goes to other machines names no folder of this one.
    if env::var_os("TONGBAN_RELOCATABLE").is_none() {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}");
    }
}

/// Names the folder of ECharts to the compiler, which takes its files into the binary.
fn find_echarts() {
    println!("cargo:rerun-if-env-changed=ECHARTS_DIR");
    let dir = env::var("ECHARTS_DIR").unwrap_or_default();
    let files = ["echarts.common.min.js", "LICENSE", "NOTICE", "licenses/LICENSE-d3"];
    for file in files {
        let path = Path::new(&dir).join(file);
        assert!(
            path.exists(),
            "no ECharts in `{dir}`: `{file}` is missing\n\
             hint: run `make echarts` (it fetches version 6.1.0 with npm), or set ECHARTS_DIR to a folder \
             with these files of the npm package `echarts`: {}",
            files.join(", ")
        );
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let dir = Path::new(&dir).canonicalize().expect("its files were found");
    println!("cargo:rustc-env=ECHARTS_DIR={}", dir.display());
}
