from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from notigate.edges import Timeouts
from notigate.edges.http import Session
from notigate.plugin import Category, Message, Secret, Tools
from notigate.testing.aliyun import FakeAliyun
from notigate_sms_aliyun import AliyunSms, Settings

KEYS = {"LTAIcanary": "canary-secret"}
TEMPLATES = {"SMS_1": "尊敬的${name}，中秋快乐！", "SMS_2": "Dear ${name}, happy Mid-Autumn!"}


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock(datetime.now(UTC))


@pytest.fixture
def fake(clock):
    with FakeAliyun(keys=KEYS, signs=["青年城"], templates=TEMPLATES, now=clock) as fake:
        yield fake


@pytest.fixture
def make_channel(clock):
    channels = []

    def make(endpoint, *, read=5.0, **settings):
        usual = {
            "access_key_id": Secret("LTAIcanary"),
            "access_key_secret": Secret("canary-secret"),
            "sign_name": "青年城",
            "endpoint": endpoint,
            "templates": {"holiday/mid-autumn": {"zh_Hans": "SMS_1", "en": "SMS_2"}, "service/birthday": "SMS_1"},
        }
        session = Session(Timeouts(connect=2.0, read=read, total=5.0), 4)
        channels.append(AliyunSms(Settings(**usual | settings), Tools(session=lambda: session, now=clock)))
        return channels[-1]

    yield make
    for channel in channels:
        channel.close()


@pytest.fixture
def channel(fake, make_channel):
    return make_channel(fake.endpoint)


@pytest.fixture
def make_message():
    def make(**fields):
        usual = {
            "id": "m-1",
            "reference": "r-1",
            "occasion": "holiday/mid-autumn",
            "category": Category.CARE,
            "medium": "sms",
            "to": "+8613800138000",
            "locale": "zh_Hans",
            "text": "尊敬的王女士，中秋快乐！",
            "params": {"name": "王女士"},
        }
        return Message(**usual | fields)

    return make
