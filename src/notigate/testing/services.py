"""What the fake providers have in common: each stands on a loopback socket while its `with` block lasts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from notigate.testing.loopback import Fault, HttpProvider, Reply, Request


class FakeService(ABC):
    """A context manager; `endpoint` goes into the settings of who asks it."""

    def __enter__(self) -> Self:
        self._provider = HttpProvider(self._serve)
        return self

    def __exit__(self, *_fault: object) -> None:
        self._provider.leave()

    @property
    def endpoint(self) -> str:
        """Where it stands: `http://127.0.0.1:PORT`."""
        return self._provider.url

    @abstractmethod
    def _serve(self, request: Request) -> Reply | Fault:
        """Answer one request, or fail as a provider may."""
