//! Notes under a table that name one of its rows: what was pushed and sent back.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::annex::cells::{Number, parse_number};
use crate::annex::labels::ordinary_width;

/// Which kind of data a note speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoteSubject {
    /// Cases alone.
    Cases,
    /// Evaluations alone.
    Evaluations,
    /// It does not say, or names both.
    Unsaid,
}

/// Whether the data that a note speaks of is still sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was sent back, all or in part.
    Returned,
    /// None was sent back.
    Denied,
    /// It was mended or sent once more.
    Mended,
    /// The note does not make plain what was sent back, when, or of whom.
    Open,
}

impl Standing {
    /// Returns the code of the words for why no figure is taken from the note; `None` where some are.
    pub(super) fn reason(self) -> Option<&'static str> {
        match self {
            Self::Returned => None,
            Self::Denied => Some("note.reason_denied"),
            Self::Mended => Some("note.reason_mended"),
            Self::Open => Some("note.reason_open"),
        }
    }
}

/// What a note says about one department's pushed data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReturnNote {
    /// Whether it is still sent back; otherwise the note tells no quantity.
    pub(super) standing: Standing,
    /// Quantity pushed, with the words it was printed in.
    pub(super) pushed: Option<(Number, String)>,
    /// Quantity sent back.
    pub(super) returned: Option<(Number, String)>,
    /// Whether everything was sent back.
    pub(super) is_all: bool,
    /// Whether it says that a part was, or may: a zero is not explained by it.
    pub(super) is_part: bool,
    /// Which kind of data it speaks of.
    pub(super) subject: NoteSubject,
}

const QUANTITY: &str = r"(?:约|近|大约|将近|超过|超|不足)?\d[\d,.]*(?:余|多)?[万亿]?(?:余|多)?条";

static PUSHED: LazyLock<Regex> =
    LazyLock::new(|| constant(&format!("推送了?(?:数据)?({QUANTITY})")));
static RETURNED: LazyLock<Regex> =
    LazyLock::new(|| constant(&format!("退回了?(?:数据)?({QUANTITY})")));
static ALL: LazyLock<Regex> = LazyLock::new(|| constant("(?:全部|全数|均|都)[^,，。;；]{0,8}退回"));

/// Words between a negation and 退回 that leave it one.
const BETWEEN: &str =
    "(?:有|被|予以?|曾|再|会|能|遭|出现|发生|存在|产生|收到|任何|一条|数据|记录|情况|过)*";

static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r"(?x) (?:未|没有?|无|不|非|免|零) {BETWEEN} 退回
        | (?:无|不存在) 全部 退回
        | 退回 了? (?:的|数据|数量|量|记录|条数|条|情况|次数|率)*
          (?: (?:均|都|共|合)?[为是计] | : )? (?: 0 (?:条|$|[^\d.]) | 零 | 无 | 没有 | 不存在 )"
    ))
});
/// Other words for 退回, as they stand for data that was not taken.
static SENT_BACK: LazyLock<Regex> = LazyLock::new(|| {
    constant("打回|拒收|[未不]予(?:接收|入库|采纳|汇聚)|(?:未|没有?|未能)被(?:成功)?接收")
});
/// What was sent back is a part, or is no data.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        "部分|其中|个别|少量|少数|多数|一些|若干|有的|退回(?:办结|件|的?申请|的?事项)|退回率|退回[^,，。;；]{0,3}%",
    )
});
/// What data is when it was mended or came again.
const MENDED: &str = "(?:整改|修改|改正|更正|纠正|修正|修复|补齐|补正|销号|解决|处理完|重新(?:推送|报送|上报|汇聚|上传|提交|入库|接收)|再次(?:推送|报送|上报)|二次推送|[重补](?:推|传|报送?|录)|追加(?:推送|报送|上报))";
static MENDING: LazyLock<Regex> = LazyLock::new(|| {
    let checked = "(?:审核|复核|校验|验收|核验|质检|检查|比对)";
    constant(&format!(
        "{MENDED}|(?:已|并|均|都|后|全部){checked}?通过(?:{checked}|了|$|[,，、:)）])|已(?:接收|入库|恢复)"
    ))
});
/// Words for what is still to be done.
static STILL_TO_MEND: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        "(?:正在?|待|[需须应]|要求|责令|请|拟|将|抓紧|尽快|继续|未|没有|后续|督促|通知|组织|退回)[^,，;；。已后经并]{{0,6}}{MENDED}(?:[后并再、和]*{MENDED})*|{MENDED}中"
    ))
});
/// What says that it was or may be otherwise, or is about somebody else.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        (?: 如果? | 若 | 一旦 | 凡 | 将 | 拟 | 应 | [需须] | 可能? | 会 | 待 | 建议 | 计划 | 是否 | 曾经? | 原 | 疑似 )
        (?: 被 | 予以? | 全部 | 全数 | 均 | 都 )* 退回
        | 退回 (?:数据|量)? (?: 是?指 | 即 | 系指 )
        | (?: 未 | 没有? | 非 | 不是 ) (?: 被 | 予以? )? 全部 (?: 被 | 予以? )? 退回
        | 此前 | 之前 | 以前 | 往年 | 去年 | 上年 | 上期 | 上月 | 上季度 | 历史
        | 其[他它余] | 除 | 以外 | 之外 | 不含 | 不包括",
    )
});

