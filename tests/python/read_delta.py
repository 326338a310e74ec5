"""Reads every version of every table of a Delta mirror and compares it with the lake.

    python read_delta.py MIRROR LAKE [--records] [--unpublished]

Four readers that share no code with the writer: deltalake, Polars, Sail (Spark SQL), and for the
latest version DuckDB, which is given the files that the log names, because its own Delta reader is
an extension. What each reads has to be what the lake had at the snapshot that the version bears:
the data files that the catalog says were live then, without the rows that may not leave.

Prints versions of the readers and what was compared; the exit code is 1 at the first difference.
"""

import argparse
import datetime
import json
import logging
import re
import sqlite3
import sys
from pathlib import Path

import deltalake
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pysail
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

RECORDS = ["cases", "evaluations", "returned", "returns_closed", "pushed_again", "record_counts"]
DOCUMENTS = ["observations", "totals", "findings"]


class Lake:
    """The lake as its catalog and its files say, without any of our code."""

    def __init__(self, root, options):
        self.root = root
        self.options = options
        self.catalog = sqlite3.connect(f"file:{root}/catalog.db?mode=ro", uri=True)

    def files(self, table, snapshot):
        live = (
            "SELECT path FROM files WHERE table_name = ? AND begin_snapshot <= ?"
            " AND (end_snapshot IS NULL OR end_snapshot > ?) ORDER BY file"
        )
        return [self.root / path for (path,) in self.catalog.execute(live, (table, snapshot, snapshot))]

    def frame(self, table, snapshot):
        files = self.files(table, snapshot)
        if not files:
            return None
        return pl.concat([pl.read_parquet(path) for path in files], how="diagonal")

    def batches(self, snapshot):
        live = (
            "SELECT batch, source_kind FROM batches WHERE begin_snapshot <= ?"
            " AND (end_snapshot IS NULL OR end_snapshot > ?)"
        )
        return dict(self.catalog.execute(live, (snapshot, snapshot)).fetchall())

    def expected(self, table, snapshot):
        """Returns the rows that may leave; `None` where there are none at all."""
        frame = self.frame(table, snapshot)
        if frame is None or table in RECORDS:
            return frame
        published = (pl.col("origin") == "published") & (pl.col("release") == "published")
        if table == "observations":
            return frame if self.options.unpublished else frame.filter(published)
        figures = self.frame("observations", snapshot)
        whole = set()
        if figures is not None:
            judged = figures.group_by("batch").agg(published.all().alias("whole"))
            whole = set(judged.filter(pl.col("whole"))["batch"])
        kinds = self.batches(snapshot)
        allowed = [
            batch
            for batch, kind in kinds.items()
            if (self.options.records if kind == "records" else self.options.unpublished or batch in whole)
        ]
        return frame.filter(pl.col("batch").is_in(allowed))


def rows_of(columns, rows):
    """Returns rows in an order of their own, each a text, so that they can be compared."""
    order = sorted(range(len(columns)), key=lambda idx: columns[idx])

    def text(value):
        if isinstance(value, datetime.datetime):
            assert value.tzinfo is None, "times belong to no zone"
        return repr(value)

    return sorted("|".join(f"{columns[idx]}={text(row[idx])}" for idx in order) for row in rows)


def rows_of_arrow(table):
    columns = table.column_names
    data = [column.to_pylist() for column in table.columns]
    return rows_of(columns, list(zip(*data)) if data else [])


def rows_of_polars(frame):
    return rows_of(frame.columns, frame.rows())


