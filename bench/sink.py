"""A provider that answers every request at once, or after a fixed delay: the other end of the benches, in its own process.

    python bench/sink.py [DELAY_SECONDS]     prints its port, then serves until it is killed

It answers in Aliyun's shape, has approved the birthday text that comes with notigate, reads nothing else and verifies nothing,
so that what is measured is the client. `GET /count` tells how many POST requests came, `GET /messages` how many messages they held,
and `GET /span` the seconds from the first message's arrival to the last one's answer since it was asked before.
"""

from __future__ import annotations

import asyncio
import json
import re
import selectors
import sys
import time
from pathlib import Path

ANSWER = (
    b'{"Message":"OK","RequestId":"873043AC-BCDA-44DB-9052-2E204C6ED20F","Code":"OK","BizId":"607300000000000000^0"}'
)
#: the words of the benches' messages, as they were submitted
TEXT = (Path(__file__).parents[1] / "templates/service/birthday/zh_Hans.sms.txt").read_text(encoding="utf-8")
APPROVED = json.dumps(
    {
        "Code": "OK",
        "TemplateStatus": "AUDIT_STATE_PASS",
        "TemplateContent": re.sub(r"\{\{ (\w+) \}\}", r"${\1}", TEXT.strip()),
    }
).encode()


class Sink(asyncio.Protocol):
    """One connection; keeps it open, answers pipelined requests in order."""

    delay = 0.0
    calls = 0
    messages = 0
    #: when the first message came, and when the last one was answered
    span: tuple[float, float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Cut requests out of the stream."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.serve(head, rest[:length])

    def serve(self, head: bytes, body: bytes) -> None:
        """Count a request, and answer it."""
        if head.startswith(b"GET /count"):
            return self.answer(str(Sink.calls).encode())
        if head.startswith(b"GET /messages"):
            return self.answer(str(Sink.messages).encode())
        if head.startswith(b"GET /span"):
            first, last = Sink.span or (0.0, 0.0)
            Sink.span = None
            return self.answer(str(last - first).encode())
        Sink.calls += 1
        action = head.lower().partition(b"x-acs-action: ")[2]
        if action and not action.startswith(b"send"):
            return self.answer(APPROVED if action.startswith(b"getsmstemplate") else ANSWER)
        # A batch call names its numbers in a JSON list, percent-encoded: %22 stands around each.
        numbers = body.partition(b"PhoneNumberJson=")[2].partition(b"&")[0]
        Sink.messages += numbers.count(b"%22") // 2 or 1
        now = time.monotonic()
        Sink.span = (Sink.span[0] if Sink.span else now, now + Sink.delay)
        if Sink.delay:
            asyncio.get_running_loop().call_later(Sink.delay, self.answer, ANSWER)
            return None
        return self.answer(ANSWER)

    def answer(self, body: bytes) -> None:
        """One whole response."""
        if not self.transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self.transport.write(head + body)


async def main(delay: float) -> None:
    """Serve on a free port of the loopback."""
    Sink.delay = delay
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    # epoll waits for whole milliseconds, select does not: a delay of 50 ms is to be 50 ms, for every client.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
