"""Reads every dataset of an export in every format with readers that share no code with the writer, and compares.

Usage: read_export.py EXPORT EXPECTED

EXPORT is one export (a folder with manifest.json). EXPECTED is a JSON file: for each dataset the names of its
columns, and its rows as lists. All readers have to give these, with types. Prints as JSON which reader read which
datasets, and the versions of all readers. Sail, LibreOffice and MariaDB read where the environment has
READ_BY_SAIL, READ_BY_OFFICE and READ_BY_MARIADB.
"""

import csv
import datetime
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

import duckdb
import openpyxl
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.dataset
import pyarrow.feather
import pyarrow.parquet
from openpyxl.utils.escape import unescape

EXPORT = pathlib.Path(sys.argv[1])
EXPECTED = json.loads(pathlib.Path(sys.argv[2]).read_text("utf-8"))
MANIFEST = json.loads((EXPORT / "manifest.json").read_text("utf-8"))
READ = {}
VERSIONS = {module.__name__: module.__version__ for module in (duckdb, openpyxl, pandas, polars, pyarrow)}


def plain(value):
    """A value as JSON has it: days and instants as text, whole numbers and others apart."""
    if value is None or value is pandas.NaT:
        return None
    if isinstance(value, pandas.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return value


def same(left, right):
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float) and isinstance(right, float) and left != left:
        return right != right
    return left == right


def check(dataset, reader, columns, rows):
    expected = EXPECTED[dataset]
    assert columns == expected["columns"], f"{dataset} by {reader}: columns {columns}"
    rows = [[plain(value) for value in row] for row in rows]
    # Partitions come in the order of their folders.
    order = lambda row: json.dumps(row, ensure_ascii=False)
    left, right = sorted(rows, key=order), sorted(expected["rows"], key=order)
    assert len(left) == len(right), f"{dataset} by {reader}: {len(left)} rows, not {len(right)}"
    for found, wanted in zip(left, right):
        for name, one, other in zip(columns, found, wanted):
            assert same(one, other), f"{dataset} by {reader}: {name} is {one!r}, not {other!r}"
    READ.setdefault(reader, []).append(dataset)


def check_arrow(dataset, reader, table):
    columns = EXPECTED[dataset]["columns"]
    table = table.select(columns)
    for field in table.schema:
        kind = EXPECTED[dataset]["types"][field.name]
        found = "string" if str(field.type) in ("large_string", "string_view") else str(field.type)
        # Partitions and dictionaries are texts to whoever reads them.
        found = "string" if found.startswith("dictionary") else found
        assert found == kind, f"{dataset} by {reader}: {field.name} is {found}, not {kind}"
    rows = zip(*[column.to_pylist() for column in table.columns]) if table.num_rows else []
    check(dataset, reader, columns, rows)


def check_parquet(dataset, resource, paths):
    partition = resource.get("partitionedBy")
    columns = EXPECTED[dataset]["columns"]
    if partition:
        field = pyarrow.field(partition, pyarrow.string())
        partitioning = pyarrow.dataset.partitioning(pyarrow.schema([field]), flavor="hive")
        found = pyarrow.dataset.dataset(EXPORT / dataset, format="parquet", partitioning=partitioning)
        check_arrow(dataset, "pyarrow", found.to_table())
        frame = polars.scan_parquet(
            EXPORT / dataset / "**/*.parquet", hive_partitioning=True, hive_schema={partition: polars.String}
        ).collect()
    else:
        check_arrow(dataset, "pyarrow", pyarrow.parquet.read_table(paths))
        frame = polars.read_parquet(paths)
        by_pandas = pandas.read_parquet(EXPORT / resource["path"], dtype_backend="pyarrow")
        rows = ([None if value is pandas.NA else value for value in row]
                for row in by_pandas.itertuples(index=False))
        check(dataset, "pandas", list(by_pandas.columns), rows)
    frame = frame.select(columns)
    check(dataset, "polars", frame.columns, frame.iter_rows())
    view = duckdb.sql(f'FROM "{dataset}"')
    chosen = view.select(*[duckdb.ColumnExpression(name) for name in columns])
    check(dataset, "duckdb views.sql", chosen.columns, chosen.fetchall())


