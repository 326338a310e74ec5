//! Where a report comes from, as tables: what it is, the files that were read, the questions and checks.

use crate::diag::{Lang, Message, word};
use crate::report::content::{
    BatchRead, Cell, CellFormat, Column, Provenance, QuestionAsked, QuestionCheck, Row, RowKind,
    Table, TablePurpose, Value,
};

/// Returns the accounts of a report as three tables, whose ids begin with `id`: facts about the report,
/// files, questions.
pub fn accounts(provenance: &Provenance, id: &str, lang: Lang) -> Vec<Table> {
    let accounts = Accounts { provenance, id, lang };
    vec![accounts.facts(), accounts.files(), accounts.questions()]
}

struct Accounts<'a> {
    provenance: &'a Provenance,
    id: &'a str,
    lang: Lang,
}

impl Accounts<'_> {
    fn facts(&self) -> Table {
        let of = self.provenance;
        let mut facts = vec![
            ("report.fact_tool", format!("tongban {}", of.tool_version)),
            ("report.fact_snapshot", of.snapshot.to_string()),
        ];
        if let Some(time) = of.committed_at {
            facts.push(("report.fact_committed", time.format("%Y-%m-%d %H:%M:%S").to_string()));
        }
        if let Some(day) = of.as_of {
            facts.push(("report.fact_as_of", day.to_string()));
        }
        facts.push(("report.fact_definition", of.definition_hash.clone()));
        let joined = |pairs: &[(String, String)], between: &str| {
            let texts = pairs.iter().map(|(name, value)| format!("{name}{between}{value}"));
            texts.collect::<Vec<_>>().join(", ")
        };
        facts.push(("report.fact_params", joined(&of.params, "=")));
        facts.push(("report.fact_engines", joined(&of.engines, " ")));
        let count = |check: QuestionCheck| {
            of.questions.iter().filter(|question| question.check == check).count()
        };
        let checks = Message::new("report.checks")
            .with("equal", count(QuestionCheck::Equal))
            .with("unchecked", count(QuestionCheck::Unchecked));
        facts.push(("report.fact_checks", checks.text(self.lang)));
        let rows = facts.into_iter().map(|(code, value)| row(vec![self.text(code), value]));
        let rows = rows.collect();
        let columns = vec![
            self.column("fact", "report.column_fact", CellFormat::Text),
            self.column("value", "report.column_value", CellFormat::Text),
        ];
        self.table("facts", "report.facts", columns, rows)
    }

    fn files(&self) -> Table {
        let columns = vec![
            self.column("file_name", "report.column_file", CellFormat::Text),
            self.column("kind", "report.column_kind", CellFormat::Text),
            self.column("document_number", "report.column_number", CellFormat::Id),
            self.column("published_on", "report.column_published", CellFormat::Day),
            self.column(
                "rows_received",
                "report.column_received",
                CellFormat::Number { decimals: 0 },
            ),
            self.column(
                "rows_accepted",
                "report.column_accepted",
                CellFormat::Number { decimals: 0 },
            ),
            self.column(
                "rows_returned",
                "report.column_returned",
                CellFormat::Number { decimals: 0 },
            ),
            self.column("batch", "report.column_batch", CellFormat::Id),
            self.column("source_hash", "report.column_hash", CellFormat::Id),
            self.column("is_synthetic", "report.column_synthetic", CellFormat::Truth),
        ];
        let rows = self.provenance.batches.iter().map(|batch| self.file(batch)).collect();
        self.table("files", "report.files", columns, rows)
    }

    fn file(&self, batch: &BatchRead) -> Row {
        let values = vec![
            Value::Text(batch.file_name.clone()),
            Value::Text(word(&batch.kind, self.lang)),
            batch.document_number.clone().map_or(Value::Missing, Value::Text),
            batch.published_on.map_or(Value::Missing, Value::Day),
            Value::Whole(batch.rows_received),
            Value::Whole(batch.rows_accepted),
            Value::Whole(batch.rows_returned),
            Value::Text(batch.batch.clone()),
            Value::Text(batch.source_hash.clone()),
            Value::Truth(batch.is_synthetic),
        ];
        row_of(values)
    }

    fn questions(&self) -> Table {
        let columns = vec![
            self.column("query", "report.column_query", CellFormat::Id),
            self.column("params", "report.column_params", CellFormat::Text),
            self.column("rows", "report.column_rows", CellFormat::Number { decimals: 0 }),
            self.column("check", "report.column_check", CellFormat::Text),
            self.column("query_hash", "report.column_hash", CellFormat::Id),
        ];
        let rows = self.provenance.questions.iter().map(|question| self.question(question));
        self.table("questions", "report.questions", columns, rows.collect())
    }

    fn question(&self, question: &QuestionAsked) -> Row {
        let params = question.asked.params.iter().map(|(name, value)| format!("{name}={value}"));
        let check = match question.check {
            QuestionCheck::Equal => "report.check_equal",
            QuestionCheck::Unchecked => "report.check_unchecked",
        };
        let n_rows = i64::try_from(question.n_rows).unwrap_or(i64::MAX);
        row_of(vec![
            Value::Text(question.asked.query.clone()),
            Value::Text(params.collect::<Vec<_>>().join(", ")),
            Value::Whole(n_rows),
            Value::Text(self.text(check)),
            Value::Text(question.query_hash.clone()),
        ])
    }

    fn table(
        &self,
        name: &str,
        title: &'static str,
        columns: Vec<Column>,
        rows: Vec<Row>,
    ) -> Table {
        Table {
            id: format!("{}-{name}", self.id),
            title: self.text(title),
            purpose: TablePurpose::Accounts,
            columns,
            rows,
            notes: Vec::new(),
            asked: None,
        }
    }

    fn column(&self, name: &str, code: &'static str, format: CellFormat) -> Column {
        Column { name: name.to_owned(), label: self.text(code), unit: None, format }
    }

    fn text(&self, code: &'static str) -> String {
        Message::new(code).text(self.lang)
    }
}

fn row(texts: Vec<String>) -> Row {
    row_of(texts.into_iter().map(Value::Text).collect())
}

fn row_of(values: Vec<Value>) -> Row {
    let cells = values.into_iter().map(|value| Cell { value, ..Cell::default() });
    Row { kind: RowKind::Body, cells: cells.collect() }
}
