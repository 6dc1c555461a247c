"""`python -m notigate`."""

from __future__ import annotations

from notigate.cli import main

main()
