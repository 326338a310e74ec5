"""Runs notebooks and keeps what they show.

    python run_notebooks.py NOTEBOOKS OUTPUT [--require-fonts]

Every notebook of the folder NOTEBOOKS is run from its first cell to its last by a kernel of its own, in the
current folder; the copies with what they show go to the folder OUTPUT, charts besides as PNG. A cell that
fails ends with exit code 1 and its error, and so does a notebook that draws nothing. With --require-fonts,
one whose characters no font has ends so, too. What is in NOTEBOOKS is not changed.
"""

import argparse
import base64
import sys
from pathlib import Path

import nbclient
import nbformat


def charts(document):
    """Returns the pictures that a notebook shows, in order."""
    shown = (output for cell in document.cells for output in cell.get("outputs", []))
    return [output["data"]["image/png"] for output in shown if "image/png" in output.get("data", {})]


def said(document):
    """Returns what was written to standard error."""
    shown = (output for cell in document.cells for output in cell.get("outputs", []))
    return "".join(output["text"] for output in shown if output.get("name") == "stderr")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("notebooks", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--require-fonts", action="store_true")
    options = parser.parse_args()
    paths = sorted(options.notebooks.glob("*.ipynb"))
    if not paths:
        sys.exit(f"there is no notebook in {options.notebooks}")
    options.output.mkdir(parents=True, exist_ok=True)
    for path in paths:
        document = nbformat.read(path, as_version=4)
        nbformat.validate(document)
        client = nbclient.NotebookClient(document, timeout=300, kernel_name="python3")
        try:
            client.execute()
        except nbclient.exceptions.CellExecutionError as error:
            sys.exit(f"{path.name}: {error}")
        pictures = charts(document)
        if not pictures:
            sys.exit(f"{path.name} draws nothing")
        words = said(document)
        if options.require_fonts and "missing from font" in words:
            sys.exit(f"{path.name}: {words}")
        nbformat.write(document, options.output / path.name)
        for number, picture in enumerate(pictures, start=1):
            (options.output / f"{path.stem}-{number}.png").write_bytes(base64.b64decode(picture))
        print(f"{path.name}: {len(document.cells)} cells, {len(pictures)} charts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
