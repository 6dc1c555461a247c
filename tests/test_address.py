from __future__ import annotations

import itertools
import re
import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.address import _MAINLAND_MOBILE, READERS, Fault, mask, mask_text, read_email, read_phone, read_wecom

# Every prefix that the three networks, the broadcaster and their resellers have handed out for people.
PREFIXES = [
    *range(130, 140), 145, 147, 149, 150, 151, 152, 153, 155, 156, 157, 158, 159, 162, 165, 166, 167,
    170, 171, 172, 173, 175, 176, 177, 178, *range(180, 190), 190, 191, 192, 193, 195, 196, 197, 198, 199,
]  # fmt: skip

FORMS = [
    "{}",
    "+86{}",
    "+86 {}",
    "86{}",
    "0086{}",
    "(+86){}",
    "0{}",
    " {} ",
    "{}.0",
    "{}.00",
    "'{}",
    '"{}"',
    "“{}”",
    "\u200b{}",
    "{}\u202c",
    "\ufeff{}\n",
    "\u00a0{}\t",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_live_mainland_prefix_is_read_in_every_form(form):
    for prefix in PREFIXES:
        number = f"{prefix}00138000"
        for written in (number, f"{number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]}-{number[3:7]}-{number[7:]}"):
            assert read_phone(form.format(written)) == number


@pytest.mark.parametrize(
    "value",
    [
        13800138000,
        13800138000.0,
        "１３８００１３８０００",
        "＋８６ 138‑0013—8000",
        "138.0013.8000",
        "+86-138_0013_8000",
        "手机：13800138000",
        "13800138000（微信同号）",
        "13800138000或028-85123456",
        "028-85123456/13800138000",
        "13800138000/138 0013 8000",
    ],
)
def test_what_spreadsheets_and_input_methods_do_to_a_number_is_undone(value):
    assert read_phone(value) == "13800138000"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("+852 9123 4567", "+85291234567"),
        ("00852-91234567", "+85291234567"),
        ("+886 912-345-678", "+886912345678"),
        ("+853 6612 3456", "+85366123456"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("+81-90-1234-5678", "+819012345678"),
    ],
)
def test_numbers_from_elsewhere_become_e164(value, number):
    assert read_phone(value) == number


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, Fault.EMPTY),
        ("", Fault.EMPTY),
        (" \u200b ", Fault.EMPTY),
        ("1.38E+10", Fault.LOSSY),
        ("1.3800138e10", Fault.LOSSY),
        ("1.38E10", Fault.LOSSY),
        ("１．３８Ｅ＋１０", Fault.LOSSY),
        ("13800138000/13900139000", Fault.SEVERAL),
        ("13800138000、13900139000", Fault.SEVERAL),
        ("13800138000，13900139000", Fault.SEVERAL),
        ("13800138000\n13900139000", Fault.SEVERAL),
        ("13800138000 13900139000", Fault.SEVERAL),
        ("13800138000-13900139000", Fault.SEVERAL),
        ("13800138000/139001380001", Fault.SEVERAL),
        ("028-85123456", Fault.NOT_MOBILE),
        ("010 6554 3210", Fault.NOT_MOBILE),
        ("+86 28 8512 3456", Fault.NOT_MOBILE),
        ("400-600-0000", Fault.NOT_MOBILE),
        ("+852 2123 4567", Fault.NOT_MOBILE),
        ("1380013800", Fault.INVALID),
        ("138001380000", Fault.INVALID),
        ("13800138000.5", Fault.INVALID),
        ("12345678901", Fault.INVALID),
        ("14012345678", Fault.INVALID),
        ("15400138000", Fault.INVALID),
        ("19400138000", Fault.INVALID),
        ("1259313800138000", Fault.INVALID),
        ("85291234567", Fault.INVALID),
        ("+999 12345678", Fault.INVALID),
        ("+", Fault.INVALID),
        ("13800138000 转 801", Fault.INVALID),
        ("13800138000x5", Fault.INVALID),
        ("138****8000", Fault.MASKED),
        ("138xxxx8000", Fault.MASKED),
        (1.38e10, Fault.LOSSY),
        (13800100000.0, Fault.LOSSY),
        ("13800138000（儿子）", Fault.INVALID),
        ("王芳", Fault.INVALID),
        ("١٣٨٠٠١٣٨٠٠٠", Fault.INVALID),
        (True, Fault.INVALID),
        (float("nan"), Fault.INVALID),
        ("9" * 5000, Fault.INVALID),
    ],
)
def test_what_is_no_mobile_number_is_refused_with_its_reason(value, fault):
    assert read_phone(value) is fault


