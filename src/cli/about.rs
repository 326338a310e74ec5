//! What an answer is about, in lines below its table: the periods of its rows, and what is one in all of
//! them, where no column that people see tells it.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::datatypes::{Date32Type, Float64Type, Int64Type};
use chrono::NaiveDate;

use crate::diag::{Lang, Message, column_title};
use crate::output::shown_double;
use crate::query::Query;
use crate::table::ResultTable;
use crate::trend::few_names;

/// Periods of rows: what is said of them, and the columns of their first and last day.
const PERIODS: [(&str, Option<&str>, &str); 5] = [
    ("about.period", Some("period_start"), "period_end"),
    ("about.base_period", Some("base_period_start"), "base_period_end"),
    ("about.integration_period", None, "integration_period_end"),
    ("about.previous_period", None, "previous_period_end"),
    ("about.year_before", None, "year_before_period_end"),
];

/// Figures of all rows together.
const TOGETHER: [&str; 3] = ["total_change", "total_change_without_largest", "total_growth_pct"];

/// The day within a period on which a definition began.
const BEGAN: &str = "definition_began";

/// What a note says of figures being counted otherwise.
const RECOUNT: &str = "recount";

/// Columns that tell whose figures stand in a row, the first that an answer has.
const WHOSE: [&str; 3] = ["department_name", "region_name", "indicator_name"];

/// A period by its last day, and its first where that is known.
type Span = (NaiveDate, Option<NaiveDate>);

/// Returns the lines for what `answer` tells and the columns of it that are `shown` do not; nothing for an
/// answer without rows, and where all columns are shown. Of targets that are not shown, that there are no
/// figures for them.
pub(super) fn lines(
    query: &Query,
    answer: &ResultTable,
    shown: &ResultTable,
    lang: Lang,
) -> String {
    if shown.n_rows() == 0 && answer.n_rows() > 0 {
        let message = Message::new("query.targets_without_figures");
        return message.with("targets", answer.n_rows()).text(lang) + "\n";
    }
    let is_hidden = |column: &str| {
        answer.schema.index_of(column).is_ok() && shown.schema.index_of(column).is_err()
    };
    let periods =
        PERIODS.iter().filter(|(_, _, end)| is_hidden(end)).filter_map(|(code, start, end)| {
            let period = told(&spans(answer, *start, end), lang)?;
            Some(Message::new(code).with("period", period))
        });
    let together = TOGETHER.iter().filter(|column| is_hidden(column)).filter_map(|column| {
        let value = shown_double(only_value(answer, column)?);
        let title = column_title(column, lang);
        Some(Message::new("about.column").with("title", title).with("value", value))
    });
    let compared = if together.clone().next().is_some() { compared(answer, shown) } else { None };
    let began = if is_hidden(BEGAN) { only_day(answer, BEGAN) } else { None };
    let began = began.map(|day| Message::new("about.definition_began").with("day", day));
    let recount = if is_hidden(RECOUNT) { only_text(answer, RECOUNT) } else { None };
    let recount = recount.map(|note| Message::new("about.recount").with("note", note));
    let approximate = approximate(query, answer, shown, lang);
    let messages = periods.chain(together).chain(compared).chain(began).chain(recount);
    let messages = messages.chain(approximate);
    messages.map(|message| message.text(lang) + "\n").collect()
}

/// Says whose figures are not exact, where no column that people see marks them.
fn approximate(
    query: &Query,
    answer: &ResultTable,
    shown: &ResultTable,
    lang: Lang,
) -> Option<Message> {
    let is_shown = |column: &str| shown.schema.index_of(column).is_ok();
    let told = query.head.returns.iter().filter(|column| is_shown(&column.name));
    let flags: BTreeSet<&str> = told
        .filter_map(|column| column.beside.approximate.as_deref())
        .filter(|flag| !is_shown(flag))
        .collect();
    let mut names: Vec<String> = Vec::new();
    for batch in &answer.batches {
        let whose = WHOSE.iter().find_map(|name| batch.column_by_name(name))?;
        let whose = whose.as_string_opt::<i32>()?;
        let columns = flags.iter().filter_map(|name| batch.column_by_name(name)?.as_boolean_opt());
        let columns: Vec<&BooleanArray> = columns.collect();
        for row in 0..batch.num_rows() {
            let is_true = |column: &&BooleanArray| column.is_valid(row) && column.value(row);
            let name = if whose.is_null(row) { "" } else { whose.value(row) };
            let is_new = !names.iter().any(|known| known == name);
            if is_new && columns.iter().any(is_true) {
                names.push(name.to_owned());
            }
        }
    }
    let message = Message::new("about.approximate");
    (!names.is_empty()).then(|| message.with("names", few_names(&names, lang)))
}

