"""A WeCom of one's own on a loopback socket: group robots, and one corp with its applications and members.

It keeps the documented rules, the silent ones too: texts that are cut, repetitions and surplus messages that are
answered with success and never arrive. Source: developer.work.weixin.qq.com, documents 99110, 91039, 90236, 90454.
"""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any, TypeAlias

from notigate.testing.loopback import Fault, Reply, Request
from notigate.testing.services import FakeService

#: a number is answered as `errcode` and a `Reply` as it is, instead of doing anything; a `Fault` follows the deed;
#: None is no trouble
Trouble: TypeAlias = int | Reply | Fault | None
Body: TypeAlias = dict[str, Any]

#: bytes of a robot's text; the other kinds of message have no limit of their own
ROBOT_LIMITS = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
ROBOT_KINDS = {*ROBOT_LIMITS, "image", "news", "file", "voice", "template_card"}
APPLICATION_KINDS = ROBOT_KINDS - {"markdown_v2"} | {"textcard", "mpnews", "video"}
APPLICATION_LIMIT = 2048
#: bytes of a robot's picture, and how those that it shows begin (PNG, JPEG)
PICTURE_LIMIT = 2 * 1024 * 1024
PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
#: (seconds, messages)
ROBOT_PACE = ((60, 20),)
MEMBER_PACE = ((60, 30), (3600, 1000))


@dataclass(kw_only=True, eq=False)
class FakeWecom(FakeService):
    """A context manager; `webhook` and `endpoint` go into a channel's settings."""

    #: the keys of the group robots
    robots: Sequence[str] = ("robot-key",)
    #: the corp's id
    corp: str = "ww-corp"
    #: agent id → secret
    applications: Mapping[int, str] = field(default_factory=lambda: {1000002: "app-secret"})
    #: user ids in the visible range of every application
    members: Sequence[str] = ()
    #: those of them who have no licence
    unlicensed: Sequence[str] = ()
    #: phone number → user id
    mobiles: Mapping[str, str] = field(default_factory=dict)
    #: seconds
    token_life: int = 7200
    #: seconds on any clock that goes forward; hand in your own to let time pass
    now: Callable[[], float] = time.monotonic

    #: (path, body) of each POST, in order of arrival
    posts: list[tuple[str, bytes]] = field(default_factory=list, init=False)
    #: (user id or robot key, content) of what a reader has really seen; of a robot's picture, `image` and its MD5
    delivered: list[tuple[str, str]] = field(default_factory=list, init=False)
    #: the `msgid` of messages that were called back
    recalled: list[str] = field(default_factory=list, init=False)
    #: how often gettoken was asked
    tokens_asked: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        #: token → (agent id, good until)
        self._tokens: dict[str, tuple[int, float]] = {}
        #: (agent id, canonical JSON) → (msgid, dropped until)
        self._repeats: dict[tuple[int, str], tuple[str, float]] = {}
        #: msgid → agent id
        self._sent: dict[str, int] = {}
        self._paces: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=1000))
        self._troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self._routes: dict[str, Callable[[Mapping[str, str], Body], Body]] = {
            "/cgi-bin/webhook/send": self._robot,
            "/cgi-bin/gettoken": self._token,
            "/cgi-bin/message/send": self._send,
            "/cgi-bin/message/recall": self._recall,
            "/cgi-bin/user/getuserid": self._find,
        }

    def webhook(self, key: str = "robot-key") -> str:
        """The whole address of a robot."""
        return f"{self.endpoint}/cgi-bin/webhook/send?key={key}"

    def trouble(self, path: str, *troubles: Trouble) -> None:
        """Let the next calls of `path` (`message/send`) meet these, one each."""
        self._troubles[f"/cgi-bin/{path}"].extend(troubles)

    def invalidate_tokens(self) -> None:
        """Take every token back before its time, as WeCom may."""
        with self._lock:
            self._tokens.clear()

    def _serve(self, request: Request) -> Reply | Fault:
        with self._lock:
            if request.method == "POST":
                self.posts.append((request.path, request.body))
            self.tokens_asked += request.path == "/cgi-bin/gettoken"
            troubles = self._troubles[request.path]
            trouble = troubles.popleft() if troubles else None
            if isinstance(trouble, int):
                return Reply(_error(trouble, "as the test asked"))
            if isinstance(trouble, Reply):
                return trouble
            answer = self._answer(request)
            return answer if trouble is None else trouble

    def _answer(self, request: Request) -> Reply:
        route = self._routes.get(request.path)
        if route is None:
            return Reply("not found", 404)
        try:
            return Reply({"errcode": 0, "errmsg": "ok", **route(request.query, _parsed(request.body))})
        except _Refusal as refusal:
            return Reply(_error(*refusal.args))

    def _robot(self, query: Mapping[str, str], body: Body) -> Body:
        key = query.get("key", "")
        if key not in self.robots:
            raise _Refusal(93000, "invalid webhook url")
        if self._surplus(f"robot {key}", ROBOT_PACE):
            raise _Refusal(45009, "api freq out of limit")
        content = _content(body, ROBOT_KINDS)
        if body["msgtype"] == "image":
            content = f"image {_shown(body['image'])}"
        limit = ROBOT_LIMITS.get(body["msgtype"])
        if limit and len(content.encode()) > limit:
            raise _Refusal(45002, "content size out of limit")
        self.delivered.append((key, content))
        return {}

    def _token(self, query: Mapping[str, str], _body: Body) -> Body:
        if query.get("corpid") != self.corp:
            raise _Refusal(40013, "invalid corpid")
        if not query.get("corpsecret"):
            raise _Refusal(41004, "corpsecret missing")
        agent = next((agent for agent, secret in self.applications.items() if secret == query["corpsecret"]), None)
        if agent is None:
            raise _Refusal(40001, "invalid credential")
        token = f"access-token-{next(self._numbers):06}"
        self._tokens[token] = (agent, self.now() + self.token_life)
        return {"access_token": token, "expires_in": self.token_life}

    def _send(self, query: Mapping[str, str], body: Body) -> Body:
        agent = self._agent(query)
        if body.get("agentid") != agent:
            raise _Refusal(301002, "not allow operate another agent with this accesstoken")
        content = _content(body, APPLICATION_KINDS)
        names = {member.lower(): member for member in self.members}
        asked = str(body.get("touser", "")).lower()
        users = list(names) if asked == "@all" else list(dict.fromkeys(asked.split("|")))
        if len(users) > 1000:  # noqa: PLR2004 - document 90236
            raise _Refusal(40032, "invalid user list size")
        invalid = [user for user in users if user not in names]
        unlicensed = [member.lower() for member in self.unlicensed if member.lower() in users]
        reached = [names[user] for user in users if user not in {*invalid, *unlicensed}]
        if not reached:
            raise _Refusal(81013, "user & party & tag all invalid")
        reference = self._carry(agent, reached, content, body)
        return {"invaliduser": "|".join(invalid), "unlicenseduser": "|".join(unlicensed), "msgid": reference}

    def _carry(self, agent: int, members: Sequence[str], content: str, body: Body) -> str:
        """Deliver, unless this very request was carried out a short while ago."""
        request, checked = (agent, json.dumps(body, sort_keys=True)), body.get("enable_duplicate_check") == 1
        reference, dropped_until = self._repeats.get(request, ("", 0.0))
        if checked and self.now() < dropped_until:
            return reference
        reference = f"msgid-{next(self._numbers):06}"
        self._sent[reference] = agent
        if checked:
            span = min(body.get("duplicate_check_interval", 1800), 14400)
            self._repeats[request] = (reference, self.now() + span)
        seen = content.encode()[:APPLICATION_LIMIT].decode(errors="ignore")
        arriving = [member for member in members if not self._surplus(f"{agent} {member}", MEMBER_PACE)]
        self.delivered += [(member, seen) for member in arriving]
        return reference

    def _recall(self, query: Mapping[str, str], body: Body) -> Body:
        agent = self._agent(query)
        if self._sent.get(body.get("msgid", "")) != agent:
            raise _Refusal(40058, "invalid msgid")
        self.recalled.append(body["msgid"])
        return {}

    def _find(self, query: Mapping[str, str], body: Body) -> Body:
        self._agent(query)
        mobile = body.get("mobile")
        if not (isinstance(mobile, str) and 5 <= len(mobile) <= 32):  # noqa: PLR2004 - document 96267
            raise _Refusal(60103, "invalid mobile")
        if mobile not in self.mobiles:
            raise _Refusal(46004, "user not exist")
        return {"userid": self.mobiles[mobile]}

    def _agent(self, query: Mapping[str, str]) -> int:
        """Whose token this is."""
        token = query.get("access_token")
        if not token:
            raise _Refusal(41001, "access_token missing")
        if token not in self._tokens:
            raise _Refusal(40014, "invalid access_token")
        agent, good_until = self._tokens[token]
        if self.now() >= good_until:
            raise _Refusal(42001, "access_token expired")
        return agent

    def _surplus(self, name: str, pace: Sequence[tuple[int, int]]) -> bool:
        """Is this one more than allowed in any rolling span? If not, it is counted."""
        times, now = self._paces[name], self.now()
        if any(len(times) >= most and times[-most] > now - span for span, most in pace):
            return True
        times.append(now)
        return False


