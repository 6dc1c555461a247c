"""What a reader's program makes of our bytes is what was meant, and nothing more."""

import base64
import re
import string
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.plugin import Attachment, Category, Message
from notigate_email.addresses import envelope, mailbox
from notigate_email.compose import Composer, unfit
from notigate_email.headers import hides_control

NOW = datetime(2026, 9, 25, 2, 0, 7, tzinfo=UTC)
USUAL = ["Date", "From", "To", "Subject", "Message-ID", "X-Notigate-Reference", "Auto-Submitted", "MIME-Version"]
ONE_PART = ["Content-Type", "Content-Transfer-Encoding"]

anything = st.text(st.characters(exclude_categories=["Cs"]))
one_line = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)
names = one_line.filter(lambda name: not set('"<>') & set(name)).map(str.strip)


def make_message(**fields):
    usual = {
        "id": "m-1",
        "reference": "r-1",
        "occasion": "holiday/mid-autumn",
        "category": Category.CARE,
        "medium": "email",
        "to": "wang@example.com",
        "locale": "zh_Hans",
        "text": "中秋快乐",
    }
    return Message(**{**usual, **fields})


def wire(sender="青年城 <care@example.com>", **fields):
    options = {key: fields.pop(key) for key in ("reply_to", "unsubscribe", "unsubscribe_mail") if key in fields}
    return Composer(sender=mailbox(sender), **options).compose(make_message(**fields), NOW).data


def read(data):
    return message_from_bytes(data, policy=policy.default)


def content(part):
    return part.get_content().replace("\r\n", "\n")


def with_plain_ends(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check_wire(data):
    assert data.isascii()
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", data) is None, "no bare CR or LF"
    assert data.endswith(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998


PLAIN_MAIL = """\
Date: Fri, 25 Sep 2026 02:00:07 +0000
From: =?utf-8?b?6Z2S5bm05Z+O?= <care@example.com>
To: wang@example.com
Reply-To: desk@example.com
Subject: hello
Message-ID: <m-1@example.com>
X-Notigate-Reference: r-1
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

5Lit56eL5b+r5LmQ
"""


def test_a_plain_mail_is_these_bytes():
    assert wire(reply_to=mailbox("desk@example.com"), subject="hello").decode() == PLAIN_MAIL.replace("\n", "\r\n")


@given(subject=one_line, text=anything)
def test_subject_and_text_arrive(subject, text):
    message = make_message(subject=subject, text=text)
    if hides_control(subject):
        assert unfit(message)
        return
    data = wire(subject=subject, text=text)
    check_wire(data)
    mail = read(data)
    assert mail["Subject"] == subject
    assert content(mail) == with_plain_ends(text)
    assert mail.keys() == USUAL + ONE_PART


@given(subject=st.text(st.sampled_from("汉😀é a"), max_size=200).map("é{}".format))
def test_lines_with_encoded_words_keep_to_76_characters(subject):
    head = wire(subject=subject).partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 76
    words = re.findall(rb"=\?utf-8\?b\?(.*?)\?=", head.partition(b"Subject: ")[2])
    assert "".join(base64.b64decode(word).decode() for word in words) == subject, "no word holds half a character"
    assert read(wire(subject=subject))["Subject"] == subject


@given(name=names)
def test_the_name_of_the_sender_arrives(name):
    data = wire(sender=f"{name} <care@example.com>")
    check_wire(data)
    (sender,) = read(data)["From"].addresses
    assert sender.addr_spec == "care@example.com"
    # Python before 3.13 reads a blank between two encoded words of a name that RFC 2047 does not put there.
    assert sender.display_name.replace(" ", "") == name.replace(" ", "")


@given(text=anything, html=anything.filter(bool))
def test_text_and_html_are_alternatives_text_first(text, html):
    data = wire(text=text, html=html)
    check_wire(data)
    mail = read(data)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [content(part) for part in mail.iter_parts()] == [with_plain_ends(text), with_plain_ends(html)]
    assert mail.keys() == [*USUAL, "Content-Type"]
    assert not mail.defects


@given(
    files=st.lists(st.tuples(one_line.map(str.strip).filter(bool), st.binary(max_size=2000)), min_size=1, max_size=3)
)
def test_attachments_arrive_beside_the_text(files):
    attachments = tuple(Attachment(name=name, media_type="application/pdf", data=data) for name, data in files)
    if unfit(make_message(attachments=attachments)):
        return
    data = wire(html="<p>中秋</p>", attachments=attachments)
    check_wire(data)
    mail = read(data)
    body, *rest = mail.iter_parts()
    assert (mail.get_content_type(), body.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert [(part["Content-Disposition"].params["filename"], part.get_content()) for part in rest] == files
    assert [part.get_content_disposition() for part in rest] == ["attachment"] * len(files)


def test_a_lonely_text_with_an_attachment_is_mixed():
    mail = read(wire(attachments=(Attachment(name="报告 十月.pdf", media_type="application/pdf", data=b"%PDF"),)))
    text, report = mail.iter_parts()
    assert (content(text), report.get_filename(), report.get_content()) == ("中秋快乐", "报告 十月.pdf", b"%PDF")


def test_the_message_id_is_the_same_on_every_attempt():
    first, second = read(wire(reference="r-1")), read(wire(reference="r-2"))
    assert first["Message-ID"] == second["Message-ID"] == "<m-1@example.com>"
    assert (first["X-Notigate-Reference"], second["X-Notigate-Reference"]) == ("r-1", "r-2")


@given(identity=anything.filter(bool))
def test_no_id_breaks_out_of_its_header(identity):
    data = wire(id=identity, reference=identity, category=Category.MARKETING, unsubscribe="https://n.example.com/{id}")
    mail = read(data)
    assert mail.keys() == [*USUAL[:-1], "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", *ONE_PART]


LONG = "https://notify.example.com/unsubscribe/from/greetings/and/offers/{id}"
ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"unsubscribe": LONG, "unsubscribe_mail": "unsub+x@example.com"},
            f"List-Unsubscribe: <{LONG}>,\r\n <mailto:unsub%2Bx@example.com?subject={{id}}>\r\n{ONE_CLICK}",
        ),
        ({"unsubscribe": LONG}, f"List-Unsubscribe: <{LONG}>\r\n{ONE_CLICK}"),
        (
            {"unsubscribe_mail": "unsub@example.com"},
            "List-Unsubscribe: <mailto:unsub@example.com?subject={id}>\r\nMIME-Version",
        ),
    ],
)
def test_the_ways_to_unsubscribe_stay_whole_in_marketing_mails(options, expected):
    identity = "f" * 32
    head = wire(id=identity, category=Category.MARKETING, **options).decode()
    assert expected.replace("{id}", identity) in head


