"""What goes wrong while somebody does something."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from tests.household import Json

from .home import Home

type Fault = Callable[[Home, Random, Json], Awaitable[str]]

# Every code SoCo's sources and Sonos' answers know
UPNP_CODES: Final = (
    *(401, 402, 403, 404, 412, 500, 501, 600, 601, 602, 603, 604, 605),
    *(701, 702, 703, 704, 705, 706, 707, 708, 709, 710, 711, 712, 713, 714, 715, 716, 717, 718),
    *(737, 738, 739, 800, 801, 802, 803, 804, 805, 806),
)
_RULES: Final[tuple[tuple[str, Json], ...]] = (
    ("delay", {"ms": 300}),
    ("drop", {}),
    ("drop_after", {}),
    ("hang", {"ms": 900}),
    ("hang_after", {"ms": 900}),
    ("garbage", {}),
    ("empty", {}),
    ("redirect", {"location": "http://127.0.0.1:9/"}),
    ("flood", {"size": 32 << 20}),
    ("trickle", {"ms": 2}),
    ("http", {"status": 500}),
    ("http", {"status": 403}),
    ("http", {"status": 503}),
)


async def spoiled_answers(home: Home, chance: Random, speaker: Json) -> str:
    """Let a few calls of one speaker go wrong in one way."""
    kind, rule = chance.choice((*_RULES, ("error", {"code": chance.choice(UPNP_CODES)})))
    count, skip = chance.randint(1, 3), chance.randint(0, 3)
    await home.household.fault(kind, speaker=speaker["uid"], count=count, skip=skip, **rule)
    return f"{count} calls of {speaker['name']} after {skip}: {kind} {rule}"


async def lost_events(home: Home, chance: Random, speaker: Json) -> str:
    """Lose, repeat, delay or reorder events."""
    kind = chance.choice(("drop", "duplicate", "reorder", "delay"))
    count = chance.randint(1, 3)
    await home.household.fault(
        kind, speaker=speaker["uid"], action="NOTIFY", count=count, ms=chance.randint(50, 400)
    )
    return f"{count} events of {speaker['name']}: {kind}"


async def refused_subscriptions(home: Home, _: Random, speaker: Json) -> str:
    """Let a speaker forget who had subscribed, and refuse whoever does."""
    await home.household.fault("http", speaker=speaker["uid"], action="SUBSCRIBE", count=3)
    await home.household.reboot(speaker["uid"], seconds=0.1)
    return f"{speaker['name']} reboots and refuses three subscriptions"


async def outage(home: Home, chance: Random, speaker: Json) -> str:
    """Take a speaker off the network for a moment."""
    mode = chance.choice(("refuse", "hang", "blackhole"))
    reason = chance.choice((None, "powered off"))
    seconds = round(chance.uniform(0.1, 1.5), 2)
    await home.household.offline(speaker["uid"], mode=mode, seconds=seconds, reason=reason)
    return f"{speaker['name']} is away for {seconds} s ({mode}, {reason})"


async def reboot(home: Home, chance: Random, speaker: Json) -> str:
    """Reboot a speaker, at times to another address."""
    new_ip = None
    if chance.random() < 0.5:
        prefix = speaker["ip"].rpartition(".")[0]
        taken = set(home.household.hosts)
        new_ip = next(ip for n in range(60, 250) if (ip := f"{prefix}.{n}") not in taken)
    await home.household.reboot(speaker["uid"], seconds=0.3, new_ip=new_ip)
    return f"{speaker['name']} reboots" + (f" to {new_ip}" if new_ip else "")


async def flapping(home: Home, chance: Random, _: Json) -> str:
    """Let the topology change many times in a moment."""
    names = [each["uid"] for each in await home.some(chance, 3)]
    if len(names) < 3:
        return "nobody to flap"
    layouts = [[names[:2]], [[names[2], names[0]]], []]
    await home.household.flap(*layouts, times=chance.randint(3, 9), ms=chance.randint(5, 80))
    return "the topology flaps"


async def slow_calls(home: Home, chance: Random, _: Json) -> str:
    """Let every call take its time."""
    await home.household.settings(soap_ms=chance.randint(20, 150), soap_jitter_ms=50)
    return "every call is slow"


FAULTS: Final[tuple[tuple[Fault, int], ...]] = (
    (spoiled_answers, 8),
    (lost_events, 4),
    (refused_subscriptions, 1),
    (outage, 3),
    (reboot, 2),
    (flapping, 1),
    (slow_calls, 2),
)


async def inject(home: Home, chance: Random) -> str:
    """Let one thing go wrong; return what, in words."""
    [speaker] = await home.some(chance)
    fault = chance.choices([fault for fault, _ in FAULTS], [weight for _, weight in FAULTS])[0]
    return await fault(home, chance, speaker)


async def mend(home: Home) -> None:
    """Put everything right again: no rules, everybody there, every call answered."""
    household = home.household
    await household.clear_faults()
    await household.settings(soap_ms=0, soap_jitter_ms=0)
    await household.wait_until(
        lambda state: all(speaker["online"] for speaker in state["speakers"]) and not state["busy"],
        within=20,
    )
    # Nobody knows of the last event that was lost until there is another one
    await household.tell()