/// Compiles a pattern that stands in the code.
pub(super) fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is constant")
}

/// Returns the sentences of a note: each speaks of one thing.
pub(super) fn sentences(note: &str) -> impl Iterator<Item = &str> {
    note.split(['。', '；', ';', '！']).map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// A text whose words can be looked for, with one word for all ways of sending data back.
fn compact(text: &str) -> String {
    let text: String = ordinary_width(text).split_whitespace().collect();
    let replaced = match SENT_BACK.replace_all(&text, "退回") {
        Cow::Borrowed(_) => None,
        Cow::Owned(replaced) => Some(replaced),
    };
    replaced.unwrap_or(text)
}

/// Whether a sentence speaks of returned data.
pub(super) fn speaks_of_return(sentence: &str) -> bool {
    compact(sentence).contains("退回")
}

/// Reads a sentence about returned data, and those behind it that go on with it; `None` when it says
/// nothing of the kind.
pub(super) fn parse_return_note(sentence: &str, behind: &str) -> Option<ReturnNote> {
    let normal = compact(sentence);
    if !normal.contains("退回") {
        return None;
    }
    let quantity = |pattern: &Regex| {
        let printed = pattern.captures(&normal)?.get(1)?.as_str();
        parse_number(printed).map(|number| (number, printed.to_owned()))
    };
    // "Of these, all" says less than it seems to.
    let said = STILL_TO_MEND.replace_all(&normal, "");
    let is_hedged = ["未", "没有", "其中", "次"].iter().any(|word| said.contains(word));
    let is_all = ALL.is_match(&normal) && !is_hedged;
    let is_part = !is_all && (is_hedged || PART.is_match(&normal));
    let subject = subject_of(&normal);
    let standing = standing(&normal, &compact(behind));
    if standing != Standing::Returned {
        return Some(ReturnNote {
            standing,
            pushed: None,
            returned: None,
            is_all: false,
            is_part,
            subject,
        });
    }
    let pushed = quantity(&PUSHED);
    let returned = quantity(&RETURNED).or_else(|| pushed.clone().filter(|_| is_all));
    let both = returned.as_ref().zip(pushed.as_ref());
    let is_less = both.is_some_and(|((back, _), (all, _))| back.value < all.value);
    let is_part = is_part || is_less;
    Some(ReturnNote { standing, pushed, returned, is_all, is_part, subject })
}

/// Returns which kind of data a sentence names.
pub(super) fn subject_of(sentence: &str) -> NoteSubject {
    match (sentence.contains("办件"), sentence.contains("评")) {
        (true, false) => NoteSubject::Cases,
        (false, true) => NoteSubject::Evaluations,
        _ => NoteSubject::Unsaid,
    }
}

/// What says that data of earlier times came in late, or once more.
static CAME_AGAIN: LazyLock<Regex> = LazyLock::new(|| {
    const PUSHED: &str = "(?:推送|报送|上报|汇聚|上传|录入|归集|提交)";
    const AT_ONCE: &str = "(?:集中|批量|一次性|统一|追加|补充)";
    const OLD: &str = "(?:历史|往年|以前|此前|之前|前期|存量|上年|去年|往期)";
    constant(&format!(
        "[重补](?:推|传|报|录)|重新{PUSHED}|再次{PUSHED}|追加{PUSHED}|{AT_ONCE}{PUSHED}[^,，。;；]{{0,8}}{OLD}|{OLD}[^,，。;；]{{0,8}}{AT_ONCE}{PUSHED}"
    ))
});
/// Words for a time before that of the figures.
static EARLIER: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"前期|前次|此前|之前|以前|往年|去年|上年|上期|上月|上季度|历史|往期|\d月|\d季度")
});

