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
fn a_row_with_one_cell_a_line_within_a_table_with_tabs_is_read() {
    check(
        "序号\t单位\t甲\t乙\n1\t省水利厅\t4\t17\n2\n省民政厅\n87713\n0\n3\n省司法厅\n5\n6\n4\t省财政厅\t0\t0\n5\t合计\t9\t23\n",
        "序号|单位|甲|乙\n1|省水利厅|4|17\n2|省民政厅|87713|0 rejoined\n3|省司法厅|5|6 rejoined\n4|省财政厅|0|0\n5|合计|9|23",
    );
    check(
        "序号\t单位\t甲\t乙\n1\t省水利厅\t4\t17\n3\n省民政厅\n87713\n0\n4\t省财政厅\t0\t0\n",
        "序号|单位|甲|乙\n1|省水利厅|4|17\n4|省财政厅|0|0\nstray 3\nstray 省民政厅\nstray 87713\nstray 0",
    );
}

#[test]
fn a_first_value_of_1_is_no_running_number_where_no_column_has_them() {
    check(
        "单位\t甲\t乙\n\n省应急\n\n管理厅\n\n1\t17\n省水利厅\t0\t0\n合计\t1\t17\n",
        "单位|甲|乙\n省应急管理厅|1|17 rejoined\n省水利厅|0|0\n合计|1|17",
    );
    check(
        "序号\t单位\t办件汇\n聚量\n1\t省水利厅\t17\n2\t省民政厅\t0\n",
        "序号|单位|办件汇聚量 rejoined\n1|省水利厅|17\n2|省民政厅|0",
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

#[test]
fn a_figure_with_a_unit_does_not_end_its_table() {
    check(
        "部门\n\n甲\n\n乙\n\n省水利厅\n\n4.9万\n\n17项\n\n省民政厅\n\n近16000多个\n\n—\n",
        "部门|甲|乙\n省水利厅|4.9万|17项\n省民政厅|近16000多个|—",
    );
    check(
        "单位 甲 乙\n省水利厅 4余 17\n省民政厅 1 2条\n",
        "单位|甲|乙 ragged 1\n省水利厅|4余|17\n省民政厅|1|2条",
    );
}

#[test]
fn a_stacked_row_that_lacks_a_cell_takes_nothing_from_its_neighbours() {
    let rows = |missing: &str| {
        format!(
            "序号\n部门\n甲\n乙\n1\n省水利厅\n4\n17\n2\n省民政厅\n1\n{missing}3\n省司法厅\n5\n6\n"
        )
    };
    check(&rows(""), "序号|部门|甲|乙\n1|省水利厅|4|17\n2|省民政厅|1 ragged 0\n3|省司法厅|5|6");
    check(
        &rows("2\n7\n"),
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|省民政厅|1|2|7 ragged 0\n3|省司法厅|5|6",
    );
}

#[test]
fn the_running_number_of_a_stacked_total_is_no_value() {
    check(
        "序号\n部门\n甲\n乙\n1\n省水利厅\n4\n17\n2\n省民政厅\n1\n2\n3\n省司法厅\n5\n4\n合计\n10\n19\n",
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|省民政厅|1|2\n3|省司法厅|5 ragged 0\n4|合计|10|19",
    );
}

#[test]
fn a_broken_name_does_not_end_a_stacked_table() {
    check(
        "部门 |\n甲 |\n省水利厅 |\n4 |\n国家税务 |\n总局 |\n5 |\n省民政厅 |\n6 |\n",
        "部门|甲\n省水利厅|4\n国家税务总局|5 rejoined\n省民政厅|6",
    );
}

#[test]
fn a_line_that_is_no_row_does_not_end_a_table_told_with_spaces() {
    check(
        "单位 甲 乙\n省水利厅 4 17\n（续表）\n省民政厅 1 2\n5 6\n省司法厅 7 8\n",
        "单位|甲|乙 ragged 1\n省水利厅|4|17\n省民政厅|1|2\n省司法厅|7|8\nstray （续表）\nstray 5 6",
    );
}

#[test]
fn a_last_cell_broken_between_bars_belongs_to_its_row() {
    check(
        "| 部门 | 甲\n(万条) |\n| 省水利厅 | 9\n3 |\n| 省民政厅 | 5 |\n",
        "部门|甲(万条) rejoined\n省水利厅|93 rejoined number\n省民政厅|5",
    );
    check(
        "    | 表 |  | \n    | 部门 | 甲 | \n    | 省地方\n税务局 | 1 | \n    | 省民政厅 | 5 | \n",
        "表|\n部门|甲\n省地方税务局|1 rejoined\n省民政厅|5",
    );
}

#[test]
fn a_line_of_one_character_is_no_bar() {
    check(
        "|\n部门 |\n甲 |\n|\n省\n水利厅 |\n4 |\n|\n省民政厅 |\n5 |\n",
        "部门|甲 rejoined\n省水利厅|4 rejoined\n省民政厅|5 rejoined",
    );
}

#[test]
fn a_page_number_within_a_stacked_cell_says_that_it_was_joined() {
    check(
        "部门 |\n甲 |\n省水利厅 |\n12\n4 |\n省民政厅 |\n5 |\n",
        "部门|甲\n省水利厅|124 rejoined number\n省民政厅|5",
    );
}

#[test]
fn the_rest_of_a_broken_label_stays_with_the_header() {
    check(
        "部门\t\n甲一\n\n甲二\n\n乙(\n万条)\n省水利厅\t4\t17\n省民政厅\t1\t2\n",
        "部门|甲一|甲二|乙(|万条) ragged 3\n省水利厅|4|17\n省民政厅|1|2",
    );
}

#[test]
fn a_text_above_a_whole_row_may_begin_its_first_cell() {
    check(
        "部门\t甲\n省水利厅\t4\n省地方\n税务局\t5\n省民政厅\t6\n",
        "部门|甲\n省水利厅|4\n省地方|税务局|5 ragged 2\n省民政厅|6\nstray 省地方",
    );
}

#[test]
fn figures_right_below_a_table_are_strays_of_it() {
    check(
        "单位 甲 乙\n省水利厅 4 17\n省民政厅 1 13\n93\n备注:无\n",
        "单位|甲|乙 ragged 1\n省水利厅|4|17\n省民政厅|1|13\nstray 93\n备注:无",
    );
    check(
        "序号\t部门\t甲\t乙\n1\t省水利厅\t4\t17\n2\t省民政厅\t1\t2\n3\t\n省司\n法厅\n5\n备注:无\n",
        "序号|部门|甲|乙\n1|省水利厅|4|17\n2|省民政厅|1|2\n3| ragged 0\nstray 省司\nstray 法厅\nstray 5\n备注:无",
    );
}

#[test]
fn lines_above_a_header_that_is_printed_again_belong_to_no_row() {
    let head = "部门\t甲\t备注\n";
    let strays = "stray （2022年5月）";
    let with = |last: &str| {
        shown(&format!("{head}省水利厅\t4\t无\n{last}（2022年5月）\n{head}省司法厅\t5\t无\n"))
    };
    let first = "部门|甲|备注\n省水利厅|4|无\n";
    assert_eq!(with("省民政厅\t6\t无\n"), format!("{first}省民政厅|6|无\n省司法厅|5|无\n{strays}"));
    assert_eq!(with("省民政厅\t6\t\n"), format!("{first}省民政厅|6|\n省司法厅|5|无\n{strays}"));
    assert_eq!(
        with("省民政厅\t6\n"),
        format!("{first}省民政厅|6 ragged 0\n省司法厅|5|无\n{strays}")
    );
    // A figure that the row lacks is its own.
    let broken = "部门\t甲\n省水利厅\t4\n省民政厅\t\n6\n部门\t甲\n省司法厅\t5\n";
    check(broken, "部门|甲\n省水利厅|4\n省民政厅|6 rejoined number\n省司法厅|5");
}

#[test]
fn the_largest_running_number_has_no_next_one() {
    let text = "序号\t部门\t甲\n18446744073709551615\t省水利厅\t4\n2\t\n省民\n政厅\n5\n";
    check(text, "序号|部门|甲\n18446744073709551615|省水利厅|4\n2|省民政厅|5 rejoined");
}

#[test]
fn a_total_above_the_first_running_number_is_a_row_of_its_table() {
    check(
        "序号 部门 甲 乙\n合计 5 19\n1 省水利厅 4 17\n2 省民政厅 1 2\n",
        "序号|部门|甲|乙 ragged 1\n合计|5|19 ragged 0\n1|省水利厅|4|17\n2|省民政厅|1|2",
    );
}

#[test]
fn a_header_whose_first_label_is_spaced_out_begins_a_table() {
    check(
        "单 位 甲 乙\n省水利厅 4 17\n省民政厅 1 2\n",
        "单|位|甲|乙 ragged 3\n省水利厅|4|17\n省民政厅|1|2",
    );
}

#[test]
fn the_rest_of_a_broken_label_does_not_begin_the_first_row() {
    check(
        "序号\t部门\t甲\n\n(万条)\n1\t\n省水\n\n利厅\n\n4\n2\t省民政厅\t5\n",
        "序号|部门|甲(万条) rejoined\n1|省水利厅|4 rejoined\n2|省民政厅|5",
    );
}

#[test]
fn a_figure_that_fills_a_blank_is_told_below_a_text_too() {
    check(
        "部门\t甲\n省水利厅\t4\n省地方\n税务局\t\n12\n省民政厅\t6\n",
        "部门|甲\n省水利厅|4\n税务局|12 rejoined number\n省民政厅|6\nstray 省地方",
    );
}
