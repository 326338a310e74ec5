//! The profiles that come with the program.

/// Names a profile with its file in `data/profiles/`, compiled in.
macro_rules! built_in {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../data/profiles/", $name, ".toml")))
    };
}

/// Name and text of each, in the order of their names.
pub(super) const PROFILES: [(&str, &str); 4] = [
    built_in!("evaluation-interface"),
    built_in!("evaluation-push"),
    built_in!("gbt39046-2020"),
    built_in!("up-exchange"),
];
