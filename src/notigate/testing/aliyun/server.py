"""An Aliyun SMS account of one's own on a loopback socket."""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TypeAlias

from notigate.testing.aliyun.account import Account, Body, Params
from notigate.testing.aliyun.rules import APPROVED, Sent, Template
from notigate.testing.aliyun.signatures import Refusal, claim
from notigate.testing.loopback import Fault, Reply, Request
from notigate.testing.services import FakeService

#: A code or a `Reply` is answered instead of doing anything. A `Fault` follows the deed, and so does a function: it
#: gets the true reply and gives the one that is sent (let time pass in it, hand a receipt on, spoil the reply).
Trouble: TypeAlias = str | Reply | Fault | Callable[[Reply], Reply | Fault]

_STATUSES = {"InternalError": 500, "ServiceUnavailable": 503}


@dataclass(frozen=True, slots=True)
class Call:
    """One request with a good signature."""

    action: str
    params: Params
    #: names in lower case
    headers: Mapping[str, str]


class FakeAliyun(FakeService):
    """A context manager; `endpoint` goes into a channel's settings.

    Verifies both kinds of signature and keeps the documented rules: nonces, time, numbers, templates, values, rolling
    limits, balance. What a real account adds (black lists, forbidden words, arrears) is played by `faults`.

    Args:
        keys: access key id → secret.
        signs: the approved signatures, or signature → status.
        templates: code → approved text with `${variables}`, or code → `Template`.
        balance: messages (in billing units) that are paid for; None means enough.
        now: the account's clock; hand in your own to let time pass.
    """

    def __init__(
        self,
        *,
        keys: Mapping[str, str],
        signs: Iterable[str] | Mapping[str, int],
        templates: Mapping[str, str | Template],
        balance: int | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        #: in order of arrival
        self.calls: list[Call] = []
        #: action → what its next calls meet, one each
        self.faults: defaultdict[str, deque[Trouble]] = defaultdict(deque)
        #: what the account has; change `carrier` and `lag` as you like
        self.account = Account(
            signs=signs if isinstance(signs, Mapping) else dict.fromkeys(signs, APPROVED),
            templates={code: t if isinstance(t, Template) else Template(text=t) for code, t in templates.items()},
            balance=balance,
            now=now,
        )
        self._keys = dict(keys)
        self._nonces: set[tuple[str, str]] = set()
        self._lock = Lock()

    @property
    def sent(self) -> list[Sent]:
        """Every accepted message, in order."""
        return self.account.sent

    def reports(self) -> list[Body]:
        """The receipts (`SmsReport`) that Aliyun would push by now, sometimes twice and in any order."""
        return self.account.reports()

    def _serve(self, request: Request) -> Reply | Fault:
        with self._lock:
            try:
                call = self._admitted(request)
                self.calls.append(call)
                trouble = self._trouble(call.action)
                reply = trouble if isinstance(trouble, Reply) else self._done(call)
            except Refusal as refusal:
                return _refused(refusal)
        return trouble(reply) if callable(trouble) else trouble or reply

    def _trouble(self, action: str) -> Reply | Fault | Callable[[Reply], Reply | Fault] | None:
        troubles = self.faults[action]
        trouble = troubles.popleft() if troubles else None
        if isinstance(trouble, str):
            raise Refusal(trouble, status=_STATUSES.get(trouble, 200 if trouble.startswith("is") else 400))
        return trouble

    def _done(self, call: Call) -> Reply:
        return Reply(_identified({"Code": "OK", "Message": "OK", **self.account.actions[call.action](call.params)}))

    def _admitted(self, request: Request) -> Call:
        """Nobody comes in without a good signature, made now and for this request alone."""
        params = {**request.query, **request.form}
        claimed = claim(request, params)
        if claimed.key_id not in self._keys:
            raise Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        claimed.verify_time(self.account.now())
        claimed.verify(self._keys[claimed.key_id])
        if (claimed.key_id, claimed.nonce) in self._nonces:
            raise Refusal("SignatureNonceUsed", "Specified signature nonce was used already.", 400)
        self._nonces.add((claimed.key_id, claimed.nonce))
        if claimed.action not in self.account.actions:
            raise Refusal("InvalidAction.NotFound", "Specified api is not found.", 404)
        return Call(claimed.action, params, request.headers)


def _refused(refusal: Refusal) -> Reply:
    """The gateway's own errors have a status of theirs, and name the host."""
    body: Body = {"Code": refusal.code, "Message": refusal.message}
    if refusal.status >= 400:  # noqa: PLR2004 - the class of errors
        body["HostId"] = "dysmsapi.aliyuncs.com"
    return Reply(_identified(body), refusal.status)


def _identified(body: Body) -> Body:
    return body | {"RequestId": str(uuid.uuid4()).upper()}
