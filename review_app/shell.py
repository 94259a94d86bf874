"""The page Streamlit starts in, made ours: a Japanese document that asks at once for all it will draw with."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit

from review_app import labels_ja as ja

STATIC = Path(streamlit.__file__).parent / "static"

# What the pages are drawn with, by Streamlit's names. Left to itself it fetches each when it first meets one, so that
# the text of a candidate stands there before its buttons, and a key pressed in between does nothing.
COMPONENTS = ("Html", "PageLink", "Button", "ButtonGroup", "Checkbox", "Selectbox", "TextArea", "TextInput")
_IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*"\./([\w.$-]+\.js)"')
_NO_SCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


@cache
def shell() -> str:
    """Streamlit's start page with our title and icon; its language decides the shapes of kanji, and the voice."""
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    links = "".join(
        f'    <link rel="modulepreload" crossorigin href="./static/js/{name}">\n'
        for name in component_scripts()
        if f"/{name}" not in html
    )
    replaced = (
        ('<html lang="en">', '<html lang="ja">'),
        ("<title>Streamlit</title>", f"<title>{ja.PRODUCT}</title>"),
        ('href="./favicon.png"', 'href="/assets/icon.svg" type="image/svg+xml"'),
        ("</head>", f"{links}</head>"),
    )
    for before, after in replaced:
        html = html.replace(before, after)
    return _NO_SCRIPT.sub(f"<noscript><p>{ja.NEEDS_JAVASCRIPT}</p></noscript>", html)


def component_scripts() -> list[str]:
    """File names of the components' scripts and of all they import; names that are not there are left out."""
    folder = STATIC / "static" / "js"
    waiting = [path.name for name in COMPONENTS for path in sorted(folder.glob(f"{name}.*.js"))]
    found: list[str] = []
    while waiting:
        name = waiting.pop(0)
        if name not in found and (folder / name).is_file():
            found.append(name)
            waiting += _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
    return found
