"""`notigate init` asks on a terminal, takes options elsewhere, and leaves a whole project or nothing."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from notigate.cli import cli, init
from notigate.sample.answers import Answers, written
from notigate.settings import load

ROSTER = "编号,姓名,手机,生日,爱好\nc1,王芳,13800138000,1990-11-22,茶\nc2,李雷,1380013,1991-11-22,\n"
SECRET = "hunter2-canary"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command, as if on a terminal where `answers` are typed; without them as by another program."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, answers: list[str] | None = None):
        with monkeypatch.context() as patched:
            if answers is not None:
                patched.setattr(init, "sys", Terminal)
            typed = None if answers is None else "".join(f"{line}\n" for line in answers)
            return CliRunner(env={"SMTP_PASSWORD": SECRET}).invoke(cli, ["init", *arguments], input=typed)

    return invoke


class Terminal:
    """Where a person sits."""

    class stdin:  # noqa: N801 - as `sys` has it
        @staticmethod
        def isatty():
            return True

    stderr = stdin


def settings(folder: Path) -> dict:
    return yaml.safe_load((folder / "notigate.yaml").read_text(encoding="utf-8"))


#: name, hotline, city, zone, language, channels, of mail: host, user, password, sender; roster, take it, only, make it, try it
ALL = [
    "青年城", "400-600-0000", "成都", "", "", "email", "smtp.example.com", "care@example.com", "", "", "customers.csv", "",
    "me@example.com", "", "n",
]  # fmt: skip


def test_answers_become_a_project_that_can_be_opened(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)
    done = run("care", answers=ALL)
    assert done.exit_code == 0, done.output
    loaded = load(tmp_path / "care" / "notigate.yaml")
    assert (loaded.project["name"], loaded.project["city"], str(loaded.timezone)) == ("青年城", "成都", "Asia/Shanghai")
    assert loaded.policy.only == ("me@example.com",)
    assert loaded.roster.file == tmp_path / "customers.csv"
    assert settings(tmp_path / "care")["channels"]["email"] == {
        "plugin": "email", "host": "smtp.example.com", "username": "care@example.com", "password": "${env:SMTP_PASSWORD}",
        "sender": "青年城 <care@example.com>",
    }  # fmt: skip


def test_headings_of_the_roster_are_shown_as_they_are_read(run):
    shown = run("care", answers=ALL).stderr
    assert "姓名 → name" in shown
    assert "爱好 → 爱好" in shown
    assert "rows 2, people 1; rows that cannot be used 1" in shown


def test_what_the_options_say_is_not_asked(run, tmp_path):
    done = run(
        "care", "--name", "锦江里", "--hotline", "028-1", "--city", "成都", "--timezone", "Asia/Shanghai", "--locale", "en",
        "--channel", "group", "--set", "group.webhook=file:hook", "--only", "13800138000", answers=["-", "y", "n"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert settings(tmp_path / "care")["channels"]["group"] == {"plugin": "wecom", "webhook": "${file:hook}"}
    assert "Which number" not in done.stderr


def test_answers_that_do_not_do_are_asked_for_again(run):
    answers = [*ALL]
    answers[3:4] = ["Asia/Chengdu", "Asia/Shanghai"]
    answers[11:12] = ["nowhere.csv", "customers.csv"]
    done = run("care", answers=answers)
    assert done.exit_code == 0, done.output
    assert "Asia/Chengdu is no time zone" in done.stderr
    assert "there is no file nowhere.csv" in done.stderr


def test_a_slip_is_no_address_of_oneself(run, tmp_path):
    done = run("care", answers=[*ALL[:12], "y", *ALL[12:]])
    assert "this is neither a phone number nor a mail address" in done.stderr
    assert load(tmp_path / "care" / "notigate.yaml").policy.only == ("me@example.com",)


def test_a_secret_that_is_typed_in_stands_nowhere(run, tmp_path):
    answers = [*ALL]
    answers[8:9] = [SECRET, "env:SMTP_PASSWORD"]
    done = run("care", answers=answers)
    assert "never stands in notigate.yaml" in done.stderr
    assert SECRET not in (tmp_path / "care" / "notigate.yaml").read_text()
    told = run("other", "--yes", "--channel", "group", "--set", f"group.webhook={SECRET}")
    assert (told.exit_code, SECRET in told.output, (tmp_path / "other").exists()) == (2, False, False)
    wrong = run("other", "--yes", "--channel", "group", "--set", SECRET)
    assert (wrong.exit_code, SECRET in wrong.output) == (2, False)


@pytest.mark.parametrize("questions", range(len(ALL) - 1))
def test_who_ends_it_at_any_question_has_nothing(run, tmp_path, questions):
    done = run("care", answers=ALL[:questions])
    assert (done.exit_code, (tmp_path / "care").exists()) == (130, False)
    assert "Nothing was made." in done.stderr


def test_who_says_no_at_the_end_has_nothing(run, tmp_path):
    done = run("care", answers=[*ALL[:-2], "n"])
    assert (done.exit_code, (tmp_path / "care").exists()) == (130, False)


def test_a_first_message_to_oneself_goes_out_if_one_wants(run, tmp_path):
    answers = ["青年城", "400-600-0000", "-", "", "", "-", "-", "13800138000", "", "y"]
    done = run("care", answers=answers)
    assert done.exit_code == 0, done.output
    (message,) = (tmp_path / "care" / "outbox").iterdir()
    assert "13800138000" in message.read_text(encoding="utf-8")
    assert "138****8000" in done.output


def test_a_first_message_that_cannot_go_leaves_a_whole_project(run, tmp_path):
    answers = [*ALL[:-1], "y"]
    answers[8] = "file:nowhere"
    done = run("care", answers=answers)
    assert done.exit_code == 0, done.output
    assert "nowhere cannot be read" in done.stderr
    assert "notigate -C care doctor" in done.stderr
    assert (tmp_path / "care" / "templates").is_dir()


def test_it_ends_by_saying_what_to_do_next(run):
    told = run("care", "--yes", "--channel", "sms", "--roster", "customers.csv", "--only", "13800138000").stderr
    steps = [line.strip().partition(": ")[0] for line in told.splitlines() if line.startswith("  ") and "→" not in line]
    assert steps == [
        "put the secret into the environment", "put the secret into the environment", "notigate -C care doctor",
        "notigate -C care roster check", "notigate -C care plan --days 7", "notigate -C care send service/birthday --to 13800138000",
        "when the trial is over, take `only` out of notigate.yaml", "notigate -C care cron",
    ]  # fmt: skip


def test_a_project_that_is_there_is_refused_kindly_before_anything_is_asked(run, tmp_path):
    assert run("care", "--yes").exit_code == 0
    before = (tmp_path / "care" / "notigate.yaml").read_bytes()
    done = run("care", answers=ALL)
    assert done.exit_code == 2
    assert "notigate -C care doctor" in done.stderr
    assert "called?" not in done.stderr
    assert (tmp_path / "care" / "notigate.yaml").read_bytes() == before


def test_nothing_is_asked_where_nobody_sits_at_a_terminal(run, tmp_path):
    done = run("care")
    assert (done.exit_code, "?" in done.output) == (0, False)
    assert load(tmp_path / "care" / "notigate.yaml").project["name"] == "青年城"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--channel", "email"], "--set email.host="),
        (["--set", "email.host=x"], "say --channel email, too"),
        (["--channel", "email", "--set", "email.port=x"], "email.port is not asked for"),
        (["--timezone", "Mars/Base"], "Mars/Base is no time zone"),
        (["--roster", "nowhere.csv"], "nowhere.csv"),
        (["--roster", "empty.csv"], "is empty"),
        (["--sample", "--name", "x"], "--sample is a project of its own"),
    ],
)
def test_what_does_not_do_makes_nothing(run, tmp_path, wrong, told):
    (tmp_path / "empty.csv").write_text("")
    done = run("care", "--yes", *wrong)
    assert (done.exit_code, (tmp_path / "care").exists()) == (2, False)
    assert told in done.stderr


@pytest.mark.parametrize("name", ["花园: 一期", 'O\'Brien "A"', "# 1", "null", "Yes", "- x", "{a}", "青年城\\n", "1"])
def test_whatever_it_is_called_the_settings_say_so(name):
    keys = {"host": "h", "username": "u", "password": "${env:P}", "sender": f"{name} <a@example.com>"}
    answers = Answers(name=name, hotline="028-85123456", city="", channels={"email": keys}, roster=Path("客户 表.xlsx"))
    found = yaml.safe_load(written(answers))
    assert (found["project"]["name"], found["project"]["city"], found["project"]["hotline"]) == (
        name,
        "",
        "028-85123456",
    )
    assert found["channels"]["email"]["sender"] == f"{name} <a@example.com>"
    assert found["roster"] == {"file": "客户 表.xlsx"}


def on_a_real_terminal(folder: Path, typed: list[str | int]) -> tuple[int, str]:
    """Run it on a terminal of its own; each line is typed when the one before was answered; a number is a signal."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "notigate", "init", "care"]
    with subprocess.Popen(
        command,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        cwd=folder,
        start_new_session=True,
        env=os.environ | {"NOTIGATE_LANG": "en"},
    ) as process:
        os.close(inner)
        shown = ""
        for line in typed:
            shown += _until_it_waits(outer)
            if isinstance(line, int):
                _until_it_ends(process, line)
            else:
                os.write(outer, f"{line}\n".encode())
        shown += _rest(outer)
        os.close(outer)
    return process.returncode, shown


