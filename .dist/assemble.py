"""Puts together what users download: one archive that runs without installing anything.

    python3 .dist/assemble.py --binary FILE --library FILE --echarts DIR --echarts-version VERSION --output DIR

The archive has the stripped binary with `libduckdb.so` beside it, the manuals, what shells complete by, manual
pages, the licences of everything that is in the binary with their texts as the sources of each crate have them,
and a list of components (`sbom.cdx.json`, CycloneDX 1.5). The same inputs give the same bytes: its times are that
of the last commit, or SOURCE_DATE_EPOCH. Needs cargo, strip and readelf. Where a licence has no text, there is no
archive.
"""

import argparse
import datetime
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANUALS = ["README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE"]
# What shells complete by: the shell, and the name by which it finds the file.
COMPLETIONS = {"bash": "tongban", "zsh": "_tongban", "fish": "tongban.fish"}
# Names of files that hold licences or what has to be passed on with them.
LICENCE_FILE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense|authors)([-._].*)?$", re.IGNORECASE)
LICENCE_FOLDERS = ["LICENSES", "licenses", "LICENSE"]
# The library is no crate: its licence stands beside its headers in the crate that links it.
DUCKDB_PACKAGE = "libduckdb-sys"
DUCKDB_VERSION = "1.5.6"


def fail(message):
    sys.exit(f"error: {message}")


def output_of(*command):
    try:
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        fail(f"{command[0]} is needed and not there")
    except subprocess.CalledProcessError as error:
        fail(f"{' '.join(command)} failed:\n{error.stderr}")


def time_of_build():
    """Returns the time that everything in the archive bears, in seconds since 1970."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return int(fixed or output_of("git", "log", "-1", "--format=%ct").strip())


def crates(target):
    """Returns the crates that are in the binary, with those that they need, sorted; ours comes first."""
    text = output_of("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target)
    metadata = json.loads(text)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    needs, queue = {}, [root]
    while queue:
        here = queue.pop()
        if here in needs:
            continue
        # What only builds or tests is not in the binary.
        kinds = lambda dep: [kind["kind"] for kind in dep["dep_kinds"]]
        needs[here] = sorted(dep["pkg"] for dep in nodes[here]["deps"] if None in kinds(dep))
        queue.extend(needs[here])
    order = sorted(needs, key=lambda id: (id != root, packages[id]["name"], packages[id]["version"]))
    return [(packages[id], [packages[need] for need in needs[id]]) for id in order]


def checksums():
    """Returns the SHA-256 that the lock file has of each crate."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    entry = re.compile(r'name = "([^"]+)"\nversion = "([^"]+)"\n(?:source = "[^"]+"\nchecksum = "([0-9a-f]{64})")?')
    return {(name, version): checksum for name, version, checksum in entry.findall(lock)}


def licence_texts(folder):
    """Returns the files of a crate that hold licences, in order."""
    found = [path for path in folder.iterdir() if path.is_file() and LICENCE_FILE.match(path.name)]
    for name in LICENCE_FOLDERS:
        inner = folder / name
        if inner.is_dir():
            found.extend(path for path in inner.rglob("*") if path.is_file())
    return sorted(found)


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


class Licences:
    """The texts, each once under its hash, and who has which."""

    def __init__(self):
        self.texts = {}
        self.parts = []

    def add(self, name, version, licence, link, paths):
        files = []
        for path in paths:
            text = path.read_bytes()
            stored = f"licences/{hashlib.sha256(text).hexdigest()[:16]}.txt"
            self.texts[stored] = text
            files.append(stored)
        self.parts.append((f"{name} {version}", licence, link, list(dict.fromkeys(files))))

    def complete(self):
        """Gives parts whose sources have no text that of others: of the same project, else of a part with the
        same licence. Returns what there is none for."""
        words = lambda licence: re.sub(r"\s*/\s*", " OR ", licence or "")
        without = []
        for idx, (name, licence, link, files) in enumerate(self.parts):
            if files:
                continue
            same = [part for part in self.parts if part[3] and words(part[1]) == words(licence)]
            # Where the words of a licence name nobody, those of one with more choices will do.
            wider = [part for part in self.parts if part[3] and words(licence) in words(part[1]).split(" OR ")]
            kin = [part for part in same if link and part[2] == link]
            chosen = (kin or same or wider)[:1]
            for other, _, _, texts in chosen:
                # The words are the same; a line of copyright in them is that of the other part.
                self.parts[idx] = (name, licence, link, [f"{text} (the copy of {other})" for text in texts])
            if not chosen:
                without.append(name)
        return without

    def list(self):
        head = (
            "What this program is made of, under which licences, and where their texts stand.\n"
            "本程序的组成部分、各自的许可证及其文本所在的文件。\n\n"
        )
        of = lambda name, licence, link, files: (
            f"{name}\n  {licence or 'no licence stated'}\n  {link or '-'}\n  {', '.join(files) or 'no text'}\n"
        )
        return (head + "\n".join(of(*part) for part in self.parts)).encode()


