"""New templates, submitted for review.

Source: Aliyun's reference of CreateSmsTemplate (2017-05-25): 100 calls a day, at least 30 seconds apart.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from notigate.plugin import Category, Outcome
from notigate_sms_aliyun.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.plugin import Wording
    from notigate_sms_aliyun.api import Api

#: `TemplateType`, and `IntlType` of international ones
NOTIFICATION, PROMOTION, INTERNATIONAL = "1", "2", "3"
INTL_NOTIFICATION, INTL_PROMOTION = "0", "1"
#: kind of value → its attribute in `TemplateRule`; a form of address is a name, and what is neither is free text
ATTRIBUTES = {"name": "name", "phone": "phone_number2", "text": "others"}
LONGEST_NAME = 30


def submit(api: Api, wording: Wording, sign_name: str) -> Outcome:
    """Ask for a new template; accepted with its code is under review."""
    answer = api.ask("CreateSmsTemplate", _params(wording, sign_name))
    if isinstance(answer, Outcome):
        return answer
    code = answer.body.get("TemplateCode")
    if answer.body.get("Code") != "OK":
        return judge(answer, api.now())
    return Outcome.accepted(code) if isinstance(code, str) and code else Outcome.unknown("OK without a code")


def _params(wording: Wording, sign_name: str) -> Mapping[str, str]:
    rule = {name: ATTRIBUTES[kind] for name, kind in wording.kinds.items()}
    return {
        "TemplateName": wording.title[:LONGEST_NAME],
        "TemplateContent": wording.text,
        "RelatedSignName": sign_name,
        "Remark": wording.example,
        **({"TemplateRule": json.dumps(rule)} if rule else {}),
        **_type(wording),
    }


def _type(wording: Wording) -> Mapping[str, str]:
    """A text in traditional characters is for numbers outside the mainland, whose carriers alone take them."""
    sells = wording.category is Category.MARKETING
    if {"Hant", "TW", "HK", "MO"}.intersection(wording.locale.split("_")):
        return {"TemplateType": INTERNATIONAL, "IntlType": INTL_PROMOTION if sells else INTL_NOTIFICATION}
    return {"TemplateType": PROMOTION if sells else NOTIFICATION}
