"""Runs query cases on Sail and writes what came out as JSON.

    python run_cases.py MANIFEST [--output FILE]

Sail is the second engine of every query: what runs here and on DuckDB with equal rows is in the
subset of SQL that both share. The caller compares; this script only runs.

MANIFEST is a JSON list of cases:

    {"id": "...",
     "tables": {"observations": "/path/observations.parquet", ...},
     "views": [{"name": "observations_latest", "sql": "..."}, ...],   each before those that read it
     "sql": "...",
     "params": {"period": {"type": "date", "value": "2021-09-30"}, ...}}

Types of parameters are text, int, bigint, double, date, timestamp and bool; a trailing `?` is
ignored and a value of null is a null. The result is a JSON list in the order of the manifest:

    {"id": "...", "columns": ["..."], "types": ["..."], "rows": [[...], ...]}
    {"id": "...", "error": "..."}

Dates and timestamps are ISO text, the latter with a blank and without zone; numbers are numbers.
A failed case does not stop the others. The exit code is 0 if every case ran, 1 if one failed.

Parameters: Sail takes `$name` as it stands and binds the `args` of `SparkSession.sql`, null
included, so the statement is passed on unchanged, head comment and semicolon too.

Cases: in the CSV of a case an empty field is null and only the columns of its header are given.
The others get the value that `tests/cases/defaults.json` has for them, or null.
"""

import argparse
import datetime
import json
import os
import sys
from pathlib import Path

PARSERS = {
    "text": str,
    "int": int,
    "bigint": int,
    "double": float,
    "date": datetime.date.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
    "bool": bool,
}


def parameter_value(parameter):
    """Returns a parameter of the manifest as the Python value that the client binds."""
    value = parameter["value"]
    return None if value is None else PARSERS[parameter["type"].rstrip("?")](value)


def plain(value):
    """Returns a cell as plain JSON."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def run_case(spark, case):
    """Returns the result of one case; its tables and views are gone afterwards."""
    names = []
    try:
        for name, path in case["tables"].items():
            spark.read.parquet(path).createOrReplaceTempView(name)
            names.append(name)
        for view in case.get("views", []):
            spark.sql(view["sql"]).createOrReplaceTempView(view["name"])
            names.append(view["name"])
        args = {name: parameter_value(value) for name, value in case.get("params", {}).items()}
        table = spark.sql(case["sql"], args=args).toArrow()
    except Exception as error:  # whatever the engine raises is the result
        return {"id": case["id"], "error": f"{type(error).__name__}: {error}"}
    finally:
        for name in names:
            spark.catalog.dropTempView(name)
    columns = [column.to_pylist() for column in table.columns]
    return {
        "id": case["id"],
        "columns": table.column_names,
        "types": [str(field.type) for field in table.schema],
        "rows": [[plain(column[row_idx]) for column in columns] for row_idx in range(len(table))],
    }


def run(cases):
    """Returns the results of all cases, run one after the other on one server."""
    # The server reads it when it is imported; its log would drown the errors of the cases.
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(port=0)
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    try:
        # Times are naive; the zone of the machine must not move them.
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        return [run_case(spark, case) for case in cases]
    finally:
        spark.stop()
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--output", type=Path, help="file to write, else standard output")
    arguments = parser.parse_args()

    results = run(json.loads(arguments.manifest.read_text(encoding="utf-8")))
    text = json.dumps(results, ensure_ascii=False, indent=1) + "\n"
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 1 if any("error" in result for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
