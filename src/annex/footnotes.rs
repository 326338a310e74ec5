//! Marks of footnotes behind labels, as in `省公安厅①`, `办件数据汇聚量[1](条)` and `省民政厅*`.

use std::sync::LazyLock;

use regex::Regex;

use crate::diag::{Finding, Message, Severity};
use crate::model::Place;

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \s* (?P<mark> (?:
            [①-⑳㊀-㊉⒈-⒛¹²³⁰⁴-⁹*＊※†‡\#＃△▲]
          | [\[［〔【] \s* 注? \s* \d{1,2} \s* [\]］〕】]
          | [(（] \s* 注 \s* \d{0,2} \s* [)）]
          | 注 \d{1,2}
        )+ ) \s*
        (?P<unit> [(（] [^()（）]* [)）] )? $",
    )
    .expect("the pattern is constant")
});

/// A label that ends in the mark of a footnote, its unit apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marked<'a> {
    /// The label without the mark.
    pub(super) rest: String,
    /// The mark as it stood.
    mark: &'a str,
}

impl<'a> Marked<'a> {
    /// Takes the mark off a label; `None` where it has none, or is nothing else.
    pub(super) fn parse(label: &'a str) -> Option<Self> {
        // Most labels end in a character of a name.
        if !label.ends_with(may_end) {
            return None;
        }
        let found = MARK.captures(label)?;
        let start = found.get(0)?.start();
        let unit = found.name("unit").map_or("", |unit| unit.as_str());
        let rest = [&label[..start], unit].concat();
        let mark = found.name("mark")?.as_str();
        let has_name = label[..start].chars().any(char::is_alphabetic);
        has_name.then_some(Self { rest, mark })
    }

    /// Returns what is to be told about a label that was read without its mark.
    pub(super) fn finding(&self, label: &str, severity: Severity, place: Place) -> Finding {
        let message = Message::new("label.footnote_mark")
            .with("label", label)
            .with("mark", self.mark)
            .with("known", &self.rest);
        Finding::new(severity, message, place)
    }
}

/// Whether a label with a mark may end in a character: of a mark, or of a bracket or a number.
fn may_end(c: char) -> bool {
    !c.is_alphabetic() || matches!(c, '㊀'..='㊉')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        let found = Marked::parse(label);
        let shown = found.map(|found| format!("{}|{}", found.rest, found.mark));
        assert_eq!(shown.unwrap_or_default(), expected, "{label}");
    }

    #[test]
    fn marks_come_off_the_end_of_a_label() {
        check("省公安厅①", "省公安厅|①");
        check("省公安厅②③", "省公安厅|②③");
        check("省公安厅 [2]", "省公安厅|[2]");
        check("省公安厅〔1〕", "省公安厅|〔1〕");
        check("省公安厅（注1）", "省公安厅|（注1）");
        check("省公安厅注1", "省公安厅|注1");
        check("省公安厅¹", "省公安厅|¹");
        check("省公安厅*", "省公安厅|*");
        check("办件数据汇聚量①(条)", "办件数据汇聚量(条)|①");
        check("办件数据汇聚量(条)①", "办件数据汇聚量(条)|①");
    }

    #[test]
    fn what_is_no_mark_stays() {
        for label in [
            "省公安厅",
            "省公安厅（1）",
            "1230①",
            "①省公安厅",
            "①",
            "[1]",
            "办件数据汇聚量(条)",
            "附件1",
            "5*",
        ] {
            check(label, "");
        }
    }
}
