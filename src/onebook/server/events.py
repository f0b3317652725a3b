"""Server-sent events: what is looked at again and again is told whenever it has changed.

Looking is done in threads, shortly, and once for all who look at the same; nobody holds a thread. Beats tell of a
client whose network has gone without a word, and keep proxies from ending the stream. After some minutes it ends all
the same: clients of such streams come back by themselves, perhaps to another server.

Source:   WHATWG HTML, 9.2 "Server-sent events"
"""

import asyncio
import time
from collections.abc import Hashable
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from onebook.dialects.base import Answer, Event, Events
from onebook.errors import NotFound, Unavailable
from onebook.server.streaming import InThread
from onebook.server.wire import ClientGone, Transport, Wire

#: Four looks a second while something happens, one while nothing does.
STEP_SECONDS: Final = 0.25
IDLE_STEP_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 5.0
LIFE_SECONDS: Final = 600.0
_BEAT: Final = b": beat\n\n"
_HEADERS: Final = (("x-accel-buffering", "no"),)
_RETRY: Final = b"retry: 2000\n\n"


class _Look(NamedTuple):
    at: float
    found: "asyncio.Future[Event]"


class Watch:
    """All open streams of events of one application."""

    def __init__(self, in_thread: InThread, ending: asyncio.Event) -> None:
        """Args: ``ending``: set once the server stops."""
        self._in_thread = in_thread
        self._looks: dict[Hashable, _Look] = {}
        self._watching: dict[Hashable, int] = {}
        self._ending = ending

    async def send(self, answer: Answer, events: Events, wire: Wire) -> None:
        """Tell every change until the last event, the client's going, or the server's stopping."""
        transport = wire.response_stream(
            answer.status, [*answer.headers, *_HEADERS, ("content-type", answer.content_type)]
        )
        self._watching[events.key] = self._watching.get(events.key, 0) + 1
        try:
            with suppress(ClientGone, NotFound, TimeoutError):
                await transport.send_bytes(_RETRY)
                async with asyncio.timeout(LIFE_SECONDS):
                    await self._tell(events, transport)
        finally:
            self._leave(events.key)

    def _leave(self, key: Hashable) -> None:
        self._watching[key] -= 1
        if not self._watching[key]:
            del self._watching[key]
            self._looks.pop(key, None)

    async def _tell(self, events: Events, transport: Transport) -> None:
        told, sent, step = "", time.monotonic(), STEP_SECONDS
        while not self._ending.is_set():
            event = await self._look(events)
            now = time.monotonic()
            if event is not None and event.id != told:
                await transport.send_bytes(encoded(event))
                if event.last:
                    return
                told, sent, step = event.id, now, STEP_SECONDS
            else:
                step = min(step * 1.5, IDLE_STEP_SECONDS)
                if now - sent > BEAT_SECONDS:
                    await transport.send_bytes(_BEAT)
                    sent = now
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), step)

    async def _look(self, events: Events) -> Event | None:
        """What is there now, or was a moment ago; None if the store is away. Raises: NotFound once it is gone."""
        look = self._looks.get(events.key)
        if look is None or time.monotonic() - look.at > STEP_SECONDS * 0.9:
            found = asyncio.ensure_future(self._in_thread(events.look))
            look = self._looks[events.key] = _Look(time.monotonic(), found)
        try:
            return await asyncio.shield(look.found)
        except Unavailable:
            return None


def encoded(event: Event) -> bytes:
    """An event as it is sent."""
    data = msgspec.json.encode(event.data)
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event.id.encode(), event.name.encode(), data)
