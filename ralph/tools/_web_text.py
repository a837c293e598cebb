"""Makes text of a page: HTML becomes Markdown, a PDF its words, and other text stays as it is."""

from __future__ import annotations

import codecs
import io
import logging
import re
import time

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolFailure
from ralph.core.sanitise import printable
from ralph.core.unicode import NotText, decode_text

log = logging.getLogger("ralph.tools")

MISSING = "needs one more package: pip install 'ralph[web]'"
MAX_PAGES = 300
MAX_DEPTH = 500  # nested elements, as browsers
PDF_S = 20.0
_HTML = ("text/html", "application/xhtml+xml")
_TEXTS = re.compile(
    r"text/.*|application/(?:.*\+)?(?:json|xml|yaml|x-yaml|toml|javascript|x-javascript|x-ndjson|sql|rtf)"
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,1000}?)</title", re.IGNORECASE | re.DOTALL)
_DATA_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\(data:[^)]*\)")


@frozen
class PageText(Data):
    """The text of a page. `note` says what was left out."""

    text: str
    title: str = ""
    note: str = ""


def make_text(data: bytes, content_type: str, url: str, *, cut: bool = False) -> PageText:
    """Return the text of a body. Raises `ToolFailure` for what is not text. Takes long: call it in a thread."""
    kind = content_type.partition(";")[0].strip().lower()
    kind = kind if kind and kind != "application/octet-stream" else _sniff(data)
    if kind == "application/pdf":
        return _pdf(data, cut=cut)
    if kind in _HTML:
        return _html(_decode(data, content_type), url)
    if kind == "text/plain" or _TEXTS.fullmatch(kind):
        return PageText(printable(_decode(data, content_type)))
    raise ToolFailure(f"{url} is {printable(kind)[:80]} ({len(data)} bytes), which cannot be read as text")


def _sniff(data: bytes) -> str:
    """Return the kind of a body whose server does not say it."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if re.match(rb"<(?:!doctype html|html|head|body|!--)", head, re.IGNORECASE):
        return "text/html"
    try:
        decode_text(data[:65536])
    except NotText:
        return "not text"
    return "text/plain"


def _decode(data: bytes, content_type: str) -> str:
    """Decode by the byte order mark, the header, or the page's own `meta`; else by the look of the bytes."""
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        header = re.search(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", content_type, re.IGNORECASE)
        meta = _META.search(data[:4096])
        for label in (header[1] if header else "", meta[1].decode("ascii") if meta else ""):
            if codec := _codec(label):
                return data.decode(codec, "replace")
    try:
        return decode_text(data).text
    except NotText:
        return data.decode("utf-8", "replace")


def _codec(label: str) -> str:
    """Return Python's codec for a label of the web; empty for an unknown one, and for one that is no text."""
    if label.lower() in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"):
        return "windows-1252"  # as browsers read them
    try:
        found = codecs.lookup(label) if label else None
        "".encode(label) if found else None  # raises for a codec from bytes to bytes
    except (LookupError, ValueError):
        return ""
    return found.name if found else ""


def _html(text: str, url: str) -> PageText:
    title = _TITLE.search(text)
    try:
        import html_to_markdown as library
    except ImportError:
        from ralph.tools._plain_html import plain_text

        return PageText(printable(plain_text(text)), _one_line(title), f"as plain text: Markdown {MISSING}")
    # By itself it leaves out headers with a navigation, and with them the heading of many a page.
    keep = library.PreprocessingOptions(remove_navigation=False, remove_forms=False)
    options = library.ConversionOptions(extract_metadata=False, preprocessing=keep, base_url=url, max_depth=MAX_DEPTH)
    try:
        made = library.convert(text.replace("\0", ""), options).content or ""
    except Exception:  # border: a page may hold anything, and so may the library raise
        log.exception("a page could not be made into Markdown")
        made = ""
    if not made.strip():  # it failed, or the page is nested too deep for the library
        from ralph.tools._plain_html import plain_text

        made = plain_text(text)
    return PageText(printable(_DATA_IMAGE.sub("", made)).strip(), _one_line(title))


def _one_line(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    import html

    return " ".join(printable(html.unescape(found[1])).split())[:200]


def _pdf(data: bytes, *, cut: bool) -> PageText:
    if cut:
        raise ToolFailure("the PDF is larger than what is fetched, and cannot be read in part")
    try:
        import pypdf
    except ImportError:
        raise ToolFailure(f"reading a PDF {MISSING}") from None
    until = time.monotonic() + PDF_S
    parts: list[str] = []
    note = ""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        pages = len(reader.pages)
        for number, page in enumerate(reader.pages):
            if number >= MAX_PAGES or time.monotonic() > until:
                note = f"only the first {number} of {pages} pages"
                break
            parts.append(page.extract_text())
        title = str((reader.metadata and reader.metadata.title) or "")
    except Exception as error:  # noqa: BLE001 - border: a broken PDF makes the library raise anything
        raise ToolFailure(f"the PDF cannot be read: {printable(repr(error))[:200]}") from None
    text = printable("\n\n".join(parts)).strip()
    if not text:
        raise ToolFailure("the PDF holds no text; its pages may be pictures")
    return PageText(text, " ".join(printable(title).split())[:200], note)
