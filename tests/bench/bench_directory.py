"""The directory's search: how quick at each keystroke, how forgiving, and against what else there is.

    python tests/bench/bench_directory.py [--records N] [--per-class N] [--seed N] [--busy N] [--pause MS]
                                          [--against NAME …]

A directory is generated (``directory_data``), and queries of every class, by seeds that nothing was tuned on. Our
index is built, opened and asked in a process of its own; ``keystroke_ms`` are the searches of every beginning of every
query, as they are typed. ``against``: the same data and a sample of the same keystrokes for fzf (started for each, as
in a shell), SQLite FTS5 with a phonetic column, tantivy with a phonetic field and rapidfuzz over all titles; those
that are not installed are named in ``missing``. ``--busy N`` keeps N processes busy meanwhile. ``--pause MS`` rests
after each keystroke as somebody does who types (and asks about fewer): without it the search is one more busy process
to the scheduler; with it, it is woken up to find the caches cold. Prints one JSON object.
"""

import argparse
import importlib.util
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from directory_data import CLASSES, CLEAN, FORGIVING, WRITTEN_OTHERWISE, Asked, Asker, generate  # noqa: E402

from catgem_tui.directory.fold import sound, words  # noqa: E402
from catgem_tui.protocol.model import Record  # noqa: E402

RIVALS = ("fzf", "fts5", "tantivy", "rapidfuzz")
SAMPLE = {"fzf": 25, "fts5": 400, "tantivy": 400, "rapidfuzz": 40}
"""Keystrokes that each rival is asked: the slow ones fewer."""
PAUSED = 4_000
"""Keystrokes where there is a pause after each."""
BUSY = "while True: sum(range(10_000))"


def percentiles(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        name: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    }


def keystrokes(asked: list[Asked]) -> Iterator[str]:
    for one in asked:
        for size in range(1, len(one.text) + 1):
            yield one.text[:size]


