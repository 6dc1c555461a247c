"""Texts beside the copies that a provider approved: compared, submitted once, and stopped where they differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notigate.catalogue import Catalogue
from notigate.gateway import Gateway
from notigate.ledger import open_ledger
from notigate.ledger.reviewed import Reviewed, recall, remember
from notigate.model import State
from notigate.reviews.words import Part, difference
from notigate.settings.codes import Submitted, codes, note
from notigate.testing.aliyun import CANCELLED, REJECTED, REVIEWING, FakeAliyun, Fault, Template
from notigate.testing.loopback import Reply

OURS = Catalogue.open([]).text("service/birthday", "sms", "zh_Hans").template
CODE = "SMS_1"
SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
policy: {{windows: ["00:00-24:00"], patience: 1s}}
{more}
channels:
  sms: {{plugin: sms_aliyun, access_key_id: id, access_key_secret: secret, sign_name: 青年城, endpoint: "{endpoint}",
        templates: {templates}}}
occasions: {{service/birthday: {{at: "00:00-24:00"}}}}
"""


@pytest.fixture
def account():
    with FakeAliyun(keys={"id": "secret"}, signs=["青年城"], templates={CODE: OURS}) as fake:
        yield fake


@pytest.fixture
def project(tmp_path, account):
    """Writes a project with people who have their birthday today, and opens it."""
    opened = []

    def write(templates="{service/birthday: {zh_Hans: SMS_1}}", more="", people=2):
        today = datetime.now(UTC) + timedelta(hours=8)
        settings = tmp_path / "notigate.yaml"
        settings.write_text(
            SETTINGS.format(endpoint=account.endpoint, templates=templates, more=more), encoding="utf-8"
        )
        settings.chmod(0o600)
        rows = [f"c{i},王芳,ms,1380000000{i},1988-{today:%m-%d},2026-03-01" for i in range(people)]
        header = "id,name,title,phone,birthday,subscribed_on"
        (tmp_path / "customers.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
        opened.append(Gateway.open(tmp_path))
        return opened[-1]

    yield write
    for gateway in opened:
        gateway.close()


def asked(account, action="GetSmsTemplate"):
    return [call.params.get("TemplateCode") for call in account.calls if call.action == action]


# How two wordings differ


@pytest.mark.parametrize(
    ("theirs", "ours", "shown"),
    [
        ("您好", "您好", " 您好"),
        ("您好${name}！", "您好${greeting}！", " 您好|-${name}|+${greeting}| ！"),
        ("happy birthday to you", "happy birthday, dear", " happy birthday|+,|  |-to you|+dear"),
        ("祝您一切顺心", "祝您顺心", " 祝您|-一切| 顺心"),
        ("", "新的", "+新的"),
    ],
)
def test_words_that_differ_are_shown_as_a_person_reads_them(theirs, ours, shown):
    assert "|".join(part.kind + part.words for part in difference(theirs, ours)) == shown


def test_a_difference_holds_both_wordings_whole():
    theirs, ours = OURS, OURS.replace("生日快乐", "Happy birthday")
    parts = difference(theirs, ours)
    assert "".join(part.words for part in parts if part.kind != "+") == theirs
    assert "".join(part.words for part in parts if part.kind != "-") == ours
    assert [part for part in parts if part.kind != " "] == [Part("-", "生日快乐"), Part("+", "Happy birthday")]


# diff


def compared(gateway, locale="zh_Hans"):
    return next(one for one in gateway.texts.diff() if one.locale == locale)


def test_a_text_that_was_approved_word_by_word_stands(project):
    one = compared(project())
    assert (one.state, one.same, one.stands, one.notes) == ("approved", True, True, ())


def test_a_text_without_a_code_is_told(project):
    one = compared(project(), "en")
    assert (one.state, one.code, one.stands) == ("no-code", "", False)


def test_an_edited_copy_is_told_with_its_variables(project, account):
    account.account.templates = {CODE: Template(text="${name}，生日快乐！")}
    one = compared(project())
    assert (one.state, one.same, one.stands) == ("approved", False, False)
    assert [str(note) for note in one.notes] == ["variables: the provider's name, ours greeting, hotline, project_name"]


@pytest.mark.parametrize(
    ("status", "state"), [(REVIEWING, "reviewing"), (REJECTED, "rejected"), (CANCELLED, "cancelled")]
)
def test_a_copy_that_is_not_approved_does_not_stand(project, account, status, state):
    account.account.templates = {CODE: Template(text=OURS, status=status, reason="缺少主体")}
    one = compared(project())
    assert (one.state, one.stands) == (state, False)
    assert "the reviewers say: 缺少主体" in map(str, one.notes)


def test_a_copy_that_is_missing_is_told(project, account):
    account.account.templates = {}
    assert compared(project()).state == "missing"


def test_a_copy_of_another_type_or_with_other_attributes_is_told(project, account):
    account.account.templates = {CODE: Template(text=OURS, type=2, attributes={"hotline": "time"}, sign="别城")}
    one = compared(project())
    assert one.stands
    assert [str(note) for note in one.notes] == [
        "it was approved as promotion and is notification",
        "the provider takes time for hotline, and we fill in phone",
        "it was submitted for 别城, and is sent as 青年城",
    ]


def test_a_provider_that_cannot_be_asked_proves_nothing(project, account):
    account.faults["GetSmsTemplate"].append(Fault.DROP)
    assert compared(project()).state == "unasked"


def test_an_unregistered_signature_is_told(project, account):
    account.account.registered["telecom"] = -2
    [(name, check)] = project().texts.checks()
    assert (name, check.name) == ("sms", "registration")
    assert "telecom none" in check.detail


# What goes out


def test_what_was_approved_goes_out_and_is_asked_for_once(project, account):
    assert project(people=5).send_due().counts == {State.ACCEPTED: 5}
    assert project(people=7).send_due().counts == {State.ACCEPTED: 2}
    assert asked(account) == [CODE]


@pytest.mark.parametrize(
    "copy",
    [
        Template(text=OURS.replace("生日快乐", "生日愉快")),
        Template(text=OURS, status=REVIEWING),
        Template(text=OURS, status=REJECTED),
        None,
    ],
    ids=["edited", "reviewing", "rejected", "missing"],
)
def test_a_campaign_whose_words_were_not_approved_is_stopped_before_sending(project, account, copy):
    account.account.templates = {CODE: copy} if copy else {}
    run = project().send_due()
    assert (run.counts, run.exit_code, account.sent) == ({}, 2, [])
    [problem] = run.problems
    assert (problem.occasion, problem.state) == ("service/birthday", "stopped")
    assert "notigate templates diff service/birthday" in problem.detail


def test_a_rehearsal_stops_it_too_and_writes_nothing_down(project, account):
    account.account.templates = {CODE: Template(text=OURS, status=REVIEWING)}
    gateway = project()
    assert gateway.send_due(dry_run=True).exit_code == 2
    assert recall(gateway.ledger, "sms", CODE) is None


def test_a_plan_asks_nobody(project, account):
    account.account.templates = {}
    assert len(list(project().plan())) == 2
    assert account.calls == []


def test_a_single_message_is_stopped_too(project, account):
    account.account.templates = {CODE: Template(text=OURS, status=REJECTED)}
    assert project().send("service/birthday", to="13900000001").exit_code == 2
    assert account.sent == []


@pytest.mark.parametrize(("mode", "asks"), [("warn", 1), ("off", 0)])
def test_settings_may_let_it_pass(project, account, caplog, mode, asks):
    account.account.templates = {CODE: Template(text=OURS.replace("！", "!"))}
    assert project(more=f"approved_text: {mode}").send_due().counts == {State.ACCEPTED: 2}
    assert len(asked(account)) == asks
    assert ("not those that were approved" in caplog.text) == (mode == "warn")


@pytest.mark.parametrize("trouble", [Fault.DROP, Reply("<html>", 502), "Forbidden.RAM", Reply({"Code": "OK"})])
def test_a_provider_that_does_not_tell_stops_nobody(project, account, trouble):
    account.faults["GetSmsTemplate"].append(trouble)
    assert project().send_due().counts == {State.ACCEPTED: 2}


def test_a_bad_word_is_asked_about_again_soon_and_a_good_one_later(project, account):
    account.account.templates = {CODE: Template(text=OURS, status=REVIEWING)}
    gateway = project()
    gateway.send_due()
    account.account.templates = {CODE: Template(text=OURS)}
    said = recall(gateway.ledger, "sms", CODE)
    assert said.state == "reviewing"
    assert project().send_due().exit_code == 2, "a quarter of an hour is not over"
    remember(gateway.ledger, "sms", CODE, Reviewed(said.asked - timedelta(minutes=16), said.state, said.wording))
    assert project().send_due().counts == {State.ACCEPTED: 2}
    assert len(asked(account)) == 2


def test_what_diff_heard_counts_at_once(project, account):
    account.account.templates = {CODE: Template(text=OURS, status=REVIEWING)}
    project().send_due()
    account.account.templates = {CODE: Template(text=OURS)}
    list(project().texts.diff())
    assert project().send_due().counts == {State.ACCEPTED: 2}


def test_what_was_promised_under_other_words_waits(project, account):
    gateway = project(more="")
    account.faults["SendBatchSms"].extend(["isv.AMOUNT_NOT_ENOUGH"])
    account.faults["SendSms"].extend(["isv.AMOUNT_NOT_ENOUGH"])
    assert gateway.send_due().counts == {State.HELD: 2}
    account.account.templates = {CODE: Template(text=OURS.replace("！", "。"))}
    list(gateway.texts.diff())
    again = project()
    assert again.send_due().counts.get(State.ACCEPTED, 0) == 0
    assert {(d.state, d.reason) for d in again.log()} == {(State.HELD, "approved-text")}
    assert account.sent == []


def test_each_delivery_keeps_the_digest_of_its_text(project):
    gateway = project()
    gateway.send_due()
    [text] = [text for one in gateway.texts.listings() if one.occasion == "service/birthday" for text in one.texts
              if (text.medium, text.locale) == ("sms", "zh_Hans")]  # fmt: skip
    assert {delivery.wording for delivery in gateway.log()} == {text.digest}
    assert len(text.digest) == 16


def test_what_providers_said_is_kept_on_either_store(place):
    ledger = open_ledger(place("reviewed"))
    try:
        now = datetime(2026, 11, 21, 10, tzinfo=UTC)
        assert recall(ledger, "sms", CODE) is None
        for state in ("reviewing", "approved"):
            remember(ledger, "sms", CODE, Reviewed(now, state, "ab"))
        assert recall(ledger, "sms", CODE) == Reviewed(now, "approved", "ab")
    finally:
        ledger.close()


# push


def pushed(gateway, *, dry_run=False, waited=None):
    def sleep(seconds):
        if waited is not None:
            waited.append(seconds)
        return True

    return [(one.locale, one.result) for one in gateway.texts.push(sleep=sleep, dry_run=dry_run)]


def test_a_rehearsal_of_push_tells_what_would_be_submitted(project, account, tmp_path):
    assert pushed(project(), dry_run=True) == [("en", "to-submit"), ("zh_Hans", "approved"), ("zh_Hant", "to-submit")]
    assert asked(account, "CreateSmsTemplate") == []
    assert not (tmp_path / "template-codes.yaml").exists()


def test_push_submits_what_is_missing_at_the_providers_pace_and_records_the_codes(project, account, tmp_path):
    account.account.submit_pause = timedelta(0)
    waited = []
    assert pushed(project("{}"), waited=waited) == [(one, "submitted") for one in ("en", "zh_Hans", "zh_Hant")]
    assert waited == [30.0, 30.0]
    known = codes(tmp_path)["sms"]["service/birthday"]
    assert {account.account.templates[one.code].text for one in known.values()} >= {OURS}
    types = {locale: account.account.templates[one.code].type for locale, one in known.items()}
    assert types == {"en": 1, "zh_Hans": 1, "zh_Hant": 3}


def test_what_is_under_review_is_never_submitted_again(project, account):
    account.account.submit_pause = timedelta(0)
    pushed(project("{}"))
    again = project("{}")
    assert pushed(again) == [(one, "reviewing") for one in ("en", "zh_Hans", "zh_Hant")]
    assert len(asked(account, "CreateSmsTemplate")) == 3


def test_what_was_pushed_and_approved_goes_out_without_a_code_in_the_settings(project, account, tmp_path):
    account.account.submit_pause = timedelta(0)
    pushed(project("{}"))
    assert project("{}").send_due().exit_code == 2
    code = codes(tmp_path)["sms"]["service/birthday"]["zh_Hans"].code
    account.account.templates = {**account.account.templates, code: Template(text=OURS)}
    list(project("{}").texts.diff())
    assert project("{}").send_due().counts == {State.ACCEPTED: 2}
    assert {sent.template for sent in account.sent} == {code}


def test_a_code_in_the_settings_goes_before_a_pushed_one(project, tmp_path):
    now = datetime.now(UTC)
    note(tmp_path, "sms", "service/birthday", "zh_Hans", Submitted(code="SMS_9", wording="ab", at=now))
    note(tmp_path, "sms", "service/birthday", "en", Submitted(code="SMS_8", wording="ab", at=now))
    channel = project().lineup.channel("sms")
    assert [channel.template_code("service/birthday", one) for one in ("zh_Hans", "en", "zh_Hant")] == [
        CODE,
        "SMS_8",
        None,
    ]
    whole = project("{service/birthday: SMS_7}").lineup.channel("sms")
    assert {whole.template_code("service/birthday", one) for one in ("zh_Hans", "en")} == {"SMS_7"}


def test_a_changed_text_is_submitted_once_and_waits_for_the_settings(project, account, tmp_path):
    account.account.submit_pause = timedelta(0)
    account.account.templates = {CODE: Template(text="${greeting}，旧的祝福。")}
    first = [one for one in project().texts.push(sleep=lambda _: True) if one.locale == "zh_Hans"]
    assert [(one.result, one.to_settings) for one in first] == [("submitted", True)]
    [again] = [one for one in project().texts.push(sleep=lambda _: True) if one.locale == "zh_Hans"]
    assert again.result == "waits"
    assert codes(tmp_path)["sms"]["service/birthday"]["zh_Hans"].code in str(again.told)


def test_words_that_were_rejected_are_not_submitted_again(project, account):
    account.account.templates = {CODE: Template(text=OURS, status=REJECTED)}
    assert ("zh_Hans", "waits") in pushed(project(), dry_run=True)


def test_a_lost_answer_is_not_followed_by_a_second_try(project, account, tmp_path):
    account.account.submit_pause = timedelta(0)
    account.faults["CreateSmsTemplate"].append(Fault.DROP)
    results = dict(pushed(project("{}")))
    assert results["en"] == "unknown"
    assert not codes(tmp_path)["sms"]["service/birthday"]["en"].answered
    before = len(asked(account, "CreateSmsTemplate"))
    assert dict(pushed(project("{}")))["en"] == "waits"
    assert len(asked(account, "CreateSmsTemplate")) == before


def test_a_refusal_leaves_nothing_behind_and_one_of_the_account_ends_it(project, account, tmp_path):
    account.faults["CreateSmsTemplate"].append("isv.PRODUCT_UN_SUBSCRIPT")
    assert pushed(project("{}")) == [("en", "refused")]
    assert codes(tmp_path) == {"sms": {}}


def test_the_day_has_its_limit(project, tmp_path):
    gateway = project("{}")
    limits = gateway.lineup.channel("sms").limits
    for number in range(limits.submit_daily):
        note(tmp_path, "sms", f"service/n{number}", "en", Submitted(code="x", wording="ab", at=datetime.now(UTC)))
    assert {result for _, result in pushed(gateway)} == {"waits"}


def test_a_broken_file_of_codes_is_named_with_its_line(project, tmp_path):
    (tmp_path / "template-codes.yaml").write_text("sms:\n  a/b:\n    en: {code: X, at: today}\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"template-codes.yaml:3"):
        project()


# The commands


def notigate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notigate", "-C", str(folder), *arguments],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"NOTIGATE_LANG": "en"},
    )  # fmt: skip


def test_the_commands_tell_people_and_programs_the_same(project, account, tmp_path):
    project()
    account.account.templates = {CODE: Template(text=OURS.replace("生日快乐", "生日愉快"))}
    shown = notigate(tmp_path, "templates", "diff")
    assert shown.returncode == 1
    assert "生日[-愉-]快{+乐+}" in shown.stdout
    rows = [json.loads(line) for line in notigate(tmp_path, "templates", "diff", "--json").stdout.splitlines()]
    assert {(row["locale"], row["state"]) for row in rows} == {
        ("zh_Hans", "approved"),
        ("en", "no-code"),
        ("zh_Hant", "no-code"),
    }
    listed = [json.loads(line) for line in notigate(tmp_path, "templates", "list", "--json").stdout.splitlines()]
    [birthday] = [row for row in listed if row["occasion"] == "service/birthday"]
    assert (birthday["source"], birthday["on"], birthday["replaces"]) == ("packaged", True, False)
    assert {"channel": "sms", "code": CODE, "state": None} in [
        code for text in birthday["texts"] for code in text["codes"]
    ]
    dry = notigate(tmp_path, "templates", "push", "--dry-run", "--json")
    assert dry.returncode == 0
    assert [json.loads(line)["result"] for line in dry.stdout.splitlines()] == ["to-submit"] * 3
    told = notigate(tmp_path, "doctor", "--json").stdout
    assert "approved with other words" in told


def test_one_look_shows_what_was_approved_rejected_edited_is_missing_or_unregistered(account, tmp_path):
    """On texts that we ship: what a clerk sees before a season of greetings."""
    names = ["service/birthday", "holiday/mid-autumn", "holiday/new-year", "handover/invitation"]
    ours = [Catalogue.open([]).text(name, "sms", "zh_Hans").template for name in names]
    account.account.templates = {
        "SMS_1": Template(text=ours[0]),
        "SMS_2": Template(text=ours[1], status=REJECTED, reason="缺少主体"),
        "SMS_3": Template(text=ours[2].replace("新年", "元旦", 1)),
    }
    account.account.registered["telecom"] = -2
    codes_ = ", ".join(f"{name}: {{zh_Hans: SMS_{number}}}" for number, name in enumerate(names, 1))
    settings = SETTINGS.format(endpoint=account.endpoint, templates=f"{{{codes_}}}", more="")
    file = tmp_path / "notigate.yaml"
    file.write_text(
        settings.partition("occasions:")[0] + f"occasions: {{{': {}, '.join(names)}: {{}}}}\n", encoding="utf-8"
    )
    file.chmod(0o600)
    shown = notigate(tmp_path, "templates", "diff")
    assert shown.returncode == 1
    assert "telecom none" in shown.stdout + shown.stderr
    told = dict(line.split(": ", 1) for line in shown.stdout.splitlines() if " · zh_Hans · " in line)
    assert {key.rpartition(" · ")[2]: state for key, state in told.items()} == {
        "SMS_1": "approved", "SMS_2": "rejected", "SMS_3": "approved with other words", "SMS_4": "not there at the provider",
    }  # fmt: skip
    assert "[-元旦-]{+新年+}快乐" in shown.stdout
    assert "缺少主体" in shown.stdout
