"""HTML to Markdown by two libraries, on ten pages of different kinds: time, size, and whether the words arrive.

    python -m tests.bench.web_pages [FOLDER]

A library that is not installed is left out. With FOLDER the pages and what became of them are written there.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ralph.tools._plain_html import plain_text
from ralph.tools._web_text import make_text

WORDS = ("the", "of", "lamp", "river", "stone", "green", "walks", "under", "bridge", "seven", "birds", "count", "slow")
CODE = "def f(a):\n    if a &lt; 3:\n        return &quot;x&quot;\n"


def pages() -> Mapping[str, str]:
    """The pages by kind, always the same."""
    chance = random.Random(1)

    def say(count: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(count)).capitalize() + "."

    def page(title: str, body: str, head: str = "") -> str:
        top = f"<head><meta charset=utf-8><title>{title}</title>{head}</head>"
        return f"<!doctype html><html>{top}<body>{body}</body></html>"

    def nest(depth: int) -> str:
        inner = nest(depth - 1) if depth else ""
        return f"<ul><li>{say(4)}{inner}</li><li><ol start=3><li>{say(3)}</li></ol></li></ul>"

    links = "".join(f'<li><a href="/s{n}">Section {n}</a></li>' for n in range(30))
    around = f"<header><nav><ul>{links}</ul></nav></header>{{}}<footer><p>&copy; 2026</p></footer>"
    parts = (
        f"<h2>Part {n}</h2><p>{say(80)} <em>{say(4)}</em>, <a href='https://e.org/{n}'>here</a>.</p>" for n in range(12)
    )
    terms = (
        f"<h3><code>f{n}(a)</code></h3><dl><dt>a</dt><dd>{say(9)}</dd></dl><pre><code>{CODE}</code></pre>"
        for n in range(40)
    )
    rows = "".join(f"<tr><td>row {n}</td><td align=right>{n * 7}</td><td>{say(3)}</td></tr>" for n in range(25))
    table = f"<table><caption>Numbers</caption><tr><th>Name</th><th>Value</th><th>A | B</th></tr>{rows}</table>"
    posts = (
        f"<div><b>user{n}</b><blockquote><p>{say(20)}</p></blockquote>{say(40)}<br>{say(9)}</div>" for n in range(60)
    )
    lines = "".join(f"<span>{n:3d}</span> <span>return</span> x[{n}] &lt;&lt; 2  # `tick`\n" for n in range(300))
    chapters = (
        f"<section><h2>Chapter {n}</h2>{''.join(f'<p>{say(60)}</p>' for _ in range(12))}</section>" for n in range(150)
    )
    signs = "Gr\u00f6\u00dfe &#8212; 5&nbsp;&euro; &lt;b&gt; * _ # [x](y)"
    article = f"<main><h1>Article</h1>{''.join(parts)}</main>"
    return {
        "article": page("Article", around.format(article), "<style>p{}</style>"),
        "reference": page("API", around.format("".join(terms))),
        "tables": page("Tables", table * 6),
        "lists": page("Lists", "".join(nest(5) for _ in range(20)) + "<ul><li><input type=checkbox checked> done</ul>"),
        "forum": page("Forum", around.format("".join(posts))),
        "listing": page("Code", f"<h1>Listing</h1><pre>{lines}</pre>"),
        "signs": page("Gr\u00fcn", "".join(f"<p>{signs} {say(30)}</p>" for _ in range(40))),
        "broken": "<p>one<p>two <b>bold <i>both</b> still</i><table><tr><td>a<td>b<tr><td>c<td>d</table><ul><li>x<li>y",
        "shell": page("App", f"<div id=root></div><p>words</p><script>{'window.x=1;' * 20000}</script>"),
        "long": page("Long", "".join(chapters)),
    }  # fmt: skip


def libraries() -> Mapping[str, Callable[[str], str]]:
    made: dict[str, Callable[[str], str]] = {"plain text": plain_text}
    try:
        import html_to_markdown  # noqa: F401 - whether it is there

        made["html-to-markdown"] = lambda page: make_text(page.encode(), "text/html", "https://example.org/").text
    except ImportError:
        pass
    try:
        from markdownify import markdownify  # type: ignore[import-not-found,unused-ignore]

        made["markdownify"] = lambda page: str(markdownify(page, heading_style="ATX", strip=["script", "style"]))
    except ImportError:
        pass
    return made


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for kind, page in pages().items():
        wanted = set(re.findall(r"\w+", plain_text(page)))
        for name, convert in libraries().items():
            began = time.perf_counter()
            text = convert(page)
            took = (time.perf_counter() - began) * 1000
            lost = len(wanted - set(re.findall(r"\w+", text)))
            print(f"{kind:10} {name:18} {took:8.1f} ms {len(page):8} -> {len(text):8} characters, {lost} words lost")
            if folder:
                (folder / f"{kind}.{name.replace(' ', '-')}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