/// Whether a sentence says that data of earlier times came in late or once more, and not that it will.
pub fn tells_resubmission(sentence: &str) -> bool {
    let normal = compact(sentence);
    CAME_AGAIN.is_match(&STILL_TO_MEND.replace_all(&normal, ""))
}

/// Whether a sentence says that data which was sent back at an earlier time came again, so that it lies
/// within figures of a later one.
pub(super) fn tells_late_mending(sentence: &str) -> bool {
    tells_resubmission(sentence) && EARLIER.is_match(&compact(sentence))
}

fn standing(sentence: &str, behind: &str) -> Standing {
    let is_mended = |text: &str| MENDING.is_match(&STILL_TO_MEND.replace_all(text, ""));
    let is_some = |found: regex::Captures<'_>| {
        parse_number(&found[1]).is_some_and(|number| number.value > 0.0)
    };
    if DENIED.is_match(sentence) {
        // 退回100条，其他部门均无退回 denies the returns of others.
        if RETURNED.captures_iter(sentence).any(is_some) {
            Standing::Open
        } else {
            Standing::Denied
        }
    } else if is_mended(sentence) || is_mended(behind) {
        Standing::Mended
    } else if OPEN.is_match(sentence) {
        Standing::Open
    } else {
        Standing::Returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(note: &str, expected: &str) {
        let shown = parse_return_note(note, "").map_or_else(
            || "nothing".to_owned(),
            |note| {
                let quantity = |part: Option<(Number, String)>| {
                    part.map_or_else(
                        || "-".to_owned(),
                        |(number, _)| match number.qualifier {
                            Some(qualifier) => format!("{} {qualifier}", number.value),
                            None => number.value.to_string(),
                        },
                    )
                };
                format!("{}; {}; {}", quantity(note.pushed), quantity(note.returned), note.is_all)
            },
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_was_pushed_and_sent_back_is_read() {
        check(
            "某局推送450余万条数据，但不符合标准，全部退回，故汇聚量为0。",
            "4500000 more_than; 4500000 more_than; true",
        );
        check("某局推送 1,200 条，其中退回300条。", "1200; 300; false");
        check("某局的数据已全部退回。", "-; -; true");
        check("某局全部数据已退回。", "-; -; true");
        check("某局推送450万条数据，其中不符合标准的12条数据全部退回。", "4500000; -; false");
        check("某局推送100条数据，退回30%。", "100; -; false");
        check("某局推送10万条，部分退回。", "100000; -; false");
        check("某局数据以接口方式对接。", "nothing");
    }
    #[track_caller]
    fn check_standing(notes: &[&str], expected: Standing) {
        for note in notes {
            let found = parse_return_note(note, "").map(|found| (found.standing, found.is_all));
            let is_all = expected == Standing::Returned && note.contains('全');
            assert_eq!(found, Some((expected, is_all)), "{note}");
        }
    }

    #[test]
    fn a_denial_is_no_return() {
        check_standing(
            &[
                "某局推送100条数据，均未退回",
                "某局推送的数据未被退回，汇聚量为0系无业务",
                "某局数据没有退回",
                "某局没有数据被退回",
                "某局没有被退回",
                "某局数据尚未发生退回情况",
                "某局无退回数据",
                "某局无全部退回情况",
                "某局不存在退回",
                "某局退回数据为0",
                "某局推送3条，退回0条",
                "某局退回数据量：无",
                "某局推送100条数据，均未被打回",
            ],
            Standing::Denied,
        );
    }

    #[test]
    fn what_was_mended_is_no_longer_sent_back() {
        check_standing(
            &[
                "某局退回数据已全部整改并重新推送",
                "某局全部退回的数据已整改",
                "某局数据全部退回，已重新推送并通过",
                "某局数据全部退回后重新推送，已通过审核",
                "某局数据全部退回，现已全部整改",
                "某局数据全部退回，再次推送后通过",
                "某局数据全部退回，已补报",
            ],
            Standing::Mended,
        );
        let behind = parse_return_note("某局数据全部退回", "现已重新推送").unwrap();
        assert_eq!((behind.standing, behind.is_all), (Standing::Mended, false));
    }

    #[test]
    fn what_is_still_to_be_mended_is_sent_back() {
        check_standing(
            &[
                "某局数据全部退回，正在整改",
                "某局数据全部退回整改",
                "某局数据全部退回，需整改后重新推送",
                "某局数据全部退回，尚未重新推送",
                "某局数据全部退回，整改中",
                "某局已通过接口推送的数据全部退回",
                "某局推送了数据，但不符合标准，全部退回",
                "某局推送10万条，部分退回",
            ],
            Standing::Returned,
        );
    }

    #[test]
    fn data_that_came_late_or_once_more_is_told_from_what_will() {
        for (note, came) in [
            ("某局补报1—6月办件数据300条，计入本期", true),
            ("某局补推历史数据", true),
            ("某局数据已重新推送", true),
            ("某局评价数据再次报送", true),
            ("某局尚未补报", false),
            ("某局需重新推送数据", false),
            ("某局正在补报", false),
            ("某局推送数据300条", false),
            ("某局集中补录2022年历史办件700条，计入本期", true),
            ("某局追加报送历史数据", true),
            ("某局集中推送的历史办件一并计入", true),
            ("历史数据由某局一次性录入", true),
            ("某局尚未补录", false),
            ("某局拟追加报送", false),
            ("某局集中推送数据", false),
            ("某局统一推送办件数据", false),
        ] {
            assert_eq!(tells_resubmission(note), came, "{note}");
        }
    }

    #[test]
    fn data_is_sent_back_in_other_words_and_for_a_reason() {
        for (note, is_all, is_part) in [
            ("某局推送的数据因编码错误被退回", false, false),
            ("某局数据因格式不符被省平台退回，故为0", false, false),
            ("某局推送的数据被全部打回", true, false),
            ("某局推送的数据未予接收", false, false),
            ("某局推送数据12条，退回12条", false, false),
            ("某局推送数据100条，退回12条", false, true),
            ("某局部分数据被退回", false, true),
            ("某局推送的数据中个别记录被打回", false, true),
            ("某局数据退回率5%", false, true),
            ("某局办件退回办结", false, true),
        ] {
            let found = parse_return_note(note, "").unwrap();
            let found = (found.standing, found.is_all, found.is_part);
            assert_eq!(found, (Standing::Returned, is_all, is_part), "{note}");
        }
        let denied = parse_return_note("某局推送的数据未被拒收", "").unwrap();
        assert_eq!(denied.standing, Standing::Denied);
    }

    #[test]
    fn data_of_an_earlier_return_that_came_again_is_late() {
        for (note, is_late) in [
            ("某局重新推送前期退回数据", true),
            ("某局已重新推送3月退回的数据", true),
            ("某局数据全部退回后重新推送", false),
            ("某局前期退回数据尚未重新推送", false),
        ] {
            assert_eq!(tells_late_mending(note), is_late, "{note}");
        }
    }

    #[test]
    fn a_return_of_another_time_or_of_others_stays_open() {
        check_standing(
            &[
                "除某局外，其他部门推送数据全部退回",
                "某局正常，其余部门数据全部退回",
                "某局数据曾被退回",
                "此前某局数据全部退回",
                "某局数据如全部退回",
                "某局退回数据是指不符合标准的数据",
                "某局数据未全部退回",
                "某局数据退回100条，其他部门均无退回",
            ],
            Standing::Open,
        );
    }
}
