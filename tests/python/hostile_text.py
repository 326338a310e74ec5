"""Hostile text: separated values, web pages, encodings and plain text.

Part of `make_hostile.py`. Everything is synthetic and the same on every run.
"""

from hostile_zip import noise, notice, text


def lines(*more):
    """The notice with more rows before its total."""
    rows = notice()
    return text(",", rows[:-1] + [list(row) for row in more])


def csv_files():
    yield "nul", lines(("3", "省司法厅", "\0", "1")), "a NUL", "refused"
    yield "lone-cr", text(",").replace(b"\n", b"\r"), "lines that end with a lone CR", "either"
    yield "open-quote", lines(("3", '"省司法厅', "1", "1")), "a quote that never ends", "either"
    yield "only-quotes", b'"' * 100_001, "100,001 quotes", "refused"
    yield "long-line", noise(1_000_000) + b"," + noise(1_000_000), "a line of 2 MB", "refused"
    yield "million-columns", b"," * 1_000_000, "1,000,000 columns", "refused"
    yield "million-rows", b"a,b\n" * 1_000_000, "1,000,000 rows", "refused"
    yield "mark-inside", lines(("3", "\ufeff省司法厅", "\ufeff1", "1")), "a byte order mark in the middle", "either"
    yield "invalid-utf-8", text(",") + b"\xc3\x28\xed\xa0\x80\n", "bytes that are not UTF-8", "refused"
    yield "gb18030-cut", text(",").decode().encode("gb18030") + b"\x81\x30\x81", "a character of four bytes, cut off", "refused"
    yield "mixed", text(",") + "省司法厅".encode("gb18030"), "UTF-8, then GB18030", "refused"
    yield "full-width", lines(("３", "省司法厅", "１２３", "４")), "full-width digits", "read"
    yield "zero-width", lines(("3", "省\u200b司法\u200d厅", "1\u200b2", "1")), "characters without width", "either"
    yield "bidi", lines(("3", "\u202e厅法司省\u202c", "1", "1")), "text that runs backwards", "either"
    yield "formulas", lines(("3", "=cmd|'/c calc'!A0", "@SUM(1)", "+1")), "formulas in cells", "refused"
    yield "sql", lines(("3", "省司法厅'; DROP TABLE observations; --", "1", "1")), "SQL in a cell", "refused"
    for name, head in [("sql-header", '"; DROP TABLE observations; --'), ("empty-header", ""), ("twice-header", "办件数据汇聚量(条)"), ("long-header", "办" * 700)]:
        rows = notice()
        rows[6][3] = head
        yield name, text(",", rows), f"a header: {name}", "refused"
    yield "semicolons", text(";"), "semicolons", "read"
    yield "digits", lines(("3", "省司法厅", "9" * 400, "1e400")), "numbers that no computer holds", "either"
    yield "ragged", b"".join(b"," * (i % 900) + b"1\n" for i in range(3_000)), "rows of all widths", "refused"


def html_files():
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in notice()).encode()
    page = b"<html><head><meta charset='utf-8'></head><body>%s</body></html>"
    one_table = b"<table>" + cells + b"</table>"
    yield "unclosed", b"<html><meta charset=utf-8><table><tr><td>" * 200, "200 tables that are not closed", "refused"
    yield "colspan", page % (b"<table><tr><td colspan=1000000000>1<td>2<tr><td>3" + cells), "a cell over 10^9 columns", "refused"
    yield "rowspan", page % (b"<table><tr><td rowspan=1000000000>1<td>2<tr><td>3" + cells), "a cell over 10^9 rows", "either"
    yield "spans-overlap", page % (b"<table>" + b"<tr><td rowspan=60000 colspan=2>1<td rowspan=0>2" * 500), "cells that reach down everywhere", "either"
    yield "empty-rows", page % (b"<table><tr>" + b"<td>1" * 4_000 + b"<tr>" * 500_000), "4,000 columns, then 500,000 empty rows", "refused"
    yield "covered-rows", page % (b"<table><tr><td rowspan=0 colspan=4000>1<td>2" + b"<tr>" * 20_000), "20,000 empty rows below a cell over 4,000 columns", "refused"
    yield "in-form", page % (b"<form id=form1>" + one_table + b"</form>"), "a page in a form", "read"
    yield "script", page % one_table.replace("省水利厅".encode(), "省水利厅<script>alert(1)</script>".encode()), "a script in a cell", "read"
    yield "script-text", page % one_table.replace("省水利厅".encode(), b"&lt;script&gt;alert(1)&lt;/script&gt;"), "a script as text of a cell", "refused"
    yield "escape", page % one_table.replace("省水利厅".encode(), b"&#27;[2J&#27;]0;owned&#7;"), "terminal escapes in a cell", "refused"
    yield "outside", page % (b"<base href='file:///'><iframe src='/etc/passwd'></iframe><img src='http://example.invalid/a.png'>" + one_table), "pictures and frames from elsewhere", "either"
    yield "deep", page % (b"<div>" * 100_000 + one_table), "100,000 elements in each other", "refused"
    yield "deep-tables", page % (b"<table><tr><td>" * 5_000), "5,000 tables in each other", "refused"
    yield "deep-cell", page % (b"<table><tr><td>1<td>" + b"<b><i>" * 30_000 + b"x"), "a cell with 60,000 elements in each other", "either"
    yield "formatting", page % (b"".join(b"<b class=%d>" % i for i in range(1_500)) + b"<p>" * 1_500), "formats that every paragraph repeats", "either"
    yield "styles", page % (b"<table><tr><td>1<td>" + b"<span style='%s'>" % (b"a" * 2_000) * 240 + b"x<br>" * 20_000), "styles that every text inherits", "either"
    yield "million-cells", page % (b"<table><tr>" + b"<td>" * 1_000_000), "1,000,000 cells in a row", "refused"
    yield "million-rows", page % (b"<table>" + b"<tr><td>1<td>2" * 300_000), "300,000 rows", "refused"
    yield "attributes", page % (b"<p " + b" ".join(b"a%d=1" % i for i in range(20_000)) + b">" + one_table), "20,000 attributes", "either"
    yield "comment", page % (one_table + b"<!--" + one_table), "a comment that never ends", "either"
    yield "nul", page % one_table.replace(b"17", b"1\x007"), "a NUL in a figure", "either"
    yield "charset", (page % one_table).replace(b"utf-8", b"utf-7"), "an encoding that lies", "either"
    yield "bytes", page % (one_table + b"\xff\xfe\xfd"), "bytes of no encoding", "refused"
    yield "plaintext", page % (b"<plaintext>" + one_table), "a page that never ends", "either"


