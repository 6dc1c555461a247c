"""A faithful Aliyun SMS server for tests, on a loopback socket.

```python
with FakeAliyun(keys={"id": "secret"}, signs=["青年城"], templates={"SMS_1": "您好${name}"}) as fake:
    ...  # send to fake.endpoint, then look at fake.sent
```
"""

from __future__ import annotations

from notigate.testing.aliyun.rules import (
    APPROVED,
    CANCELLED,
    INTERNATIONAL,
    NOTIFICATION,
    PROMOTION,
    REJECTED,
    REVIEWING,
    VERIFICATION,
    Sent,
    Template,
)
from notigate.testing.aliyun.server import Call, FakeAliyun, Trouble
from notigate.testing.loopback import Fault, Reply

__all__ = [
    "APPROVED",
    "CANCELLED",
    "INTERNATIONAL",
    "NOTIFICATION",
    "PROMOTION",
    "REJECTED",
    "REVIEWING",
    "VERIFICATION",
    "Call",
    "FakeAliyun",
    "Fault",
    "Reply",
    "Sent",
    "Template",
    "Trouble",
]
