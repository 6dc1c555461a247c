"""Parts of an SMS: what we count beforehand is what the provider counts, on every side of every boundary."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from notigate.address import is_abroad, read_phone
from notigate.gateway import Gateway
from notigate.render import segments
from notigate.testing.aliyun import FakeAliyun, Sent

#: characters of the whole message at which another part begins, in each rule
MAINLAND = (1, 69, 70, 71, 133, 134, 135, 200, 201, 202, 267, 268, 269, 500)
GSM = (1, 159, 160, 161, 305, 306, 307, 458, 459, 460, 612, 613)
#: what a text is made of: hanzi, letters, full-width marks, a line break, an emoji, a rare character
FILLINGS = ("好", "a", "，", "好a 1", "\n好", "🎉", "好🎉", "𠜎", "🎉好好")
SIGNATURES = ("青年城", "示例物业", "AB", "一二三四五六七八九十一二")
GSM_FILLINGS = ("a", "Hello, world. ", "€", "a€", "{x}", "é", "Ü\n")


def filled(filling: str, length: int, width) -> str:
    """As many whole fillings as fit into `length`, and letters for the rest."""
    text = ""
    while width(text + filling) <= length:
        text += filling
    return text + "x" * (length - width(text))


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def septets(text: str) -> int:
    return len(text) + sum(text.count(character) for character in "^{}\\[~]|€\f")


def provider(text: str, phone: str, signature: str = "") -> int:
    whole = f"【{signature}】{text}" if signature else text
    return Sent(
        phone=phone, sign=signature, template="SMS_1", params={}, text=whole, out_id="", biz_id="", at=datetime.now(UTC)
    ).units


CASES = [
    (filled(filling, length - len(signature) - 2, utf16), signature)
    for filling, length, signature in product(FILLINGS, MAINLAND, SIGNATURES)
    if length > len(signature) + 2
]


def test_there_are_texts_around_every_boundary():
    assert len(set(CASES)) >= 200


@pytest.mark.parametrize("signature", SIGNATURES)
def test_we_count_as_the_provider_counts_in_the_mainland(signature):
    for text, own in CASES:
        if own == signature:
            assert segments(text, own) == provider(text, "13800138000", own), (len(text), text[:8])


def test_we_count_as_the_provider_counts_elsewhere():
    texts = [filled(filling, length, septets) for filling, length in product(GSM_FILLINGS, GSM)]
    texts += [filled(filling, length, utf16) for filling, length in product(FILLINGS, MAINLAND)]
    for text in texts:
        assert segments(text, international=True) == provider(text, "85261234567"), (len(text), text[:8])


@pytest.mark.parametrize(
    ("length", "parts"), [(70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (201, 3), (202, 4), (268, 4), (269, 5)]
)
def test_the_provider_publishes_these_examples(length, parts):
    assert (
        segments("好" * (length - 6), "示例物业") == parts == provider("好" * (length - 6), "13800138000", "示例物业")
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("好" * 70, 1),
        ("好" * 71, 2),
    ],
)
def test_elsewhere_the_alphabet_decides(text, parts):
    assert segments(text, international=True) == parts


def test_no_character_is_cut_apart_elsewhere():
    assert segments("a" * 152 + "€" + "a" * 152, international=True) == 3
    assert segments("好" * 66 + "🎉" + "好" * 66, international=True) == 3


@pytest.mark.parametrize(
    ("written", "abroad"),
    [("13800138000", False), ("+86 138 0013 8000", False), ("+852 6123 4567", True), ("+65 8123 4567", True)],
)
def test_the_number_tells_which_rule_holds(written, abroad):
    assert is_abroad(read_phone(written)) is abroad


SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
approved_text: "off"
channels:
  sms: {{plugin: sms_aliyun, access_key_id: id, access_key_secret: secret, sign_name: 青年城, endpoint: "{endpoint}",
        templates: {{service/birthday: SMS_1}}}}
occasions: {{service/birthday: {{at: "00:00-24:00", moment: daily, who: ""}}}}
policy: {{windows: ["00:00-24:00"]}}
"""


#: with its signature 134 units: two parts where emoji may be cut apart, three where they may not
CUT = "好" * 61 + "🎉" + "好" * 66
OCCASION = """\
title: Tried
class: service
moment: daily
channels: [sms]
sample: {name: 王芳, phone: "13800138000"}
"""


@pytest.mark.parametrize(("text", "different"), [(CUT, 2), ("Call us. " * 15, 1)])
def test_a_plan_promises_what_the_provider_counts_for_each_reader(tmp_path, text, different):
    own = tmp_path / "templates/service/birthday"
    own.mkdir(parents=True)
    (own / "occasion.yaml").write_text(OCCASION, encoding="utf-8")
    (own / "zh_Hans.sms.txt").write_text(text, encoding="utf-8")
    phones = ["13800000001", "+85261234567", "+6581234567", "13800000002"]
    rows = [f"c{number},王芳,{phone}" for number, phone in enumerate(phones)]
    (tmp_path / "customers.csv").write_text("\n".join(["id,name,phone", *rows]), encoding="utf-8")
    with FakeAliyun(keys={"id": "secret"}, signs=["青年城"], templates={"SMS_1": text.strip()}) as fake:
        settings = tmp_path / "notigate.yaml"
        settings.write_text(SETTINGS.format(endpoint=fake.endpoint), encoding="utf-8")
        settings.chmod(0o600)
        with Gateway.open(tmp_path) as gateway:
            planned = {item.draft.to.removeprefix("+"): item.segments for item in gateway.plan()}
            gateway.send_due()
        assert {sent.phone: sent.units for sent in fake.sent} == planned
    assert len(planned) == len(phones)
    assert len(set(planned.values())) == different
