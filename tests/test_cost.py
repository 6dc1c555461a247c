"""What messages cost, to the last decimal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from notigate.cost import Cost, Price, total
from notigate.errors import ConfigError
from notigate.settings import load

SETTINGS = "project: {{name: 青年城}}\nchannels: {{sms: {{plugin: outbox{more}}}}}\n"


def written(tmp_path: Path, more: str = "") -> Path:
    file = tmp_path / "notigate.yaml"
    file.write_text(SETTINGS.format(more=more), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("amount", "parts", "told"),
    [("0.045", 1, "0.045 CNY"), ("0.045", 300, "13.50 CNY"), ("0.1", 3, "0.30 CNY"), ("0", 7, "0.00 CNY"),
     ("0.05", 100_000, "5000.00 CNY")],
)  # fmt: skip
def test_parts_times_price_is_exact(amount, parts, told):
    assert str(Price(Decimal(amount), "CNY").of(parts)) == told


def test_currencies_are_not_added_up():
    costs = [Cost(Decimal("0.1"), "CNY"), Cost(Decimal(2), "EUR"), Cost(Decimal("0.2"), "CNY")]
    assert list(map(str, total(costs))) == ["0.30 CNY", "2.00 EUR"]
    assert total([]) == ()


def test_a_price_stands_beside_its_channel_as_it_is_written(tmp_path):
    prices = load(written(tmp_path, ", price: 0.045")).prices
    assert prices == {"sms": Price(Decimal("0.045"), "CNY")}
    assert load(written(tmp_path, ", price: 0.007, currency: EUR")).prices["sms"].currency == "EUR"
    assert load(written(tmp_path)).prices == {}


@pytest.mark.parametrize("wrong", [", price: -1", ", price: cheap", ", price: 1, currency: Yuan", ", price: 0.0000001"])
def test_what_is_no_price_is_told(tmp_path, wrong):
    with pytest.raises(ConfigError, match=r"notigate\.yaml:2:"):
        load(written(tmp_path, wrong))


def test_a_cost_that_is_kept_comes_back_as_it_was():
    for amount in ("0.045", "0.000001", "12345678.9"):
        assert Cost.kept(Cost(Decimal(amount), "CNY").millionths, "CNY") == Cost(Decimal(amount), "CNY")
