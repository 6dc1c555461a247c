"""The settings of a `wecom` channel, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from notigate.plugin import ConfigError, Secret, is_secure

ENDPOINT = "https://qyapi.weixin.qq.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Either `webhook` (a group robot), or `corp_id`, `agent_id` and `secret` (application messages)."""

    #: the robot's whole address as WeCom shows it; whoever knows its key may post
    webhook: Secret | None = None
    #: of the corp that the application belongs to
    corp_id: str = ""
    #: the application's number
    agent_id: int | None = None
    #: the application's secret
    secret: Secret | None = None
    #: where application messages go; http:// for loopback addresses only
    endpoint: str = ENDPOINT
    #: markdown is not shown to members who read in WeChat
    form: Literal["markdown", "text"] = "markdown"
    #: whom the robot mentions: user ids; `@all` with `form: text` only
    mentioned: tuple[str, ...] = ()
    #: whom the robot mentions by phone number, with `form: text` only
    mentioned_mobiles: tuple[str, ...] = field(default=(), repr=False)

    def verify(self) -> None:
        """Find what does not go together.

        Raises:
            ConfigError: names the keys and says what to do; never shows a value that is secret.
        """
        application = [name for name in ("corp_id", "agent_id", "secret") if getattr(self, name) not in ("", None)]
        if bool(self.webhook) == bool(application):
            raise ConfigError(
                "wecom: give either webhook (a group robot) or corp_id, agent_id and secret (application messages); "
                "this has {found}",
                found="both" if application else "neither",
            )
        if self.webhook:
            self._verify_robot(self.webhook)
        else:
            self._verify_application(application)

    def _verify_robot(self, webhook: Secret) -> None:
        if self.endpoint != ENDPOINT:
            raise ConfigError(
                "wecom: endpoint belongs to application messages; a webhook is a whole address: remove it"
            )
        if not (is_secure(webhook.reveal()) and parse_qs(urlsplit(webhook.reveal()).query).get("key")):
            raise ConfigError(
                "wecom: webhook must be the robot's whole https address with its key, as WeCom shows it "
                "(http is for loopback addresses only)"
            )
        if self.form == "markdown" and (self.mentioned_mobiles or "@all" in self.mentioned):
            raise ConfigError("wecom: a markdown message mentions user ids only; for mobiles and @all set form: text")

    def _verify_application(self, given: list[str]) -> None:
        missing = [name for name in ("corp_id", "agent_id", "secret") if name not in given]
        if missing:
            raise ConfigError("wecom: application messages also need {missing}", missing=", ".join(missing))
        if not is_secure(self.endpoint):
            raise ConfigError(
                "wecom: endpoint {endpoint!r} must be an https address (http is for loopback addresses only)",
                endpoint=self.endpoint,
            )
        if self.mentioned or self.mentioned_mobiles:
            raise ConfigError(
                "wecom: mentions belong to a group robot; an application writes to each reader: remove them"
            )
