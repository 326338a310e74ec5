//! Tables told as a sentence, with and without the saved layout that declares its pattern.

use chrono::NaiveDate;
use tongban::model::{Origin, Qualifier};
use tongban::refdata::IndicatorKind;

use super::document::{Document, Kind, Sentence, Subject};
use super::family::BREAKDOWNS;
use super::figures::{Figure, decimal, whole, wide, with_commas};
use super::maker::{Maker, PROVINCE, series};
use super::saved::{Saved, quoted};
use super::times::{ColumnTime, Rule, TableTime};

/// Numbers as patterns of layouts catch them.
const NUMBER: &str = r"(?<n>(?:近|约)?\d+(?:\.\d+)?万?(?:余|多)?)";
const DEPARTMENT: &str = r"(?<department>省\p{Han}{2,12}?[委厅局办])";

/// Beginnings of sentences whose figures are what they seem.
const LEADS: [&str; 4] = ["", "各部门办件情况为：", "据统计，", "截至目前，办件量情况如下："];
/// Beginnings of sentences whose figures are plans, changes, what is lacking, or of another time.
const OTHER_LEADS: [&str; 6] = [
    "计划办件量分别达到：",
    "与去年同期相比，分别增加：",
    "较上年，办件量减少的有：",
    "仍未办结的办件量为：",
    "2015年，各部门办件量为：",
    "其中，",
];

/// How an item of a sentence is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// 省水利厅667件
    Department,
    /// 省水利厅窗口(办件量667件)
    Window,
    /// 海南州推出18项
    Region,
    /// 电话渠道667件
    Breakdown,
}

impl Form {
    const ALL: [Self; 4] = [Self::Department, Self::Window, Self::Region, Self::Breakdown];

    fn pattern(self) -> String {
        match self {
            Self::Department => format!("{DEPARTMENT}{NUMBER}件"),
            Self::Window => format!(r"{DEPARTMENT}窗口\(办件量{NUMBER}件\)"),
            Self::Region => format!(r"(?<region>\p{{Han}}{{2,8}}?[州市县区])推出{NUMBER}项"),
            Self::Breakdown => format!("(?<breakdown>电话|网络|信件|窗口|微信)渠道{NUMBER}件"),
        }
    }

    fn told(self, label: &str, figure: &str) -> String {
        match self {
            Self::Department => format!("{label}{figure}件"),
            Self::Window => format!("{label}窗口(办件量{figure}件)"),
            Self::Region => format!("{label}推出{figure}项"),
            Self::Breakdown => format!("{label}渠道{figure}件"),
        }
    }
}

impl Maker<'_> {
    /// Adds a sentence that tells a table, alone or below a table.
    pub(super) fn add_sentence(&mut self, document: &mut Document, dated: NaiveDate) {
        let is_by_layout = document.kind == Kind::SentenceByLayout;
        // Without a layout nothing tells that 电话 is a row.
        let forms = if is_by_layout { &Form::ALL[..] } else { &Form::ALL[..3] };
        let form = *self.chance.pick(forms);
        let has_table = self.chance.in_hundred(50);
        if has_table {
            let known = self.chance.some(&self.indicators.clone(), 2);
            document.tables.push(self.known_table(&known, (dated, Kind::Plain), Some(1)));
        } else if !is_by_layout {
            document.refusals.push("annex.table_missing");
        }
        let (rule, word) =
            if self.chance.in_hundred(30) { *self.chance.pick(&Rule::ALL) } else { Rule::ALL[0] };
        let unit = if form == Form::Region { "项" } else { "件" };
        let kind = *self.chance.pick(&[IndicatorKind::Flow, IndicatorKind::Stock]);
        let time = TableTime { printed: None, is_in_title: false, dated, rule };
        let is_other = self.chance.in_hundred(15);
        let subjects = self.subjects_of(form);
        let n_figures = self.chance.between(2, 7);
        let figures: Vec<(Subject, String, Figure)> = self
            .chance
            .some(&subjects, n_figures)
            .into_iter()
            .map(|(subject, label)| (subject, label, self.told_figure()))
            .collect();
        let lead = if is_other { self.chance.pick(&OTHER_LEADS) } else { self.chance.pick(&LEADS) };
        let items: Vec<String> =
            figures.iter().map(|(_, label, figure)| form.told(label, &figure.printed)).collect();
        let separator = *self.chance.pick(&["，", "、", "；", ","]);
        document.sentence = Some(Sentence {
            captions: vec!["附件2".to_owned(), "各部门办件情况".to_owned()],
            text: format!("{lead}{}。", items.join(separator)),
            series: series("told", kind, time, ColumnTime::default()),
            unit: unit.to_owned(),
            figures,
            is_read: is_by_layout && !is_other,
        });
        if is_by_layout {
            // A document without number and title is known by nothing.
            let known_by =
                if document.standing.0 == Origin::Published { "document" } else { "title" };
            let saved = Saved {
                recognise: vec![format!("{known_by} = {}", quoted("合成数据|青政办函"))],
                table: vec![format!("period = \"{word}\"")],
                prose: Some((form.pattern(), "told".to_owned())),
                indicators: vec![("told".to_owned(), kind, unit.to_owned())],
                ..Saved::default()
            };
            document.layouts.push(("told".to_owned(), saved.text()));
        }
    }

    /// What the items of a sentence may be about, with the label of each.
    fn subjects_of(&mut self, form: Form) -> Vec<(Subject, String)> {
        let n_chars = |label: &String| label.chars().count();
        match form {
            Form::Department | Form::Window => {
                let all = self.departments_as_rows().into_iter();
                let fits = |(_, label): &(Subject, String)| {
                    label.starts_with('省')
                        && label.ends_with(['委', '厅', '局', '办'])
                        && (4..=14).contains(&n_chars(label))
                };
                all.map(|(subject, labels)| (subject, labels.concat())).filter(fits).collect()
            }
            Form::Region => {
                let all = self.regions_as_rows().into_iter();
                let fits = |(_, label): &(Subject, String)| {
                    label.ends_with(['州', '市', '县', '区']) && (3..=9).contains(&n_chars(label))
                };
                all.map(|(subject, labels)| (subject, labels.concat())).filter(fits).collect()
            }
            Form::Breakdown => {
                let subject = |breakdown: &str| Subject {
                    region: PROVINCE.to_owned(),
                    breakdown: breakdown.to_owned(),
                    ..Subject::default()
                };
                let all = BREAKDOWNS.iter().take(5);
                all.map(|text| (subject(text), (*text).to_owned())).collect()
            }
        }
    }

    fn told_figure(&mut self) -> Figure {
        let number = whole(self.chance);
        let plain = number.to_string();
        match self.chance.below(12) {
            0 => Figure::new(with_commas(number), number * 100),
            1 => Figure::new(wide(&plain), number * 100),
            2 => {
                let tenths = number % 100_000;
                Figure::new(format!("{}万", decimal(tenths, 1)), tenths * 100_000)
            }
            3 => Figure {
                qualifier: Some(Qualifier::MoreThan),
                ..Figure::new(format!("{plain}余"), number * 100)
            },
            4 => Figure {
                qualifier: Some(Qualifier::Approx),
                ..Figure::new(format!("约{plain}"), number * 100)
            },
            _ => Figure::new(plain, number * 100),
        }
    }
}