/// Says of how many departments figures of all are, where they are not of all that there are.
fn compared(answer: &ResultTable, shown: &ResultTable) -> Option<Message> {
    let count = |column: &str| match shown.schema.index_of(column) {
        Ok(_) => None,
        Err(_) => only_count(answer, column),
    };
    let (compared, all) = (count("n_compared")?, count("n_departments")?);
    let message = Message::new("about.compared").with("compared", compared);
    (compared < all).then(|| message.with("all", all))
}

/// Returns the day that a column has in all rows; `None` where there is none, or several.
fn only_day(answer: &ResultTable, column: &str) -> Option<NaiveDate> {
    let days = spans(answer, None, column);
    let mut days = days.into_iter().map(|(day, _)| day);
    days.next().filter(|_| days.next().is_none())
}

/// Returns the text that a column has in all rows; `None` where there is none, or several.
fn only_text(answer: &ResultTable, column: &str) -> Option<String> {
    let mut texts = BTreeSet::new();
    for batch in &answer.batches {
        texts.extend(batch.column_by_name(column)?.as_string_opt::<i32>()?);
    }
    let mut texts = texts.into_iter();
    texts.next().flatten().filter(|_| texts.next().is_none()).map(str::to_owned)
}

/// Returns the count that a column has in all rows; `None` where there is none, or several.
fn only_count(answer: &ResultTable, column: &str) -> Option<i64> {
    let mut counts = BTreeSet::new();
    for batch in &answer.batches {
        let values = batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?;
        counts.extend(values);
    }
    let mut counts = counts.into_iter();
    counts.next().flatten().filter(|_| counts.next().is_none())
}

/// Returns the periods of the rows, each once.
fn spans(answer: &ResultTable, start: Option<&str>, end: &str) -> BTreeSet<Span> {
    let columns = answer.batches.iter().filter_map(|batch| {
        let days = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Date32Type>();
        Some((days(end)?, start.and_then(days)))
    });
    let spans = columns.flat_map(|(ends, starts)| {
        ends.iter().enumerate().filter_map(move |(idx, end)| {
            let start = starts.filter(|days| days.is_valid(idx)).map(|days| days.value(idx));
            let day = Date32Type::to_naive_date_opt;
            Some((day(end?)?, start.and_then(day)))
        })
    });
    spans.collect()
}

/// Words one period, or several by the first and the last day of all.
fn told(spans: &BTreeSet<Span>, lang: Lang) -> Option<String> {
    let last = spans.last()?.0;
    let first = spans.iter().map(|(end, start)| start.unwrap_or(*end)).min()?;
    let message = match (spans.len(), first == last) {
        (1, true) => return Some(last.to_string()),
        (1, false) => Message::new("about.span"),
        (n_spans, _) => Message::new("about.several").with("count", n_spans),
    };
    Some(message.with("first", first).with("last", last).text(lang))
}

