"""Unknown outcomes are asked for, and absence is claimed only where it is proven."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notigate.plugin import Attempt, Presence, Reason
from notigate.testing.aliyun import Reply

TO = "+8613800138000"


def china(text):
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def attempt(clock):
    def make(reference="r-1", **fields):
        return Attempt(**{"reference": reference, "to": TO, "started_at": clock()} | fields)

    return make


@pytest.fixture
def report(fake, channel, attempt, make_message):
    """Send, let the carrier say this, and look."""

    def make(code):
        fake.account.carrier["13800138000"] = code
        channel.send(make_message())
        return channel.lookup(attempt())

    return make


@pytest.fixture
def look(channel, clock, attempt, make_message):
    """Send at one time, and look at another for an attempt that began at a third."""

    def make(started, recorded, looked):
        clock.at = china(recorded)
        channel.send(make_message())
        clock.at = china(looked)
        return channel.lookup(attempt(started_at=china(started)))

    return make


def details(fake):
    return [call.params["SendDate"] for call in fake.calls if call.action == "QuerySendDetails"]


def test_nothing_sent_is_absent(channel, attempt):
    assert channel.lookup(attempt()).presence is Presence.ABSENT


def test_another_attempt_of_the_same_number_is_not_ours(channel, attempt, make_message):
    channel.send(make_message(reference="r-other"))
    assert channel.lookup(attempt()).presence is Presence.ABSENT


def test_each_reader_of_a_batch_is_found(channel, attempt, make_message):
    channel.send_many([make_message(), make_message(id="m-2", to="+8613800138001")])
    assert channel.lookup(attempt(to="+8613800138001", provider_id="7^0")).provider_id == "7^0"
    assert channel.lookup(attempt(to="+8613800138002")).presence is Presence.ABSENT


def test_a_message_that_does_not_show_yet_is_absent_for_now(fake, channel, clock, attempt, make_message):
    fake.account.lag = timedelta(seconds=30)
    channel.send(make_message())
    asked = attempt()
    assert channel.lookup(asked).presence is Presence.ABSENT
    clock.at += timedelta(seconds=31)
    assert channel.lookup(asked).presence is Presence.FOUND


@pytest.mark.parametrize(
    ("code", "arrived", "reason"),
    [
        ("", None, None),
        ("DELIVERED", True, None),
        ("REQUEST_SUCCESS", None, None),
        ("SP_UNKNOWN_ERROR", None, None),
        ("MOBILE_NOT_ON_SERVICE", False, Reason.BAD_ADDRESS),
        ("INVALID_NUMBER", False, Reason.BAD_ADDRESS),
        ("MOBILE_ACCOUNT_ABNORMAL", False, Reason.BAD_ADDRESS),
        ("MOBILE_IN_BLACK", False, Reason.BLOCKED),
        ("USER_REJECT", False, Reason.BLOCKED),
        ("BLACK_KEY_CONTROL_LIMIT", False, Reason.BLOCKED),
        ("MOBILE_SEND_LIMIT", False, Reason.THROTTLED),
        ("MOBLLE_TERMINAL_ERROR", False, Reason.UNAVAILABLE),
        ("IS_CLOSE", False, Reason.UNAVAILABLE),
        ("IS_CLOSED", False, Reason.UNAVAILABLE),
        ("NO_ROUTE", False, Reason.UNAVAILABLE),
        ("SP_NOT_BY_INTER_SMS", False, Reason.UNAVAILABLE),
        ("CONTENT_KEYWORD", False, Reason.BAD_CONTENT),
        ("CONTENT_ERROR", False, Reason.BAD_CONTENT),
        ("PARAMS_ILLEGAL", False, Reason.BAD_CONTENT),
        ("PORT_NOT_REGISTERED", False, Reason.BAD_CREDENTIALS),
        ("MK:0001", False, Reason.UNCLEAR),
    ],
)
def test_the_carriers_word_is_understood(report, code, arrived, reason):
    finding = report(code)
    assert (finding.presence, finding.arrived, finding.reason) == (Presence.FOUND, arrived, reason)
    assert bool(finding.detail) == (arrived is False)


@pytest.mark.parametrize(
    ("started", "recorded", "days"),
    [
        ("2026-11-21 23:59:59", "2026-11-22 00:00:01", ["20261121", "20261122"]),
        ("2026-11-22 00:00:01", "2026-11-21 23:59:59", ["20261122", "20261121"]),
        ("2026-11-21 12:00:00", "2026-11-21 12:00:01", ["20261121"]),
    ],
)
def test_near_midnight_the_neighbouring_day_is_asked_too(fake, look, started, recorded, days):
    assert look(started, recorded, "2026-11-22 00:30:00").presence is Presence.FOUND
    assert details(fake) == days


def test_a_day_that_has_not_begun_is_not_asked(fake, channel, clock, attempt):
    clock.at = china("2026-11-21 23:58:00")
    assert channel.lookup(attempt(started_at=china("2026-11-21 23:40:00"))).presence is Presence.ABSENT
    assert details(fake) == ["20261121"]


def test_what_the_provider_no_longer_keeps_proves_nothing(fake, channel, clock, attempt):
    finding = channel.lookup(attempt(started_at=clock() - timedelta(days=31)))
    assert finding.presence is Presence.INCONCLUSIVE
    assert fake.calls == []


def rows(*out_ids):
    return {"SmsSendDetailDTO": [{"OutId": out_id, "SendStatus": 3} for out_id in out_ids]}


def listing(total, *out_ids):
    return {"Code": "OK", "Message": "OK", "TotalCount": total, "SmsSendDetailDTOs": rows(*out_ids)}


def test_every_page_is_read(fake, channel, attempt):
    pages = [listing("51", *["x"] * 50), listing("51", "r-1")]
    fake.faults["QuerySendDetails"].extend(Reply(page) for page in pages)
    assert channel.lookup(attempt()).presence is Presence.FOUND
    assert [(call.params["CurrentPage"], call.params["PageSize"]) for call in fake.calls] == [("1", "50"), ("2", "50")]


@pytest.mark.parametrize("total", [0, "0"])
def test_an_empty_list_is_absence_whatever_the_type_of_its_total(fake, channel, clock, attempt, total):
    clock.at = clock.at.replace(hour=4)
    fake.faults["QuerySendDetails"].append(Reply(listing(total)))
    assert channel.lookup(attempt()).presence is Presence.ABSENT


@pytest.mark.parametrize(
    "answer",
    [
        listing(1),
        listing(3, "x", "y"),
        listing(1, "x", "y"),
        listing(1, ""),
        listing(1, None),
        listing(None),
        listing("many"),
        {"Code": "OK", "Message": "OK"},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": []},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": "x"},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": "x"}},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": ["x"]}},
        {"Code": "isp.SYSTEM_ERROR", "Message": "?"},
        "<html>",
    ],
)
def test_an_incomplete_list_proves_nothing(fake, channel, clock, attempt, answer):
    clock.at = clock.at.replace(hour=4)
    fake.faults["QuerySendDetails"].extend([Reply(answer), Reply(listing(0))])
    finding = channel.lookup(attempt())
    assert finding.presence is Presence.INCONCLUSIVE
    assert finding.detail


def test_ours_is_found_beside_rows_without_a_name(fake, channel, attempt):
    fake.faults["QuerySendDetails"].append(Reply(listing(2, "", "r-1")))
    assert channel.lookup(attempt()).presence is Presence.FOUND


def test_a_list_without_end_is_given_up(fake, channel, clock, attempt):
    clock.at = clock.at.replace(hour=4)
    fake.faults["QuerySendDetails"].extend(Reply(listing(10**9, *["x"] * 50)) for _ in range(40))
    assert channel.lookup(attempt()).presence is Presence.INCONCLUSIVE
    assert len(fake.calls) == 20


def test_one_day_that_cannot_be_read_spoils_the_proof(fake, channel, clock, attempt):
    clock.at = china("2026-11-22 00:30:00")
    fake.faults["QuerySendDetails"].extend([Reply(listing(0)), Reply("<html>")])
    assert channel.lookup(attempt(started_at=china("2026-11-22 00:10:00"))).presence is Presence.INCONCLUSIVE


def test_nobody_there_proves_nothing(make_channel, attempt):
    assert make_channel("http://127.0.0.1:1").lookup(attempt()).presence is Presence.INCONCLUSIVE
