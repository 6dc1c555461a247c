"""A message as plugins know it: a frozen dataclass."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from notigate.model import Category, Message

FIELDS = {
    "id": "1-a", "reference": "b", "occasion": "service/birthday", "category": Category.SERVICE, "medium": "email",
    "to": "fang@example.com", "locale": "zh_Hans", "text": "生日快乐", "subject": "祝您", "html": "<p>生日快乐",
    "params": {"name": "王芳"}, "attachments": (),
}  # fmt: skip
OPTIONAL = ("subject", "html", "params", "attachments")


def test_a_message_has_what_it_was_made_of():
    message = Message(**FIELDS)
    assert {field.name: getattr(message, field.name) for field in fields(message)} == FIELDS
    assert list(FIELDS) == [field.name for field in fields(Message)]


def test_a_message_shows_neither_address_nor_text():
    assert repr(Message(**FIELDS)) == (
        "Message(id='1-a', reference='b', occasion='service/birthday', category=<Category.SERVICE: 'service'>,"
        " medium='email', locale='zh_Hans')"
    )


def test_a_message_is_replaced_and_never_changed():
    message = Message(**FIELDS)
    with pytest.raises(FrozenInstanceError):
        message.to = "li@example.com"
    other = replace(message, to="li@example.com")
    assert (other.to, message.to) == ("li@example.com", "fang@example.com")
    assert other != message
    assert replace(other, to=message.to) == message


def test_a_plain_text_needs_no_subject_html_params_or_attachments():
    message = Message(**{name: value for name, value in FIELDS.items() if name not in OPTIONAL})
    assert [getattr(message, name) for name in OPTIONAL] == ["", "", {}, ()]


@pytest.mark.parametrize("missing", [name for name in FIELDS if name not in OPTIONAL])
def test_all_else_must_be_given(missing):
    with pytest.raises(TypeError, match=missing):
        Message(**{name: value for name, value in FIELDS.items() if name != missing})
