//! Grids out of lines, as text.

use super::parse_blocks;
use crate::source::{Block, RowShape};

/// Shows blocks as text: paragraphs as they are, rows as cells between bars, a mark for the shape.
fn shown(text: &str) -> String {
    let mut lines = Vec::new();
    for block in parse_blocks(text) {
        match block {
            Block::Paragraph(paragraph) => lines.push(paragraph.text),
            Block::Grid(grid) => {
                for row in grid.rows {
                    let cells: Vec<String> =
                        row.cells.into_iter().map(|cell| cell.text.to_string()).collect();
                    let mark = match row.shape {
                        RowShape::Whole => String::new(),
                        RowShape::Rejoined { has_number: false, .. } => " rejoined".to_owned(),
                        RowShape::Rejoined { has_number: true, .. } => {
                            " rejoined number".to_owned()
                        }
                        RowShape::Ragged { readings } => format!(" ragged {}", readings.len()),
                    };
                    lines.push(format!("{}{mark}", cells.join("|")));
                }
                lines.extend(grid.strays.into_iter().map(|stray| format!("stray {}", stray.text)));
            }
        }
    }
    lines.join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected);
}

#[test]
fn a_cell_broken_by_blank_lines_is_rejoined() {
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\t17\n2\t\n国家税务总\n\n局青海省税务局\n\n214\t6\n3\t合计\t218\t23\n备注:无\n",
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|国家税务总局青海省税务局|214|6 rejoined\n3|合计|218|23\n备注:无",
    );
}

#[test]
fn a_value_that_equals_the_next_running_number_stays_a_value() {
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\t17\n2\t\n税务\n局\n3\t6\n3\t合计\t7\t23\n",
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|税务局|3|6 rejoined\n3|合计|7|23",
    );
}

#[test]
fn a_row_that_lacks_a_cell_takes_nothing_from_its_neighbours() {
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\n2\t省民政厅\t1\t2\n3\t省司法厅\t5\n4\t合计\t10\t2\n",
        "序号|部门|甲|乙\n1|省水利厅|4 ragged 0\n2|省民政厅|1|2\n3|省司法厅|5 ragged 0\n4|合计|10|2",
    );
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\n2\t\n税务\n局\n3\t6\n3\t合计\t7\t23\n",
        "序号|部门|甲|乙\n1|省水利厅|4 ragged 0\n2|税务局|3|6 rejoined\n3|合计|7|23",
    );
    check(
        "序号\t部门\t甲\t乙\n1\t省民政厅\t1\t2\n2\t省水利厅\t4\n备注:一\n二\n",
        "序号|部门|甲|乙\n1|省民政厅|1|2\n2|省水利厅|4 ragged 0\n备注:一\n二",
    );
}

#[test]
fn a_header_broken_between_texts_has_several_readings() {
    check(
        "序号\t部门\t\n甲一\n\n甲二\n\n乙一\t丙\n1\t省水利厅\t4\t17\t5\n2\t合计\t4\t17\t5\n",
        "序号|部门|甲一|甲二|乙一|丙 ragged 2\n1|省水利厅|4|17|5\n2|合计|4|17|5",
    );
    check(
        "序号\t部门\t甲\t乙一\n乙二\n1\t省水利厅\t4\t17\n2\t合计\t4\t17\n",
        "序号|部门|甲|乙一乙二 rejoined\n1|省水利厅|4|17\n2|合计|4|17",
    );
}

#[test]
fn a_first_cell_that_is_broken_begins_its_row() {
    check(
        "部门\t\n甲一\n甲二\n乙\n省民政厅\t1\t2\n省\n\n水利厅\n\n4\t17\n省司法厅\t5\t6\n合计\t10\t25\n",
        "部门|甲一|甲二|乙 ragged 2\n省民政厅|1|2\n省水利厅|4|17 rejoined\n省司法厅|5|6\n合计|10|25",
    );
}

#[test]
fn a_number_on_a_line_of_its_own_is_never_joined_to_a_whole_row() {
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\t17\n3\n2\t合计\t4\t17\n",
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|合计|4|17\nstray 3",
    );
}

#[test]
fn a_broken_number_is_joined_when_only_that_fits_and_says_so() {
    check(
        "序号\t部门\t甲\n1\t省水利厅\t\n12\n34\n2\t省民政厅\t1\n3\t合计\t1235\n",
        "序号|部门|甲\n1|省水利厅|1234 rejoined number\n2|省民政厅|1\n3|合计|1235",
    );
}

#[test]
fn two_tables_and_the_prose_around_them_come_apart() {
    check(
        "关于情况的通报\n附件1\n部门\t甲\n省水利厅\t1\n合计\t1\n另一张表\n单位\t乙\n省水利厅\t2\n合计\t2\n备注:1.某\t某\n",
        "关于情况的通报\n附件1\n部门|甲\n省水利厅|1\n合计|1\n另一张表\n单位|乙\n省水利厅|2\n合计|2\n备注:1.某\t某",
    );
}

#[test]
fn line_breaks_of_every_system_count_the_same() {
    let unix = "序号\t部门\t甲\n1\t省水利厅\t1\n2\t合计\t1\n";
    check(&unix.replace('\n', "\r\n"), &shown(unix));
    check(&unix.replace('\n', "\r"), &shown(unix));
}
