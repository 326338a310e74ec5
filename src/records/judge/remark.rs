//! What others said about a record: free text, of which only what names nobody is kept.
//!
//! Who writes 张三的证件号码有误 has named a person, and no list has all names. So a remark is kept
//! where every word of it is known: the fields of the profile, and the words with which faults are told.

use std::collections::BTreeSet;

use crate::diag::masked_where;
use crate::model::is_like_resident_id;
use crate::records::profile::Profile;

/// Digits of a remark at most, beside the last ones of masked numbers: lengths, codes, positions.
const MAX_DIGITS: usize = 8;
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
        let lower = masked.to_lowercase();
        let (mut rest, mut n_digits) = (lower.as_str(), 0);
        while let Some(first) = rest.chars().next() {
            if let Some(behind) = rest.strip_prefix(STARS) {
                let behind = behind.trim_start_matches('*');
                let is_end =
                    |(at, c): &(usize, char)| *at == 4 || !(c.is_ascii_digit() || *c == 'x');
                let end = behind.char_indices().find(is_end).map_or(behind.len(), |(at, _)| at);
                rest = &behind[end..];
                continue;
            }
            let word = self.word_bytes(rest);
            n_digits += usize::from(first.is_numeric());
            let is_between = first.is_ascii_digit() || BETWEEN.contains(first);
            if word.is_none() && !is_between || n_digits > MAX_DIGITS {
                return None;
            }
            rest = &rest[word.unwrap_or(first.len_utf8())..];
        }
        Some(masked.into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::profile::Profiles;
    use crate::refdata::RefData;

    #[track_caller]
    fn check(remark: &str, expected: Option<&str>) {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        let words = RemarkWords::of(profiles.get("up-exchange").unwrap());
        assert_eq!(words.told(remark).as_deref(), expected);
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
}
