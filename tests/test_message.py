"""A message as plugins know it: a named tuple."""

from __future__ import annotations

import pytest

from notigate.model import Category, Content, Message

FIELDS = {
    "id": "1-a", "reference": "b", "occasion": "service/birthday", "category": Category.SERVICE, "medium": "email",
    "to": "fang@example.com", "locale": "zh_Hans", "text": "生日快乐", "subject": "祝您", "html": "<p>生日快乐",
    "params": {"name": "王芳"}, "attachments": (),
}  # fmt: skip
OPTIONAL = ("subject", "html", "params", "attachments")


def test_a_message_has_what_it_was_made_of():
    message = Message(**FIELDS)
    assert {name: getattr(message, name) for name in FIELDS} == FIELDS
    assert Message._fields == tuple(FIELDS)


def test_a_message_shows_neither_address_nor_text():
    assert repr(Message(**FIELDS)) == (
        "Message(id='1-a', reference='b', occasion='service/birthday', category=<Category.SERVICE: 'service'>,"
        " medium='email', locale='zh_Hans')"
    )


def test_a_message_is_replaced_and_never_changed():
    message = Message(**FIELDS)
    with pytest.raises(AttributeError):
        message.to = "li@example.com"
    other = message._replace(to="li@example.com")
    assert (other.to, message.to) == ("li@example.com", "fang@example.com")
    assert other != message
    assert other._replace(to=message.to) == message


def test_a_plain_text_needs_no_subject_html_params_or_attachments():
    message = Message(**{name: value for name, value in FIELDS.items() if name not in OPTIONAL})
    assert [getattr(message, name) for name in OPTIONAL] == ["", "", {}, ()]


@pytest.mark.parametrize("missing", [name for name in FIELDS if name not in OPTIONAL])
def test_all_else_must_be_given(missing):
    with pytest.raises(TypeError, match=missing):
        Message(**{name: value for name, value in FIELDS.items() if name != missing})


def test_a_message_ends_with_the_fields_of_its_content():
    assert Message._fields[-len(Content._fields) :] == Content._fields