def test_the_quick_answer_is_the_librarys_answer_for_every_mainland_prefix():
    kinds = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    for digits in itertools.product("0123456789", repeat=4):
        number = f"1{''.join(digits)}123456"
        theirs = phonenumbers.number_type(phonenumbers.parse(number, "CN")) in kinds
        quick = bool(_MAINLAND_MOBILE.fullmatch(number))
        assert (read_phone(number) == number) == (theirs or number.startswith("149"))
        assert theirs or not quick or number.startswith("149")


@given(st.text() | st.integers() | st.floats() | st.binary() | st.none() | st.booleans())
def test_reading_never_raises_and_never_gives_anything_but_an_address_or_a_fault(value):
    shapes = {"phone": r"1\d{10}|\+[1-9]\d{6,14}", "email": r"[!-~]+@[a-z0-9.-]+", "wecom": r"[\w.@-]{1,64}"}
    for kind, read in READERS.items():
        found = read(value)
        assert isinstance(found, Fault) or re.fullmatch(shapes[kind], found, re.ASCII)


@given(st.from_regex(_MAINLAND_MOBILE, fullmatch=True), st.sampled_from(FORMS))
def test_reading_again_changes_nothing(number, form):
    assert read_phone(read_phone(form.format(number))) == number


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("a@x.com", "a@x.com"),
        (" Wang.Fang+home@Example.COM ", "Wang.Fang+home@example.com"),
        ("a＠ｘ．com", "a@x.com"),
        ("\u200ba@x.com\u200b", "a@x.com"),
        ("'a@x.com'", "a@x.com"),
        ("o'neil@x.com", "o'neil@x.com"),
        ("13800138000@139.com", "13800138000@139.com"),
        ("a@例子.cn", "a@xn--fsqu00a.cn"),
        ("a@" + "b" * 63 + ".com", "a@" + "b" * 63 + ".com"),
        ("a" * 64 + "@x.com", "a" * 64 + "@x.com"),
    ],
)
def test_mail_addresses_are_read(value, address):
    assert read_email(value) == address


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, Fault.EMPTY),
        ("  ", Fault.EMPTY),
        ("a@x.com, b@x.com", Fault.SEVERAL),
        ("a@x.com；b@x.com", Fault.SEVERAL),
        ("a@x.com b@x.com", Fault.SEVERAL),
        ("王芳@x.com", Fault.NON_ASCII),
        ("a@b@x.com", Fault.INVALID),
        ("a", Fault.INVALID),
        ("王芳", Fault.INVALID),
        ("@x.com", Fault.INVALID),
        ("a@", Fault.INVALID),
        ("a@localhost", Fault.INVALID),
        ("a@10.0.0.1", Fault.INVALID),
        ("a@x..com", Fault.INVALID),
        ("a@.com", Fault.INVALID),
        ("a@x.com.", Fault.INVALID),
        ("a@-x.com", Fault.INVALID),
        ("a@x_y.com", Fault.INVALID),
        (".a@x.com", Fault.INVALID),
        ("a..b@x.com", Fault.INVALID),
        ("a b@x.com", Fault.INVALID),
        ("a@x .com", Fault.INVALID),
        ("a\x00@x.com", Fault.INVALID),
        ("<a@x.com>", Fault.INVALID),
        ("a@x.cn>\r\nRCPT TO:<b", Fault.INVALID),
        ('"a b"@x.com', Fault.INVALID),
        ("a(c)@x.com", Fault.INVALID),
        ("a,b@x.com", Fault.INVALID),
        ("a;b@x.com", Fault.INVALID),
        ("a" * 65 + "@x.com", Fault.INVALID),
        ("a@" + "b" * 64 + ".com", Fault.INVALID),
        ("a@" + "b." * 130 + "com", Fault.INVALID),
        ("a@" + ".".join(["例" * 20] * 10) + ".com", Fault.INVALID),
    ],
)
def test_what_a_mail_library_would_cut_down_or_refuse_is_refused_before(value, fault):
    assert read_email(value) is fault


