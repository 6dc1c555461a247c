"""Names as clerks write them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.names import Kind, read


@pytest.mark.parametrize(
    ("written", "text", "family", "title"),
    [
        ("王芳", "王芳", "王", None),
        (" 王　芳 ", "王芳", "王", None),
        ("欧阳娜娜", "欧阳娜娜", "欧阳", None),
        ("歐陽修", "歐陽修", "歐陽", None),
        ("司马光", "司马光", "司马", None),
        ("司光", "司光", "司", None),
        ("张和平", "张和平", "张", None),
        ("欧阳和平", "欧阳和平", "欧阳", None),
        ("王先生", "王先生", "王", "mr"),
        ("欧阳女士", "欧阳女士", "欧阳", "ms"),
        ("王芳女士", "王芳", "王", "ms"),
        ("李雷 先生", "李雷", "李", "mr"),
        ("王总", "王总", "王", None),
        ("李老师", "李老师", "李", None),
        ("李**", "李**", "李", None),
        ("张某某", "张某某", "张", None),
        ("张三2", "张三", "张", None),
        ("王芳\u200b", "王芳", "王", None),
        ("（王芳）", "王芳", "王", None),
        ("Anna O'Neil-Smith", "Anna O'Neil-Smith", "Anna O'Neil-Smith", None),
        ("阿依古丽·买买提", "阿依古丽·买买提", "阿依古丽·买买提", None),
        ("买买提", "买买提", "", None),
        ("艾合买提江", "艾合买提江", "", None),
        ("犇芳", "犇芳", "", None),
    ],
)
def test_one_person_is_read(written, text, family, title):
    found = read(written)
    assert (found.kind, found.text, found.family, found.title) == (Kind.PERSON, text, family, title)


@pytest.mark.parametrize(
    "written", ["张三/李四", "张三、李四", "张三和李四", "张三 & 李四", "张三，李四", "Anna and Bob", "张三\n李四"]
)
def test_several_people_have_no_family_name(written):
    assert (read(written).kind, read(written).family) == (Kind.SEVERAL, "")


@pytest.mark.parametrize(
    "written",
    [
        "成都青年城物业有限公司",
        "某某集团",
        "Smith Trading Co., Ltd",
        "第一人民医院",
        "王记商行",
        "ACME Inc",
        "李明个体户",
    ],
)
def test_a_company_is_nobody_s_name(written):
    found = read(written)
    assert (found.kind, found.text, found.family) == (Kind.COMPANY, written, "")


@pytest.mark.parametrize(
    "written", ["", "  ", "业主", "客户", "无", "先生", "未知", "-", "N/A", "***", "13800138000", "3-2-1203"]
)
def test_nobody_is_named(written):
    assert (read(written).kind, read(written).text, read(written).family) == (Kind.NOBODY, "", "")


def test_what_stands_in_brackets_is_told_apart():
    assert (read("李雷（儿子）").text, read("李雷（儿子）").remark) == ("李雷", "儿子")
    assert (read("王芳（已故）").text, read("王芳（已故）").late) == ("王芳", True)


@given(st.text(max_size=40))
def test_any_text_is_read_and_a_family_name_is_part_of_it(written):
    found = read(written)
    assert found.family in found.text
    assert bool(found.text) is (found.kind is not Kind.NOBODY)


#: what may stand in a name of a few characters and says something beside it, and characters of such words
PIECES = (  # noqa: SIM905 - quotation marks would hide the words
    "王 李 欧阳 司马 芳 伟 明 先生 女士 小姐 太太 总 經理 老师 教授 医生 局长 书记 律師 阿姨 师傅 大姐 已故 过世 病故 亡故 公司 "
    "集团 银行 学校 学院 医院 中心 协会 商行 商店 超市 酒店 个体户 业主 客户 租户 本人 无名 未知 匿名 测试 贵宾 空 某 某某 古丽 阿布 "
    "买买提 艾力 江 木江 汗 扎西 次仁 卓玛"
).split()


def test_a_short_name_says_what_it_says_among_blanks():
    pairs = ["".join(pair) for pair in product(["", *PIECES], PIECES)]
    assert [name for name in pairs if read(name) != read(f" {name} ")] == []


def test_who_looks_at_what_a_name_tells_sees_no_name():
    found = read("王芳女士（儿子）")
    assert (found.text, found.remark, repr(found)) == (
        "王芳",
        "儿子",
        f"Name(kind={Kind.PERSON!r}, title='ms', late=False)",
    )
