"""A mail's words as a page: for mails whose author wrote no HTML of their own.

It reads well on a phone and in the dark, and fetches nothing.
"""

from __future__ import annotations

import re
from html import escape

_HEAD = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; padding: 16px; background: #f5f2ec; color: #2a2622;
         font: 17px/1.75 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }}
  main {{ max-width: 34em; margin: 0 auto; padding: 24px; background: #fff; overflow-wrap: anywhere;
         border-radius: 12px; border-top: 4px solid #b3261e; }}
  p {{ margin: 0 0 1em; }}
  footer {{ margin-top: 2em; color: #6d655c; font-size: 15px; }}
  @media (prefers-color-scheme: dark) {{
    body {{ background: #171513; color: #ece6de; }}
    main {{ background: #24211e; }}
    footer {{ color: #a79e93; }}
  }}
</style>
</head>
<body>
<main>
"""
_TAIL = """
</main>
</body>
</html>
"""
_GAP = re.compile(r"\n\s*\n")


def framed(text: str, title: str, locale: str, *, closed: bool) -> str:
    """The page of a plain text: a paragraph for each, its lines kept; where it is `closed`, the last is set apart."""
    paragraphs = [escape(part.strip()).replace("\n", "<br>\n") for part in _GAP.split(text) if part.strip()]
    footer = f"<footer>{paragraphs.pop()}</footer>" if closed and len(paragraphs) > 1 else ""
    body = [*(f"<p>{paragraph}</p>" for paragraph in paragraphs), footer]
    head = _HEAD.format(language=locale.replace("_", "-"), title=escape(title))
    return head + "\n".join(filter(None, body)) + _TAIL
