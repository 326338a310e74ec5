//! What others said about a record: free text, of which only what names nobody is kept.
//!
//! Who writes 张三的证件号码有误 has named a person, and no list has all names. So a remark is kept
//! where every word of it is known: the fields of the profile, and the words with which faults are told.
//! A number that is long enough for a phone or a document is masked, whatever is said of it, unless it is
//! a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::diag::masked_where;
use crate::model::is_like_resident_id;
use crate::records::profile::Profile;

/// Digits of a remark at most, beside days and masked numbers: lengths, codes, positions.
const MAX_DIGITS: usize = 8;
/// Digits of the shortest number that may be a person's: phones have seven or eight.
const MIN_PERSONAL: usize = 7;
/// What the digits of one number may have between them.
const WITHIN: &str = " -/.:";
/// Words behind which eight digits are no day.
const CALLS: [&str; 5] = ["电话", "手机", "号码", "号", "联系"];
/// Characters of a code of a fault at most, and letters of it: more of them may be a name.
const MAX_CODE_CHARS: usize = 20;
const MAX_CODE_LETTERS: usize = 3;
/// What the masked part of a number begins with.
const STARS: &str = "****";

/// Words of faults, in no order. No surname is one of them.
const WORDS: &str = "不能为空 为空 必填项 必填 未填写 未填 填写 缺失 缺少 空值 格式 错误 不正确 不对 有误 不符合 不符 \
    不合规 规范 标准 校验码 校验位 校验 不通过 未通过 失败 代码 编码 编号 字段 数据 长度 超长 超出 超过 限制 位数 \
    不足 字符 类型 时间 日期 早于 晚于 大于 小于 不得 不能 应为 应当 必须 需要 核实 核对 修改 更正 补充 补报 重报 \
    重新 上报 推送 退回 重复 已存在 不存在 存在 未找到 无法 识别 匹配 不匹配 一致 不一致 关联 对应 办件 办结 受理 \
    申请人 申请 事项 部门 机构 单位 统一社会信用代码 身份证号码 身份证号 身份证 证件号码 证件号 证件 手机号码 手机号 \
    手机 电话 联系 号码 姓名 名称 地址 记录 唯一标识 主键 取值 范围 有效 无效 非法 异常 原因 代码表 字典 数值 数字 \
    整数 汉字 字母 空格 特殊 乱码 包含 表中 内容 信息 之前 之后 以前 以后";
/// Words of one character, from which no name is made.
const SMALL_WORDS: &str = "的是在不未无与或及该请位条";
/// What stands between words.
const BETWEEN: &str = " ，。、；：！？（）“”《》【】—…,.;:!?()[]<>\"'-_/*=+@#%&|";

/// The words that a remark may have.
#[derive(Debug, Clone)]
pub(super) struct RemarkWords {
    words: BTreeSet<String>,
    /// Characters of the longest.
    longest: usize,
}

impl RemarkWords {
    /// Returns the words of faults with the fields of a profile.
    pub(super) fn of(profile: &Profile) -> Self {
        let fields = profile.datasets.iter().flat_map(|dataset| &dataset.fields);
        let titles = profile.datasets.iter().flat_map(|it| [it.id.clone(), it.title_zh.clone()]);
        let mut words: BTreeSet<String> = fields
            .flat_map(|field| field.names().map(str::to_lowercase).collect::<Vec<_>>())
            .chain(titles)
            .chain(WORDS.split_whitespace().map(str::to_owned))
            .collect();
        words.extend(SMALL_WORDS.chars().map(String::from));
        let longest = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
        Self { words, longest }
    }

    /// Returns a remark with its numbers masked; `None` where it has a word that may be a name.
    pub(super) fn told(&self, remark: &str) -> Option<String> {
        let masked = masked_where(remark.trim(), is_like_resident_id);
        let lower = masked.to_ascii_lowercase();
        let mut told = String::with_capacity(masked.len());
        let (mut at, mut n_digits) = (0, 0);
        while let Some(first) = lower[at..].chars().next() {
            let (before, rest) = lower.split_at(at);
            let mut n_bytes = first.len_utf8();
            if rest.starts_with(STARS) {
                n_bytes = masked_bytes(rest);
            } else if first.is_ascii_digit() {
                let number = number_of(rest);
                n_bytes = number.len();
                match digits_of(number) {
                    n if n < MIN_PERSONAL => n_digits += n,
                    _ if is_time(number) && !CALLS.iter().any(|call| calls(before, call)) => {}
                    n if n == n_bytes => {
                        told.push_str(&"*".repeat(n));
                        at += n_bytes;
                        continue;
                    }
                    _ => return None,
                }
            } else if let Some(word) = self.word_bytes(rest) {
                n_bytes = word;
            } else if !BETWEEN.contains(first) {
                return None;
            }
            if n_digits > MAX_DIGITS {
                return None;
            }
            told.push_str(&masked[at..at + n_bytes]);
            at += n_bytes;
        }
        Some(told)
    }

    /// Whether the kind of a fault names nobody: known words without a number that had to be masked, or
    /// a short code.
    pub(super) fn is_kind(&self, kind: &str) -> bool {
        self.told(kind).is_some_and(|told| told == kind.trim()) || is_short_code(kind.trim())
    }

    /// Returns the bytes of the longest word with which a text begins. Letters do not end within a word.
    fn word_bytes(&self, text: &str) -> Option<usize> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest);
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_whole = |end: usize| {
            let (word, behind) = text.split_at(end);
            !(word.ends_with(is_letter) && behind.starts_with(is_letter))
        };
        ends.filter(|end| self.words.contains(&text[..*end]) && is_whole(*end)).last()
    }
}