def memory() -> dict[str, float]:
    """Megabytes of this process: all that is resident, and what of it is no file's."""
    status = Path("/proc/self/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in status if line.startswith(("VmRSS", "RssAnon"))}
    return {"resident": round(kilobytes["VmRSS"] / 1024, 1), "anonymous": round(kilobytes["RssAnon"] / 1024, 1)}


# --- ours ---


def build_ours(given: argparse.Namespace) -> dict[str, Any]:
    from catgem_tui.directory.segment import write_segment

    records = list(generate(given.records, given.seed))
    begun = time.perf_counter()
    write_segment(Path(given.folder) / "a-1", enumerate(records), 1)
    return {"build_s": round(time.perf_counter() - begun, 2)}


def ask_ours(given: argparse.Namespace) -> dict[str, Any]:
    """Opened, asked and changed in a process that holds nothing else."""
    from catgem_tui.directory.index import Index
    from catgem_tui.directory.segment import open_segment

    bare = memory()
    begun = time.perf_counter()
    index = Index(open_segment(Path(given.folder) / "a-1"))
    opened = time.perf_counter() - begun
    asked = read_asked(given)
    taken = []
    for text in islice(keystrokes(asked), PAUSED if given.pause else None):
        time.sleep(given.pause / 1000)
        begun = time.perf_counter()
        index.search(text, 50)
        taken.append(time.perf_counter() - begun)
    used = memory()
    relevance: dict[str, dict[str, float]] = {}
    for kind in CLASSES:
        of_kind = [one for one in asked if one.kind == kind]
        hits = [[f"r{hit.key}" for hit in index.search(one.text, 5)] for one in of_kind]
        first = sum(found[:1] != [] and found[0] in one.answers for one, found in zip(of_kind, hits, strict=True))
        five = sum(bool(one.answers.intersection(found)) for one, found in zip(of_kind, hits, strict=True))
        relevance[kind] = {"n": len(of_kind), "at_1": first / len(of_kind), "at_5": five / len(of_kind)}
    fresh = list(generate(1_001, given.seed + 7))
    updates = {}
    for count in (1, 1_000):
        begun = time.perf_counter()
        for record in fresh[:count]:
            index.put(given.records + int(record.id[1:]), record)
        index.search(fresh[count - 1].title, 5)
        updates[str(count)] = round(1000 * (time.perf_counter() - begun), 2)
    return {
        "open_ms": round(1000 * opened, 2),
        "keystrokes": len(taken),
        "keystroke_ms": percentiles(taken),
        "memory_mb": used,
        "memory_before_mb": bare,
        "update_ms": updates,
        "relevance": relevance,
        "recall": summarize(relevance),
    }


def summarize(relevance: dict[str, dict[str, float]]) -> dict[str, float]:
    def mean(kinds: tuple[str, ...], at: str) -> float:
        return round(sum(relevance[kind][at] for kind in kinds) / len(kinds), 4)

    return {
        "forgiving_at_5": mean(FORGIVING, "at_5"),
        "forgiving_at_1": mean(FORGIVING, "at_1"),
        "weakest_forgiving_at_5": min(relevance[kind]["at_5"] for kind in FORGIVING),
        "weakest_clean_at_5": min(relevance[kind]["at_5"] for kind in CLEAN),
        "weakest_otherwise_at_5": min(relevance[kind]["at_5"] for kind in WRITTEN_OTHERWISE),
        "prefix_at_5": relevance["prefix"]["at_5"],
        "extra_at_5": relevance["extra"]["at_5"],
    }


# --- the others: each gives a function that searches ---


def text_of(record: Record) -> str:
    return " ".join((record.title, record.post, record.unit, record.municipality, record.agency_acronym, record.phone))


def phonetic(text: str) -> str:
    return " ".join(sound(word) for word in words(text))


def fzf(records: list[Record], folder: Path) -> Callable[[str], object]:
    file = folder / "lines.txt"
    file.write_text("\n".join(text_of(record) for record in records), "utf-8")

    def search(text: str) -> object:
        with file.open("rb") as lines:
            command = ["fzf", "--filter", text, "--literal"]
            return subprocess.run(command, stdin=lines, capture_output=True, check=False).stdout[:5000]

    return search


def fts5(records: list[Record], folder: Path) -> Callable[[str], object]:
    database = sqlite3.connect(folder / "fts5.sqlite")
    database.execute("CREATE VIRTUAL TABLE d USING fts5(text, sounds, tokenize='unicode61 remove_diacritics 2')")
    database.executemany("INSERT INTO d VALUES (?, ?)", ((text_of(r), phonetic(text_of(r))) for r in records))
    database.execute("INSERT INTO d(d) VALUES ('optimize')")
    database.commit()

    def search(text: str) -> object:
        parts = words(text)
        if not parts:
            return []
        match = " AND ".join(f'(text: "{word}"* OR sounds: "{sound(word)}"*)' for word in parts)
        question = "SELECT rowid FROM d WHERE d MATCH ? ORDER BY rank LIMIT 50"
        return database.execute(question, (match,)).fetchall()

    return search


def tantivy(records: list[Record], folder: Path) -> Callable[[str], object]:
    import tantivy as library

    schema = library.SchemaBuilder().add_text_field("text").add_text_field("sounds")
    index = library.Index(schema.add_integer_field("n", stored=True).build(), path=str(folder))
    writer = index.writer(200_000_000)
    for number, record in enumerate(records):
        text = " ".join(words(text_of(record)))
        writer.add_document(library.Document(text=text, sounds=phonetic(text), n=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(text: str) -> object:
        parts = words(text)
        if not parts:
            return []
        query = index.parse_query(
            " ".join([*parts, *(f"sounds:{sound(word)}" for word in parts if sound(word))]),
            ["text"],
            fuzzy_fields={"text": (True, 1 if len(parts[-1]) < 6 else 2, True)},
        )
        return searcher.search(query, 50).hits

    return search


def rapidfuzz(records: list[Record], _folder: Path) -> Callable[[str], object]:
    from rapidfuzz import fuzz, process

    folded = [" ".join(words(text_of(record))) for record in records]
    return lambda text: process.extract(" ".join(words(text)), folded, scorer=fuzz.token_set_ratio, limit=50)


def ask_rival(given: argparse.Namespace) -> dict[str, Any]:
    records = list(generate(given.records, given.seed))
    folder = Path(given.folder) / given.child
    folder.mkdir()
    begun = time.perf_counter()
    search = {"fzf": fzf, "fts5": fts5, "tantivy": tantivy, "rapidfuzz": rapidfuzz}[given.child](records, folder)
    built = time.perf_counter() - begun
    typed = list(keystrokes(read_asked(given)))
    sample = random.Random(1).sample(typed, min(len(typed), SAMPLE[given.child]))  # noqa: S311
    search(sample[0])
    taken = []
    for text in sample:
        begun = time.perf_counter()
        search(text)
        taken.append(time.perf_counter() - begun)
    return {"build_s": round(built, 2), "keystrokes": len(sample), "keystroke_ms": percentiles(taken)}


# --- the run ---


def read_asked(given: argparse.Namespace) -> list[Asked]:
    rows = json.loads((Path(given.folder) / "asked.json").read_text("utf-8"))
    return [Asked(kind, text, frozenset(answers)) for kind, text, answers in rows]


def write_asked(given: argparse.Namespace) -> dict[str, Any]:
    asker = Asker(list(generate(given.records, given.seed)), given.seed + 1)
    asked = [one for kind in CLASSES for one in asker.ask(kind, given.per_class)]
    random.Random(given.seed).shuffle(asked)  # noqa: S311
    rows = [(one.kind, one.text, sorted(one.answers)) for one in asked]
    (Path(given.folder) / "asked.json").write_text(json.dumps(rows), "utf-8")
    return {"queries": len(rows)}


def missing_rivals(wanted: list[str]) -> list[str]:
    there = {
        "fzf": shutil.which("fzf") is not None,
        "fts5": True,
        "tantivy": importlib.util.find_spec("tantivy") is not None,
        "rapidfuzz": True,
    }
    return [name for name in wanted if not there[name]]


@contextmanager
def kept_busy(count: int) -> Iterator[None]:
    neighbours = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


def run(given: argparse.Namespace) -> dict[str, Any]:
    def child(name: str) -> dict[str, Any]:
        command = [sys.executable, __file__, "--child", name, "--folder", str(given.folder), "--seed", str(given.seed)]
        command += ["--records", str(given.records), "--per-class", str(given.per_class), "--pause", str(given.pause)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SystemExit(ended.stderr)
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    missing = missing_rivals(given.against)
    with tempfile.TemporaryDirectory() as folder:
        given.folder = folder
        result: dict[str, Any] = {"bench": "directory", "records": given.records, "seed": given.seed}
        result |= child("queries")
        result["ours"] = child("build")
        with kept_busy(given.busy):
            result["ours"] |= child("ask")
            rivals = {name: child(name) for name in given.against if name not in missing}
    result |= {
        "busy": given.busy,
        "against": rivals,
        "pause_ms": given.pause,
        "missing": missing,
        "load": round(os.getloadavg()[0], 2),
    }
    if rivals:
        quickest = min(rivals, key=lambda name: float(rivals[name]["keystroke_ms"]["p99"]))
        ratio = rivals[quickest]["keystroke_ms"]["p99"] / result["ours"]["keystroke_ms"]["p99"]
        result |= {"quickest_rival": quickest, "times_quicker_at_p99": round(ratio, 1)}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=120_000)
    parser.add_argument("--per-class", type=int, default=100, help="queries of each class (%(default)s)")
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--busy", type=int, default=0, help="busy processes beside it (%(default)s)")
    parser.add_argument("--pause", type=float, default=0.0, help="milliseconds after each keystroke (%(default)s)")
    parser.add_argument("--against", nargs="*", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    children = {"queries": write_asked, "build": build_ours, "ask": ask_ours, **dict.fromkeys(RIVALS, ask_rival)}
    print(json.dumps(children[given.child](given) if given.child else run(given), ensure_ascii=False))


if __name__ == "__main__":
    main()