class _Refusal(Exception):  # noqa: N818 - not a fault: what WeCom answers, as code and words
    pass


def _parsed(body: bytes) -> Body:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise _Refusal(40058, "invalid Request Parameter")
    return parsed


def _content(body: Body, kinds: set[str]) -> str:
    """What the reader would see; of kinds without `content`, their JSON."""
    kind = body.get("msgtype")
    if kind not in kinds:
        raise _Refusal(40008, "invalid message type")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise _Refusal(40058, "invalid Request Parameter")
    content = part.get("content", "") if kind in ROBOT_LIMITS else json.dumps(part, ensure_ascii=False)
    if not isinstance(content, str):
        raise _Refusal(40058, "invalid Request Parameter")
    if not content.strip():
        raise _Refusal(44004, "empty content")
    return content


def _shown(picture: Body) -> str:
    """The MD5 of a picture that arrived as document 99110 wants it."""
    try:
        data = b64decode(picture.get("base64", ""), validate=True)
    except (TypeError, ValueError):
        data = b""
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if not data.startswith(PICTURE_STARTS) or len(data) > PICTURE_LIMIT or picture.get("md5") != digest:
        raise _Refusal(40058, "invalid Request Parameter")
    return digest


def _error(code: int, words: str) -> Body:
    more = f"https://open.work.weixin.qq.com/devtool/query?e={code}"
    return {"errcode": code, "errmsg": f"{words}, hint: [1735787045], from ip: 203.0.113.5, more info at {more}"}