/// Returns the bytes of a masked number with which a text begins: its stars, and the end that is shown.
fn masked_bytes(text: &str) -> usize {
    let behind = text.trim_start_matches('*');
    let shown = behind.bytes().take(4).take_while(|byte| byte.is_ascii_digit() || *byte == b'x');
    text.len() - behind.len() + shown.count()
}

/// Returns the digits with which a text begins, and those that go on behind a blank or a mark.
fn number_of(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_digit() || WITHIN.contains(c);
    let n_bytes = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text[..n_bytes].trim_end_matches(|c| WITHIN.contains(c))
}

fn digits_of(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether a text ends with a word and what stands between words.
fn calls(text: &str, word: &str) -> bool {
    text.trim_end_matches(|c| BETWEEN.contains(c)).ends_with(word)
}

/// Whether a number is clearly a day of this century, with a time of day or without.
fn is_time(number: &str) -> bool {
    let groups: Vec<&str> =
        number.split(|c| WITHIN.contains(c)).filter(|group| !group.is_empty()).collect();
    let (day, time): (Vec<&str>, Vec<&str>) = match groups.as_slice() {
        [all] if matches!(all.len(), 8 | 14) => {
            let pairs = (8..all.len()).step_by(2).map(|at| &all[at..at + 2]).collect();
            (vec![&all[..4], &all[4..6], &all[6..8]], pairs)
        }
        [day, time @ ..] if day.len() == 8 => {
            (vec![&day[..4], &day[4..6], &day[6..8]], time.to_vec())
        }
        [year, month, day, time @ ..] if year.len() == 4 => {
            (vec![*year, *month, *day], time.to_vec())
        }
        _ => return false,
    };
    let value = |group: &&str| group.parse().ok().filter(|_| group.len() <= 4);
    let values: Option<Vec<u32>> = day.iter().chain(&time).map(value).collect();
    let Some([year, month, day, time @ ..]) = values.as_deref() else { return false };
    (2000..2100).contains(year)
        && NaiveDate::from_ymd_opt(year.cast_signed(), *month, *day).is_some()
        && matches!(time.len(), 0 | 2 | 3)
        && time.iter().zip([24, 60, 60]).all(|(value, end)| *value < end)
}

/// Whether a text is a code as `E001`, `12` or `2-03`.
fn is_short_code(code: &str) -> bool {
    let n_letters = code.bytes().filter(u8::is_ascii_alphabetic).count();
    let n_digits = digits_of(code);
    code.len() <= MAX_CODE_CHARS
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && n_letters <= MAX_CODE_LETTERS
        && (1..MIN_PERSONAL).contains(&n_digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::profile::Profiles;
    use crate::refdata::RefData;

    fn words() -> RemarkWords {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        RemarkWords::of(profiles.get("up-exchange").unwrap())
    }

    #[track_caller]
    fn check(remark: &str, expected: Option<&str>) {
        assert_eq!(words().told(remark).as_deref(), expected, "{remark}");
    }

    #[test]
    fn a_remark_of_known_words_is_kept_and_its_numbers_are_masked() {
        check("证件号码不能为空", Some("证件号码不能为空"));
        check("task_name 长度超过 100", Some("task_name 长度超过 100"));
        check("手机号 13800000000 有误", Some("手机号 138****0000 有误"));
        check("证件号码63010019000101001X校验位错误", Some("证件号码**************001X校验位错误"));
    }

    #[test]
    fn a_remark_that_may_name_a_person_is_dropped() {
        for remark in [
            "司马懿柒捌的证件号码有误",
            "张三 电话错误",
            "simayi 证件号码有误",
            "地址某市某区某路有误",
            "电话 138 77 66 55 44 错误",
            "护照 E12345678",
        ] {
            check(remark, None);
        }
    }
    #[test]
    fn a_number_that_may_be_a_phone_is_masked_and_a_day_is_not() {
        check("联系电话 61234567 有误", Some("联系电话 ******** 有误"));
        check("电话6123456不正确", Some("电话*******不正确"));
        check("证件号码6301001900010100位数不足", Some("证件号码****************位数不足"));
        check("电话 0971-6123456", None);
        check("电话 6123-4567", None);
        for day in [
            "20210801",
            "2021-08-01",
            "2021/8/1 9:05:00",
            "20210801 09:05",
            "20210801123000",
            "2021-08-01 12:30:00.",
        ] {
            let remark = format!("办结时间 {day} 早于受理时间 20210731");
            check(&remark, Some(&remark));
        }
        check("时间 20211301 有误", Some("时间 ******** 有误"));
        check("时间 20210801250000 有误", Some("时间 ************** 有误"));
        check("时间 19900101 有误", Some("时间 ******** 有误"));
        // Eight digits behind what calls for a number are no day.
        check("电话：20210801", Some("电话：********"));
        check("长度 100 超出 50", Some("长度 100 超出 50"));
        check("长度 100 超出 50 小于 12345", None);
    }

    #[test]
    fn the_kind_of_a_fault_is_told_where_it_is_words_or_a_code() {
        let words = words();
        for kind in ["格式错误", "必填项为空", "E001", "12", "2-03", "task_name", " 3 "] {
            assert!(words.is_kind(kind), "{kind}");
        }
        for kind in [
            "司马懿的证件号码有误",
            "张三 电话61234567 护照E12345678",
            "63010019000101001X",
            "13800000000",
            "61234567",
            "电话61234567",
            "6301001900010100",
            "E12345678",
            "zhangsan1",
        ] {
            assert!(!words.is_kind(kind), "{kind}");
        }
    }
}