def _until_it_ends(process: subprocess.Popen[bytes], number: int) -> None:
    """Sent again after a while: Python loses a signal that comes between a question and its wait for the answer."""
    for _ in range(12):
        os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
            return
    process.kill()


def _until_it_waits(terminal: int) -> str:
    shown = b""
    while not shown.rstrip(b" ").endswith(b":"):
        assert select.select([terminal], [], [], 60)[0], shown
        shown += os.read(terminal, 65536)
    return shown.decode()


def _rest(terminal: int) -> str:
    shown = b""
    while True:
        try:
            some = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            some = b""
        if not some:
            return shown.decode()
        shown += some


def test_it_asks_on_a_real_terminal(tmp_path):
    typed = ["青年城", "400-600-0000", "", "", "", "", "", "13800138000", "", "y"]
    code, shown = on_a_real_terminal(tmp_path, typed)
    assert code == 0, shown
    assert "What to do next:" in shown
    assert load(tmp_path / "care" / "notigate.yaml").policy.only == ("13800138000",)
    assert len(list((tmp_path / "care" / "outbox").iterdir())) == 1


def test_ctrl_c_on_a_real_terminal_leaves_nothing(tmp_path):
    code, shown = on_a_real_terminal(tmp_path, ["青年城", "400-600-0000", "", signal.SIGINT])
    assert (code, list(tmp_path.iterdir())) == (130, []), shown
    assert "Nothing was made." in shown
