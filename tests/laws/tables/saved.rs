//! Saved layouts as chance writes them: the file `layouts/*.toml` of a workspace.

use tongban::refdata::IndicatorKind;

/// A layout while it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Saved {
    /// Lines below `[recognise]`.
    pub(super) recognise: Vec<String>,
    /// Lines below `[source]`.
    pub(super) source: Vec<String>,
    /// Lines below `[table]`.
    pub(super) table: Vec<String>,
    /// What the columns of labels are, then what those of figures are, from the left.
    pub(super) columns: Vec<SavedColumn>,
    /// A pattern of sentences and the figure that it catches in the group `n`.
    pub(super) prose: Option<(String, String)>,
    /// The indicators that it brings: id, kind, unit.
    pub(super) indicators: Vec<(String, IndicatorKind, String)>,
}

/// A column of a layout.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedColumn {
    /// The labels that it may have; none where the layout does not know it.
    pub(super) labels: Vec<String>,
    pub(super) position: Option<usize>,
    /// Further lines: role or indicator, unit, check.
    pub(super) lines: Vec<String>,
}

impl Saved {
    /// Returns the text of the file.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<String> = vec![
            "format = 1".to_owned(),
            "version = 1".to_owned(),
            "summary = \"synthetic\"".to_owned(),
            "summary_zh = \"合成\"".to_owned(),
        ];
        let parts =
            [("recognise", &self.recognise), ("source", &self.source), ("table", &self.table)];
        for (name, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
            lines.push(format!("[{name}]"));
            lines.extend(part.iter().cloned());
        }
        for column in self.columns.iter().filter(|column| !column.labels.is_empty()) {
            lines.push("[[columns]]".to_owned());
            lines.push(match column.labels.as_slice() {
                [label] => format!("label = {}", quoted(label)),
                labels => format!("labels = {}", list(labels)),
            });
            lines.extend(column.position.map(|position| format!("position = {position}")));
            lines.extend(column.lines.iter().cloned());
        }
        if let Some((pattern, indicator)) = &self.prose {
            lines.push("[[prose]]".to_owned());
            lines.push(format!("pattern = '{pattern}'"));
            lines.push(format!(
                "figures = [{{ capture = \"n\", indicator = {} }}]",
                quoted(indicator)
            ));
        }
        for (id, kind, unit) in &self.indicators {
            lines.push("[[indicators]]".to_owned());
            lines.push(format!("indicator = {}", quoted(id)));
            lines.push(format!("kind = \"{}\"", kind.as_str()));
            lines.push(format!("unit = {}", quoted(unit)));
            let names = ["name_zh", "name_en", "definition_zh", "definition_en", "source"];
            lines.extend(names.map(|name| format!("{name} = \"synthetic\"")));
            lines.push("area = \"hotline\"".to_owned());
            lines.push("confidence = \"synthetic\"".to_owned());
        }
        lines.join("\n") + "\n"
    }
}

impl SavedColumn {
    /// Returns a column that is no figure.
    pub(super) fn role(label: &str, role: &str) -> Self {
        let lines = vec![format!("role = \"{role}\"")];
        Self { labels: vec![label.to_owned()], lines, ..Self::default() }
    }

    /// Returns a column of an indicator.
    pub(super) fn indicator(labels: Vec<String>, indicator: &str) -> Self {
        Self { labels, lines: vec![format!("indicator = {}", quoted(indicator))], position: None }
    }
}

/// Writes a text as a string of TOML.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Writes texts as a list of strings of TOML.
pub(super) fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}