def sbom(crates, library, echarts_version, built_at):
    """Returns the list of components as CycloneDX."""
    known = checksums()

    def component(package, kind):
        checksum = known.get((package["name"], package["version"]))
        licence = package.get("license")
        entry = {
            "type": kind,
            "bom-ref": purl(package),
            "name": package["name"],
            "version": package["version"],
            "purl": purl(package),
        }
        if licence:
            # Some write the old form of OR.
            entry["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", licence)}]
        if checksum:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if package.get("repository"):
            entry["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        return entry

    def other(name, version, ref, licence, content):
        hashes = [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]
        return {
            "type": "library",
            "bom-ref": ref,
            "name": name,
            "version": version,
            "purl": ref,
            "licenses": [{"license": {"id": licence}}],
            "hashes": hashes,
        }

    ours, *others = crates
    besides = [
        other("duckdb", DUCKDB_VERSION, f"pkg:github/duckdb/duckdb@v{DUCKDB_VERSION}", "MIT", library),
        other("echarts", echarts_version[0], f"pkg:npm/echarts@{echarts_version[0]}", "Apache-2.0", echarts_version[1]),
    ]
    depends = [
        {"ref": purl(package), "dependsOn": sorted(purl(need) for need in needs)} for package, needs in crates
    ]
    depends[0]["dependsOn"] = sorted(depends[0]["dependsOn"] + [entry["bom-ref"] for entry in besides])
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(built_at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(ours[0], "application"),
        },
        "components": [component(package, "library") for package, _ in others] + besides,
        "dependencies": depends,
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return json.dumps({"serialNumber": f"urn:uuid:{number}", **document}, indent=2, ensure_ascii=False).encode()


def stripped(binary, library):
    """Returns the bytes of the binary without symbols; it has to look for its library beside itself."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tongban"
        shutil.copy(binary, copy)
        output_of("strip", str(copy))
        dynamic = output_of("readelf", "-d", str(copy))
        run_paths = re.findall(r"R(?:UN)?PATH.*\[(.*)\]", dynamic)
        if not run_paths or run_paths[0].split(":")[0] != "$ORIGIN":
            fail(f"the run path of {binary} does not begin with $ORIGIN: {run_paths}")
        if library.name not in dynamic:
            fail(f"{binary} does not need {library.name}")
        return copy.read_bytes()


def said_by(binary, library, *arguments):
    """Returns what the program prints, with its library from where it stands."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.resolve().parent), "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        command = [str(binary.resolve()), *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    if done.returncode != 0:
        fail(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return done.stdout


def helps(binary, library):
    """Returns what shells complete by, and the manual pages, by their places in the archive."""
    found = {}
    for shell, name in COMPLETIONS.items():
        found[f"completions/{shell}/{name}"] = said_by(binary, library, "completions", shell)
    with tempfile.TemporaryDirectory() as folder:
        said_by(binary, library, "man", folder)
        for page in sorted(Path(folder).iterdir()):
            found[f"man/man1/{page.name}"] = page.read_bytes()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("binary", "library", "echarts", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--echarts-version", required=True)
    parser.add_argument("--level", type=int, default=9, help="how hard to pack, from 1 to 9")
    options = parser.parse_args()
    host = re.search(r"host: (\S+)", output_of("rustc", "-vV"))[1]
    built_at = time_of_build()
    all_crates = crates(host)
    version = all_crates[0][0]["version"]
    library = options.library.read_bytes()

    licences = Licences()
    for package, _ in all_crates[1:]:
        folder = Path(package["manifest_path"]).parent
        licences.add(package["name"], package["version"], package["license"], package["repository"], licence_texts(folder))
    linking = next(package for package, _ in all_crates if package["name"] == DUCKDB_PACKAGE)
    of_duckdb = licence_texts(Path(linking["manifest_path"]).parent)
    licences.add("duckdb (libduckdb.so)", DUCKDB_VERSION, "MIT", "https://github.com/duckdb/duckdb", of_duckdb)
    licences.add(
        "echarts", options.echarts_version, "Apache-2.0", "https://github.com/apache/echarts",
        licence_texts(options.echarts),
    )
    charts = (options.echarts / "echarts.common.min.js").read_bytes()

    without = licences.complete()
    if without:
        fail(f"no licence text for {', '.join(without)}")
    files = {
        "tongban": (stripped(options.binary, options.library), 0o755),
        "libduckdb.so": (library, 0o644),
        "LICENCES.txt": (licences.list(), 0o644),
        "sbom.cdx.json": (sbom(all_crates, library, (options.echarts_version, charts), built_at), 0o644),
    }
    for name in MANUALS:
        files[name] = ((ROOT / name).read_bytes(), 0o644)
    for name, text in helps(options.binary, options.library).items():
        files[name] = (text, 0o644)
    for name, text in licences.texts.items():
        files[name] = (text, 0o644)

    name = f"tongban-{version}-{host}"
    options.output.mkdir(parents=True, exist_ok=True)
    archive = options.output / f"{name}.tar.gz"
    packed = archive.with_suffix(".part")
    with open(packed, "wb") as raw, gzip.GzipFile("", "wb", options.level, raw, built_at) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(files):
                content, mode = files[path]
                entry = tarfile.TarInfo(f"{name}/{path}")
                entry.size, entry.mode, entry.mtime = len(content), mode, built_at
                tar.addfile(entry, io.BytesIO(content))
    packed.replace(archive)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (options.output / f"{name}.tar.gz.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    print(f"assembled {archive} ({archive.stat().st_size / 1e6:.1f} MB, {len(all_crates)} crates, {len(files)} files)")


if __name__ == "__main__":
    main()
