"""Writes a corpus of hostile files: archives that explode, documents that lie, names that bite.

Usage: make_hostile.py OUT_DIR

Everything in it is synthetic, small on the disk and the same on every run; no file holds real data but
two copies of the shipped notice, `00-good-first.txt` and `zz-good-last.txt`, which show that the rest of
a folder goes on. Prints a JSON list: `name` as messages show it, `shows` what it shows, and `must` what
must happen: `refused`, `read`, or `either`.
"""

import json
import os
import pathlib
import sys

# The project's folder stays as it is.
sys.dont_write_bytecode = True

import hostile_ole  # noqa: E402
import hostile_office  # noqa: E402
import hostile_text  # noqa: E402
import hostile_zip  # noqa: E402

NOTICE = pathlib.Path(__file__).parents[2] / "data/notices/qinghai-2021-185.txt"


def good():
    """The shipped notice twice, the second time under another number."""
    shipped = NOTICE.read_text(encoding="utf-8")
    yield "00-good-first.txt", shipped.encode(), "a good file", "read"
    last = shipped.replace("〔2021〕185号", "〔2021〕99185号")
    yield "zz-good-last.txt", last.encode(), "a good file", "read"


def odd_names():
    """Good files under names that shells, terminals and programs trip over."""
    for name in [
        "-rf", "--help.txt", "$(x).txt", "`x`.txt", "; rm -rf ~.txt", "~", "con", "con.txt", ".hidden.txt", "..txt",
        " .txt", "a b.txt", "'\".txt", "*.txt", "%s%n.txt", "{file}{reason}.txt", "a!b.txt", "a\\b.txt", "a\nb.txt",
        "a\x1b[2Jb.txt", "a\x07b.txt", "a\u202etxt.txt", "通报.txt", "no-extension", "UPPER.TXT",
        "a" * 251 + ".txt", "通" * 83 + "ab.txt",
    ]:
        yield name, "a name"
    yield b"bad-\xff\xfe.txt", "a name that is not UTF-8"


def shown(name):
    return os.fsencode(name).decode("utf-8", "replace")


def special(out):
    """Things that are no plain files; yields name, what it shows, what must happen."""
    (out / "link-dangling.txt").symlink_to("nowhere.txt")
    yield "link-dangling.txt", "a link to nothing", "refused"
    (out / "link-loop.txt").symlink_to("link-loop.txt")
    yield "link-loop.txt", "a link to itself", "refused"
    (out / "link-zero.txt").symlink_to("/dev/zero")
    yield "link-zero.txt", "a link to a device without an end", "refused"
    (out / "link-passwd.txt").symlink_to("/etc/passwd")
    yield "link-passwd.txt", "a link to a file that is no document", "refused"
    (out / "link-good.txt").symlink_to("00-good-first.txt")
    yield "link-good.txt", "a link to a good file", "read"
    os.mkfifo(out / "fifo.txt")
    yield "fifo.txt", "a pipe that nobody writes to", "refused"
    with open(out / "sparse.csv", "wb") as file:
        file.truncate(1 << 40)
    yield "sparse.csv", "1 TB of holes", "refused"


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True)
    told = []

    def tell(name, shows, must):
        told.append({"name": shown(name), "shows": shows, "must": must})

    makers = [good(), hostile_zip.files(), hostile_office.files(), hostile_ole.files(), hostile_text.files()]
    for name, content, shows, must in (file for maker in makers for file in maker):
        with open(out / name, "xb") as file:
            file.write(content)
        tell(name, shows, must)
    for name, shows in odd_names():
        with open(os.path.join(os.fsencode(out), os.fsencode(name)), "xb") as file:
            file.write(hostile_zip.text())
        tell(name, shows, "read")
    for name, shows, must in special(out):
        tell(name, shows, must)
    print(json.dumps(told, ensure_ascii=True, indent=1))


main()
