"""Readable text from HTML documentation pages.

Two kinds of pages are understood: the ones of the PostgreSQL manual (Debian
package postgresql-doc-15) and the ones of the Python manual (Debian package
python3.11-doc).  Others made by the same tools, or plain ones, can be read too.
A page becomes a list of units (section heading, text) in reading order; units
never cross a paragraph, a list item or a code block.  Neighbouring units of one
section are then joined to chunks.

Used by train_model.py, train_adapter.py and embed_chunks.py.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

import lxml.html

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Page furniture, tables of contents, tables, and labels of notes.
SKIPPED_TAGS = {"script", "style", "table", "hr", "img", "form", "nav", "head"}
SKIPPED_CLASSES = {
    "navheader", "navfooter", "toc", "list-of-tables", "toctree-wrapper",
    "contents", "headerlink", "admonition-title", "sphinxsidebar", "related",
    "footer", "docs_warning", "footnotes", "footnote-list", "indextable",
}
NOTE_CLASSES = {"note", "tip", "warning", "important", "caution"}
BLOCKS = HEADINGS | SKIPPED_TAGS | {
    "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "pre", "section",
    "blockquote", "details", "main", "article", "aside",
}


@dataclass
class Unit:
    section: str
    text: str
    starts_term: bool = False


def _classes(element) -> set[str]:
    return set((element.get("class") or "").split())


def _squash(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00b6", "")).strip()


def _inline_text(element) -> str:
    """Text of an inline element, without link marks and hidden parts."""
    if not isinstance(element.tag, str) or _classes(element) & SKIPPED_CLASSES:
        return ""
    if element.tag == "br":
        return "\n"
    parts = [element.text or ""]
    for child in element:
        parts.append(_inline_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


class _Reader:
    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.section = ""
        self.term = ""

    def paragraph(self, text: str, keep_lines: bool = False) -> None:
        if keep_lines:
            text = "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).strip("\n")
        else:
            text = _squash(text)
        if not text.strip():
            return
        is_term = bool(self.term)
        if is_term:
            text = f"{self.term}\n{text}"
            self.term = ""
        self.units.append(Unit(self.section, text, is_term))

    def walk(self, element, in_note: bool = False) -> None:
        loose: list[str] = [element.text or ""]

        def flush() -> None:
            self.paragraph("".join(loose))
            loose.clear()

        for child in element:
            tag = child.tag if isinstance(child.tag, str) else None
            if tag is None:
                pass
            elif _classes(child) & SKIPPED_CLASSES or tag in SKIPPED_TAGS:
                flush()
            elif tag in HEADINGS:
                flush()
                if not in_note:
                    self.section = _squash(_inline_text(child))
                    self.term = ""
            elif tag == "dt":
                flush()
                term = _squash(_inline_text(child))
                self.term = f"{self.term}\n{term}" if self.term else term
            elif tag == "pre":
                flush()
                self.paragraph(child.text_content(), keep_lines=True)
            elif tag in BLOCKS or child.find(".//p") is not None:
                flush()
                self.walk(child, in_note or bool(_classes(child) & NOTE_CLASSES))
            else:
                loose.append(_inline_text(child))
            loose.append(child.tail or "")
        flush()


def read_page(path: Path) -> list[Unit]:
    """Units of one HTML page."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    root = lxml.html.parse(str(path), parser=parser).getroot()
    main = root.xpath("//div[@role='main']")  # the Python manual
    body = main[0] if main else root.find("body")
    reader = _Reader()
    reader.walk(body)
    return reader.units


def pages(root: Path, patterns: list[str]) -> list[Path]:
    """Pages below root whose relative name matches one of the patterns.

    In the order of the patterns, then by name; each page once.
    """
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.html"))
    picked: dict[str, None] = {}
    for pattern in patterns:
        matching = [n for n in names if fnmatch.fnmatchcase(n, pattern)]
        if not matching:
            raise SystemExit(f"no page matches {pattern!r} below the given directory")
        picked.update(dict.fromkeys(matching))
    return [root / name for name in picked]


def chunks(units: list[Unit], shortest: int, longest: int, enough: int) -> list[tuple[str, str]]:
    """Join units of one section to (section, text) chunks.

    A chunk ends where the section ends, where the next unit would make it
    longer than `longest`, where it has `enough` characters, or before the next
    described term once it has `shortest` characters.  A unit that is longer
    than `longest` by itself is left out, and so is what stays too short.
    """
    made: list[tuple[str, str]] = []
    held: list[str] = []
    section = ""

    def size() -> int:
        return sum(map(len, held)) + 2 * max(len(held) - 1, 0)

    def close(join_back: bool) -> None:
        nonlocal held
        if held:
            text = "\n\n".join(held)
            if len(text) >= shortest:
                made.append((section, text))
            elif join_back and made and made[-1][0] == section:
                joined = f"{made[-1][1]}\n\n{text}"
                if len(joined) <= longest:
                    made[-1] = (section, joined)
        held = []

    for unit in units:
        if unit.section != section:
            close(True)
            section = unit.section
        if len(unit.text) > longest:
            close(True)
            continue
        if held and (
            size() + 2 + len(unit.text) > longest
            or size() >= enough
            or (unit.starts_term and size() >= shortest)
        ):
            close(False)
        held.append(unit.text)
    close(True)
    return made
