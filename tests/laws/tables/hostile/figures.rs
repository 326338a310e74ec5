//! Figures that are printed oddly, merged, struck through, raised or hidden.

use tongban::model::Qualifier;

use super::super::document::Doubt;
use super::super::figures::{DASHES, Figure, wide, with_commas};
use super::super::page::Mark;
use super::draft::Draft;

/// What an oddly printed figure is.
#[derive(Debug, Clone, Copy)]
enum Meant {
    /// The number itself.
    Same,
    /// So many times the number.
    Times(i64),
    /// Less than nothing.
    Negative,
    /// The number, no more exact than so.
    As(Qualifier),
    /// None.
    Nothing,
    /// Nobody can tell.
    Doubt,
}

/// Ways of printing a number: `{n}` in digits, `{c}` with commas, `{w}` in wide digits, `{s}` with
/// spaces between thousands, `{f}` by four digits.
const WAYS: [(&str, Meant); 112] = [
    ("{n}①", Meant::Same),
    ("{n}*", Meant::Same),
    ("{n}[1]", Meant::Same),
    ("{n}（注1）", Meant::Same),
    ("{n}(1)", Meant::Same),
    ("{n}注", Meant::Same),
    ("{n}¹", Meant::Same),
    ("{n}²", Meant::Same),
    ("{n}△", Meant::Same),
    ("{n}▲", Meant::Same),
    ("{n}#", Meant::Same),
    ("*{n}", Meant::Same),
    ("①{n}", Meant::Doubt),
    ("{w}", Meant::Same),
    ("{c}", Meant::Same),
    ("{c}.00", Meant::Same),
    ("{n}.0", Meant::Same),
    ("{n}.", Meant::Same),
    ("{n}。", Meant::Same),
    ("{n},", Meant::Same),
    ("{wc}", Meant::Same),
    ("{s}", Meant::Same),
    ("{nbsp}", Meant::Same),
    ("{thin}", Meant::Same),
    ("{narrow}", Meant::Same),
    ("{ideo}", Meant::Same),
    ("{apos}", Meant::Same),
    ("{dun}", Meant::Same),
    ("{dot}", Meant::Doubt),
    ("{f}", Meant::Doubt),
    ("1,23", Meant::Doubt),
    ("12,34,567", Meant::Doubt),
    ("1,,234", Meant::Doubt),
    ("12.3.4", Meant::Doubt),
    ("12..3", Meant::Doubt),
    ("1.5", Meant::Doubt),
    (".5", Meant::Doubt),
    ("0.5", Meant::Doubt),
    ("({n})", Meant::Doubt),
    ("（{n}）", Meant::Doubt),
    ("[{n}]", Meant::Doubt),
    ("【{n}】", Meant::Doubt),
    ("{n}万", Meant::Times(10_000)),
    ("{n}万条", Meant::Times(10_000)),
    ("{n} 万", Meant::Times(10_000)),
    ("{n}千", Meant::Times(1_000)),
    ("{n}亿", Meant::Times(100_000_000)),
    ("{n}百", Meant::Times(100)),
    ("{n}百万", Meant::Times(1_000_000)),
    ("{n}w", Meant::Doubt),
    ("{n}k", Meant::Doubt),
    ("{n}萬", Meant::Times(10_000)),
    ("{n}元", Meant::Doubt),
    ("{n}万元", Meant::Doubt),
    ("{n}个百分点", Meant::Doubt),
    ("{n}%", Meant::Doubt),
    ("{n}％", Meant::Doubt),
    ("{n}‰", Meant::Doubt),
    ("¥{n}", Meant::Doubt),
    ("{n}余", Meant::As(Qualifier::MoreThan)),
    ("{n}多", Meant::As(Qualifier::MoreThan)),
    ("约{n}", Meant::As(Qualifier::Approx)),
    ("{n}左右", Meant::As(Qualifier::Approx)),
    (">{n}", Meant::Doubt),
    ("≥{n}", Meant::Doubt),
    ("<{n}", Meant::Doubt),
    ("≤{n}", Meant::Doubt),
    ("~{n}", Meant::Doubt),
    ("{n}+", Meant::Doubt),
    ("+{n}", Meant::Same),
    ("{n}-{n}", Meant::Doubt),
    ("{n}/{n}", Meant::Doubt),
    ("{n}～{n}", Meant::Doubt),
    ("{n}、{n}", Meant::Doubt),
    ("{n} {n}", Meant::Doubt),
    ("{n}（其中移动端3）", Meant::Doubt),
    ("{n}(3)", Meant::Doubt),
    ("-{n}", Meant::Negative),
    ("－{n}", Meant::Negative),
    ("−{n}", Meant::Negative),
    ("–{n}", Meant::Doubt),
    ("—{n}", Meant::Doubt),
    ("﹣{n}", Meant::Doubt),
    ("‐{n}", Meant::Doubt),
    ("‑{n}", Meant::Doubt),
    ("- {n}", Meant::Doubt),
    ("负{n}", Meant::Doubt),
    ("△{n}", Meant::Doubt),
    ("▲{n}", Meant::Doubt),
    ("↓{n}", Meant::Doubt),
    ("↑{n}", Meant::Doubt),
    ("{n}↓", Meant::Doubt),
    ("{n}-", Meant::Doubt),
    ("--{n}", Meant::Doubt),
    ("1.2E+05", Meant::Doubt),
    ("1e5", Meant::Doubt),
    ("0{n}", Meant::Same),
    ("零", Meant::Nothing),
    ("〇", Meant::Nothing),
    ("三百", Meant::Doubt),
    ("壹", Meant::Doubt),
    ("Ⅲ", Meant::Doubt),
    ("③", Meant::Doubt),
    ("½", Meant::Doubt),
    ("{n}½", Meant::Doubt),
    ("{n}O", Meant::Doubt),
    ("#REF!", Meant::Doubt),
    ("{n}\u{200b}", Meant::Same),
    ("{n}\u{202c}", Meant::Same),
    ("٣", Meant::Doubt),
    ("{n}th", Meant::Doubt),
    ("同上", Meant::Doubt),
];