@pytest.mark.parametrize("value", ["zhangsan", "Zhang_San-1@x.y", "a" * 64, 1001, 1001.0, "ｚhang"])
def test_wecom_ids_are_read(value):
    assert read_wecom(value) == (str(int(value)) if isinstance(value, float) else str(value).replace("ｚ", "z"))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", Fault.EMPTY),
        ("张三", Fault.INVALID),
        ("a|b", Fault.INVALID),
        ("a b", Fault.INVALID),
        ("a" * 65, Fault.INVALID),
    ],
)
def test_what_is_no_wecom_id_is_refused(value, fault):
    assert read_wecom(value) is fault


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("13800138000", "138****8000"),
        ("+85291234567", "+852****4567"),
        ("85123456", "851****56"),
        ("a@x.com", "a***@x.com"),
        ("wang.fang@example.com", "w***@example.com"),
        ("@x.com", "***@x.com"),
        ("张三", "张*"),
        ("欧阳娜娜", "欧*"),
        ("zhangsan", "z*"),
        ("", ""),
    ],
)
def test_a_mask_shows_enough_to_recognise_and_too_little_to_use(value, masked):
    assert mask(value) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请致电13800138000。", "请致电138****8000。"),
        ("phone13800138000x", "phone138****8000x"),
        ("138 0013 8000, 138-0013-8000", "138****8000, 138****8000"),
        ("+86 138-0013-8000", "+861****8000"),
        ("8613800138000", "861****8000"),
        ("138.0013.8000", "138****8000"),
        ("138\u00a00013\u20118000", "138****8000"),
        ("1３８００１３８０００", "1３８****８０００"),
        ("028-85123456", "028****3456"),
        ("to +852 9123 4567 now", "to +852****4567 now"),
        ("'+85291234567'", "'+852****4567'"),
        ("mail a.b@x.com!", "mail a***@x.com!"),
        ("?to=wang%40x.com&n=1", "?***@x.com&n=1"),
        ("13800138000@139.com", "1***@139.com"),
        ('{"PhoneNumbers":"13800138000,13900139000"}', '{"PhoneNumbers":"138****8000,139****9000"}'),
    ],
)
def test_free_text_keeps_no_address(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 10:00:00",
        "900619746936498440^0",
        "SMS_1000001",
        "400-600-0000",
        "1763690000",
        "20261121100500",
        "v1.2.3",
    ],
)
def test_free_text_keeps_dates_and_references(text):
    assert mask_text(text) == text


@given(st.text(), st.from_regex(_MAINLAND_MOBILE, fullmatch=True), st.text())
def test_no_number_survives_between_other_words(before, number, after):
    before, after = re.sub(r"\d", "", before), re.sub(r"\d", "", after)
    assert number not in mask_text(f"{before}{number}{after}")


def test_masking_takes_time_in_proportion_to_the_text():
    started = time.perf_counter()
    assert mask_text("a." * 50_000) == "a." * 50_000
    assert time.perf_counter() - started < 5  # in proportion: 0.05 s; with its square: half a minute
