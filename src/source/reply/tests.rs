//! Documents come back as they were sent, and nothing else is taken for one.

use proptest::prelude::*;

use super::*;
use crate::model::Spot;
use crate::source::{Block, Cell, Format, Grid, Paragraph, Row, RowShape, Span};

fn spots() -> impl Strategy<Value = Spot> {
    prop_oneof![
        (0_u32..300).prop_map(Spot::Line),
        any::<u32>().prop_map(Spot::Paragraph),
        (1_u32..3, any::<u32>(), 0_u32..9).prop_map(|(sheet, row, column)| Spot::Cell {
            sheet,
            row,
            column
        }),
    ]
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![
        4 => Just(Span::Single),
        1 => (any::<usize>(), 1_usize..4)
            .prop_map(|(n_rows, n_columns)| Span::Wide { n_rows, n_columns }),
        1 => (0_usize..4, 0_usize..400).prop_map(|(up, left)| Span::Covered { up, left }),
    ]
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    let cell = ("[a-z部门0-9]{0,40}", spans(), spots());
    prop::collection::vec(
        cell.prop_map(|(text, span, spot)| Cell { text: text.into(), span, spot }),
        0..5,
    )
}

fn shapes() -> impl Strategy<Value = RowShape> {
    prop_oneof![
        Just(RowShape::Whole),
        (prop::collection::vec(0_usize..9, 0..3), any::<bool>())
            .prop_map(|(columns, has_number)| RowShape::Rejoined { columns, has_number }),
        prop::collection::vec(cells(), 0..3).prop_map(|readings| RowShape::Ragged { readings }),
    ]
}

/// Rows of any kind, and rows as tables have them.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let odd = (cells(), shapes(), spots());
    let odd = odd.prop_map(|(cells, shape, spot)| Row { cells, shape, spot });
    let plain = ("[0-9]{0,3}", 1_usize..4).prop_map(|(text, row)| {
        let spot = Spot::cell(1, row, 2);
        let cells = (2..5).map(|column| Cell::single(text.as_str(), spot.in_column(column)));
        Row { cells: cells.collect(), shape: RowShape::Whole, spot }
    });
    prop::collection::vec(prop_oneof![odd, plain], 0..6)
}

fn documents() -> impl Strategy<Value = Document> {
    prop::collection::vec(rows(), 0..3).prop_map(|grids| {
        let spot = Spot::Line(1);
        let paragraph = Paragraph { text: "附件1".to_owned(), spot };
        let mut blocks = vec![Block::Paragraph(paragraph.clone())];
        blocks.extend(grids.into_iter().map(|rows| {
            let strays = vec![paragraph.clone()];
            Block::Grid(Grid { name: Some("一".to_owned()), n_columns: 3, rows, strays })
        }));
        Document { format: Format::Xlsx, encoding: None, blocks, remarks: Vec::new() }
    })
}

fn parse_reply(reply: &[u8]) -> Option<Result<Opened, SourceError>> {
    super::parse_reply(&Bytes::copy_from_slice(reply))
}

fn sent(document: &Document) -> Vec<u8> {
    write::document(document, "a").unwrap()
}

proptest! {
    #[test]
    fn documents_come_back_as_they_were(document in documents()) {
        let reply = sent(&document);
        let expected = document.misfit().is_none().then(|| Ok(Opened::Document(document.clone())));
        prop_assert_eq!(parse_reply(&reply), expected);
        prop_assert_eq!(read::written(&reply[1..]), Some(document));
    }

    #[test]
    fn a_changed_byte_makes_another_document_or_none(
        document in documents(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut reply = sent(&document);
        let at = at.index(reply.len());
        reply[at] = byte;
        drop(parse_reply(&reply));
        reply.truncate(at);
        prop_assert!(at == 0 || reply[0] != DOCUMENT || parse_reply(&reply).is_none());
    }
}

#[test]
fn documents_that_no_reader_makes_are_none() {
    let spot = Spot::line(1);
    let reply = |n_columns, readings: Vec<Vec<Cell>>| {
        let whole = Row { cells: vec![Cell::single("1", spot); 2], shape: RowShape::Whole, spot };
        let ragged = Row { shape: RowShape::Ragged { readings }, ..whole.clone() };
        let grid = Grid { name: None, n_columns, rows: vec![whole, ragged], strays: Vec::new() };
        let blocks = vec![Block::Grid(grid)];
        let remarks = Vec::new();
        sent(&Document { format: Format::Text, encoding: None, blocks, remarks })
    };
    let reading = |n_cells| vec![Cell::single("1", spot); n_cells];
    assert!(parse_reply(&reply(2, vec![reading(2)])).is_some());
    assert_eq!(parse_reply(&reply(2, vec![reading(2), reading(1)])), None);
    assert_eq!(parse_reply(&reply(usize::MAX, Vec::new())), None);
}

#[test]
fn no_memory_is_taken_for_what_is_not_there() {
    let outline = br#"{"format":"Xlsx","encoding":null,"blocks":[{"Grid":{"name":null,"n_columns":1,"strays":[]}}],"remarks":[]}"#;
    let reply = |rows: &[u8]| {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&[DOCUMENT][..], &length(outline), outline, &length(rows), rows].concat()
    };
    assert!(parse_reply(&reply(&[0])).is_some());
    let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for n_rows in [&[1][..], &most, &[0xff; 9], &[0x80, 0x80, 0x80, 4]] {
        assert_eq!(parse_reply(&reply(n_rows)), None);
    }
    // One row of very many cells, and more cells than any document has, each without a text.
    assert_eq!(parse_reply(&reply(&[&[1, WHOLE_AT_LINE, 0, 1][..], &most].concat())), None);
    let many = [1, WHOLE_AT_LINE, 0, 1, 0x80, 0x80, 0x80, 0x0a];
    assert_eq!(parse_reply(&reply(&[&many[..], &vec![0; 10 << 20]].concat())), None);
}

/// The mark of a row that is whole and says where it stands.
const WHOLE_AT_LINE: u8 = wire::WHOLE;
