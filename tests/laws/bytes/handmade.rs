//! Small files with what tables that chance makes do not have. All of them are synthetic.

use super::reader::Reader;
use crate::tables::office::packed;

/// Returns the files for a reader.
pub(crate) fn files(reader: Reader) -> Vec<Vec<u8>> {
    let owned = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    match reader {
        Reader::Text => owned(&TEXTS),
        Reader::Csv => owned(&VALUES),
        Reader::Html => owned(&PAGES),
        Reader::Docx => vec![docx()],
        Reader::Odt => vec![odf("text", ODT)],
        Reader::Ods => vec![odf("spreadsheet", ODS)],
        Reader::Xlsx => vec![xlsx()],
        Reader::Xls | Reader::Archive | Reader::Reply => Vec::new(),
    }
}

const TEXTS: [&str; 3] = [
    "发布机构：青海省人民政府办公厅\n成文日期：2021-11-24\n附件1\n表\n序号\t部门\t办件数据汇聚量(条)\n1\t\n省水\n\n利厅\n\n4\n2\t省民政厅\t1\n合计\t5\n备注:1.省水利厅推送450余万条，全部退回。2.无。\n",
    "青海省人民政府\n部门 |\n办件汇聚量 |\n省水利厅 |\n4 |\n省民政厅 |\n5 |\n\u{c}\n|\n部门 |\n好差评汇聚量 |\n|\n省水利厅 |\n6 |\n",
    "青海省人民政府\n关于合成数据的通报\n2021年11月24日\n单位 办件汇聚量 好差评汇聚量\n省 水 利 厅 4 50%\n小计 4 5\n省民政厅 近16000多个 —\n",
];

const VALUES: [&str; 2] = [
    "青海省人民政府\n部门;\"办件\n汇聚量\";好差评汇聚量\n省水利厅;\"1,234\";5\n\"备注:一\"\"二\"\n",
    "青海省人民政府\n,合成,,\n部门,办件汇聚量,好差评汇聚量\n省水利厅,１２,0.5万\n\n合计,12,5000\n",
];

const PAGES: [&str; 3] = [
    "<!doctype html><html><head><title>合成</title></head><body><nav>导航</nav><p>青海省人民政府<div>关于<span>合成</span>的通报</div><table><caption>表</caption><thead><tr><th rowspan=2>部门<th colspan=2>汇聚量(条)<tr><th>办件汇聚量<th>好差评汇聚量<tbody><tr><td>省水利厅<td>1<td rowspan=0>2<tr><td>省民政厅<td>3</table><script>1</script><pre>部门\t办件汇聚量\n省水利厅\t4\n</pre></body></html>",
    "<table><tr><td>外<td><table><tr><td>部门<td>办件汇聚量<tr><td>省水利厅<td><p>4</p><table><tr><td>x</table></table></table>",
    "<html><body><div hidden>隐</div><p style=\"display: none\">隐</p><font>序号<br>部门<br>办件汇聚量<br>1<br>省水利厅<br>4<br>2<br>省民政厅<br>5</font><svg><p>图</p></svg></body></html>",
];

const ODT: &str = "<x:tracked-changes><x:changed-region><x:deletion/></x:changed-region>\
    </x:tracked-changes><x:h>青海省人民政府<x:s x:c=\"2\"/></x:h><x:p>部门<x:tab/>办件汇聚量\
    <x:note><x:p>注</x:p></x:note><d:frame><d:text-box><x:p>框</x:p></d:text-box></d:frame></x:p>\
    <t:table t:name=\"一\"><t:table-column t:number-columns-repeated=\"2\"/><t:table-header-rows>\
    <t:table-row><t:table-cell t:number-rows-spanned=\"2\"><x:p>部门</x:p></t:table-cell>\
    <t:table-cell><x:p>汇聚量</x:p></t:table-cell></t:table-row></t:table-header-rows>\
    <t:table-row><t:covered-table-cell/><t:table-cell><x:p>办件汇聚量</x:p></t:table-cell>\
    </t:table-row><t:table-row t:number-rows-repeated=\"3\"><t:table-cell \
    t:number-columns-repeated=\"2\"><x:p>4</x:p><t:table t:name=\"二\"><t:table-row><t:table-cell>\
    <x:p>内</x:p></t:table-cell></t:table-row></t:table></t:table-cell></t:table-row></t:table>";

