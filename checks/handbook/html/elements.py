"""Elements of a page: a tree that escapes what it holds, so that no text can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

Element = ElementTree.Element
Content = Element | str

# Each of these ends its line in the file, so that a changed page is a short difference.
LINES = {
    *("html", "head", "meta", "link", "title", "script", "body", "header", "main", "footer"),
    *("nav", "section", "article", "div", "form", "h1", "h2", "h3", "h4", "h5", "h6", "p"),
    *("ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "img", "pre"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}


def element(
    tag: str, /, *content: Content | Iterable[Content], **attributes: str | None
) -> Element:
    """An element. `class_` is the class, `aria_label` is aria-label; None leaves one out."""
    made = Element(tag)
    for key, value in attributes.items():
        if value is not None:
            made.set(key.rstrip("_").replace("_", "-"), value)
    for part in content:
        for piece in (part,) if isinstance(part, str) or ElementTree.iselement(part) else part:
            _append(made, piece)
    if tag in LINES:
        made.tail = "\n"
    return made


def _append(parent: Element, piece: Content) -> None:
    if not isinstance(piece, str):
        parent.append(piece)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + piece
    else:
        parent.text = (parent.text or "") + piece


def document(html: Element) -> bytes:
    """A whole page as a file."""
    return ("<!doctype html>\n" + _markup(html)).encode()


def _markup(tree: Element) -> str:
    return ElementTree.tostring(tree, encoding="unicode", method="html")