@pytest.mark.parametrize("category", [category for category in Category if category is not Category.MARKETING])
def test_other_mails_carry_no_way_to_unsubscribe(category):
    assert b"List-Unsubscribe" not in wire(category=category, unsubscribe=LONG)


INJECTIONS = [
    "中秋\r\nBcc: x@example.com",
    "中秋\nBcc: x@example.com",
    "中秋\rBcc: x@example.com",
    "a\x00b",
    "a\tb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "half \ud83d a character",
    "=?utf-8?q?a=0D=0ABcc:_x@example.com?=",
    "=?UTF-8?Q?a=0aBcc:_x@example.com?=",
    "=?utf-8*en?b?YQ0KQmNjOiB4QGV4YW1wbGUuY29t?=",
    "=?utf-8?b?YQ0KQmNjOiB4QGV4YW1wbGUuY29t",
    "中秋 =?gbk?q?=D6=D0=0D=0A?= 快乐",
    "=?utf-7?q?a+AA0ACg-Bcc:?=",
    "=?utf-16-le?b?DQAKAA==?=",
    "=?no-such-charset?q?a?=",
    "=?utf-8?b?a?=",
]


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_that_could_start_a_header_is_unfit(subject):
    assert "subject" in unfit(make_message(subject=subject))


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_file_name_that_could_start_a_header_is_unfit(name):
    assert "attachment" in unfit(make_message(attachments=(Attachment(name=name, media_type="a/b", data=b""),)))


@pytest.mark.parametrize(
    "subject", ["中秋快乐", "=?", "a =? b ?=", "=?utf-8?q?caf=C3=A9?=", "=?utf-8?b?5Lit56eL?=", "3+3=?6"]
)
def test_a_harmless_subject_is_fit_and_arrives_as_written(subject):
    assert unfit(make_message(subject=subject)) == ""
    assert read(wire(subject=subject))["Subject"] == subject


def test_half_a_character_in_a_text_is_unfit():
    assert (
        unfit(make_message(text="half \ud83d"))
        == unfit(make_message(html="half \ud83d"))
        == "the text holds half characters"
    )


@pytest.mark.parametrize(
    "media_type", ["", "pdf", "multipart/mixed", "message/rfc822", "a/b\r\nBcc: x", "text/html; x", "a/ü"]
)
def test_a_strange_media_type_is_unfit(media_type):
    assert "media type" in unfit(make_message(attachments=(Attachment(name="a", media_type=media_type, data=b""),)))


def test_a_file_name_too_long_for_a_line_is_unfit():
    assert unfit(make_message(attachments=(Attachment(name="字" * 98, media_type="a/b", data=b""),))) == ""
    assert "too long" in unfit(make_message(attachments=(Attachment(name="字" * 99, media_type="a/b", data=b""),)))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("wang@example.com", "wang@example.com"),
        ("o'wang+a.b@sub.example.com", "o'wang+a.b@sub.example.com"),
        ("wang@例子.中国", "wang@xn--fsqu00a.xn--fiqs8s"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("a" * 65 + "@example.com", None),
        ("a@" + "b." * 126 + "com", None),
        ("王芳@example.com", None),
        ("wang", None),
        ("@example.com", None),
        ("wang@", None),
        ("wang@localhost", None),
        ("wang@-example.com", None),
        ("wang@exa mple.com", None),
        ("a@b@example.com", None),
        ("wang@example.com,li@example.com", None),
        ("wang@example.com>\r\nRCPT TO:<li@example.com", None),
        ("wang@example.com\n", None),
        ('"wang fang"@example.com', None),
        ("", None),
    ],
)
def test_an_address_is_carried_whole_or_not_at_all(address, expected):
    assert envelope(address) == expected


@given(st.text(string.printable + "例é\u2028"))
def test_no_address_can_end_a_command(text):
    address = envelope(text)
    assert address is None or re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", address)