/// Words in the place of a figure.
const NONE: [&str; 12] = ["—", "-", "－", "–", "——", "--", "无", "/", "未报", "N/A", "…", "*"];

/// A figure, printed in some odd way.
pub(super) fn odd_figure(draft: &mut Draft<'_>) {
    let n_odd = draft.chance.between(1, 3);
    for _ in 0..n_odd {
        let row = draft.chance.below(draft.table.rows.len());
        let column = draft.chance.below(draft.table.columns.len());
        let known = draft.table.rows[row].figures[column].clone();
        // A figure is odd in one way, and its digits are those that were drawn.
        let is_scaled = draft.table.columns[column].style.exponent > 0;
        let Some(hundredths) = known.hundredths.filter(|_| !known.is_doubtful && !is_scaled) else {
            continue;
        };
        if known.printed != (hundredths / 100).to_string() {
            continue;
        }
        let figure = if draft.chance.in_hundred(12) {
            let word = *draft.chance.pick(&NONE);
            let is_dash = DASHES.contains(&word);
            Figure { is_doubtful: !is_dash, ..Figure::none(word) }
        } else {
            let (way, meant) = *draft.chance.pick(&WAYS);
            printed(way, meant, hundredths / 100)
        };
        draft.has_odd_figure = true;
        draft.played.push(figure.printed.clone());
        if figure.is_doubtful {
            let words = vec![figure.printed.clone()];
            draft.doubts.push(Doubt { rows: Some(vec![row]), words, codes: Vec::new() });
        }
        draft.table.rows[row].figures[column] = figure;
    }
}

fn printed(way: &str, meant: Meant, number: i64) -> Figure {
    let commas = with_commas(number);
    let by = |separator: &str| commas.replace(',', separator);
    let plain = number.to_string();
    let by_four = if plain.len() > 4 {
        let (before, after) = plain.split_at(plain.len() - 4);
        format!("{before},{after}")
    } else {
        format!("{plain},0000")
    };
    let printed = way
        .replace("{n}", &plain)
        .replace("{c}", &commas)
        .replace("{w}", &wide(&plain))
        .replace("{wc}", &wide_commas(&commas))
        .replace("{s}", &by(" "))
        .replace("{nbsp}", &by("\u{a0}"))
        .replace("{thin}", &by("\u{2009}"))
        .replace("{narrow}", &by("\u{202f}"))
        .replace("{ideo}", &by("\u{3000}"))
        .replace("{apos}", &by("'"))
        .replace("{dun}", &by("、"))
        .replace("{dot}", &format!("1.{}", by(".")))
        .replace("{f}", &by_four);
    match meant {
        Meant::Same => Figure::new(printed, number * 100),
        Meant::Times(times) => Figure::new(printed, number * times * 100),
        Meant::Negative => Figure::new(printed, -number * 100),
        Meant::As(qualifier) => {
            Figure { qualifier: Some(qualifier), ..Figure::new(printed, number * 100) }
        }
        Meant::Nothing => Figure::new(printed, 0),
        Meant::Doubt => Figure { is_doubtful: true, ..Figure::none(&printed) },
    }
}

