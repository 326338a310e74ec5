"""Archives that lie: zip files written byte by byte, and parts that grow when they are unpacked.

Part of `make_hostile.py`. Everything is synthetic and the same on every run.
"""

import itertools
import random
import struct
import zlib

MEGABYTE = 1 << 20
NUMBERS = itertools.count(1)


def notice():
    """Rows of a small invented notice that can be read, each with a number of its own."""
    return [
        ["发布机构：青海省人民政府办公厅"],
        [f"发文字号：青政办函〔2099〕{next(NUMBERS)}号"],
        ["成文日期：2023-06-30"],
        ["说明：本文件为合成的测试样例，数字均为虚构"],
        ["附件"],
        ["汇聚情况表"],
        ["序号", "单位", "办件数据汇聚量(条)", "“好差评”数据汇聚量(条)"],
        ["1", "省水利厅", "4", "17"],
        ["2", "省民政厅", "6", "3"],
        ["3", "合计", "10", "20"],
    ]


def text(separator="\t", rows=None):
    """The notice as text, UTF-8."""
    return "".join(separator.join(row) + "\n" for row in rows or notice()).encode()


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def noise(n_bytes, seed=0):
    """Bytes that hardly shrink, as hexadecimal digits."""
    return random.Random(seed).randbytes(n_bytes // 2).hex().encode()


def thick(unit, n, share=100):
    """`n` copies of XML with comments of noise, so that it shrinks by less than 200 times."""
    n_at_once = max(1, share * 40 // len(unit))
    whole, rest = divmod(n, n_at_once)
    made = random.Random(1)
    comments = (b"<!--%s-->" % made.randbytes(20).hex().encode() for _ in range(whole))
    return b"".join(unit * n_at_once + comment for comment in comments) + unit * rest


class Bomb:
    """Bytes that are never held: a head, one megabyte many times over, a tail."""

    def __init__(self, head, filling, n_megabytes, tail=b""):
        block = (filling * (MEGABYTE // len(filling) + 1))[:MEGABYTE]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
        # After a full flush nothing refers back, so the same packed bytes can be repeated.
        again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        last = packer.compress(tail) + packer.flush()
        self.packed = first + again * n_megabytes + last
        self.crc = zlib.crc32(head)
        for _ in range(n_megabytes):
            self.crc = zlib.crc32(block, self.crc)
        self.crc = zlib.crc32(tail, self.crc)
        self.size = len(head) + n_megabytes * MEGABYTE + len(tail)


def blanks():
    """A megabyte of white space that shrinks by about 150 times."""
    made = random.Random(2)
    mixed = bytes(made.choice(b" \t\n ") for _ in range(26_000))
    return mixed + b" " * (MEGABYTE - len(mixed))


def entry(name, data=b"", **lies):
    """An entry; what is given in `lies` is written instead of what is true."""
    name = name if isinstance(name, bytes) else name.encode()
    if isinstance(data, Bomb):
        true = {"packed": data.packed, "crc": data.crc, "size": data.size, "method": 8}
    elif lies.get("method", 8) == 0:
        true = {"packed": data, "crc": zlib.crc32(data), "size": len(data), "method": 0}
    else:
        true = {"packed": deflate(data), "crc": zlib.crc32(data), "size": len(data), "method": 8}
    true |= {"name": name, "local": name, "flags": 0x800, "attr": 0, "extra": b"", "at": None}
    true |= lies
    return {"packed_size": len(true["packed"])} | true


def archive(entries, comment=b"", n_entries=None, shift=0, directory=None):
    """A zip file. `shift` moves where the directory is said to begin."""
    out, central = bytearray(), bytearray()
    for e in entries:
        at = len(out) if e["at"] is None else e["at"]
        sizes = (e["crc"], e["packed_size"], e["size"])
        head = (e["flags"], e["method"], 0, 0x21, *sizes)
        if e["at"] is None:
            out += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, *head, len(e["local"]), 0)
            out += e["local"] + e["packed"]
        lengths = (len(e["name"]), len(e["extra"]), 0, 0, 0)
        central += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 0x314, 20, *head, *lengths, e["attr"], at)
        central += e["name"] + e["extra"]
    n = len(entries) if n_entries is None else n_entries
    n = min(n, 0xFFFF)
    end = (0, 0, n, n, len(central) if directory is None else directory, len(out) + shift)
    return bytes(out + central + struct.pack("<4sHHHHIIH", b"PK\5\6", *end, len(comment)) + comment)


def one(name, data=None, **lies):
    return archive([entry(name, text() if data is None else data, **lies)])


def overlapping():
    """Many names for the same bytes, as in the bombs that are told by their overlap."""
    first = entry("a0.txt", text())
    return archive([first] + [entry(f"a{i}.txt", at=0, packed=first["packed"], crc=first["crc"],
                                    size=first["size"], local=b"a0.txt") for i in range(1, 200)])


def zip64():
    """An archive whose sizes stand in the extra field of zip64."""
    data = text()
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(deflate(data)))
    return archive([entry("a.txt", data, size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=extra)])


def files():
    """Yields name, bytes, what it shows, what must happen."""
    good = archive([entry("a.txt", text())])
    yield "zip-65k-entries.zip", archive([entry(f"{i}", b"", packed=b"", method=0) for i in range(65_535)]), "65,535 entries", "refused"
    yield "zip-absolute.zip", one("/etc/cron.d/tongban.txt"), "absolute name of a member", "read"
    yield "zip-parent.zip", one("../../../../tmp/tongban-escaped.txt"), "name that leaves the folder", "read"
    yield "zip-backslash.zip", one("..\\..\\escaped.txt"), "name that leaves the folder on Windows", "read"
    yield "zip-drive.zip", one("C:\\escaped.txt"), "name with a drive", "read"
    yield "zip-nul-name.zip", one(b"a\0b.txt"), "NUL in a name", "read"
    yield "zip-newline-name.zip", one("a\nerror: b.txt"), "line break in a name", "either"
    yield "zip-escape-name.zip", one("\x1b[2J\x1b[31ma.txt"), "terminal escapes in a name", "either"
    yield "zip-gbk-name.zip", one("通报.txt".encode("gbk"), flags=0), "name in GBK", "read"
    yield "zip-bad-name.zip", one(b"\xff\xfe\xfd.txt", flags=0), "name in no encoding", "either"
    yield "zip-no-name.zip", one(""), "member without a name", "either"
    yield "zip-long-name.zip", one("a" * 65_000 + ".txt"), "name of 65,000 bytes", "either"
    yield "zip-dashed-name.zip", one("--unpack=9"), "member named like an option", "either"
    yield "zip-braces-name.zip", one("{reason}{file}.pdf", b"%PDF-1.7"), "name like a placeholder", "refused"
    yield "zip-two-names.zip", archive([entry("a.txt", text()), entry("a.txt", text())]), "one name twice", "refused"
    yield "zip-two-cases.zip", archive([entry("a.txt", text()), entry("A.TXT", text())]), "names that differ in case", "either"
    yield "zip-other-local.zip", one("a.txt", local=b"b.txt"), "another name in the local header", "either"
    yield "zip-overlap.zip", overlapping(), "200 members in the same bytes", "refused"
    yield "zip-link.zip", one("a.txt", b"/etc/passwd", attr=0o120777 << 16), "symbolic link to /etc/passwd", "refused"
    yield "zip-folder.zip", one("folder/", b""), "nothing but a folder", "either"
    yield "zip-nested.zip", one("inner.zip", good), "an archive in an archive", "refused"
    yield "zip-nested-deep.zip", one("1.zip", one("2.zip", one("3.zip", good))), "archives in archives", "refused"
    yield "zip-password.zip", one("a.txt", flags=0x801), "encrypted, by its flag", "refused"
    yield "zip-aes.zip", one("a.txt", flags=0x801, method=99), "encrypted with AES", "refused"
    yield "zip-strong.zip", one("a.txt", flags=0x841), "strongly encrypted, by its flag", "refused"
    yield "zip-lzma.zip", one("a.txt", method=14), "packed in a way that is not read", "refused"
    yield "zip-small-size.zip", one("a.txt", size=1), "says 1 byte", "either"
    yield "zip-large-size.zip", one("a.txt", size=0xFFFFFFFE), "says 4 GB", "either"
    yield "zip-large-packed.zip", one("a.txt", packed_size=0xFFFFFFFE), "says 4 GB packed", "refused"
    yield "zip-small-bomb.zip", one("a.txt", Bomb(b"", b"0", 1024), size=10), "1 GB that says 10 bytes", "refused"
    yield "zip-bomb-zeros.zip", one("a.txt", Bomb(b"", b"\0", 1024)), "1 GB of zeros", "refused"
    yield "zip-250mb-member.zip", one("a.txt", Bomb(text(), blanks(), 250)), "250 MB below the ratio", "either"
    yield "zip-100mb-line.zip", one("a.csv", Bomb(b"", noise(9_000) + b"a" * 1_039_576, 100)), "a line of 100 MB", "refused"
    yield "zip-twenty-bombs.zip", archive([entry(f"{i}.txt", b"0" * (2 * MEGABYTE)) for i in range(20)]), "20 bombs", "refused"
    yield "zip-bad-crc.zip", one("a.txt", crc=1), "wrong checksum", "refused"
    yield "zip-bad-deflate.zip", one("a.txt", packed=b"\xff" * 100), "no deflate stream", "refused"
    yield "zip-64.zip", zip64(), "zip64", "read"
    yield "zip-64-lies.zip", one("a.txt", extra=struct.pack("<HHQ", 1, 8, 1 << 62), size=0xFFFFFFFF), "zip64 size of 2^62", "either"
    yield "zip-bad-extra.zip", one("a.txt", extra=b"\1\0\xff\xff"), "extra field that is longer than itself", "either"
    yield "zip-far-entry.zip", archive([entry("a.txt", at=0x7FFFFFFF)]), "member behind the end", "refused"
    yield "zip-cut-directory.zip", good[:-30], "cut off in the directory", "refused"
    yield "zip-cut-member.zip", good[:60], "cut off in a member", "refused"
    yield "zip-cut-start.zip", good[20:], "cut off at the start", "refused"
    yield "zip-empty.zip", archive([]), "no member", "either"
    yield "zip-count.zip", archive([entry("a.txt", text())], n_entries=60_000), "says 60,000 members", "refused"
    yield "zip-shift.zip", archive([entry("a.txt", text())], shift=1 << 30), "directory said to be at 1 GB", "refused"
    yield "zip-directory-size.zip", archive([entry("a.txt", text())], directory=0xFFFFFFF0), "directory of 4 GB", "either"
    yield "zip-comment.zip", archive([entry("a.txt", text())], comment=good[-60:]), "a directory in the comment", "either"
    yield "zip-polyglot.zip", good + b"<html><table>" * 1000, "a page behind the archive", "either"