/// Returns the value that a column has in all rows; `None` where there is none, or several.
fn only_value(answer: &ResultTable, column: &str) -> Option<f64> {
    let mut only = None;
    for batch in &answer.batches {
        let values = batch.column_by_name(column)?.as_primitive_opt::<Float64Type>()?;
        for value in values {
            let known = *only.get_or_insert(value?);
            if known.to_bits() != value?.to_bits() {
                return None;
            }
        }
    }
    only
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};

    use super::*;

    use crate::query::Catalogue;

    fn days(texts: &[&str]) -> ArrayRef {
        let number = |text: &&str| text.parse().ok().map(Date32Type::from_naive_date);
        Arc::new(texts.iter().map(number).collect::<Date32Array>())
    }

    /// A question whose head says which of its columns tell what is not exact.
    fn question() -> Query {
        Catalogue::builtin().get("integration/ranking").unwrap().clone()
    }

    #[track_caller]
    fn check(columns: &[(&str, ArrayRef)], shown: &[&str], expected: [&str; 2]) {
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.iter().map(|(name, values)| (*name, Arc::clone(values), true)),
        );
        let answer = ResultTable::of(batch.unwrap());
        let shown: Vec<String> = shown.iter().map(|name| (*name).to_owned()).collect();
        let shown = answer.select(&shown);
        let told = [Lang::En, Lang::Zh].map(|lang| lines(&question(), &answer, &shown, lang));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_period_is_told_where_no_column_tells_it() {
        let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let of = |start: [&str; 2], end: [&str; 2]| {
            let name = Arc::clone(&names);
            [("name", name), ("period_start", days(&start)), ("period_end", days(&end))]
        };
        let end = ["2021-09-30", "2021-09-30"];
        let january = of(["2021-01-01", "2021-01-01"], end);
        check(
            &january,
            &["name"],
            ["period: 2021-01-01 to 2021-09-30\n", "统计期：2021-01-01 至 2021-09-30\n"],
        );
        check(&january, &["name", "period_end"], ["", ""]);
        check(
            &of(["2021-01-01", ""], ["2021-06-30", "2021-09-30"]),
            &["name"],
            [
                "period: 2021-01-01 to 2021-09-30 (2 periods)\n",
                "统计期：2021-01-01 至 2021-09-30（2 期）\n",
            ],
        );
        let to_day = ["period: 2021-09-30\n", "统计期：2021-09-30\n"];
        check(&of(["", ""], end), &["name"], to_day);
        check(&of(end, end), &["name"], to_day);
        check(&of(["", ""], ["", ""]), &["name"], ["", ""]);
    }

    #[test]
    fn what_is_one_in_all_rows_is_told_and_what_differs_is_not() {
        let values =
            |values: [f64; 2]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
        let columns = [
            ("name", days(&["2021-01-01", "2021-01-02"])),
            ("base_period_end", days(&["2021-03-31", ""])),
            ("total_change", values([12.5, 12.5])),
            ("total_growth_pct", values([1.0, 2.0])),
        ];
        check(
            &columns,
            &["name"],
            [
                "base period: 2021-03-31\ntotal_change: 12.5\n",
                "对比期：2021-03-31\n合计变动：12.5\n",
            ],
        );
        let empty = columns.map(|(name, values)| (name, values.slice(0, 0)));
        check(&empty, &["name"], ["", ""]);
    }

    #[test]
    fn whose_shown_figures_are_not_exact_is_told() {
        let truths =
            |values: [bool; 2]| -> ArrayRef { Arc::new(BooleanArray::from(values.to_vec())) };
        let names: ArrayRef = Arc::new(StringArray::from(vec!["water", "tax"]));
        let columns = [
            ("department_name", names),
            ("value", days(&["2021-01-01", "2021-01-02"])),
            ("is_approximate", truths([false, true])),
            ("previous_value", days(&["2021-01-01", "2021-01-02"])),
            ("previous_is_approximate", truths([true, false])),
        ];
        let told = |names: &str, zh: &str| {
            let en = "not exact (told with a qualifier, estimated or rounded)";
            [
                format!("{en}: {names}; --wide tells which\n"),
                format!("约数、估计数或取整数：{zh}（--wide 逐列标明）\n"),
            ]
        };
        let check = |shown: &[&str], expected: [String; 2]| {
            check(&columns, shown, [expected[0].as_str(), expected[1].as_str()]);
        };
        check(&["department_name", "value"], told("tax", "tax"));
        check(&["department_name", "previous_value"], told("water", "water"));
        check(&["department_name", "value", "previous_value"], told("water, tax", "water、tax"));
        check(&["department_name", "value", "is_approximate"], [String::new(), String::new()]);
        check(&["department_name"], [String::new(), String::new()]);
    }

    #[test]
    fn targets_that_are_not_shown_are_told() {
        let columns = [("value", days(&["", ""]), true)];
        let answer = ResultTable::of(RecordBatch::try_from_iter_with_nullable(columns).unwrap());
        let told = lines(&question(), &answer, &answer.first_rows(0), Lang::En);
        assert!(told.starts_with("there is no figure yet for any of 2 targets"), "{told}");
        let none = answer.first_rows(0);
        assert_eq!(lines(&question(), &none, &none, Lang::En), "");
    }

    #[test]
    fn a_note_that_figures_are_counted_otherwise_is_told() {
        let name: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let note: ArrayRef = Arc::new(StringArray::from(vec!["自2月起统计口径调整"; 2]));
        check(
            &[("name", Arc::clone(&name)), ("recount", note)],
            &["name"],
            [
                "a note says that figures are counted otherwise than before (“自2月起统计口径调整”): the \
                 change is not one of the same thing\n",
                "附注说明统计口径有变（“自2月起统计口径调整”），前后不可比，变动不宜当作增减\n",
            ],
        );
        // Of several regions each has its own.
        let notes: ArrayRef = Arc::new(StringArray::from(vec![Some("口径调整"), None]));
        check(&[("name", name), ("recount", notes)], &["name"], ["", ""]);
    }

    #[test]
    fn totals_say_that_they_are_not_of_all() {
        let of = |compared: [i64; 2], all: [i64; 2]| {
            let counts =
                |counts: [i64; 2]| -> ArrayRef { Arc::new(Int64Array::from(counts.to_vec())) };
            let total: ArrayRef = Arc::new(Float64Array::from(vec![0.0, 0.0]));
            [
                ("name", days(&["2021-01-01", "2021-01-02"])),
                ("total_change", total),
                ("n_compared", counts(compared)),
                ("n_departments", counts(all)),
            ]
        };
        check(
            &of([1, 1], [3, 3]),
            &["name"],
            [
                "total_change: 0\nonly 1 of 3 departments could be compared, and these figures are of \
                 them alone\n",
                "合计变动：0\n以上合计只含可比的 1 个部门，共有 3 个部门\n",
            ],
        );
        check(&of([3, 3], [3, 3]), &["name"], ["total_change: 0\n", "合计变动：0\n"]);
        // Of several regions each has its own.
        check(&of([1, 2], [3, 3]), &["name"], ["total_change: 0\n", "合计变动：0\n"]);
        check(&of([1, 1], [3, 3]), &["name", "total_change"], ["", ""]);
    }
}
