//! A report as Markdown: headings, prose and tables; charts as their tables.
//!
//! What data says is escaped: it is never a heading, a list, a link, an image or HTML.

use crate::diag::{Lang, Message, printable};
use crate::output::markdown_escaped;
use crate::report::content::{Block, Cell, CellFormat, Report, Section, Table, Value};
use crate::report::letter;
use crate::report::shown::shown;
use crate::report::told::{closing_accounts, prose, row_told, title_of};

/// Returns a report as text with a final line break.
pub(super) fn to_markdown(report: &Report) -> String {
    let lang = report.lang;
    let mut parts = vec![format!("# {}", line(&report.title))];
    parts.extend(report.subtitle.as_deref().map(line));
    if report.is_synthetic {
        parts.push(format!("**{}**", line(&Message::new("report.page_synthetic").text(lang))));
    }
    parts.extend(letter::above(report).iter().map(|one| line(&one.text)));
    let n_text = report.sections.iter().position(letter::is_annex);
    let (text, annexes) = report.sections.split_at(n_text.unwrap_or(report.sections.len()));
    parts.extend(text.iter().flat_map(|section| section_parts(section, lang)));
    parts.extend(letter::below(report).iter().map(|one| line(&one.text)));
    parts.extend(annexes.iter().flat_map(|section| section_parts(section, lang)));
    let accounts = closing_accounts(report);
    if !accounts.is_empty() {
        parts.push(format!("## {}", Message::new("report.book.provenance").text(lang)));
    }
    parts.extend(accounts.iter().map(|table| table_text(table, lang)));
    parts.join("\n\n") + "\n"
}

/// The title of a section, where it has one, and its blocks.
fn section_parts(section: &Section, lang: Lang) -> Vec<String> {
    let title = Some(&section.title).filter(|title| !title.is_empty());
    let title = title.map(|title| format!("## {}", line(title)));
    title.into_iter().chain(section.blocks.iter().map(|block| block_text(block, lang))).collect()
}

fn block_text(block: &Block, lang: Lang) -> String {
    match block {
        Block::Heading { level, text } => {
            // The title of the report is of level 1, those of sections of level 2.
            let level = usize::from(*level).clamp(2, 5) + 1;
            format!("{} {}", "#".repeat(level), line(text))
        }
        Block::Paragraph { spans } => line(&prose(spans, lang)),
        Block::Remark { text } => format!("> {}", line(text)),
        Block::Table(table) => table_text(table, lang),
        Block::Chart(chart) => table_text(&chart.table(), lang),
    }
}

fn table_text(table: &Table, lang: Lang) -> String {
    let told: Vec<String> =
        table.rows.iter().map(|row| row_told(row, &table.columns, lang)).collect();
    let is_told = told.iter().any(|told| !told.is_empty());
    let mut titles: Vec<String> =
        table.columns.iter().map(|column| title_of(column, lang)).collect();
    let mut marks: Vec<&str> = table.columns.iter().map(|column| mark_of(column.format)).collect();
    if is_told {
        titles.push(Message::new("report.book.marks").text(lang));
        marks.push("---");
    }
    let mut text = format!("**{}**\n\n", inline(&table.title));
    text.push_str(&row_text(titles.iter().map(|title| inline(title))));
    text.push_str(&row_text(marks.into_iter().map(str::to_owned)));
    for (row, told) in table.rows.iter().zip(&told) {
        let cells = row.cells.iter().zip(&table.columns);
        let mut cells: Vec<String> =
            cells.map(|(cell, column)| inline(&cell_text(cell, column.format, lang))).collect();
        if is_told {
            cells.push(inline(told));
        }
        text.push_str(&row_text(cells.into_iter()));
    }
    for note in &table.notes {
        text.push_str(&format!("\n{}\n", line(note)));
    }
    if let Some(asked) = &table.asked {
        let params = asked.params.iter().map(|(name, value)| format!("{name}={value}"));
        let asked = Message::new("report.book.asked")
            .with("query", &asked.query)
            .with("params", params.collect::<Vec<_>>().join(", "));
        text.push_str(&format!("\n{}\n", line(asked.text(lang).trim_end())));
    }
    text.truncate(text.trim_end().len());
    text
}

