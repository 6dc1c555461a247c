"""The others, doing the same work: one SMS to each of N people. Each runs as a process of its own.

python bench/peers.py apprise|sdk|sdk-batch PORT N
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

THREADS = 32


def apprise(port: int, n: int) -> None:
    """Apprise with one target a person, in its own pool."""
    import apprise as library  # noqa: PLC0415 - the import is part of what is measured

    gateway = library.Apprise()
    for i in range(n):
        gateway.add(f"json://127.0.0.1:{port}/{i}")
    assert gateway.notify(body="王女士，生日快乐！青年城全体同事祝您事业有成。")


def sdk(port: int, n: int) -> None:
    """The official SDK, one message a call, in 32 threads."""
    from alibabacloud_dysmsapi20170525 import models  # noqa: PLC0415 - as above

    client = _client(port)

    def one(i: int) -> None:
        request = models.SendSmsRequest(
            phone_numbers=str(13800000000 + i),
            sign_name="青年城",
            template_code="SMS_1",
            template_param='{"name":"王女士"}',
        )
        assert client.send_sms(request).body.code == "OK"

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(n)))


def sdk_batch(port: int, n: int) -> None:
    """The official SDK with its own batch call, 100 messages each, one after the other."""
    import json  # noqa: PLC0415 - as above

    from alibabacloud_dysmsapi20170525 import models  # noqa: PLC0415 - as above

    client = _client(port)
    for start in range(0, n, 100):
        numbers = [str(13800000000 + i) for i in range(start, min(start + 100, n))]
        request = models.SendBatchSmsRequest(
            phone_number_json=json.dumps(numbers), sign_name_json=json.dumps(["青年城"] * len(numbers)), template_code="SMS_1",
            template_param_json=json.dumps([{"name": "王女士"}] * len(numbers)),
        )  # fmt: skip
        assert client.send_batch_sms(request).body.code == "OK"


def _client(port: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the SDK has no types
    from alibabacloud_dysmsapi20170525.client import Client  # noqa: PLC0415 - as above
    from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415 - as above

    return Client(Config(access_key_id="id", access_key_secret="secret", endpoint=f"127.0.0.1:{port}", protocol="http"))


if __name__ == "__main__":
    work = {"apprise": apprise, "sdk": sdk, "sdk-batch": sdk_batch}[sys.argv[1]]
    work(int(sys.argv[2]), int(sys.argv[3]))
