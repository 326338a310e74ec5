//! Words that tell of tests, as they stand in names and titles.
//!
//! Part of another word is no such word: `latest` is not about tests. Nor is a phrase that names a service,
//! as 水平测试 (an examination) or 测试仪器 (an instrument); a profile lists these. Latin letters count in
//! either case: `TEST` and `Test 01` are as good as `test`.

use memchr::memchr2_iter;
use memchr::memmem::Finder;

/// Looks for words of tests.
#[derive(Debug)]
pub(super) struct TestWords<'a> {
    words: Vec<Wanted<'a>>,
    except: Vec<Wanted<'a>>,
}

/// A text that is looked for.
#[derive(Debug)]
struct Wanted<'a> {
    text: &'a [u8],
    /// Finds a text without Latin letters.
    finder: Finder<'a>,
    /// Position of the first Latin letter, and that letter.
    letter: Option<(usize, u8)>,
}

impl<'a> TestWords<'a> {
    /// Returns what looks for these words, except in these phrases.
    pub(super) fn new(words: &'a [String], except: &'a [String]) -> Self {
        let wanted = |texts: &'a [String]| texts.iter().map(|text| Wanted::new(text)).collect();
        Self { words: wanted(words), except: wanted(except) }
    }

    /// Tells whether the letters of one of the words stand anywhere in many values together.
    pub(super) fn are_among(&self, values: &str) -> bool {
        self.words.iter().any(|word| word.starts_in(values.as_bytes()).next().is_some())
    }

    /// Tells whether one of the words stands in a value by itself.
    pub(super) fn are_in(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        self.words.iter().any(|word| {
            word.starts_in(bytes).any(|start| {
                let end = start + word.text.len();
                is_alone(bytes, start, end) && !self.is_excepted(bytes, start, end)
            })
        })
    }

    fn is_excepted(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.except.iter().any(|phrase| {
            let n_bytes = phrase.text.len();
            phrase.starts_in(bytes).any(|first| first <= start && end <= first + n_bytes)
        })
    }
}

impl<'a> Wanted<'a> {
    fn new(text: &'a str) -> Self {
        let mut letters = text.bytes().enumerate();
        let letter = letters.find(|(_, byte)| byte.is_ascii_alphabetic());
        Self { text: text.as_bytes(), finder: Finder::new(text), letter }
    }

    /// Returns where it begins in some bytes, Latin letters in either case.
    fn starts_in<'h>(&'h self, bytes: &'h [u8]) -> impl Iterator<Item = usize> + 'h {
        let exact = self.letter.is_none().then(|| self.finder.find_iter(bytes));
        let in_any_case = self.letter.map(|(at, letter)| {
            let (lower, upper) = (letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
            let starts =
                memchr2_iter(lower, upper, bytes).filter_map(move |end| end.checked_sub(at));
            let is_here = |start: &usize| {
                let there = bytes.get(*start..start + self.text.len());
                there.is_some_and(|there| there.eq_ignore_ascii_case(self.text))
            };
            starts.filter(is_here)
        });
        exact.into_iter().flatten().chain(in_any_case.into_iter().flatten())
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
            "TEST",
            "Test 01",
            "某甲tEsT",
        ] {
            assert!(words.are_in(value) && words.are_among(&format!("x,{value},y")), "{value}");
        }
        for value in
            ["", "latest news", "CONTEST", "Testing", "tes", "普通话水平测试报名", "测试仪器检定"]
        {
            assert!(!words.are_in(value), "{value}");
        }
        assert!(!words.are_among("tes,t,TES,测,试"));
    }

    #[test]
    fn letters_of_either_case_may_stand_anywhere_in_a_word() {
        let texts =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (words, except) = (texts(&["演示demo"]), texts(&["演示DEMO站"]));
        let words = TestWords::new(&words, &except);
        assert!(words.are_in("演示Demo") && words.are_in("某演示DEMO厅"));
        assert!(!words.are_in("demo") && !words.are_in("演示demo站") && !words.are_in("示demo"));
    }
}
