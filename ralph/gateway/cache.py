"""The response cache: the same request gets the same stream again, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from ralph.config.settings import CacheSettings
from ralph.core.clock import Clock
from ralph.core.llm.messages import Content
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Report, Request, Restart
from ralph.core.llm.usage import Cost, Usage, dollars
from ralph.core.log import events as ev
from ralph.core.log.codec import build, dumps, plain
from ralph.core.log.recording import Gateway, ModelCall
from ralph.core.ports.answer_cache import AnswerCache

# Returns what the configuration adds to a request of this provider: its address, options and sampling parameters.
Added = Callable[[str], Mapping[str, Any]]


def key_of(ref: ModelRef, request: Request, added: Added) -> str:
    """Return the hash of everything that the provider would see, and of nothing else.

    Whether a request is a guess (`speculative`), must be new (`fresh`), continues an answer (`goes_on`) or is read by a
    person (`visible`) is not sent, and so is not in the key.
    """
    import hashlib  # loads OpenSSL, which a run without a cache does not need

    sent = replace(request, fresh=False, speculative=False, visible=False, goes_on=False)
    settings = [[str(one), dict(added(one.provider))] for one in ref.each]
    return hashlib.sha256(dumps([str(ref), plain(sent), settings]).encode()).hexdigest()


class ResponseCache:
    """Answers from the cache. A hit records a note with its saving and no attempt; only whole answers are kept."""

    def __init__(
        self, inner: Gateway, settings: CacheSettings, answers: AnswerCache, clock: Clock, added: Added
    ) -> None:
        self._inner = inner
        self._added = added
        self._settings = settings
        self._answers = answers
        self._clock = clock

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        key = key_of(call.ref, call.request, self._added)
        found = None if call.request.fresh else await self._answers.find(key, self._settings.ttl_s)
        async with aclosing(self._again(json.loads(found), call) if found else self._fresh(key, call)) as items:
            async for item in items:
                yield item

    async def _again(self, kept: dict[str, Any], call: ModelCall) -> AsyncGenerator[Item, None]:
        cost, usage = build(Cost, kept["cost"]), build(Usage, kept["usage"])
        text = f"cached: {call.ref} was not asked; that saved {dollars(cost)} and {usage.input + usage.output:,} tokens"
        call.recorder.emit(ev.Note("cache", text, call.scope.block, {"cost": kept["cost"], "usage": kept["usage"]}))
        began = self._clock.monotonic()
        for at, channel, piece in kept["pieces"]:
            wait = at - (self._clock.monotonic() - began)
            if wait > 0:
                await self._clock.sleep(wait)
            yield Piece(channel, piece)
        yield Answer(kept["stop_reason"], build(Content, kept["content"]))

    async def _fresh(self, key: str, call: ModelCall) -> AsyncGenerator[Item, None]:
        began, pieces, usage, answer = self._clock.monotonic(), [], Usage(), None
        async with aclosing(self._inner.stream(call)) as items:
            async for item in items:
                match item:
                    case Piece():
                        pieces.append([round(self._clock.monotonic() - began, 3), item.channel, item.text])
                    case Report() if item.usage:
                        usage = item.usage
                    case Restart():
                        pieces.clear()
                    case Answer():
                        answer = item
                yield item
        if call.recorder.run:
            return  # an unsaved timeline leaves no text behind
        attempts = call.scope.attempts
        if answer is None or not attempts or attempts[-1].outcome != "ok":
            return  # without an attempt there is nothing to save
        kept = {
            "pieces": pieces,
            "stop_reason": answer.stop_reason,
            "content": plain(answer.content),
            "usage": plain(usage),
            "cost": plain(attempts[-1].cost),
        }
        await self._answers.keep(key, dumps(kept), self._settings.max_mb * 1024 * 1024, call.recorder.timeline)
