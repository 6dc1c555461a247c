"""The scenes that notigate is made for: the real command, real sockets, faithful providers that do the counting."""

from __future__ import annotations

import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from notigate.testing.aliyun import FakeAliyun
from notigate.testing.loopback import Fault
from notigate.testing.smtp import FakeSmtp
from notigate.testing.wecom import FakeWecom

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
TEMPLATE = "${greeting}，生日快乐！${project_name}全体同事祝您事业有成、好运常伴。有事请拨${hotline}。"

COMMON = """\
project: {name: 青年城, hotline: 400-600-0000, city: 成都}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
policy: {windows: ["00:00-24:00"], patience: 5s}
occasions:
  service/birthday: {at: "00:00-24:00"}
  staff/birthday-gifts: {at: "00:00-24:00"}
channels:
"""


def project(folder: Path, channels: str, people: list[dict[str, object]]) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = folder / "notigate.yaml"
    settings.write_text(COMMON + channels, encoding="utf-8")
    settings.chmod(0o600)
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, ["id", "name", "title", "phone", "email", "birthday", "subscribed_on", "consultant"]
        )
        writer.writeheader()
        writer.writerows(people)
    return folder


def born_today(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "name": "王芳",
        "title": "ms",
        "phone": 13800000000 + number,
        "birthday": f"1988-{TODAY:%m-%d}",
        "subscribed_on": "2026-03-01",
        **more,
    }


def notigate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notigate", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"NOTIGATE_LANG": "en"},
    )


def aliyun(fake: FakeAliyun, more: str = "") -> str:
    return f"""\
  sms: {{plugin: sms_aliyun, access_key_id: id, access_key_secret: secret, sign_name: 青年城,
        endpoint: "{fake.endpoint}", templates: {{service/birthday: SMS_1}}{more}}}
"""


@pytest.fixture
def account():
    with FakeAliyun(keys={"id": "secret"}, signs=["青年城"], templates={"SMS_1": TEMPLATE}) as fake:
        yield fake


def test_three_hundred_birthdays_are_three_hundred_messages_in_a_few_signed_calls(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(i) for i in range(300)])
    first = notigate(folder, "send", "--due", "--json")
    assert (first.returncode, json.loads(first.stdout)["counts"]) == (0, {"accepted": 300})
    assert Counter(sent.phone for sent in account.sent) == Counter(str(13800000000 + i) for i in range(300))
    assert len(account.calls) <= 12
    again = notigate(folder, "send", "--due", "--json")
    assert (again.returncode, json.loads(again.stdout)["counts"], len(account.sent)) == (0, {}, 300)


def test_the_weekly_count_says_what_the_provider_says(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(i) for i in range(7)])
    notigate(folder, "send", "--due")
    report = json.loads(notigate(folder, "report", "week", "--json").stdout)
    assert report["total"]["accepted"] == len(account.sent) == 7


def test_one_number_that_the_provider_refuses_costs_nobody_else_their_greeting(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(i) for i in range(4)])
    refusal = "isv.MOBILE_NUMBER_ILLEGAL"
    account.faults["SendBatchSms"].extend([refusal, refusal])
    account.faults["SendSms"].append(refusal)
    ended = notigate(folder, "send", "--due", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["counts"]) == (1, {"accepted": 3, "failed": 1})
    assert max(Counter(sent.phone for sent in account.sent).values()) == 1


def test_a_trial_costs_nobody_what_they_are_due_when_it_is_over(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(i) for i in range(5)])
    settings = folder / "notigate.yaml"
    whole = settings.read_text()
    settings.write_text(whole.replace("patience: 5s", "patience: 5s, only: ['13800000003']"))
    trial = json.loads(notigate(folder, "send", "--due", "--json").stdout)
    assert (trial["counts"], [sent.phone for sent in account.sent]) == (
        {"accepted": 1, "suppressed": 4},
        ["13800000003"],
    )
    settings.write_text(whole)
    assert json.loads(notigate(folder, "send", "--due", "--json").stdout)["counts"] == {"accepted": 4}


def test_what_was_asked_for_before_is_told_and_not_sent_again(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(1)])
    asked = ("send", "service/birthday", "--to", "13800000001", "--json")
    first, again = (json.loads(notigate(folder, *asked).stdout) for _ in range(2))
    assert first["counts"] == again["counts"] == {"accepted": 1}
    assert "nothing new was sent" in notigate(folder, *asked[:-1]).stderr
    assert len(account.sent) == 1


def test_refused_credentials_hold_the_messages_and_lose_none(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [born_today(i) for i in range(5)])
    settings = folder / "notigate.yaml"
    settings.write_text(settings.read_text().replace("access_key_secret: secret", "access_key_secret: wrong"))
    refused = notigate(folder, "send", "--due", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["counts"]) == (2, {"held": 5})
    assert "Traceback" not in refused.stderr
    settings.write_text(settings.read_text().replace("access_key_secret: wrong", "access_key_secret: secret"))
    mended = notigate(folder, "send", "--due", "--json")
    assert (mended.returncode, json.loads(mended.stdout)["counts"], len(account.sent)) == (0, {"accepted": 5}, 5)