fn wide_commas(commas: &str) -> String {
    commas.split(',').map(wide).collect::<Vec<_>>().join("，")
}

/// A cell that is one with the next row's or column's.
pub(super) fn merged(draft: &mut Draft<'_>) {
    let keeps_spans = draft.abilities.two_levels > 20;
    let is_taken = draft.edits.swapped_from.is_some() || draft.edits.page_break.is_some();
    if !keeps_spans || is_taken || !draft.edits.rows.is_empty() {
        return odd_figure(draft);
    }
    let (n_rows, n_columns) = (draft.table.rows.len(), draft.table.columns.len());
    let row = draft.chance.below(n_rows - 1);
    let column = draft.chance.below(n_columns);
    let codes = vec!["cell.merged"];
    match draft.chance.below(3) {
        0 if column + 1 < n_columns => {
            for at in [column, column + 1] {
                draft.table.rows[row].figures[at].is_doubtful = true;
            }
            draft.table.rows[row].figures[column + 1].printed.clear();
            draft.edits.marks.push((row, column + 1, Mark::Left));
            draft.doubts.push(Doubt { rows: Some(vec![row]), words: Vec::new(), codes });
        }
        // The name of one department beside two rows of figures.
        1 => {
            draft.edits.label_marks.push((row + 1, Mark::Above));
            let label = draft.table.rows[row].labels[0].clone();
            let stray = draft.table.rows[row + 1].figures[0].printed.clone();
            draft.table.rows[row + 1].labels[0].clear();
            draft.doubt(Some(vec![row, row + 1]), &[&label, &stray]);
        }
        _ => {
            let n_below = draft.chance.between(1, n_rows - 1 - row);
            let rows: Vec<usize> = (row..=row + n_below).collect();
            for at in &rows {
                draft.table.rows[*at].figures[column].is_doubtful = true;
            }
            for at in &rows[1..] {
                draft.table.rows[*at].figures[column].printed.clear();
                draft.edits.marks.push((*at, column, Mark::Above));
            }
            draft.doubts.push(Doubt { rows: Some(rows), words: Vec::new(), codes });
        }
    }
}

/// A figure that is struck through or has something raised behind it, or a row that does not show.
pub(super) fn marked(draft: &mut Draft<'_>) {
    let is_taken = draft.edits.swapped_from.is_some() || draft.edits.page_break.is_some();
    if !draft.carrier.shows_marks() || is_taken || !draft.edits.rows.is_empty() {
        return odd_figure(draft);
    }
    let row = draft.chance.below(draft.table.rows.len());
    let column = draft.chance.below(draft.table.columns.len());
    match draft.chance.below(4) {
        0 => draft.edits.marks.push((row, column, Mark::RaisedBehind("1".to_owned()))),
        1 => draft.edits.marks.push((row, column, Mark::StruckBefore("12".to_owned()))),
        2 => {
            let figure = &mut draft.table.rows[row].figures[column];
            let struck = std::mem::take(&mut figure.printed);
            figure.is_doubtful = true;
            draft.edits.marks.push((row, column, Mark::StruckBefore(struck.clone())));
            draft.doubts.push(Doubt {
                rows: Some(vec![row]),
                words: vec![struck],
                codes: vec!["source.struck"],
            });
        }
        _ => {
            draft.edits.hidden.push(row);
            for figure in &mut draft.table.rows[row].figures {
                figure.is_doubtful = true;
            }
            draft.doubts.push(Doubt {
                rows: Some(vec![row]),
                words: Vec::new(),
                codes: vec!["source.rows_hidden", "source.text_hidden"],
            });
        }
    }
}
