//! Names in a further row dimension, such as channels: nobody knows them beforehand, so that what is
//! none has to be told by its words.

use crate::annex::labels::normalise;

/// Words of rows about others: averages, shares, changes.
const ABOUT_OTHERS: [&str; 20] = [
    "平均",
    "均值",
    "中位数",
    "占比",
    "比重",
    "同比",
    "环比",
    "同期",
    "增幅",
    "增速",
    "增长率",
    "人均",
    "日均",
    "月均",
    "户均",
    "最高值",
    "最低值",
    "最大值",
    "最小值",
    "标准差",
];
/// How a label begins whose row is a part of the one above.
const PART: &str = "其中";

/// Whether a label is that of a row which is no member beside the others: an average, a share, a
/// change, a part of the row above.
pub(super) fn is_about_others(label: &str) -> bool {
    let normal = normalise(label);
    normal.starts_with(PART) || ABOUT_OTHERS.iter().any(|word| normal.contains(word))
}

/// Whether a heading says that the rows below it are parts of the row above.
pub(super) fn begins_parts(heading: &str) -> bool {
    normalise(heading).starts_with(PART)
}

/// Returns a name without the white space that only sets its characters apart: 网 络 is 网络. Between two
/// words in Latin letters or digits one space stays.
pub(super) fn member_name(label: &str) -> String {
    let mut name = String::with_capacity(label.len());
    for word in label.split_whitespace() {
        let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if is_latin(name.chars().next_back()) && is_latin(word.chars().next()) {
            name.push(' ');
        }
        name.push_str(word);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_makes_no_other_name() {
        for label in ["网络", "网 络", " 网\u{3000}络", "网\u{a0}络\n"] {
            assert_eq!(member_name(label), "网络");
        }
        assert_eq!(member_name("Web  App 端"), "Web App端");
        assert_eq!(member_name("12345 热线"), "12345热线");
    }

    #[test]
    fn rows_about_others_are_no_members() {
        for label in [
            "平均",
            "平 均",
            "全省平均值",
            "均值",
            "其中：线上",
            "其 中",
            "占比",
            "同比(%)",
            "月均办件",
        ] {
            assert!(is_about_others(label), "{label}");
        }
        for label in ["电话", "网络", "其他", "线上", "均安镇", "比特", "12345热线"]
        {
            assert!(!is_about_others(label), "{label}");
        }
    }
}
