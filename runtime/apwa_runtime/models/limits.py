"""What a model allows a whole run, held by workers that know nothing of each other.

In: what each worker used and wants, a few times a second. Out: permits for requests and tokens, and a share of the
places on the wire. A permit counts against the rate from the moment the broker gives it until its use, as reported, is
older than the period, or until it comes back; so no window ever sees more than the rate, whatever messages take.
All is plain arithmetic on times that the caller passes in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from apwa_compiler import plan

SLICES = 64
BURST = 0.05
"""What may go at once, in seconds of the rate, but always one."""
INTERVAL = 0.25
"""What the broker may give at once, in seconds of the rate: workers ask about this often."""

_TINY = 1e-9

# How long ago, in seconds, and how much.
Uses = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model allows a run; None where it sets no limit."""

    concurrency: int | None = None
    requests: plan.Rate | None = None
    tokens: plan.Rate | None = None


@dataclass(frozen=True, slots=True)
class Permits:
    """One kind of permit as a worker sees it; ``received``, ``used`` and ``returned`` are totals since its start.

    ``wanted`` is what it could use before the next exchange, ``needed`` what its next request takes; ``uses`` are those
    since the last report.
    """

    received: int = 0
    used: int = 0
    returned: int = 0
    wanted: int = 0
    needed: int = 0
    uses: Uses = ()


@dataclass(frozen=True, slots=True)
class Report:
    """From a worker. ``places`` is how many requests it keeps itself to at a time, or still has on the wire."""

    places: int
    demand: int
    requests: Permits = Permits()
    tokens: Permits = Permits()


@dataclass(frozen=True, slots=True)
class Grant:
    """From the broker. ``requests`` and ``tokens`` are totals since the worker's start; None is no limit."""

    places: int | None
    requests: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What has been used of the rates of a model.

    Of the ``unwritten`` seconds that ended ``since`` seconds ago nothing is known but that the rates held.
    """

    requests: Uses = ()
    tokens: Uses = ()
    since: float = 0.0
    unwritten: float = 0.0


class Window:
    """At most the rate in any of its periods, evenly spaced, with ``burst`` seconds of it at once."""

    def __init__(self, rate: plan.Rate, share: int = 1, burst: float = BURST) -> None:
        self._count = rate.count / share
        self._seconds = rate.seconds
        self._speed = self._count / rate.seconds
        self._burst = max(1.0, self._speed * burst)
        self._credit = self._burst
        self._at: float | None = None
        self._slice = rate.seconds / SLICES
        self._slices: dict[int, float] = {}
        self._recent = 0.0

    def free(self, now: float) -> float:
        """How much may be used now."""
        self._move(now)
        return min(self._count - self._recent, self._credit)

    def wait(self, now: float, amount: float, held: float = 0.0) -> float:
        """Seconds until ``amount`` may be used beside ``held``, 0 for now.

        More than the burst goes once it is full, on credit; more than the whole rate when the window is empty.
        """
        self._move(now)
        lacking = min(amount, self._burst) - self._credit
        pace = lacking / self._speed if lacking > _TINY else 0.0
        over = self._recent + held + min(amount, self._count) - self._count
        for slice, used in sorted(self._slices.items()) if over > _TINY else ():
            over -= used
            if over <= _TINY:
                return max(pace, (slice + 1) * self._slice + self._seconds - now)
        return pace if over <= _TINY else max(pace, self._slice)

    def uses(self, now: float) -> Uses:
        """What counts still."""
        self._move(now)
        return tuple((max(0.0, now - (slice + 1) * self._slice), used) for slice, used in self._slices.items())

    def restore(self, uses: Uses, used: Used, now: float) -> None:
        """Count what an earlier start has used."""
        for age, amount in uses:
            self.record(now - age, amount, now)
        if used.unwritten:
            self.record(now - used.since, min(self._count, self._burst + self._speed * used.unwritten), now)

    def spend(self, amount: float) -> None:
        """Take ``amount`` of what is evenly spaced; a negative one gives it back."""
        self._credit = min(self._burst, self._credit - amount)

    def record(self, at: float, amount: float, now: float) -> None:
        """Count ``amount`` as used at ``at``; a negative one takes back what was counted then."""
        slice = math.floor(at / self._slice)
        if (slice + 1) * self._slice + self._seconds > now:
            self._slices[slice] = self._slices.get(slice, 0.0) + amount
            self._recent += amount

    def _move(self, now: float) -> None:
        if self._at is not None and now > self._at:
            self._credit = min(self._burst, self._credit + (now - self._at) * self._speed)
        self._at = now if self._at is None else max(now, self._at)
        for slice in [slice for slice in self._slices if (slice + 1) * self._slice + self._seconds <= now]:
            self._recent -= self._slices.pop(slice)


class Limiter:
    """The limits of one model on one worker: an equal share of them for each of ``share`` workers.

    With ``share`` None it has nothing but what a broker grants.
    """

    def __init__(self, limits: Limits, share: int | None = 1) -> None:
        self._places = limits.concurrency
        if limits.concurrency is not None and share != 1:
            self._places = 0 if share is None else max(1, limits.concurrency // share)
        self._running = 0
        self._requests = None if limits.requests is None else _Purse(limits.requests, share)
        self._tokens = None if limits.tokens is None else _Purse(limits.tokens, share)

    @property
    def counts_tokens(self) -> bool:
        """Whether a request's tokens matter."""
        return self._tokens is not None

    def used(self, now: float) -> Used:
        """What has been used of an equal share."""
        requests, tokens = (() if purse is None else purse.uses(now) for purse in (self._requests, self._tokens))
        return Used(requests, tokens)

    def restore(self, used: Used, now: float) -> None:
        """Count against an equal share what an earlier start has used."""
        for purse, uses in ((self._requests, used.requests), (self._tokens, used.tokens)):
            if purse is not None:
                purse.restore(uses, used, now)

    def admit(self, now: float, tokens: int) -> float | None:
        """0 where a request may go, and is counted; else seconds after which to ask again.

        None is until something ends or a grant comes.
        """
        if self._places is not None and self._running >= self._places:
            return None
        waits = [
            purse.wait(now, amount)
            for purse, amount in ((self._requests, 1), (self._tokens, tokens))
            if purse is not None
        ]
        if None in waits:
            return None
        longest = max((wait for wait in waits if wait is not None), default=0.0)
        if longest > 0:
            return longest
        self._running += 1
        if self._requests is not None:
            self._requests.use(now, 1, now)
        if self._tokens is not None:
            self._tokens.use(now, tokens, now)
        return 0.0

    def ended(self, now: float, sent: float, estimated: int, used: int) -> None:
        """A request that was sent at ``sent`` is over; it took ``used`` tokens where ``estimated`` were counted."""
        self._running -= 1
        if self._tokens is not None and used != estimated:
            # What was used beyond the estimate counts from now, what was not is given back where it was counted.
            self._tokens.use(now if used > estimated else sent, used - estimated, now)

    def exchange(self, now: float, grant: Grant | None, waiting: list[int]) -> Report:
        """Take a grant and report; ``waiting`` are the tokens of the requests that wait."""
        if grant is not None:
            self._places = grant.places
            for purse, total in ((self._requests, grant.requests), (self._tokens, grant.tokens)):
                if purse is not None and total is not None:
                    purse.receive(total)
        places = self._running if self._places is None else max(self._places, self._running)
        nothing = Permits()
        return Report(
            places,
            self._running + len(waiting),
            nothing if self._requests is None else self._requests.report(now, len(waiting), min(1, len(waiting))),
            nothing if self._tokens is None else self._tokens.report(now, sum(waiting), waiting[0] if waiting else 0),
        )