def text_files():
    good = text().decode()
    yield "empty", b"", "no bytes", "refused"
    yield "blank", " \n\u3000\n\ufeff".encode(), "nothing but white space", "refused"
    yield "mark", b"\xef\xbb\xbf", "nothing but a byte order mark", "refused"
    yield "mark-16", b"\xff\xfe", "nothing but a byte order mark of UTF-16", "refused"
    yield "utf-16-odd", good.encode("utf-16") + b"\x0d", "UTF-16 with half a character", "refused"
    yield "utf-16-half", good.encode("utf-16") + b"\x00\xd8\x41\x00", "UTF-16 with half a pair", "refused"
    yield "utf-32", good.encode("utf-32"), "UTF-32", "refused"
    yield "utf-7", good.encode("utf-7"), "UTF-7", "refused"
    yield "big5", "機關".encode("big5") * 50 + b"\n", "Big5", "refused"
    yield "gbk", good.encode("gbk"), "GBK", "read"
    yield "all-bytes", bytes(range(256)) * 4, "every byte", "refused"
    yield "nul", good.replace("17", "1\x007").encode(), "a NUL in a figure", "refused"
    yield "escape", good.replace("省水利厅", "\x1b[2J省水利厅").encode(), "a terminal escape", "refused"
    yield "c1", good.replace("省水利厅", "\u009b2J省水利厅").encode(), "a terminal escape of one character", "refused"
    yield "bidi", good.replace("省水利厅", "\u202e厅利水省").encode(), "text that runs backwards", "either"
    yield "zero-width", good.replace("省水利厅", "省\u200b水利厅").encode(), "a space without width", "either"
    yield "surrogates", good.encode() + b"\xed\xa0\x80\xed\xb0\x80", "CESU-8", "refused"
    yield "overlong", good.encode() + b"\xc0\xaf", "an overlong slash", "refused"
    yield "million-tabs", b"a" + b"\t" * 1_000_000 + b"b\n", "a line of 1,000,000 tabs", "refused"
    yield "million-rows", good.encode() + b"4\t\xe7\x9c\x81\t1\t2\n" * 300_000, "300,000 rows", "refused"
    yield "one-line", noise(5_000_000), "a line of 5 MB", "refused"
    yield "digits", b"1\n" * 200_000, "200,000 lines of one digit", "refused"
    yield "spaces", (b"a" + b" " * 40) * 30_000, "a line of wide gaps", "refused"
    yield "bars", b"|a" * 300_000 + b"|\n|--|\n", "300,000 bars in a line", "refused"
    yield "headers", "序号\t部门\n".encode() * 100_000, "100,000 headers", "refused"
    yield "annexes", "附件1\n序号\t部门\t数量\n1\t省水利厅\t1\n".encode() * 30_000, "30,000 annexes", "refused"
    yield "brackets", "（".encode() * 500_000, "500,000 brackets that do not close", "refused"
    yield "placeholders", good.replace("省水利厅", "{file}{reason}").encode(), "placeholders of messages", "refused"
    yield "notes", good.encode() + "备注:1.省水利厅推送100条，其中退回25条；".encode() * 20_000, "a note of 20,000 clauses", "either"


def others():
    for name, start in [("pdf", b"%PDF-1.7"), ("gzip", b"\x1f\x8b\x08"), ("parquet", b"PAR1" + b"\xff" * 20 + b"PAR1"), ("png", b"\x89PNG"), ("rar", b"Rar!\x1a\x07"), ("elf", b"\x7fELF\x02\x01")]:
        yield f"other-{name}.txt", start + text(), f"{name} named .txt", "refused"


def files():
    """Yields name, bytes, what it shows, what must happen."""
    for extension, made in [("csv", csv_files()), ("html", html_files()), ("txt", text_files())]:
        for name, *rest in made:
            yield f"{extension}-{name}.{extension}", *rest
    yield from others()