def check_types(table, where):
    """Days stay days, and times of a clock on a wall stay without a zone."""
    for field in table.schema:
        if re.search(r"_at$", field.name):
            assert field.type == pa.timestamp("us"), f"{where}: {field.name} is {field.type}"
        if field.name in ("period_start", "period_end", "published_on", "returned_on"):
            assert field.type == pa.date32(), f"{where}: {field.name} is {field.type}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mirror", type=Path)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--records", action="store_true")
    parser.add_argument("--unpublished", action="store_true")
    options = parser.parse_args()
    logging.getLogger("pyspark").setLevel(logging.ERROR)
    lake = Lake(options.lake, options)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://localhost:{server.listening_address[1]}").getOrCreate()
    wanted = DOCUMENTS + (RECORDS if options.records else [])
    found = sorted(path.name for path in options.mirror.iterdir() if path.is_dir())
    assert found == sorted(wanted), found
    state = json.loads((options.mirror / "tongban-mirror.json").read_text())
    assert sorted(state["tables"]) == found, state
    n_versions = n_rows = 0
    for table in found:
        folder = str(options.mirror / table)
        latest = deltalake.DeltaTable(folder)
        assert latest.version() == state["tables"][table], (table, latest.version(), state)
        history = {entry["version"]: entry for entry in latest.history()}
        for version in range(latest.version() + 1):
            where = f"{table} version {version}"
            snapshot = history[version]["snapshot"]
            opened = deltalake.DeltaTable(folder, version=version)
            assert opened.transaction_version("tongban.snapshot") == snapshot, where
            expected_frame = lake.expected(table, snapshot)
            expected = [] if expected_frame is None else rows_of_polars(expected_frame)
            by_delta = opened.to_pyarrow_table()
            check_types(by_delta, f"{where} by deltalake")
            frames = {
                "polars": pl.scan_delta(folder, version=version).collect().to_arrow(),
                "sail": spark.read.format("delta").option("versionAsOf", version).load(folder).toArrow(),
            }
            lacking = [] if expected_frame is None else expected_frame.columns
            empty = [name for name in by_delta.column_names if name not in lacking]
            for reader, read in {"deltalake": by_delta, **frames}.items():
                # Columns that came later are null in what came before.
                for name in empty:
                    assert read.column(name).null_count == read.num_rows, f"{where}: {name}"
                rows = rows_of_arrow(read.drop_columns(empty) if expected else read)
                assert rows == expected, (
                    f"{where} by {reader}: {len(rows)} rows, {len(expected)} expected, first that differ: "
                    f"{[pair for pair in zip(rows, expected) if pair[0] != pair[1]][:1]}"
                )
            n_versions += 1
            n_rows += len(expected)
            check_pruned(by_delta, opened, folder, version, where)
        check_latest(folder, latest, spark, table)
    spark.stop()
    print(
        f"deltalake {deltalake.__version__}, polars {pl.__version__}, pysail {pysail.__version__}, "
        f"duckdb {duckdb.__version__}: {len(found)} tables, {n_versions} versions, {n_rows} rows"
    )
    return 0


def check_pruned(whole, opened, folder, version, where):
    """A question about few days, for which readers pass over files by their bounds, misses nothing."""
    if "period_end" not in whole.column_names or whole.num_rows == 0:
        return
    days = sorted(set(whole.column("period_end").to_pylist()))
    for day in {days[0], days[len(days) // 2], days[-1]}:
        expected = pc.sum(pc.equal(whole.column("period_end"), pa.scalar(day))).as_py()
        by_delta = opened.to_pyarrow_table(filters=[("period_end", "=", day)]).num_rows
        by_polars = pl.scan_delta(folder, version=version).filter(pl.col("period_end") == day)
        by_polars = by_polars.select(pl.len()).collect().item()
        assert by_delta == by_polars == expected, (where, day, by_delta, by_polars, expected)


def check_latest(folder, latest, spark, table):
    """Sail by SQL without a version, and DuckDB over the files that the log names."""
    n_rows = latest.to_pyarrow_table().num_rows
    by_sail = spark.sql(f"SELECT count(*) AS n FROM delta.`{folder}`").toArrow().column("n")[0].as_py()
    assert by_sail == n_rows, (table, by_sail, n_rows)
    files = latest.file_uris()
    if files:
        counted = duckdb.execute("SELECT count(*) FROM read_parquet($1, union_by_name = true)", [files])
        by_duckdb = counted.fetchone()[0]
        assert by_duckdb == n_rows, (table, by_duckdb, n_rows)


if __name__ == "__main__":
    sys.exit(main())
