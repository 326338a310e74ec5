"""Hostile workbooks and documents in XML containers: XLSX, DOCX, ODT and ODS.

Part of `make_hostile.py`. Everything is synthetic and the same on every run.
"""

from hostile_zip import Bomb, archive, blanks, entry, noise, notice, thick

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a0 "ha">' + b"".join(
    b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10)
) + b"]>"
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>'


def parts(named):
    return archive([entry(name, data) for name, data in named.items() if data is not None])


def inline(rows):
    """Rows of a sheet with their texts in place."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    lines = ("<row>" + "".join(cell.format(text) for text in row) + "</row>" for row in rows)
    return "".join(lines).encode()


def xlsx(sheet=None, before=b"", after=b"", **changed):
    """A workbook; `changed` replaces parts by the last word of their name, `None` leaves one out."""
    if sheet is None:
        sheet = DECLARATION + b"<worksheet>%s<sheetData>%s</sheetData>%s</worksheet>" % (
            before, inline(notice()), after)
    relation = '<Relationship Id="{}" Type="x/{}" Target="{}"/>'.format
    made = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="表" r:id="a"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": ("<Relationships>" + relation("a", "worksheet", "worksheets/sheet1.xml")
            + relation("b", "sharedStrings", "sharedStrings.xml") + "</Relationships>").encode(),
        "xl/worksheets/sheet1.xml": sheet,
    }
    names = {"workbook": "xl/workbook.xml", "rels": "xl/_rels/workbook.xml.rels",
             "strings": "xl/sharedStrings.xml", "styles": "xl/styles.xml",
             "macros": "xl/vbaProject.bin", "link": "xl/externalLinks/externalLink1.xml"}
    return parts(made | {names[word]: data for word, data in changed.items()})


def with_cell(cell):
    """A workbook of the notice, and one more cell below it."""
    return xlsx(DECLARATION + b"<worksheet><sheetData>%s<row r=\"20\">%s</row></sheetData></worksheet>"
                % (inline(notice()), cell))


def strings(head, body=b"<si><t>a</t></si>"):
    return {"strings": b"<sst %s>%s</sst>" % (head, body)}


def rels(target, more=""):
    return {"rels": f'<Relationships><Relationship Id="a" Type="x/worksheet" Target="{target}" {more}/></Relationships>'.encode()}


def sheets(listed):
    return {"workbook": f'<workbook xmlns:r="r"><sheets>{listed}</sheets></workbook>'.encode()}


def xlsx_files():
    data = "<worksheet><sheetData>"
    yield "bomb-zeros", xlsx(Bomb(data.encode(), b"\0", 1024)), "1 GB of zeros as a sheet", "refused"
    yield "bomb-blanks", xlsx(Bomb(data.encode(), b" ", 1024, b"</sheetData></worksheet>")), "1 GB of spaces as a sheet", "refused"
    yield "bomb-string", xlsx(**{"strings": Bomb(b"<sst><si><t>", b"a", 1024, b"</t></si></sst>")}), "a string of 1 GB", "refused"
    yield "bomb-below-ratio", xlsx(Bomb(data.encode(), blanks(), 700, b"</sheetData></worksheet>")), "700 MB of white space below the ratio", "refused"
    yield "bomb-text-below-ratio", xlsx(**{"strings": Bomb(b"<sst><si><t>", noise(9_000) + b"a" * 1_039_576, 200, b"</t></si></sst>")}), "a string of 200 MB below the ratio", "refused"
    yield "bomb-styles", xlsx(styles=Bomb(b"<styleSheet>", b"<xf/>", 300, b"</styleSheet>")), "300 MB of styles", "refused"
    yield "last-cell", with_cell(b'<c r="XFD1048576"><v>1</v></c>'), "a cell in the last corner", "refused"
    yield "last-row", with_cell(b'<c r="A1048576"><v>1</v></c>'), "a cell in the last row", "either"
    yield "unique-count-32", xlsx(**strings(b'uniqueCount="4294967295"')), "says 2^32 - 1 strings", "either"
    yield "unique-count-64", xlsx(**strings(b'count="1" uniqueCount="18446744073709551615"')), "says 2^64 - 1 strings", "either"
    yield "unique-count-minus", xlsx(**strings(b'uniqueCount="-1"')), "says -1 strings", "either"
    for name, reference in [("zero", "A0"), ("far", "ZZZZZZZ9"), ("long", "A" + "9" * 30), ("digits", "99999999999"), ("empty", ""), ("turned", "1A")]:
        yield f"reference-{name}", with_cell(f'<c r="{reference}"><v>1</v></c>'.encode()), f"the reference `{reference}`", "refused"
    yield "row-number", xlsx(DECLARATION + b'<worksheet><sheetData><row r="18446744073709551615"><c><v>1</v></c><c/></row></sheetData></worksheet>'), "row 2^64 - 1", "refused"
    yield "dimension", xlsx(before=b'<dimension ref="A1:XFD1048576"/>'), "says that the sheet is full", "read"
    yield "merge-all", xlsx(after=b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "the whole sheet merged", "refused"
    yield "merge-many", xlsx(after=b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:F%d"/>' % (i + 1, i + 900) for i in range(60_000)) + b"</mergeCells>"), "60,000 merged areas that overlap", "either"
    yield "million-columns", xlsx(DECLARATION + b"<worksheet><sheetData><row>" + thick(b"<c><v>1</v></c>", 1_000_000) + b"</row></sheetData></worksheet>"), "1,000,000 columns", "refused"
    yield "empty-cells", xlsx(before=b"<sheetData><row>" + thick(b"<c/>", 10_000_000) + b"</row></sheetData>"), "10,000,000 empty cells", "either"
    yield "many-cells", xlsx(DECLARATION + b"<worksheet><sheetData>" + thick(b"<row>" + b"<c><v>1</v></c>" * 50 + b"</row>", 50_000, 20) + b"</sheetData></worksheet>"), "2,500,000 cells", "refused"
    for name, index in [("range", "7"), ("minus", "-1"), ("large", str(1 << 64))]:
        yield f"string-{name}", with_cell(f'<c t="s"><v>{index}</v></c>'.encode()), f"the shared string {index}", "refused"
    for name, value in [("nan", "NaN"), ("infinite", "1e999"), ("words", "twelve")]:
        yield f"number-{name}", with_cell(f'<c s="99999"><v>{value}</v></c>'.encode()), f"the number {value}", "either"
    yield "number-digits", with_cell(b"<c><v>" + b"9" * 40_000 + b"</v></c>"), "a number of 40,000 digits", "either"
    yield "date-1904", xlsx(workbook='<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="表" r:id="a"/></sheets></workbook>'.encode()), "dates from 1904", "read"
    yield "formula", with_cell(b'<c><f>WEBSERVICE("http://example.invalid")</f></c>'), "a formula without a value", "either"
    yield "escape-sequence", with_cell(b'<c t="inlineStr"><is><t>&#27;[2J&#27;]0;owned&#7;</t></is></c><c><v>1</v></c>'), "terminal escapes in a cell", "either"
    yield "long-text", with_cell(b'<c t="inlineStr"><is><t>' + noise(80_000) + b"</t></is></c>"), "a text of 80,000 characters", "refused"
    yield "link", xlsx(link=b"<externalLink/>"), "a link to another workbook", "either"
    yield "macros", xlsx(macros=b"\xd0\xcf\x11\xe0" + noise(500)), "macros", "either"
    yield "target-outside", xlsx(**rels("../../../../etc/passwd")), "a sheet outside of the file", "refused"
    yield "target-web", xlsx(**rels("http://example.invalid/a.xml", 'TargetMode="External"')), "a sheet on the web", "refused"
    yield "target-itself", xlsx(**rels("workbook.xml")), "a sheet that is the workbook", "refused"
    yield "no-sheets", xlsx(**sheets("")), "no sheet", "refused"
    yield "same-part", archive([entry("xl/workbook.xml", sheets('<sheet name="a" r:id="a"/>' * 20_000)["workbook"]), entry("xl/_rels/workbook.xml.rels", rels("s.xml")["rels"]), entry("xl/s.xml", Bomb(b"<worksheet>", blanks(), 20, b"</worksheet>"))]), "20,000 sheets in one part of 20 MB", "refused"
    yield "laughs", xlsx(LAUGHS + b"<worksheet>&a9;</worksheet>"), "a billion laughs", "refused"
    yield "laughs-strings", xlsx(strings=LAUGHS + b"<sst><si><t>&a9;</t></si></sst>"), "a billion laughs in the strings", "refused"
    yield "cut", xlsx()[:-400], "cut off", "refused"
    yield "no-xml", xlsx(b"\x00\x01\x02\xff"), "a sheet that is no XML", "refused"


def docx(body=b"", head=b"", tail=b"", **more):
    """A document of the notice with `body` before it."""
    if isinstance(body, Bomb):
        return parts({"word/document.xml": body})
    lines = [b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % row[0].encode() for row in notice() if len(row) == 1]
    table = b"".join(b"<w:tr>%s</w:tr>" % b"".join(b"<w:tc><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc>" % cell.encode() for cell in row) for row in notice() if len(row) > 1)
    story = b'<w:document xmlns:w="w"><w:body>%s%s<w:tbl>%s</w:tbl>%s</w:body></w:document>' % (b"".join(lines), body, table, tail)
    return parts({"[Content_Types].xml": b"<Types/>", "word/document.xml": head + story} | more)


def table(properties, n=1):
    row = b"<w:tr><w:tc><w:tcPr>%s</w:tcPr><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr>" % properties
    return b"<w:tbl>" + row * n + b"</w:tbl>"


def docx_files():
    start = b'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>'
    end = b"</w:t></w:r></w:p></w:body></w:document>"
    nested = b"<w:tbl><w:tr><w:tc>"
    yield "bomb-zeros", docx(Bomb(start, b"\0", 1024)), "1 GB of zeros", "refused"
    yield "bomb-blanks", docx(Bomb(start, b" ", 1024, end)), "1 GB of spaces", "refused"
    yield "bomb-string", docx(Bomb(start, b"a", 1024, end)), "a text of 1 GB", "refused"
    yield "bomb-below-ratio", docx(Bomb(start, noise(9_000) + b"a" * 1_039_576, 250, end)), "a text of 250 MB below the ratio", "refused"
    yield "tables-1000", docx(nested * 1000 + b"</w:tc></w:tr></w:tbl>" * 1000), "1,000 tables in each other", "refused"
    yield "tables-80", docx(nested * 80 + b"</w:tc></w:tr></w:tbl>" * 80), "80 tables in each other", "either"
    yield "depth-2m", docx(b"<a>" * 2_000_000), "2,000,000 elements in each other", "refused"
    for name, xml in [("grid-span", b'<w:gridSpan w:val="2147483648"/>'), ("grid-span-64", b'<w:gridSpan w:val="18446744073709551615"/>'), ("grid-span-zero", b'<w:gridSpan w:val="0"/>'), ("grid-span-minus", b'<w:gridSpan w:val="-5"/>'), ("merge-nothing", b"<w:vMerge/>"), ("merge-value", b'<w:vMerge w:val="2147483648"/>')]:
        yield name, docx(table(xml, 3)), f"cells with {xml.decode()}", "either"
    yield "grid-before", docx(b'<w:tbl><w:tr><w:trPr><w:gridBefore w:val="4294967295"/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl>'), "4,294,967,295 cells left out", "either"
    yield "wide-rows", docx(table(b'<w:gridSpan w:val="4000"/>', 3_000)), "3,000 rows of 4,000 columns", "refused"
    yield "alt-chunk", docx(b'<w:altChunk r:id="x"/>', **{"word/chunk.html": b"<script>1</script>"}), "another document inside", "either"
    yield "ole", docx(b'<w:p><w:r><w:object><o:OLEObject ProgID="Package"/></w:object></w:r></w:p>', **{"word/embeddings/oleObject1.bin": b"MZ"}), "a program inside", "either"
    yield "dde", docx(b'<w:p><w:r><w:instrText>DDEAUTO c:\\cmd.exe "/k calc"</w:instrText></w:r></w:p>'), "a field that starts a program", "either"
    yield "template", docx(**{"word/_rels/settings.xml.rels": b'<Relationships><Relationship Id="a" Type="x/attachedTemplate" Target="http://example.invalid/a.dotm" TargetMode="External"/></Relationships>'}), "a template on the web", "either"
    yield "laughs", docx(b"<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", LAUGHS), "a billion laughs", "refused"
    yield "quadratic", docx(b"<w:p><w:r><w:t>" + b"&a;" * 50_000 + b"</w:t></w:r></w:p>", b'<!DOCTYPE x [<!ENTITY a "' + b"b" * 50_000 + b'">]>'), "one long entity 50,000 times", "refused"
    yield "outside", docx(b"<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", OUTSIDE), "an entity that is a file", "refused"
    yield "outside-dtd", docx(head=b'<!DOCTYPE x SYSTEM "http://example.invalid/a.dtd">'), "a document type on the web", "refused"
    yield "unknown-entity", docx(b"<w:p><w:r><w:t>&nobody;</w:t></w:r></w:p>"), "an entity that is not declared", "refused"
    for name, reference in [("nul", b"&#0;"), ("beyond", b"&#x110000;"), ("surrogate", b"&#xD800;"), ("escape", b"&#27;[2J")]:
        yield f"reference-{name}", docx(b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % reference), f"the character {reference.decode()}", "either"
    yield "attributes", docx(b"<w:p " + b" ".join(b'a%d="%d"' % (i, i) for i in range(60_000)) + b"/>"), "60,000 attributes", "either"
    yield "attribute-twice", docx(b'<w:p a="1" a="2"/>'), "an attribute twice", "either"
    yield "namespaces", docx(b"<w:p " + b" ".join(b'xmlns:n%d="u%d"' % (i, i) for i in range(100_000)) + b"/>"), "100,000 namespaces", "either"
    yield "long-attribute", docx(b'<w:p a="' + noise(5_000_000) + b'"/>'), "an attribute of 5 MB", "either"
    yield "paragraphs", docx(thick(b"<w:p/>", 1_000_000)), "1,000,000 empty paragraphs", "either"
    yield "utf-16", parts({"word/document.xml": (start + end).decode().encode("utf-16")}), "XML in UTF-16", "refused"
    yield "utf-7", docx(b"<w:p><w:r><w:t>+ADw-script+AD4-</w:t></w:r></w:p>", b'<?xml version="1.0" encoding="UTF-7"?>'), "XML that says UTF-7", "either"
    for name, xml in [("unclosed", b"<w:p><w:r>"), ("crossed", b"<w:p><w:r></w:p></w:r>"), ("comment", b"<!-- "), ("cdata", b"<![CDATA["), ("tag", b"<w:p <"), ("bytes", b"<w:p><w:r><w:t>\xff\xfe</w:t></w:r></w:p>")]:
        yield f"xml-{name}", docx(xml), f"XML that breaks: {name}", "refused"
    yield "empty-part", parts({"word/document.xml": b""}), "an empty document part", "refused"
    yield "cut", docx()[:-300], "cut off", "refused"


def odf(kind, body, head=b"", **more):
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    if not isinstance(body, Bomb):
        names = "".join(f' xmlns:{n}="{ODF}{n}:1.0"' for n in ("office", "table", "text"))
        body = head + f"<office:document-content{names}><office:body><office:{kind}>".encode() + body + f"</office:{kind}></office:body></office:document-content>".encode()
    return archive([entry("mimetype", more.get("mimetype", mimetype), method=0), entry("content.xml", body), entry("META-INF/manifest.xml", more.get("manifest", b"<manifest/>"))])


def sheet(cells, rows=b""):
    text = b"<text:p>1</text:p>"
    return b"<table:table><table:table-row %s><table:table-cell %s>%s</table:table-cell></table:table-row></table:table>" % (rows, cells, text)


def odf_files():
    many = b"2147483647"
    yield "ods-bomb-zeros.ods", odf("spreadsheet", Bomb(b"<a>", b"\0", 1024)), "1 GB of zeros", "refused"
    yield "ods-bomb-blanks.ods", odf("spreadsheet", Bomb(b"<a>", b" ", 1024, b"</a>")), "1 GB of spaces", "refused"
    yield "ods-bomb-string.ods", odf("spreadsheet", Bomb(b"<a>", b"a", 1024, b"</a>")), "a text of 1 GB", "refused"
    yield "ods-columns.ods", odf("spreadsheet", sheet(b'table:number-columns-repeated="%s"' % many)), "a cell 2^31 times", "refused"
    yield "ods-rows.ods", odf("spreadsheet", sheet(b"", b'table:number-rows-repeated="%s"' % many)), "a row 2^31 times", "refused"
    yield "ods-both.ods", odf("spreadsheet", sheet(b'table:number-columns-repeated="4000"', b'table:number-rows-repeated="1000000"')), "4,000 cells 1,000,000 times", "refused"
    yield "ods-hidden-rows.ods", odf("spreadsheet", sheet(b"", b'table:visibility="collapse" table:number-rows-repeated="1"') * 3_000), "3,000 sheets", "refused"
    yield "ods-spans.ods", odf("spreadsheet", sheet(b'table:number-columns-spanned="18446744073709551615" table:number-rows-spanned="18446744073709551615"')), "a cell over 2^64 cells", "refused"
    yield "ods-laughs.ods", odf("spreadsheet", b"&a9;", LAUGHS), "a billion laughs", "refused"
    yield "ods-outside.ods", odf("spreadsheet", b"&a9;", OUTSIDE), "an entity that is a file", "refused"
    yield "odt-spaces.odt", odf("text", b'<text:p>a<text:s text:c="%s"/></text:p>' % many), "2^31 spaces in one element", "either"
    yield "odt-many-spaces.odt", odf("text", thick(b'<text:p>a<text:s text:c="%s"/></text:p>' % many, 20_000)), "20,000 times 2^31 spaces", "either"
    yield "odt-tables.odt", odf("text", b"<table:table><table:table-row><table:table-cell>" * 1000), "1,000 tables in each other", "refused"
    yield "odt-encrypted.odt", odf("text", b"", manifest=b"<manifest:encryption-data/>"), "a password is needed", "refused"
    yield "odt-mimetype.odt", odf("text", b"", mimetype=b"application/x-{reason}\x1b[2J"), "a kind that there is not", "refused"
    yield "odt-cut.odt", odf("text", b"<text:p>a</text:p>")[:-100], "cut off", "refused"


def files():
    """Yields name, bytes, what it shows, what must happen."""
    for name, *rest in xlsx_files():
        yield f"xlsx-{name}.xlsx", *rest
    for name, *rest in docx_files():
        yield f"docx-{name}.docx", *rest
    yield from odf_files()
