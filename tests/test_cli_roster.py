"""What a clerk is told of a roster: every fault with its place, and a copy to go on with."""

from __future__ import annotations

import csv
import json
import stat
import string

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from notigate.audience.checkup import letter
from notigate.audience.cleaned import safe
from notigate.cli import cli
from notigate.settings import load

ROSTER = """\
客户名单
姓名,联系电话,手机,生日,签约日期,退订,备注,备注
王芳,13900139000,,88-9-5,2026年9月5日,,x,y
李雷,028-88886666,1.38E+10,soon,,,=HYPERLINK("x"),
韩梅梅,,+86 138-0013-8002,1988.9.5,46270,是,-1,
王芳,,13800138004,,,,,
王 芳,,013800138004,,,,,
张三,,13800138004,,,,,
赵六,,,,,,,
合计,5
"""
SETTINGS = """\
# ours
project: {name: x}
roster: {file: customers.csv}   # theirs
channels: {trial: {plugin: outbox}}
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str):
        result = CliRunner().invoke(cli, ["-C", str(tmp_path), "roster", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def told(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_fault_is_told_with_its_place_and_what_to_do(run):
    result = run("check", "--json")
    assert result.exit_code == 1
    assert [
        (one["row"], one["cell"], one["heading"], one["value"], one["reason"].split(";")[0]) for one in told(result)
    ] == [
        (3, "D3", "生日", "8*", "a year of two digits"),
        (4, "C4", "手机", "1*", "a spreadsheet has rounded it"),
        (4, "D4", "生日", "s*", "not a day such as 2026-09-05"),
        (4, "G4", "备注", "=*", "a formula instead of its value"),
        (7, "", "", "", "the same person as in row 6"),
        (9, "", "", "", "neither an id nor an address"),
    ]
    assert "customers.csv: rows 7, people 3; rows that cannot be used 3, people not to be reached 0" in result.stderr
    assert "row 10 is read as a total or a remark" in result.stderr
    assert "1 phone numbers belong to several people, that of row 6 to begin with" in result.stderr
    assert not any(digits in result.output for digits in ("13900139000", "13800138004", "88886666"))


def test_a_roster_without_faults_is_said_to_be_so_by_the_exit_code(run, tmp_path):
    (tmp_path / "customers.csv").write_text("id,name,phone\n1,A,13800138000\n2,B,\n")
    result = run("check")
    assert result.exit_code == 0
    assert "note\t3" in result.stdout
    assert "cannot be reached" in result.stdout


def test_one_person_under_two_ids_is_told(run, tmp_path):
    (tmp_path / "customers.csv").write_text("id,name,phone\n1,A,13800138000\n2,B,13900139000\n3,A,13800138000\n")
    told = run("check").stderr
    assert "1 people have several ids, that of row 2 to begin with" in told
    assert "belong to several people" not in told


def test_a_file_that_is_wrong_as_a_whole_is_refused(run, tmp_path):
    (tmp_path / "customers.csv").write_bytes("姓名,手机\n路平,1\n".encode() + b"\xff")
    result = run("check")
    assert result.exit_code == 2
    assert "customers.csv:3: this is not UTF-8" in result.stderr


def test_a_file_can_be_checked_without_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOTIGATE_PROJECT", raising=False)
    (tmp_path / "list.csv").write_bytes("name,phone\n路平,13800138000\n".encode("gb18030"))
    asked = CliRunner().invoke(cli, ["roster", "check", "list.csv"])
    assert asked.exit_code == 2
    assert "'·*' in UTF-8 is '路*' in GB18030" in asked.stderr
    assert CliRunner().invoke(cli, ["roster", "check", "list.csv", "--encoding", "gb18030"]).exit_code == 0
    assert CliRunner().invoke(cli, ["roster", "check", "list.csv", "--encoding", "klingon"]).exit_code == 2


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_copy_holds_every_cell_as_it_was_read_and_what_is_to_be_mended(run, tmp_path, suffix):
    copy = tmp_path / f"clean{suffix}"
    assert run("check", "--fixed", str(copy)).exit_code == 1
    if suffix == ".xlsx":
        page = openpyxl.load_workbook(copy).active
        rows = [["" if cell.value is None else str(cell.value).split(" 00:")[0] for cell in row] for row in page.rows]
        assert not any(cell.data_type == "f" for row in page.rows for cell in row)
        assert page["D3"].fill.start_color.rgb == "FFFFC7CE"
    else:
        with copy.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    assert rows[0] == ["姓名", "联系电话", "手机", "生日", "签约日期", "退订", "备注", "备注 2", "to be mended"]
    assert rows[3] == ["韩梅梅", "", "13800138002", "1988-09-05", "2026-09-05", "是", "'-1", "", ""]
    assert rows[2][2:7] == ["1.38E+10", "soon", "", "", '\'=HYPERLINK("x")']
    assert rows[2][8].startswith("手机: a spreadsheet has rounded it")
    assert [row[0] for row in rows[1:]] == ["王芳", "李雷", "韩梅梅", "王芳", "王芳", "张三", "赵六"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_the_copy_of_a_copy_says_the_same(run, tmp_path):
    run("check", "--fixed", str(tmp_path / "one.xlsx"))
    before = [(one["heading"], one["reason"]) for one in told(run("check", "--json"))]
    again = [(one["heading"], one["reason"]) for one in told(run("check", str(tmp_path / "one.xlsx"), "--json"))]
    assert [one for one in again if "formula" not in one[1]] == [
        (heading, reason.replace("row 6", "row 5")) for heading, reason in before if "formula" not in reason
    ]


def test_a_copy_loses_nothing_that_a_cell_tells_beside_its_value(run, tmp_path):
    cells = [("欧阳明 先生", "农历八月十五"), ("王芳（女儿）", "12-25"), ("李雷（已故）", "闰六月初三")]
    lines = [f"{name},1380013800{n},{day}" for n, (name, day) in enumerate(cells)]
    (tmp_path / "customers.csv").write_text("\n".join(["姓名,手机,生日", *lines]), encoding="utf-8")
    assert run("check", "--fixed", str(tmp_path / "one.csv")).exit_code == 0
    with (tmp_path / "one.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [(name, day) for name, _phone, day, _told in list(csv.reader(file))[1:]] == cells


@pytest.mark.parametrize("name", ["customers.csv", "there.xlsx"])
def test_a_copy_is_never_written_over_a_file(run, tmp_path, name):
    (tmp_path / "there.xlsx").write_bytes(b"mine")
    before = (tmp_path / name).read_bytes()
    result = run("check", "--fixed", str(tmp_path / name))
    assert result.exit_code == 2
    assert "is there already; take another name" in result.stderr
    assert (tmp_path / name).read_bytes() == before


@given(st.text(alphabet=st.sampled_from("=+-@＝＋－＠\t\r\n 'a1"), max_size=6))
def test_no_cell_of_a_copy_is_taken_for_a_formula(text):
    assert not str(safe(text)).lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert not str(safe(text)).startswith(("\t", "\r", "\n"))


def test_columns_are_called_as_spreadsheets_call_them():
    assert [letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [letter(index) for index in range(26)] == list(string.ascii_uppercase)


def test_the_reading_of_the_headings_is_shown(run):
    shown = {one["heading"]: one["name"] for one in told(run("columns", "--json"))}
    assert shown == {
        "姓名": "name", "联系电话": "联系电话", "手机": "phone", "生日": "birthday", "签约日期": "signed_on", "退订": "opted_out",
        "备注": "备注", "备注 2": "备注 2",
    }  # fmt: skip


@pytest.mark.parametrize(
    "section",
    [
        "roster: {file: customers.csv}   # theirs",
        "roster: {file: customers.csv, columns: {name: 姓名, layout: 备注}}",
        "roster:\n  # where\n  file: customers.csv\n  encoding: utf-8",
        "roster:\n  file: customers.csv\n  columns:\n    layout: 备注  # a fact\n    name: 姓名\n  encoding: utf-8",
        "roster:\n    columns: {layout: 备注}\n    file: customers.csv",
        "roster: {\n  file: customers.csv,\n  }",
    ],
)
def test_the_reading_can_be_kept_without_touching_what_stands_around_it(run, tmp_path, section):
    settings = tmp_path / "notigate.yaml"
    settings.write_text(SETTINGS.replace("roster: {file: customers.csv}   # theirs", section), encoding="utf-8")
    settings.chmod(0o600)
    before = load(settings)
    assert run("columns", "--save").exit_code == 0
    after = load(settings)
    recognised = {"name": "姓名", "phone": "手机", "birthday": "生日", "signed_on": "签约日期", "opted_out": "退订"}
    assert after.roster.columns == {**before.roster.columns, **recognised}
    assert after.roster.file == before.roster.file
    assert after.roster.encoding == before.roster.encoding
    text = settings.read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    assert text.endswith("channels: {trial: {plugin: outbox}}\n")
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_settings_that_cannot_be_added_to_stay_as_they_are(run, tmp_path):
    settings = tmp_path / "notigate.yaml"
    text = "project: {name: x}\nother: &r {file: customers.csv}\nroster: *r\n"
    settings.write_text(text, encoding="utf-8")
    assert run("columns", "--save").exit_code == 2
    assert settings.read_text(encoding="utf-8") == text


def test_one_bad_row_of_a_run_is_named_and_the_others_go(tmp_path):
    settings = SETTINGS + "occasions: {service/birthday: {at: '00:00-24:00'}}\npolicy: {windows: ['00:00-24:00']}\n"
    (tmp_path / "notigate.yaml").write_text(
        settings.replace("{name: x}", "{name: x, hotline: '400'}"), encoding="utf-8"
    )
    people = "".join(f"{n},王芳,{13800138000 + n},1988-11-21,2026-01-02\n" for n in range(50))
    (tmp_path / "customers.csv").write_text(
        "id,name,phone,birthday,signed_on\n" + people + "50,王芳,12345,,\n", encoding="utf-8"
    )
    sent = CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", "2026-11-21T10:00", "send", "--due", "--json"])
    [summary] = told(sent)
    assert summary["counts"] == {"accepted": 50}
    assert [(one["person"], one["detail"]) for one in summary["problems"]] == [("row 52", "phone: no phone number")]
    assert sent.exit_code == 1
