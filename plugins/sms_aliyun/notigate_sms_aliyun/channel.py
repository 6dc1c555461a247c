"""The channel: one call of SendSms or SendBatchSms per call of ours, no second try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.plugin import (
    Answer,
    Attempt,
    Channel,
    Check,
    Finding,
    Limits,
    Message,
    Outcome,
    Reason,
    Scope,
    Tools,
    Wording,
)
from notigate_sms_aliyun import lookup, reviews, submissions
from notigate_sms_aliyun.api import Api
from notigate_sms_aliyun.batches import as_json, form
from notigate_sms_aliyun.rules import all_taken, bad_number, bad_value, taken
from notigate_sms_aliyun.signing import encoded
from notigate_sms_aliyun.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from notigate_sms_aliyun.settings import Settings


class AliyunSms(Channel):
    """Text messages by approved template through one Aliyun account.

    Args:
        settings: the account, its signature and its templates.
        tools: HTTP and the real time.
    """

    #: Aliyun's documented limits: 5000 calls a second, 100 numbers a batch call; 100 templates a day, 30 seconds apart
    limits = Limits(batch=100, concurrency=8, rate=5000, submit_pause=30.0, submit_daily=100)
    address = "phone"

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._api = Api(settings, tools)

    def group(self, message: Message) -> Hashable:
        """One call carries one template code."""
        return self._settings.code(message.occasion, message.locale)

    def refusal(self, message: Message) -> Outcome | None:
        """An occasion without a template code, a number or a value that Aliyun would not take."""
        read = self._read(message)
        return read if isinstance(read, Outcome) else None

    def send(self, message: Message) -> Outcome:
        """Ask for one message with SendSms."""
        read = self._read(message)
        if isinstance(read, Outcome):
            return read
        code, to = read
        params = {
            "PhoneNumbers": to,
            "SignName": self._settings.sign_name,
            "TemplateCode": code,
            "TemplateParam": as_json(dict(message.params)),
            "OutId": message.reference,
        }
        return self._deliver("SendSms", encoded(params), people=1)

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Ask for all of them with one SendBatchSms; Aliyun takes or refuses the call as a whole.

        Number and OutId together are all that `lookup` has to tell messages apart, so a call carries a number once, and
        one reference. What does not fit in beside the first message is answered busy and not sent.
        """
        outcomes: list[Outcome | None] = []
        aboard: dict[str, Mapping[str, str]] = {}
        call = None
        read_one = self._addressed if all_taken(message.params for message in messages) else self._read
        for message in messages:
            read = read_one(message)
            if isinstance(read, Outcome):
                outcomes.append(read)
                continue
            code, to = read
            call = call or (code, message.reference)
            if (code, message.reference) != call or to in aboard:
                outcomes.append(Outcome.busy(Reason.THROTTLED, "one call carries one template, and a number once"))
            else:
                outcomes.append(None)
                aboard[to] = message.params
        verdict = None
        if call:
            whole = form(self._settings.sign_name, *call, aboard)
            verdict = self._deliver("SendBatchSms", whole, people=len(aboard))
        return [answer for outcome in outcomes if (answer := outcome or verdict)]

    def lookup(self, attempt: Attempt) -> Finding:
        """Ask by QuerySendDetails, on the day of the attempt and on the neighbouring day near midnight."""
        return lookup.find(self._api, attempt)

    def check(self) -> Sequence[Check]:
        """Ask for the state of the signature."""
        return reviews.check(self._api, self._settings.sign_name)

    def template(self, code: str) -> Mapping[str, str] | None:
        """The approved copy, as `reviews.template` tells it.

        Raises:
            NotigateError: the provider could not be asked.
        """
        return reviews.template(self._api, code)

    def template_code(self, occasion: str, locale: str) -> str | None:
        """The code that the settings name."""
        return self._settings.code(occasion, locale)

    def submit(self, wording: Wording) -> Outcome:
        """Ask for a new template with CreateSmsTemplate."""
        return submissions.submit(self._api, wording, self._settings.sign_name)

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()

    def _read(self, message: Message) -> tuple[str, str] | Outcome:
        """The template code and the number as Aliyun reads it; or why it would not take the message."""
        read = self._addressed(message)
        if isinstance(read, tuple) and (fault := bad_value(message.params)):
            return Outcome.refused(Reason.BAD_CONTENT, fault)
        return read

    def _addressed(self, message: Message) -> tuple[str, str] | Outcome:
        """The same, whatever its values are."""
        code, to = self._settings.code(message.occasion, message.locale), taken(message.to)
        if not code:
            return Outcome.refused(Reason.BAD_CONTENT, self._missing(message), scope=Scope.CHANNEL)
        if to is None:
            return Outcome.refused(Reason.BAD_ADDRESS, bad_number(message.to))
        return code, to

    def _missing(self, message: Message) -> str:
        key = f"templates.'{message.occasion}'"
        if message.occasion in self._settings.templates:
            key += f".{message.locale}"
        return f"no template code for {message.occasion} in {message.locale}: add {key} to this channel's settings"

    def _deliver(self, action: str, form: str, *, people: int) -> Outcome:
        answer = self._api.post(action, form)
        return judge(answer, self._api.now(), people) if isinstance(answer, Answer) else answer