fn cell_text(cell: &Cell, format: CellFormat, lang: Lang) -> String {
    match &cell.value {
        Value::Missing => "-".to_owned(),
        Value::Course(values) if values.iter().all(Option::is_none) => "-".to_owned(),
        value => shown(value, format, lang),
    }
}

fn row_text(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn mark_of(format: CellFormat) -> &'static str {
    match format {
        CellFormat::Number { .. }
        | CellFormat::Percent { .. }
        | CellFormat::Change { .. }
        | CellFormat::PercentChange { .. } => "---:",
        _ => "---",
    }
}

/// Returns a text that stands inside a line.
fn inline(text: &str) -> String {
    let escaped = markdown_escaped(&printable(text));
    // Addresses become links without a mark of their own.
    escaped.replace("://", "\\://").replace("www.", "www\\.").replace('@', "\\@")
}

/// Returns a text that is a line of its own, or begins one.
fn line(text: &str) -> String {
    let escaped = inline(text.trim_start());
    let digits = escaped.len() - escaped.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 && escaped[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &escaped[..digits], &escaped[digits..]);
    }
    if escaped.starts_with(['#', '-', '+', '=', '>', '_', ':']) {
        format!("\\{escaped}")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::content::Mark;
    use crate::report::sample::{hostile, sample};
    use crate::report::shown::mark_words;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(line(text), expected);
    }

    #[test]
    fn data_is_no_markup() {
        check("# a", "\\# a");
        check("- a", "\\- a");
        check("12. a", "12\\. a");
        check("12 a", "12 a");
        check("> a\n# b", "\\> a\\\\n# b");
        check("[a](http://b)", "\\[a\\](http\\://b)");
        check("www.a.cn a@b.cn", "www\\.a.cn a\\@b.cn");
        check("=1+1", "\\=1+1");
        check("<b>|", "\\<b>\\|");
    }

    #[test]
    fn a_report_is_headings_prose_and_tables() {
        let text = to_markdown(&sample());
        assert_eq!(text, to_markdown(&sample()));
        let [inferred, returned] =
            [Mark::DateInferred, Mark::Returned].map(|mark| inline(&mark_words(mark, Lang::Zh).1));
        let shown = [
            "# 月度趋势 2021年8月\n\n办件汇聚\n\n**本报告含合成数据，仅供演示和测试，不得作为统计依据**\n\n## 总体情况\n"
                .to_owned(),
            format!("\n全省汇聚1274万件（{inferred}）。\n"),
            "**各部门汇聚量**\n\n| 部门 | 汇聚量（条） | 占比 | 变化 | 走势 | 标注 |\n\
             | --- | ---: | ---: | ---: | --- | --- |\n\
             | 省公安厅 | 12,741,337 | 97.3% | +8.2% |"
                .to_owned(),
            format!("| 省税务局 | - | - | - | - | 汇聚量：{returned}；未达标准 |"),
            "| 合计 | 12,741,337 | 100.0% |".to_owned(),
            "\n\n单位为条。\n".to_owned(),
            "| 月份 | 省公安厅（条） | 标注 |\n| --- | ---: | --- |\n| 2021-06 | - |".to_owned(),
            "\n查询：aggregation/by_department period=2021-08-31\n".to_owned(),
            "| aggregation/by_department | period=2021-08-31 | 2 |".to_owned(),
        ];
        for part in shown {
            assert!(text.contains(&part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn every_row_keeps_its_cells_whatever_stands_in_them() {
        let (report, payloads) = hostile();
        let text = to_markdown(&report);
        let mut rows = text.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
        for payload in payloads {
            let row = rows.next().unwrap();
            let unescaped = row.replace("\\|", "");
            assert_eq!(unescaped.matches('|').count(), 3, "{payload}: {row}");
            assert!(!row.contains("://") || row.contains("\\://"), "{row}");
        }
    }
}