class _Purse:
    """The permits of one kind on one worker: those of a window of its own, or granted ones."""

    def __init__(self, rate: plan.Rate, share: int | None) -> None:
        self._most = rate.count
        self._window = None if share is None else Window(rate, share)
        self._received = self._used = self._returned = 0
        self._slice, self._seconds = rate.seconds / SLICES, rate.seconds
        self._uses: dict[int, int] = {}

    def wait(self, now: float, amount: int) -> float | None:
        if self._window is not None:
            return self._window.wait(now, amount)
        return 0.0 if self._left() >= min(amount, self._most) else None

    def use(self, at: float, amount: int, now: float) -> None:
        if self._window is not None:
            self._window.spend(amount)
            self._window.record(at, amount, now)
            return
        self._used += amount
        slice = math.ceil(at / self._slice)
        self._uses[slice] = self._uses.get(slice, 0) + amount
        if len(self._uses) > 2 * SLICES:
            oldest = (now - self._seconds) / self._slice
            self._uses = {slice: used for slice, used in self._uses.items() if slice >= oldest}

    def uses(self, now: float) -> Uses:
        return () if self._window is None else self._window.uses(now)

    def restore(self, uses: Uses, used: Used, now: float) -> None:
        if self._window is not None:
            self._window.restore(uses, used, now)

    def receive(self, total: int) -> None:
        self._received = max(self._received, total)

    def report(self, now: float, waiting: int, needed: int) -> Permits:
        recent = sum(self._uses.values())
        uses = tuple((max(0.0, now - slice * self._slice), amount) for slice, amount in self._uses.items())
        self._uses.clear()
        wanted, needed = max(recent, 0) + waiting, min(needed, self._most)
        left = self._left()
        # Kept is what will be used soon; a rest too small for the next request goes back, for others to use.
        keep = min(left, wanted) if left >= needed else min(left, 0)
        self._returned += left - keep
        return Permits(self._received, self._used, self._returned, wanted - keep, max(0, needed - keep), uses)

    def _left(self) -> int:
        return self._received - self._used - self._returned


