"""Hostile legacy workbooks: OLE2 files written sector by sector.

Part of `make_hostile.py`. Everything is synthetic and the same on every run.
"""

import struct

from hostile_zip import noise, notice, text

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def sectors(data):
    """Pads to whole sectors, and to the 4,096 bytes from which a stream has sectors of its own."""
    data = data.ljust(4096, b"\0")
    return data + b"\0" * (-len(data) % 512)


def ole(streams, header=(), chain=(), said=None):
    """A compound file. `header` writes numbers at offsets, `chain` into the table of sectors."""
    bodies = {name: sectors(data) for name, data in streams.items()}
    n_directory = (len(bodies) + 4) // 4
    table = [FAT] + [i + 2 for i in range(n_directory - 1)] + [END]
    entries = [("Root Entry", 5, 1 if bodies else FREE, END, 0)]
    for number, (name, body) in enumerate(bodies.items(), 1):
        first, n = len(table), len(body) // 512
        table += [first + i + 1 for i in range(n - 1)] + [END]
        entries.append((name, 2, FREE, first, said or len(body)))
    directory = b""
    for number, (name, kind, child, first, size) in enumerate(entries):
        wide = name.encode("utf-16-le")
        right = number + 1 if 0 < number < len(bodies) else FREE
        directory += struct.pack("<64sHBBIII36sIQ", wide, len(wide) + 2, kind, 1, FREE, right, child, b"", first, size)
    directory = directory.ljust(n_directory * 512, b"\0")
    for at, value in chain:
        table[at] = value
    fat = b"".join(struct.pack("<I", value) for value in table).ljust(512, b"\xff")
    head = bytearray(struct.pack("<8s16sHHHHH6sIIIIIIIIII", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, 4096, END, 0, END, 0, 0))
    head += b"\xff" * (512 - len(head))
    for at, value in header:
        head[at:at + len(value)] = value
    return bytes(head) + fat[:512] + directory + b"".join(bodies.values())


def record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def label(row, column, words):
    wide = words.encode("utf-16-le")
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(words), 1) + wide)


def workbook(extra=b"", extra_global=b"", offset=None, cells=None, n_sheets=1):
    """A BIFF8 stream with the notice."""
    if cells is None:
        cells = b"".join(label(i, j, cell) for i, row in enumerate(notice()) for j, cell in enumerate(row))
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + extra_global
    names = [f"s{i}".encode() for i in range(n_sheets)]
    at = len(start) + sum(12 + len(name) for name in names) + 4
    bound = b"".join(record(0x85, struct.pack("<IBBBB", at if offset is None else offset, 0, 0, len(name), 0) + name) for name in names)
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + extra + record(0x0A, b"")
    return start + bound + record(0x0A, b"") + sheet


def xls(**kwargs):
    return ole({"Workbook": workbook(**kwargs)})


