//! The layouts and formats that tables come in, and what each can show.

use super::chance::Chance;
use super::damage::{Damage, damage};
use super::document::Document;
use super::formats::{encoded, separated, web_lines, web_page};
use super::layouts::{Layout, printed};
use super::legacy::xls;
use super::levels::HeaderForm;
use super::office::{docx, docx_lines, ods, odt, odt_lines, xlsx};
use super::page::{Abilities, Item, laid_out};

/// A way in which tables come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carrier {
    /// Its name in reports.
    pub(crate) name: &'static str,
    /// The name of its files.
    pub(crate) file_name: &'static str,
    /// Of a hundred documents without damage, how many have to be read whole.
    pub(crate) least_whole: usize,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text(Layout),
    Csv,
    Tsv,
    Html,
    HtmlLines,
    Docx,
    DocxLines,
    Odt,
    OdtLines,
    Xlsx,
    Xls,
    Ods,
}

const fn carrier(
    name: &'static str,
    file_name: &'static str,
    least_whole: usize,
    form: Form,
) -> Carrier {
    Carrier { name, file_name, least_whole, form }
}

/// All of them. Layouts have the numbers under which they were first described.
pub(crate) const CARRIERS: [Carrier; 19] = [
    carrier("text L1 tabs", "a.txt", 60, Form::Text(Layout::Tabs)),
    carrier("text L2 cell bars", "a.txt", 70, Form::Text(Layout::CellBars)),
    carrier("text L3 row bars", "a.txt", 80, Form::Text(Layout::RowBars)),
    carrier("text L4 leading bar", "a.txt", 80, Form::Text(Layout::LeadingBar)),
    carrier("text L5 paragraphs", "a.txt", 80, Form::Text(Layout::Paragraphs)),
    carrier("text L6 spaces", "a.txt", 80, Form::Text(Layout::Spaces)),
    carrier("text L7 title inside", "a.txt", 80, Form::Text(Layout::TitleInside)),
    carrier("text L8 bar above", "a.txt", 80, Form::Text(Layout::BarAbove)),
    carrier("csv", "a.csv", 70, Form::Csv),
    carrier("tsv", "a.tsv", 70, Form::Tsv),
    carrier("html", "a.html", 95, Form::Html),
    carrier("html, tabs", "a.html", 60, Form::HtmlLines),
    carrier("docx", "a.docx", 95, Form::Docx),
    carrier("docx, tabs", "a.docx", 60, Form::DocxLines),
    carrier("odt", "a.odt", 95, Form::Odt),
    carrier("odt, tabs", "a.odt", 60, Form::OdtLines),
    carrier("xlsx", "a.xlsx", 95, Form::Xlsx),
    carrier("xls", "a.xls", 95, Form::Xls),
    carrier("ods", "a.ods", 95, Form::Ods),
];

impl Carrier {
    /// Whether tables are told by lines of text.
    pub(crate) fn is_text(self) -> bool {
        self.layout().is_some()
    }

    /// Whether a cell says itself where it stands.
    pub(crate) fn has_fixed_places(self) -> bool {
        matches!(self.form, Form::Xlsx | Form::Xls | Form::Ods)
    }

    fn layout(self) -> Option<Layout> {
        match self.form {
            Form::Text(layout) => Some(layout),
            Form::HtmlLines | Form::DocxLines | Form::OdtLines => Some(Layout::Tabs),
            _ => None,
        }
    }

    /// Draws how it prints labels over several columns.
    pub(crate) fn header_form(self, chance: &mut Chance) -> HeaderForm {
        let forms: &[HeaderForm] = match (self.form, self.layout()) {
            (Form::Html | Form::Docx | Form::Odt | Form::Xlsx | Form::Xls | Form::Ods, _) => {
                &[HeaderForm::Spans]
            }
            (Form::Csv | Form::Tsv, _) => &[HeaderForm::Blanks],
            (_, Some(Layout::Tabs | Layout::RowBars | Layout::TitleInside)) => {
                &[HeaderForm::Lost, HeaderForm::Lost, HeaderForm::Blanks]
            }
            (_, Some(Layout::LeadingBar)) => &[HeaderForm::Lost],
            _ => &[HeaderForm::Flat],
        };
        *chance.pick(forms)
    }

    /// Returns what it can show.
    pub(crate) fn abilities(self, header_form: HeaderForm) -> Abilities {
        let layout = self.layout();
        let is_stacked = matches!(
            layout,
            Some(Layout::CellBars | Layout::Paragraphs | Layout::BarAbove | Layout::Spaces)
        );
        Abilities {
            has_empty_cells: !is_stacked,
            breaks_names: !matches!(layout, Some(Layout::Spaces | Layout::Paragraphs)),
            breaks_labels: layout != Some(Layout::Spaces),
            has_sections: !matches!(
                layout,
                Some(Layout::Tabs | Layout::CellBars | Layout::Paragraphs | Layout::Spaces)
            ) && layout != Some(Layout::BarAbove),
            two_levels: match self.form {
                Form::Html | Form::Docx | Form::Odt | Form::Xlsx | Form::Xls | Form::Ods => 35,
                Form::Csv | Form::Tsv => 15,
                _ => 0,
            },
            header_form,
        }
    }

    /// Prints a document as the bytes of a file.
    pub(crate) fn bytes_of(
        self,
        document: &Document,
        (damage_done, header_form): (Damage, HeaderForm),
        chance: &mut Chance,
    ) -> Vec<u8> {
        let mut items = laid_out(document, self.abilities(header_form), chance);
        damage(&mut items, damage_done, self, chance);
        self.printed(&items, damage_done, chance)
    }

    /// Whether a page shows what is struck through, raised or hidden.
    pub(crate) fn shows_marks(self) -> bool {
        matches!(self.form, Form::Html | Form::Docx | Form::Xlsx)
    }

    /// Prints a page as the bytes of a file.
    pub(crate) fn printed(
        self,
        items: &[Item],
        damage_done: Damage,
        chance: &mut Chance,
    ) -> Vec<u8> {
        if let Some(layout) = self.layout() {
            let text = printed(items, layout, damage_done, chance);
            return match self.form {
                Form::HtmlLines => web_lines(&text),
                Form::DocxLines => docx_lines(&text),
                Form::OdtLines => odt_lines(&text),
                _ => encoded(&text, chance),
            };
        }
        match self.form {
            Form::Csv => encoded(&separated(items, ',', chance), chance),
            Form::Tsv => encoded(&separated(items, '\t', chance), chance),
            Form::Docx => docx(items),
            Form::Odt => odt(items),
            Form::Xlsx => xlsx(items, chance),
            Form::Xls => xls(items),
            Form::Ods => ods(items),
            _ => web_page(items, chance),
        }
    }
}
