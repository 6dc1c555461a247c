r"""YAML with places: read strictly, bound to frozen dataclasses, every fault at once with file, line and column.

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True, kw_only=True)
... class Server:
...     host: str
...     port: int = 465
>>> bind(parse("host: smtp.example.com\nport: 587"), Server)
(Server(host='smtp.example.com', port=587), ())
>>> for fault in bind(parse("hots: smtp.example.com\nport: 22:00", "notigate.yaml"), Server)[1]:
...     print(fault)
notigate.yaml:1:1: hots: unknown key; did you mean host?
notigate.yaml:1:1: host: is missing
notigate.yaml:2:7: port: expected a whole number
"""

from __future__ import annotations

from notigate.documents.binding import bind, bind_mapping, bound
from notigate.documents.composing import parse, read
from notigate.documents.nodes import Document, Node, Place, Source, gathered, overlaid

__all__ = [
    "Document",
    "Node",
    "Place",
    "Source",
    "bind",
    "bind_mapping",
    "bound",
    "gathered",
    "overlaid",
    "parse",
    "read",
]