const ODS: &str = "<t:table t:name=\"一\" t:style-name=\"s\"><t:table-column \
    t:number-columns-repeated=\"3\" t:visibility=\"collapse\"/><t:table-row><t:table-cell \
    t:number-columns-spanned=\"2\" t:number-rows-spanned=\"2\"><x:p>部门</x:p></t:table-cell>\
    <t:covered-table-cell/><t:table-cell o:value-type=\"percentage\" o:value=\"0.5\"/></t:table-row>\
    <t:table-row t:number-rows-repeated=\"4\" t:visibility=\"filter\"><t:table-cell \
    t:number-columns-repeated=\"3\" o:value-type=\"date\" o:date-value=\"2021-09-30T08:00:00\"/>\
    <t:table-cell t:formula=\"of:=1\" o:value-type=\"float\" o:value=\"1E3\"><x:p>1000</x:p>\
    </t:table-cell><t:table-cell t:formula=\"of:=2\"/><t:table-cell o:value-type=\"boolean\" \
    o:boolean-value=\"true\"><o:annotation><x:p>批注</x:p></o:annotation></t:table-cell>\
    </t:table-row><t:table-row t:number-rows-repeated=\"1048570\"><t:table-cell \
    t:number-columns-repeated=\"16384\"/></t:table-row></t:table>";

fn odf(kind: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><o:document-content xmlns:o=\"o\" xmlns:t=\"t\" \
         xmlns:x=\"x\" xmlns:d=\"d\"><o:automatic-styles><s:style s:name=\"s\" s:family=\"table\">\
         <s:table-properties t:display=\"true\"/></s:style></o:automatic-styles><o:body><o:{kind}>\
         {body}</o:{kind}></o:body></o:document-content>"
    );
    let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
    packed(&[
        ("mimetype", mimetype),
        ("META-INF/manifest.xml", "<m/>".to_owned()),
        ("content.xml", content),
    ])
}

fn docx() -> Vec<u8> {
    let body = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>青海省</w:t></w:r></w:p><w:p>\
        <w:r><w:t>人民政府</w:t><w:tab/><w:br/><w:noBreakHyphen/></w:r><w:del><w:r><w:delText>旧\
        </w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p><w:p><w:r>\
        <mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p>\
        </w:txbxContent></mc:Choice><mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent></w:r>\
        </w:p><w:tbl><w:tblPr/><w:tr><w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr><w:p><w:r>\
        <w:t>部门</w:t></w:r></w:p></w:tc><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p><w:r>\
        <w:t>汇聚量</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/>\
        </w:tc><w:tc><w:p><w:r><w:t>办件汇聚量</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r>\
        <w:t>好差评汇聚量</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:trPr><w:gridBefore w:val=\"1\"/>\
        <w:gridAfter w:val=\"1\"/></w:trPr><w:tc><w:p><w:r><w:t>4</w:t></w:r></w:p><w:tbl><w:tr>\
        <w:tc><w:p><w:r><w:t>内</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>";
    let main =
        format!("<w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>{body}</w:body></w:document>");
    let notes = "<w:footnotes><w:footnote w:type=\"separator\"/><w:footnote/></w:footnotes>";
    packed(&[("word/document.xml", main.as_str()), ("word/footnotes.xml", notes)])
}

fn xlsx() -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{target}\"/>")
    };
    let relations = [
        relation("a", "worksheet", "worksheets/sheet1.xml"),
        relation("b", "sharedStrings", "sharedStrings.xml"),
        relation("c", "styles", "/xl/styles.xml"),
    ];
    let sheet = "<worksheet><cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols><sheetData>\
        <row r=\"1\" hidden=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>\
        </row><row><c t=\"inlineStr\"><is><r><t>省水</t></r><r><t>利厅</t></r><rPh><t>x</t></rPh></is>\
        </c><c s=\"1\"><v>0.5</v></c><c s=\"2\"><v>44469.5</v></c><c><f>A1</f></c><c t=\"b\"><v>1</v>\
        </c><c t=\"e\"><v>#REF!</v></c><c t=\"d\"><v>2021-09-30T00:00:00</v></c><c t=\"str\">\
        <f>1</f><v>甲</v></c><c><v>1.2741337E7</v></c></row></sheetData><mergeCells>\
        <mergeCell ref=\"A1:A2\"/><mergeCell ref=\"C1:D1\"/></mergeCells></worksheet>";
    packed(&[
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "xl/workbook.xml",
            "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"一\" r:id=\"a\"/></sheets>\
             </workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships>{}</Relationships>", relations.concat()),
        ),
        (
            "xl/sharedStrings.xml",
            "<sst uniqueCount=\"2\"><si><t>部门_x000D_</t></si><si><t>办件汇聚量</t></si></sst>"
                .to_owned(),
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"176\" formatCode=\"0.0%;[Red]-0.0%\"/></numFmts>\
             <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"176\"/><xf numFmtId=\"14\"/></cellXfs>\
             </styleSheet>"
                .to_owned(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.to_owned()),
    ])
}