class LimitBroker:
    """The limits of one model for all workers, which have nothing else (``Limiter(limits, None)``)."""

    def __init__(self, limits: Limits) -> None:
        self._concurrency = limits.concurrency
        self._demand: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._requests = None if limits.requests is None else _Ledger(limits.requests)
        self._tokens = None if limits.tokens is None else _Ledger(limits.tokens)

    def report(self, worker: str, report: Report, now: float) -> None:
        """Take what a worker reports."""
        self._demand[worker] = report.demand
        self._places[worker] = report.places
        if self._requests is not None:
            self._requests.report(worker, report.requests, now)
        if self._tokens is not None:
            self._tokens.report(worker, report.tokens, now)

    def grant(self, worker: str, now: float) -> Grant:
        """What a worker gets now; permits go to those that have reported what they want."""
        places = None
        if self._concurrency is not None:
            held = self._places.setdefault(worker, 0)
            others = sum(self._places.values()) - held
            # One that has nothing to do keeps a place, so that it need not wait for the next exchange to begin.
            demand = {name: max(1, self._demand.get(name, 1)) for name in self._places}
            spare = max(0, self._concurrency - sum(demand.values())) // len(demand)
            fair = _fair_share(self._concurrency, demand, worker) + spare
            places = min(fair, max(0, self._concurrency - others))
            self._places[worker] = max(held, places)
        return Grant(
            places,
            None if self._requests is None else self._requests.grant(worker, now),
            None if self._tokens is None else self._tokens.grant(worker, now),
        )

    def used(self, now: float) -> Used:
        """What has been used, and what workers may use of what they were given."""
        requests, tokens = (() if one is None else one.uses(now) for one in (self._requests, self._tokens))
        return Used(requests, tokens)

    def restore(self, used: Used, now: float) -> None:
        """Count what an earlier start has used."""
        for ledger, uses in ((self._requests, used.requests), (self._tokens, used.tokens)):
            if ledger is not None:
                ledger.restore(uses, used, now)

    def lost(self, worker: str, now: float) -> None:
        """A worker is gone; its permits count as used, its places are free."""
        self._places.pop(worker, None)
        self._demand.pop(worker, None)
        for ledger in (self._requests, self._tokens):
            if ledger is not None:
                ledger.lost(worker, now)


@dataclass(slots=True)
class _Account:
    """One worker in a ledger; all but ``wanted`` and ``needed`` are totals since its start."""

    granted: int = 0
    used: int = 0
    returned: int = 0
    wanted: int = 0
    needed: int = 0


class _Ledger:
    """The permits of one kind over all workers.

    Whoever lacks what its next request takes is served before anybody else gets more, so that a large request is not
    starved by small ones.
    """

    def __init__(self, rate: plan.Rate) -> None:
        self._window = Window(rate, burst=2 * INTERVAL)
        self._accounts: dict[str, _Account] = {}
        self._next: str | None = None

    def report(self, worker: str, permits: Permits, now: float) -> None:
        account = self._accounts.setdefault(worker, _Account())
        missed: float = permits.used - account.used
        for age, amount in permits.uses:
            self._window.record(now - age, amount, now)
            missed -= amount
        if missed > 0:
            self._window.record(now, missed, now)
        self._window.spend(account.returned - permits.returned)
        account.used, account.returned = permits.used, permits.returned
        account.wanted, account.needed = permits.wanted, permits.needed

    def grant(self, worker: str, now: float) -> int:
        account = self._accounts.setdefault(worker, _Account())
        if account.wanted > 0 and self._next in (None, worker):
            needed = max(1, account.needed)
            if self._window.wait(now, needed, self._outstanding()) > 0:
                self._next = worker
            else:
                self._next = None
                free = int(self._window.free(now) - self._outstanding())
                amount = max(
                    needed, _fair_share(free, {name: one.wanted for name, one in self._accounts.items()}, worker)
                )
                account.granted += amount
                account.wanted -= amount
                account.needed = 0
                self._window.spend(amount)
        elif self._next == worker:
            self._next = None
        return account.granted

    def uses(self, now: float) -> Uses:
        outstanding = self._outstanding()
        return (*self._window.uses(now), *([(0.0, outstanding)] if outstanding else ()))

    def restore(self, uses: Uses, used: Used, now: float) -> None:
        self._window.restore(uses, used, now)

    def lost(self, worker: str, now: float) -> None:
        account = self._accounts.pop(worker, None)
        if self._next == worker:
            self._next = None
        if account is not None:
            self._window.record(now, max(0, account.granted - account.used - account.returned), now)

    def _outstanding(self) -> int:
        return sum(max(0, one.granted - one.used - one.returned) for one in self._accounts.values())


def _fair_share(total: int, wanted: Mapping[str, int], name: str) -> int:
    """As much of ``total`` as ``name`` wants, while those that want more get no less than it does."""
    left = max(0, total)
    asked = sorted((amount, one) for one, amount in wanted.items() if amount > 0)
    for done, (amount, one) in enumerate(asked):
        share = min(amount, -(-left // (len(asked) - done)))
        if one == name:
            return share
        left -= share
    return 0
