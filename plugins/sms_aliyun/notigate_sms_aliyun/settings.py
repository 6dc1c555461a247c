"""What an operator says about one Aliyun account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from notigate.plugin import ConfigError, Secret, is_endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of `channels: {NAME: {plugin: sms_aliyun, …}}`.

    Raises:
        ConfigError: an endpoint that is not one, or a signature with its brackets.
    """

    #: the key of a user that may send SMS and ask for them, and nothing else
    access_key_id: Secret
    #: its other half
    access_key_secret: Secret
    #: only with temporary credentials (STS)
    security_token: Secret | None = None
    #: the approved signature, without 【】
    sign_name: str
    #: scheme and host; `http://` on loopback addresses only
    endpoint: str = "https://dysmsapi.aliyuncs.com"
    #: occasion → template code, or occasion → locale → template code
    templates: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_endpoint(self.endpoint):
            raise ConfigError(
                "endpoint: give https://HOST or https://HOST:PORT and nothing more;"
                " plain http:// is for loopback addresses only"
            )
        if not self.sign_name.strip() or set(self.sign_name) & set("【】[]"):
            raise ConfigError(
                "sign_name {sign_name!r}: give the approved signature alone; the provider adds the brackets",
                sign_name=self.sign_name,
            )

    def code(self, occasion: str, locale: str) -> str | None:
        """The template code that says `occasion` in `locale`; another language never stands in."""
        code = self.templates.get(occasion)
        return code if code is None or isinstance(code, str) else code.get(locale)
