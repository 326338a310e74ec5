"""Converts the shipped notice into every format that is read, with LibreOffice and by hand.

Usage: convert_notice.py NOTICE.txt OUT_DIR

The tables are taken out of the text by a rule of its own (a row begins with the next running number),
so that the converted files do not depend on what they are used to test.
"""

import csv
import html
import pathlib
import subprocess
import sys


def parts(text):
    """Yields ('line', text) and ('table', rows), rows as lists of cells."""
    lines = [line for line in text.splitlines() if line.strip()]
    at = 0
    while at < len(lines):
        if not lines[at].startswith("序号\t"):
            yield "line", lines[at].strip()
            at += 1
            continue
        rows = [lines[at].strip().split("\t")]
        at += 1
        while at < len(lines) and not lines[at].startswith("备注"):
            # Not any number: the figures of a broken row stand on a line of their own.
            if lines[at].startswith(f"{len(rows)}\t"):
                rows.append([lines[at]])
            else:
                rows[-1].append(lines[at])
            at += 1
        width = len(rows[0])
        yield "table", [rows[0]] + [cells(row, width) for row in rows[1:]]


def cells(pieces, width):
    """Cuts a broken row: the running number, the name in pieces, the figures."""
    flat = [cell for piece in pieces for cell in piece.split("\t") if cell.strip()]
    figures = width - 2
    return [flat[0], "".join(cell.strip() for cell in flat[1:-figures])] + flat[-figures:]


def page(content):
    """A web page with the tables as tables, the tax bureau's cell still broken."""
    out = ["<html><head><meta charset='utf-8'><title>通报</title></head><body>"]
    for kind, part in content:
        if kind == "line":
            out.append(f"<p>{html.escape(part)}</p>")
            continue
        out.append("<table border='1'>")
        for row in part:
            shown = [html.escape(c).replace("国家税务总局", "国家税务总<br>局") for c in row]
            out.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in shown) + "</tr>")
        out.append("</table>")
    out.append("</body></html>")
    return "\n".join(out)


def soffice(out, source, target, *options):
    """Converts one file; LibreOffice prints success even when it fails, so the file is checked."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{out}/profile", *options]
    command += ["--convert-to", target, "--outdir", str(out / "made"), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    extension = target.split(":")[0]
    made = out / "made" / f"{source.stem}.{extension}"
    if not made.exists():
        sys.exit(f"LibreOffice made no {made.name}")
    return made


def main():
    notice, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).absolute()
    (out / "made").mkdir(parents=True)
    text = notice.read_text(encoding="utf-8")
    content = list(parts(text))

    def keep(path, name):
        path.rename(out / name)

    (out / "gb18030.txt").write_bytes(text.encode("gb18030"))
    (out / "utf16.txt").write_bytes(text.encode("utf-16"))
    (out / "utf16be.txt").write_bytes(text.encode("utf-16-be"))
    (out / "tables.html").write_text(page(content), encoding="utf-8")
    gb2312 = page(content).replace("charset='utf-8'", "charset='gb2312'")
    (out / "gb2312.html").write_bytes(gb2312.encode("gb18030"))
    with open(out / "rows.csv", "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for kind, part in content:
            writer.writerows([[part]] if kind == "line" else part)

    # Documents with tables, then documents whose tables are paragraphs with tabs.
    writer_in = "--infilter=HTML (StarWriter)"
    for target in ["odt:writer8", "docx:MS Word 2007 XML"]:
        made = soffice(out, out / "tables.html", target, writer_in)
        keep(made, f"tables{made.suffix}")
    for target in ["odt:writer8", "docx:MS Word 2007 XML", "html:HTML (StarWriter)"]:
        source = out / "paragraphs.txt"
        source.write_text(text, encoding="utf-8")
        made = soffice(out, source, target, "--infilter=Text (encoded):UTF8")
        source.unlink()
        keep(made, f"paragraphs{made.suffix}")
    calc_in = "--infilter=CSV:44,34,76,1"
    for target in ["xlsx:Calc MS Excel 2007 XML", "xls:MS Excel 97", "ods:calc8"]:
        made = soffice(out, out / "rows.csv", target, calc_in)
        keep(made, f"rows{made.suffix}")
    calc_html = "--infilter=calc_HTML_WebQuery"
    for target in ["xlsx:Calc MS Excel 2007 XML", "ods:calc8"]:
        made = soffice(out, out / "tables.html", target, calc_html)
        keep(made, f"tables{made.suffix}")
    version = subprocess.run(["soffice", "--version"], check=True, capture_output=True, text=True)
    print(version.stdout.strip())


main()