def number(row, column, value):
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def files():
    """Yields name, bytes, what it shows, what must happen."""
    book = {"Workbook": workbook()}
    dword = struct.Struct("<I").pack
    yield "et-good.et", ole(book), "a workbook named as WPS does", "read"
    yield "xls-html.xls", b"<html><table><tr><td>" + b"<tr><td>".join(b"<td>".join(c.encode() for c in row) for row in notice()) + b"</table></html>", "a page named .xls", "either"
    yield "xls-csv.xls", text(","), "values named .xls", "either"
    yield "xls-xlsx-name.xlsx", ole(book), "a legacy workbook named .xlsx", "read"
    yield "docx-is-doc.docx", ole({"WordDocument": b"\xec\xa5\xc1\x00" + b"\0" * 600}), "a .doc named .docx", "refused"
    yield "docx-is-rtf.docx", b"{\\rtf1 " + text() + b"}", "an RTF named .docx", "refused"
    yield "xls-password-package.xlsx", ole({"EncryptedPackage": noise(5_000), "EncryptionInfo": b"\4\0\4\0"}), "encrypted, a password is needed", "refused"
    yield "xls-file-pass.xls", xls(extra_global=record(0x2F, struct.pack("<H", 1) + b"\0" * 52)), "FILEPASS: a password is needed", "refused"
    yield "xls-ppt.xls", ole({"PowerPoint Document": b""}), "slides named .xls", "refused"
    yield "xls-other.xls", ole({"Contents": b""}), "another OLE2 file", "refused"
    yield "xls-no-stream.xls", ole({}), "no stream", "refused"
    yield "xls-biff5.xls", ole({"Book": record(0x809, struct.pack("<HHHH", 0x500, 5, 0, 0))}), "Excel 5", "refused"
    yield "xls-difat-bomb.xls", ole(book, [(68, dword(3)), (72, dword(0xFFFFFF))]), "16,777,215 DIFAT sectors", "refused"
    yield "xls-difat-loop.xls", ole(book, [(68, dword(0)), (72, dword(2))]), "a DIFAT sector that is the FAT", "refused"
    yield "xls-fat-count.xls", ole(book, [(44, dword(0xFFFFFFFF))]), "2^32 - 1 FAT sectors", "either"
    yield "xls-fat-far.xls", ole(book, [(76, dword(0x7FFFFFFF))]), "a FAT sector behind the end", "refused"
    yield "xls-directory-far.xls", ole(book, [(48, dword(0xFFFFFF0))]), "a directory behind the end", "refused"
    yield "xls-mini-count.xls", ole(book, [(60, dword(1)), (64, dword(0xFFFFFFFF))]), "2^32 - 1 mini FAT sectors", "either"
    yield "xls-sector-shift.xls", ole(book, [(30, b"\xff\xff")]), "sectors of 2^65535 bytes", "refused"
    yield "xls-version.xls", ole(book, [(26, b"\x63\0")]), "version 99", "refused"
    yield "xls-version-4.xls", ole(book, [(26, b"\4\0"), (30, b"\x0c\0")]), "says sectors of 4,096 bytes", "refused"
    yield "xls-chain-loop.xls", ole(book, chain=[(3, 2)]), "a stream whose sectors go round", "either"
    yield "xls-directory-loop.xls", ole(book, chain=[(1, 1)]), "a directory whose sectors go round", "refused"
    yield "xls-chain-out.xls", ole(book, chain=[(2, 0x0FFFFFFF)]), "a stream that leaves the file", "refused"
    yield "xls-stream-size.xls", ole(book, said=0x7FFFFFFF), "a stream of 2 GB", "either"
    yield "xls-cut.xls", ole(book)[:2000], "cut off", "refused"
    yield "xls-cut-header.xls", ole(book)[:100], "cut off in the header", "refused"
    yield "xls-record-cut.xls", xls(extra=struct.pack("<HH", 0x203, 0xFFFF)), "a record that is longer than the file", "refused"
    yield "xls-short-number.xls", xls(extra=record(0x203, b"\1\0")), "a number of 2 bytes", "refused"
    yield "xls-offset.xls", xls(offset=0xFFFFFFF0), "a sheet behind the end", "refused"
    yield "xls-offset-self.xls", xls(offset=0), "a sheet that is the workbook", "either"
    yield "xls-strings.xls", xls(extra_global=record(0xFC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF))), "says 2^32 - 1 strings", "either"
    yield "xls-string-runs.xls", xls(extra_global=record(0xFC, struct.pack("<IIHBHI", 1, 1, 0xFFFF, 0x0D, 0xFFFF, 0xFFFFFFFF))), "a string whose parts are 4 GB", "refused"
    yield "xls-string-index.xls", xls(extra=record(0xFD, struct.pack("<HHHI", 20, 0, 0, 0xFFFFFFFF))), "the string 2^32 - 1", "either"
    yield "xls-label-length.xls", xls(extra=record(0x204, struct.pack("<HHHHB", 20, 0, 0, 0xFFFF, 1))), "a label of 65,535 characters that are not there", "either"
    yield "xls-corner.xls", xls(extra=number(65535, 255, 1.0)), "a cell in the last corner", "refused"
    yield "xls-corners-40.xls", xls(cells=number(0, 0, 1.0) + number(60000, 250, 1.0), n_sheets=40), "40 sheets with two far cells each", "refused"
    yield "xls-column.xls", xls(extra=number(20, 65535, 1.0)), "column 65,536", "refused"
    yield "xls-dimension.xls", xls(extra=record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))), "says that the sheet is full", "either"
    yield "xls-mul-rk.xls", xls(extra=record(0xBD, struct.pack("<HHHIH", 20, 9, 0, 0, 3))), "columns that run backwards", "refused"
    yield "xls-merge.xls", xls(extra=record(0xE5, struct.pack("<HHHHH", 1, 0, 65535, 0, 255))), "the whole sheet merged", "refused"
    yield "xls-merge-count.xls", xls(extra=record(0xE5, struct.pack("<H", 0xFFFF))), "65,535 merged areas that are not there", "refused"
    yield "xls-nan.xls", xls(extra=number(20, 0, float("nan")) + number(20, 1, float("inf"))), "no number and an infinite one", "either"
    yield "xls-formula.xls", xls(extra=record(0x06, struct.pack("<HHH", 20, 0, 0) + b"\0" * 6 + b"\xff\xff" + b"\0" * 6 + struct.pack("<H", 0xFFFF))), "a formula that is longer than its record", "either"
    yield "xls-name.xls", xls(extra_global=record(0x18, b"\0" * 3)), "a name of 3 bytes", "refused"
    yield "xls-same-names.xls", xls(n_sheets=300), "300 sheets in the same place", "either"
    yield "xls-no-end.xls", ole({"Workbook": workbook()[:-4]}), "a sheet without an end", "either"
    yield "xls-xf.xls", xls(extra_global=record(0xE0, b"\0") + record(0x41E, b"\1")), "formats that are cut off", "either"
