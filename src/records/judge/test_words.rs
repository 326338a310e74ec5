//! Words that tell of tests, as they stand in names and titles.
//!
//! Part of another word is no such word: `latest` is not about tests. Nor is a phrase that names a service,
//! as 水平测试 (an examination) or 测试仪器 (an instrument); a profile lists these.

use memchr::memmem::Finder;

/// Looks for words of tests.
#[derive(Debug)]
pub(super) struct TestWords<'a> {
    words: Vec<Finder<'a>>,
    except: Vec<Finder<'a>>,
}

impl<'a> TestWords<'a> {
    /// Returns what looks for these words, except in these phrases.
    pub(super) fn new(words: &'a [String], except: &'a [String]) -> Self {
        let finders = |texts: &'a [String]| texts.iter().map(Finder::new).collect();
        Self { words: finders(words), except: finders(except) }
    }

    /// Tells whether the letters of one of the words stand anywhere in many values together.
    pub(super) fn are_among(&self, values: &str) -> bool {
        self.words.iter().any(|word| word.find(values.as_bytes()).is_some())
    }

    /// Tells whether one of the words stands in a value by itself.
    pub(super) fn are_in(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        self.words.iter().any(|word| {
            let n_bytes = word.needle().len();
            word.find_iter(bytes).any(|start| {
                let end = start + n_bytes;
                is_alone(bytes, start, end) && !self.is_excepted(bytes, start, end)
            })
        })
    }

    fn is_excepted(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.except.iter().any(|phrase| {
            let n_bytes = phrase.needle().len();
            phrase.find_iter(bytes).any(|first| first <= start && end <= first + n_bytes)
        })
    }
}

/// Whether no Latin letter continues a Latin word. A number may stand behind it, as in `test1`.
fn is_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_letter =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let joins = |inner: usize, outer: Option<usize>| is_letter(Some(inner)) && is_letter(outer);
    !joins(start, start.checked_sub(1)) && !joins(end - 1, Some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tests_stand_by_themselves() {
        let texts =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (words, except) = (texts(&["测试", "test"]), texts(&["水平测试", "测试仪"]));
        let words = TestWords::new(&words, &except);
        for value in [
            "测试",
            "张三测试",
            "测试数据",
            "test",
            "test01",
            "a test",
            "测试仪测试",
            "latest test",
        ] {
            assert!(words.are_in(value), "{value}");
        }
        for value in ["", "latest news", "contest", "testing", "普通话水平测试报名", "测试仪器检定"]
        {
            assert!(!words.are_in(value), "{value}");
        }
    }
}
