//! A log that is read back, and one that is none.

use std::path::Path;

use super::action::{Action, CommitInfo};
use super::log::{Log, engine_info};
use super::*;
use crate::fsio::{Mode, write_new};

fn info(engine: &str) -> Action {
    Action::CommitInfo(CommitInfo {
        timestamp: 7,
        operation: "WRITE".to_owned(),
        operation_parameters: [].into(),
        engine_info: engine.to_owned(),
        snapshot: Some(1),
        synthetic: false,
    })
}

fn put(log: &Log, name: &str, text: &str) {
    write_new(&log.folder().join(name), text.as_bytes(), Mode::Public).unwrap();
}

fn log_in(folder: &Path) -> Log {
    let log = Log::of_table(folder, Mode::Public);
    fsio::create_public_dir(log.folder()).unwrap();
    log
}

#[test]
fn a_version_that_is_there_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    assert_eq!(log.load().unwrap().n_versions, 0);
    log.commit(0, &[info(&engine_info())]).unwrap();
    let refused = log.commit(0, &[info(&engine_info())]).unwrap_err();
    assert!(matches!(refused, MirrorError::Folder { .. }), "{refused}");
    // A first version without columns makes no table.
    assert!(matches!(log.load().unwrap_err(), MirrorError::LogDamaged { .. }));
}

#[test]
fn versions_of_others_and_gaps_are_refused() {
    let meta_data = "{\"metaData\":{\"id\":\"a\",\"name\":\"n\",\"description\":\"\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"{}\",\"partitionColumns\":[],\"configuration\":{},\"createdTime\":1}}";
    let version = |engine: &str| {
        format!(
            "{{\"commitInfo\":{{\"timestamp\":1,\"operation\":\"W\",\"operationParameters\":{{}},\"engineInfo\":\"{engine}\"}}}}\n{meta_data}\n"
        )
    };
    let load = |files: &[(&str, String)]| {
        let folder = tempfile::tempdir().unwrap();
        let log = log_in(folder.path());
        for (name, text) in files {
            put(&log, name, text);
        }
        log.load()
    };
    let [zero, one, two] = [0, 1, 2].map(|number| format!("{number:020}.json"));
    let ours = version(&engine_info());
    let good = load(&[(&zero, ours.clone()), (&one, ours.clone()), ("x.json", String::new())]);
    assert_eq!(good.unwrap().n_versions, 2);
    let foreign = load(&[(&zero, ours.clone()), (&one, version("delta-rs:1.6"))]).unwrap_err();
    assert!(
        matches!(foreign, MirrorError::VersionForeign { engine, .. } if engine == "delta-rs:1.6")
    );
    let cut = ours[..ours.len() - 1].to_owned();
    for bad in [String::new(), cut, "{\"add\":1}\n".to_owned()] {
        let damaged = load(&[(&zero, ours.clone()), (&one, bad)]).unwrap_err();
        assert!(matches!(damaged, MirrorError::LogDamaged { .. }), "{damaged}");
    }
    let gap = load(&[(&zero, ours.clone()), (&two, ours)]).unwrap_err();
    let MirrorError::LogDamaged { path } = gap else { unreachable!("{gap}") };
    assert!(path.ends_with(&one));
}