def test_refused_credentials_are_no_success_of_a_single_message_either(tmp_path, account):
    folder = project(tmp_path / "p", aliyun(account), [])
    settings = folder / "notigate.yaml"
    settings.write_text(settings.read_text().replace("access_key_secret: secret", "access_key_secret: wrong"))
    refused = notigate(folder, "send", "service/birthday", "--to", "13900000001")
    assert refused.returncode == 2
    assert "something stops an occasion or a channel: notigate doctor" in refused.stderr
    told = json.loads(notigate(folder, "send", "service/birthday", "--to", "13900000002", "--json").stdout)
    assert [(one["state"], one["reason"]) for one in told["problems"]] == [
        ("set aside", "bad-credentials"),
        ("held", "bad-credentials"),
    ]


def test_an_unreachable_provider_loses_nothing(tmp_path, account):
    people = [born_today(i) for i in range(5)]
    folder = project(tmp_path / "p", aliyun(account).replace(account.endpoint, "http://127.0.0.1:9"), people)
    unreached = notigate(folder, "send", "--due", "--json")
    assert unreached.returncode == 1
    assert json.loads(unreached.stdout)["counts"] == {"retry_wait": 5}
    project(folder, aliyun(account), people)
    # Their back-off is not over yet: the business clock is moved past it, which real people's channels refuse by themselves.
    later = notigate_later(folder)
    assert (later.returncode, len(account.sent)) == (0, 5)


def notigate_later(folder: Path) -> subprocess.CompletedProcess[str]:
    soon = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=23, minute=59, second=0)
    return subprocess.run(
        [sys.executable, "-m", "notigate", "-C", str(folder), "--now", soon.isoformat(), "send", "--due"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"NOTIGATE_ALLOW_NOW": "1"},
    )


def test_a_lost_answer_is_unknown_then_found_and_never_sent_twice(tmp_path, account):
    quick = ", reconcile: {first: 10ms, confirm: 20ms}"
    folder = project(tmp_path / "p", aliyun(account, quick), [born_today(i) for i in range(3)])
    account.faults["SendBatchSms"].append(Fault.DROP)
    lost = notigate(folder, "send", "--due", "--json")
    assert (lost.returncode, json.loads(lost.stdout)["counts"]) == (4, {"unknown": 3})
    asked = notigate(folder, "send", "--due", "--json")
    assert (asked.returncode, len(account.sent)) == (0, 3)
    log = [json.loads(line) for line in notigate(folder, "log", "--json").stdout.splitlines()]
    assert {row["state"] for row in log} <= {"accepted", "delivered"}


MAIL = """\
  email: {{plugin: email, host: localhost, port: {port}, security: none, sender: "青年城 <care@example.com>"}}
"""


def test_a_chinese_mail_is_read_by_another_program(tmp_path):
    with FakeSmtp() as server:
        folder = project(
            tmp_path / "p", MAIL.format(port=server.port), [born_today(1, phone="", email="wangfang@example.com")]
        )
        assert notigate(folder, "send", "--due").returncode == 0
        [mail] = server.mails
    assert mail.message["Subject"] == "王女士，生日快乐"
    assert "生日快乐" in mail.message.get_body(("plain",)).get_content()
    if shutil.which("mutt") is None or shutil.which("script") is None:
        pytest.skip("mutt and script, the second opinion on our mails, are not installed")
    box = tmp_path / "box"
    box.write_bytes(b"From care@example.com Sat Nov 21 00:00:00 2026\n" + mail.data.replace(b"\r\n", b"\n") + b"\n")
    keys = f"push '<pipe-entry>cat > {tmp_path / 'seen'}<enter><quit>'"
    # mutt wants a terminal: script lends it one.
    mutt = [
        "mutt",
        "-n",
        "-F",
        "/dev/null",
        "-R",
        "-f",
        str(box),
        "-e",
        "set pipe_decode=yes wait_key=no quit=yes",
        "-e",
        keys,
    ]
    subprocess.run(
        ["script", "-qec", shlex.join(mutt), "/dev/null"],  # noqa: S607 - both are found on PATH or the test is skipped
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=True,
        env=os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8"},
    )
    assert "王女士，生日快乐" in (tmp_path / "seen").read_text(encoding="utf-8")


def test_where_nobody_can_be_asked_a_person_is_told_to_look(tmp_path):
    with FakeSmtp() as fake:
        fake.answer("DOT", Fault.DROP, keep=True, times=1)
        people = [born_today(1, phone="", email="wang@example.com")]
        folder = project(tmp_path / "p", MAIL.format(port=fake.port), people)
        assert notigate(folder, "send", "--due").returncode == 4
        told = notigate(folder, "resolve").stderr
    assert "Nobody can be asked of email: look into the log there, or ask the reader; then: notigate resolve" in told
    assert "Providers are asked again" not in told


def test_wecom_asking_for_a_pause_is_paced_and_not_failed(tmp_path):
    with FakeWecom(robots=["robot"]) as fake:
        fake.trouble("webhook/send", 45009)
        settings = f"  wecom: {{plugin: wecom, webhook: '{fake.webhook('robot')}'}}\n"
        folder = project(tmp_path / "p", settings, [born_today(1, consultant="李娜")])
        paced = notigate(folder, "send", "staff/birthday-gifts", "--key", "november", "--json")
        assert (paced.returncode, json.loads(paced.stdout)["counts"]) == (1, {"retry_wait": 1})
        later = notigate_later(folder)
        assert (later.returncode, len(fake.delivered)) == (0, 1)
