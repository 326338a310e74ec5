"""Reads Parquet files with pyarrow and with polars and prints what both saw.

    python check_parquet.py FOLDER SCHEMA [--output FILE]

FOLDER holds `<table>.parquet` files or folders `<table>/` of them, which are read in the order of
their names. SCHEMA is a JSON object, columns in order:

    {"observations": {"indicator": "text", "value": "double?", ...}, ...}

Types are text, int, bigint, double, date, timestamp (microseconds, no zone), bool and pseudonym (16
bytes); a trailing `?` says that nulls may occur. Every table of SCHEMA must be there and nothing else.

Both readers must find these columns and types, no null where none may be, and the same values.
The result is a JSON object: table to list of rows, each a list of cells in file order. Dates and
timestamps are ISO text, the latter with a blank. The exit code is 0 if everything agrees; else the
differences are on standard error and the exit code is 1.
"""

import argparse
import datetime
import json
import math
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ARROW_TYPES = {
    "text": (pa.string(), pa.large_string()),
    "int": (pa.int32(),),
    "bigint": (pa.int64(),),
    "double": (pa.float64(),),
    "date": (pa.date32(),),
    "timestamp": (pa.timestamp("us"),),
    "bool": (pa.bool_(),),
    "pseudonym": (pa.binary(16),),
}
POLARS_TYPES = {
    "text": pl.String,
    "int": pl.Int32,
    "bigint": pl.Int64,
    "double": pl.Float64,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
    "bool": pl.Boolean,
    "pseudonym": pl.Binary,
}


def plain(value):
    """Returns a cell as plain JSON; what JSON has no number for becomes text."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def parquet_files(folder):
    """Returns the files of each table of a folder."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            # A lake makes the folders of all its tables.
            if found := sorted(path.glob("*.parquet")):
                files[path.name] = found
        elif path.suffix == ".parquet":
            files[path.stem] = [path]
    return files


def rows_of(columns):
    """Returns columns of Python values as rows of plain cells."""
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]


def check_file(path, schema):
    """Returns the rows of one file and the differences found in it."""
    by_arrow = pq.ParquetFile(path).read()
    by_polars = pl.read_parquet(path, hive_partitioning=False)

    if by_arrow.column_names != list(schema) or by_polars.columns != list(schema):
        found = f"pyarrow {by_arrow.column_names}, polars {by_polars.columns}"
        return [], [f"{path}: columns are {found}, not {list(schema)}"]
    differences = []
    for column, declared in schema.items():
        name = declared.rstrip("?")
        arrow_type, polars_type = by_arrow.schema.field(column).type, by_polars.schema[column]
        if arrow_type not in ARROW_TYPES[name]:
            differences.append(f"{path}: pyarrow has `{column}` as {arrow_type}, not {declared}")
        if polars_type != POLARS_TYPES[name]:
            differences.append(f"{path}: polars has `{column}` as {polars_type}, not {declared}")
        if not declared.endswith("?") and by_arrow.column(column).null_count:
            differences.append(f"{path}: `{column}` has nulls")

    arrow_rows = rows_of([column.to_pylist() for column in by_arrow.columns])
    polars_rows = rows_of([column.to_list() for column in by_polars.get_columns()])
    if len(arrow_rows) != len(polars_rows):
        differences.append(f"{path}: pyarrow has {len(arrow_rows)} rows, polars {len(polars_rows)}")
    for row_idx, (left, right) in enumerate(zip(arrow_rows, polars_rows)):
        if left != right:
            differences.append(f"{path}: row {row_idx} is {left} in pyarrow, {right} in polars")
    return arrow_rows, differences


def check(folder, schemas):
    """Returns the rows of every table and all differences."""
    files = parquet_files(folder)
    tables, differences = {}, []
    for table in sorted(set(files) | set(schemas)):
        if table not in schemas:
            differences.append(f"table `{table}` is not in the schema")
        elif not files.get(table):
            differences.append(f"table `{table}` has no file in {folder}")
        else:
            tables[table] = []
            for path in files[table]:
                rows, found = check_file(path, schemas[table])
                tables[table].extend(rows)
                differences.extend(found)
    return tables, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("schema", type=Path)
    parser.add_argument("--output", type=Path, help="file to write, else standard output")
    arguments = parser.parse_args()

    schemas = json.loads(arguments.schema.read_text(encoding="utf-8"))
    tables, differences = check(arguments.folder, schemas)
    text = json.dumps(tables, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    for difference in differences:
        sys.stderr.write(difference + "\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
