"""Rows that are kept aside come back as they were, those of one key together."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from notigate.audience.spool import Spool

CELLS = st.sampled_from(["", "a", "王芳", "x\ny", "1\x1f2", date(2026, 11, 21)]) | st.text(max_size=4)
ROWS = st.lists(st.tuples(st.sampled_from(["", *"abcdefghij"]), CELLS), max_size=60)


@given(rows=ROWS)
def test_rows_with_equal_keys_stand_together_where_the_first_of_them_stands(rows):
    spool = Spool(iter([(number, list(cells)) for number, cells in enumerate(rows, 2)]), lambda cells: str(cells[0]))
    expected: dict[object, list[object]] = {}
    for number, cells in enumerate(rows, 2):
        expected.setdefault(cells[0] or number, []).append((number, list(cells)))
    assert list(spool.groups()) == list(expected.values())
    assert list(spool.rows()) == [(number, list(cells)) for number, cells in enumerate(rows, 2)]
    assert len(spool) == len(rows)