def check_exact(dataset, resource, paths):
    types = EXPECTED[dataset]["types"]
    wanted = {"string": pyarrow.string(), "int32": pyarrow.int32(), "int64": pyarrow.int64(),
              "double": pyarrow.float64(), "bool": pyarrow.bool_(), "date32[day]": pyarrow.date32(),
              "timestamp[us]": pyarrow.timestamp("us")}
    options = pyarrow.csv.ConvertOptions(
        column_types={name: wanted[kind] for name, kind in types.items()},
        strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    check_arrow(dataset, "pyarrow csv",
                pyarrow.csv.read_csv(paths[0], convert_options=options, parse_options=parse))


def check_people(dataset, resource, paths):
    raw = pathlib.Path(paths[0]).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "a mark of the encoding"
    with open(paths[0], encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    names = [field["name"] for field in resource["schema"]["fields"]]
    assert rows[0] == names, f"{dataset} for people: {rows[0]}"
    expected = EXPECTED[dataset]
    assert len(rows) - 1 == len(expected["rows"])
    for found, wanted in zip(rows[1:], expected["rows"]):
        for text, value in zip(found, wanted):
            if isinstance(value, str) and value[:1] in tuple("=+-@＝＋－＠"):
                assert text == "'" + value, text
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                assert float(text) == value, text
            assert not text or text[0] not in "=@＝＋－＠\t\r", text
    frame = pandas.read_csv(paths[0], encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert len(frame) == len(expected["rows"])
    READ.setdefault("csv and pandas", []).append(dataset)


def check_sql(dataset, resource, paths):
    """The inserts, by a database that understands them but for a few words."""
    text = pathlib.Path(paths[0]).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("SET NAMES", "START TRANSACTION", "COMMIT"))]
    # It renames one table at a time.
    renamed = f"CREATE TABLE IF NOT EXISTS `{dataset}` LIKE `{dataset}~new`;"
    assert lines[-3:] == [renamed, f"RENAME TABLE `{dataset}` TO `{dataset}~old`, `{dataset}~new` TO `{dataset}`;",
                          f"DROP TABLE `{dataset}~old`;"], lines[-3:]
    lines[-3:] = [f"ALTER TABLE `{dataset}~new` RENAME TO `{dataset}`;"]
    text = "\n".join(lines).replace(" DEFAULT CHARSET=utf8mb4", "").replace("_utf8mb4 x'", "x'")
    database = sqlite3.connect(":memory:")
    database.executescript(text)
    cursor = database.execute(f"SELECT * FROM `{dataset}`")
    kinds = list(EXPECTED[dataset]["types"].values())

    def of(value, kind):
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if value is None:
            return None
        if kind == "bool":
            return bool(value)
        if kind == "timestamp[us]":
            return datetime.datetime.fromisoformat(value)
        return float(value) if kind == "double" else value

    rows = [[of(value, kind) for value, kind in zip(row, kinds)] for row in cursor]
    check(dataset, "sqlite of the inserts", [column[0] for column in cursor.description], rows)


class MariaDb:
    """A server of our own in a folder of its own, reached by a socket in it and by nothing else."""

    # No mode of a server turns a text into anything else.
    MODES = ["", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES"]
    TYPES = {"string": "mediumtext", "int32": "int", "int64": "bigint", "double": "double", "bool": "tinyint(1)",
             "date32[day]": "date", "timestamp[us]": "datetime(6)"}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mariadb")
        where = pathlib.Path(self.folder.name)
        self.socket = where / "socket"
        us = ["--user=root"] if os.geteuid() == 0 else []
        common = ["--no-defaults", f"--datadir={where / 'data'}", *us]
        made = subprocess.run(["mariadb-install-db", *common, "--auth-root-authentication-method=normal",
                               "--skip-test-db"], capture_output=True, text=True)
        assert made.returncode == 0, made.stdout + made.stderr
        self.server = subprocess.Popen(
            ["mariadbd", *common, f"--socket={self.socket}", f"--pid-file={where / 'pid'}", "--skip-networking"],
            stdout=subprocess.DEVNULL, stderr=open(where / "log", "wb"), env={**os.environ, "PATH": SBIN})
        for _ in range(600):
            if self.socket.exists() and self.ask("SELECT 1", fails=False) is not None:
                return self
            assert self.server.poll() is None, (where / "log").read_text("utf-8")
            time.sleep(0.1)
        raise AssertionError((where / "log").read_text("utf-8"))

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
        self.folder.cleanup()

    def ask(self, statement, database="", fails=True):
        """Returns what statements give: rows of texts, with the same word for null that a text of it would be."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "--raw",
                   "--skip-column-names", "--default-character-set=utf8mb4", database]
        done = subprocess.run([word for word in command if word], input=statement.encode("utf-8"), capture_output=True)
        if done.returncode != 0:
            assert not fails, done.stderr.decode("utf-8")
            return None
        return [line.split("\t") for line in done.stdout.decode("utf-8").splitlines()]

    def check(self, dataset, path):
        expected = EXPECTED[dataset]
        kinds = [expected["types"][name] for name in expected["columns"]]
        for number, mode in enumerate(self.MODES):
            database = f"of_{dataset}_{number}"
            self.ask(f"SET GLOBAL sql_mode = '{mode}'; CREATE DATABASE {database}")
            text = pathlib.Path(path).read_text("utf-8")
            self.ask(text, database)
            # Once more, and a load that ends half-way: what stood there stays, whole.
            self.ask(text, database)
            self.ask(text[:text.rindex("COMMIT;")], database)
            columns = self.ask(f"SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = "
                               f"'{database}' AND table_name = '{dataset}' ORDER BY ordinal_position")
            # Before MariaDB 11 and MySQL 8 the types of whole numbers had a width that meant nothing.
            found = [kind.split("(")[0] if kind.startswith(("int", "bigint")) else kind for _, kind in columns]
            assert found == [self.TYPES[kind] for kind in kinds], f"{dataset} by mariadb: {found}"
            names = [f"`{name}`" for name, _ in columns]
            shown = [f"HEX({name})" if kind == "string" else name for name, kind in zip(names, kinds)]
            rows = self.ask(f"SELECT {', '.join(shown)} FROM `{dataset}`", database)
            rows = [[self.value(*cell) for cell in zip(row, kinds)] for row in rows]
            check(dataset, f"mariadb in mode {number}", [name for name, _ in columns], rows)

    @staticmethod
    def value(text, kind):
        if text == "NULL":
            return None
        of = {"string": lambda text: bytes.fromhex(text).decode("utf-8"), "int32": int, "int64": int, "double": float,
              "bool": lambda text: {"0": False, "1": True}[text], "date32[day]": datetime.date.fromisoformat,
              "timestamp[us]": datetime.datetime.fromisoformat}
        return of[kind](text)


# Servers stand where not every shell looks.
SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def cell_of_book(value, kind):
    """A value of the lake as a cell of a workbook has it, which knows less types."""
    if value == "":
        return None
    if kind == "timestamp[us]" and value is not None:
        return str(datetime.datetime.fromisoformat(value))
    return value


def check_book(dataset, path):
    """The rows of a workbook by openpyxl: no formula, texts as texts, numbers as numbers, days as days."""
    expected = EXPECTED[dataset]
    kinds = [expected["types"][name] for name in expected["columns"]]
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book[dataset[:24]].iter_rows()]
    assert [cell.value for cell in rows[0]] == expected["columns"], f"{dataset} by openpyxl"
    assert len(rows) - 1 == len(expected["rows"]), f"{dataset} by openpyxl: {len(rows) - 1} rows"
    for row, wanted in zip(rows[1:], expected["rows"]):
        for cell, kind, value in zip(row, kinds, wanted):
            assert cell.data_type != "f", f"{dataset}: a formula in {cell.coordinate}"
            found = cell.value.date() if isinstance(cell.value, datetime.datetime) else cell.value
            # A workbook spells out what looks like its own way to spell out, which spreadsheets take back.
            found = unescape(found) if isinstance(found, str) else found
            # What cannot be seen is spelled out in workbooks; a test of the writer says how.
            wanted = cell_of_book(value, kind)
            if not (isinstance(wanted, str) and any(not it.isprintable() for it in wanted)):
                found = None if found == "" else found
                assert plain(found) == wanted, f"{dataset}: {cell.coordinate} is {found!r}, not {wanted!r}"
            assert not isinstance(wanted, str) or not isinstance(found, (int, float)), cell.coordinate
    READ.setdefault("openpyxl", []).append(dataset)


def check_office(dataset, path):
    """The rows of a workbook by LibreOffice, which makes CSV of its sheets, texts in quotes."""
    expected = EXPECTED[dataset]
    with tempfile.TemporaryDirectory(prefix="office") as folder:
        rule = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"
        subprocess.run(["soffice", "--headless", "--convert-to", rule, "--outdir", folder, path], check=True,
                       capture_output=True, env={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"})
        sheet = pathlib.Path(folder) / f"{pathlib.Path(path).stem}-{dataset[:24]}.csv"
        with open(sheet, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    assert rows[0] == expected["columns"], f"{dataset} by LibreOffice: {rows[0]}"
    assert len(rows) - 1 == len(expected["rows"]), f"{dataset} by LibreOffice: {len(rows) - 1} rows"
    kinds = [expected["types"][name] for name in expected["columns"]]
    for row, values in zip(rows[1:], expected["rows"]):
        for found, kind, value in zip(row, kinds, values):
            wanted = cell_of_book(value, kind)
            if isinstance(wanted, bool):
                assert found == str(wanted).upper(), f"{dataset} by LibreOffice: {found!r}, not {wanted!r}"
            elif isinstance(wanted, (int, float)):
                assert float(found) == wanted, f"{dataset} by LibreOffice: {found!r}, not {wanted!r}"
            elif not (isinstance(wanted, str) and any(not it.isprintable() for it in wanted)):
                assert found == (wanted or ""), f"{dataset} by LibreOffice: {found!r}, not {wanted!r}"
    READ.setdefault("LibreOffice", []).append(dataset)


def check_sail():
    """Parquet by Spark SQL, which Sail runs: one session for all datasets."""
    # The server reads it when it is imported.
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        spark = SparkSession.builder.remote(f"sc://localhost:{port}").getOrCreate()
        for resource in MANIFEST["resources"]:
            if resource["format"] == "parquet" and "partitionedBy" not in resource:
                paths = [str(EXPORT / file["path"]) for file in resource["files"]]
                check_arrow(resource["name"], "sail", spark.read.parquet(*paths).toArrow())
        spark.stop()
    finally:
        server.stop()


def version_of(*command):
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PATH": SBIN})
    return told.stdout.strip().splitlines()[0]


def main():
    for resource in MANIFEST["resources"]:
        for file in resource["files"]:
            raw = (EXPORT / file["path"]).read_bytes()
            assert len(raw) == file["bytes"], file["path"]
            assert "sha256:" + hashlib.sha256(raw).hexdigest() == file["hash"], file["path"]
    if (EXPORT / "views.sql").exists():
        duckdb.sql((EXPORT / "views.sql").read_text("utf-8"))
    for resource in MANIFEST["resources"]:
        dataset = resource["name"].split(".")[0]
        paths = [str(EXPORT / file["path"]) for file in resource["files"]]
        kind = resource["exportFormat"]
        if kind == "parquet":
            check_parquet(dataset, resource, paths)
        elif kind == "csv-exact":
            check_exact(dataset, resource, paths)
        elif kind == "csv":
            check_people(dataset, resource, paths)
        elif kind == "arrow":
            check_arrow(dataset, "pyarrow ipc", pyarrow.feather.read_table(paths[0]))
            frame = polars.read_ipc(paths[0])
            check(dataset, "polars ipc", frame.columns, frame.iter_rows())
        elif kind == "mysql":
            check_sql(dataset, resource, paths)
        elif kind == "xlsx":
            check_book(dataset, paths[0])
        elif kind == "duckdb":
            connection = duckdb.connect(paths[0], read_only=True)
            rows = connection.sql(f'FROM "{dataset}"')
            check(dataset, "duckdb file", rows.columns, rows.fetchall())
            connection.close()
    of_format = {}
    for resource in MANIFEST["resources"]:
        path = str(EXPORT / resource["files"][0]["path"])
        of_format.setdefault(resource["exportFormat"], []).append((resource["name"].split(".")[0], path))
    if "READ_BY_SAIL" in os.environ and "parquet" in of_format:
        check_sail()
        VERSIONS["sail"] = __import__("pysail").__version__
    if "READ_BY_OFFICE" in os.environ and "xlsx" in of_format:
        VERSIONS["LibreOffice"] = version_of("soffice", "--version")
        for dataset, path in of_format["xlsx"]:
            check_office(dataset, path)
    if "READ_BY_MARIADB" in os.environ and "mysql" in of_format:
        VERSIONS["MariaDB"] = version_of("mariadbd", "--version")
        with MariaDb() as database:
            for dataset, path in of_format["mysql"]:
                database.check(dataset, path)
    print(json.dumps({"read": READ, "versions": VERSIONS}, ensure_ascii=False))


main()
