"""One step after the other: something goes wrong, somebody does something, all must be well."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
import time
from typing import Final, override

from .faults import inject, mend
from .home import Condition, Home, RefusedError
from .leaks import Left, left
from .log import ErrorLog
from .loop_watch import LoopWatch
from .operations import draw
from .truth import differences

CALM_SECONDS: Final = 3.0
_FAULTY: Final = 0.4
# What may be refused although nothing goes wrong: it cannot be done as things are
_REASONABLE: Final = frozenset(
    {
        "app",
        "media_refused",
        "mode_refused",
        "no_room",
        "no_snapshot",
        "not_now",
        "nothing_to_undo",
        "queue_empty",
        "queue_position_out_of_range",
        "seek_out_of_range",
        "stream_not_queueable",
        "unknown_media",
    }
)
_ASK_SECONDS: Final = 0.05


class SoakError(Exception):
    """Something is not as it must be after a step."""


@dataclass(slots=True)
class Step:
    """One step, as far as it got."""

    number: int
    name: str = ""
    details: str = ""
    fault: str = ""
    outcome: str = ""
    seconds: float = 0.0
    calm: float = 0.0

    @override
    def __str__(self) -> str:
        fault = f" while {self.fault}" if self.fault else ""
        return (
            f"{self.number:>5} {self.name}: {self.details}{fault}: {self.outcome}"
            f" ({self.seconds:.2f} s, calm after {self.calm:.2f} s)"
        )


@dataclass(slots=True)
class Figures:
    """What a run came to."""

    steps: int = 0
    faulty: int = 0
    longest_calm: float = 0.0
    longest_on_loop: float = 0.0
    operations: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, step: Step) -> None:
        """Count a step in."""
        self.steps += 1
        self.faulty += bool(step.fault)
        self.longest_calm = max(self.longest_calm, step.calm)
        self.operations[step.name] += 1
        if step.outcome != "done":
            self.refused[step.outcome] += 1


class Soak:
    """Steps through a home; each follows from the seed and its number alone."""

    def __init__(self, home: Home, seed: int, watch: LoopWatch, log: ErrorLog) -> None:
        """Take the home as it is: nothing may be left behind that is not there by now."""
        self._home = home
        self._seed = seed
        self._watch = watch
        self._log = log
        # By the number of speakers that are there, were met since the last reload, are bonded
        self._before: dict[tuple[int, int, int], Left] = {}
        self.figures = Figures()

    async def run(self, first: int, count: int, tell: Callable[[Step], None]) -> None:
        """Do the steps from number `first` on; raises ``SoakError`` for the first that fails."""
        await self._calm(None)
        await self._nothing_left()
        self._watch.take()
        for number in range(first, first + count):
            step = Step(number)
            try:
                await self._step(step)
            except Exception as err:
                told = str(err) if isinstance(err, SoakError) else repr(err)
                logged = [f"  {line}" for line in self._log.before]
                parts = [str(step), told, *await self._calls(), "Logged before:", *logged]
                raise SoakError("\n".join([*parts, self._replay(step)])) from err
            finally:
                self.figures.add(step)
                self.figures.longest_on_loop = self._watch.longest
                tell(step)

    async def _calls(self) -> list[str]:
        """Tell what was asked of the speakers during the last step, and what they answered."""
        return [
            f"  {call['ms']:>6} ms {call['speaker']} {call['action']} {call['args']}"
            f" → {call['result']}"
            for call in await self._home.household.calls()
            if "ms" in call and not call["action"].startswith("Get")
        ]

    def _replay(self, step: Step) -> str:
        return (
            f"Replay: scripts/soak --seed {self._seed} --operations {step.number + 1}, or only the"
            f" last steps in a new home: scripts/soak --seed {self._seed}"
            f" --first {max(0, step.number - 5)} --operations {step.number + 1}"
        )

    async def _step(self, step: Step) -> None:
        home, chance = self._home, Random(f"{self._seed}:{step.number}")
        await home.household.clear_calls()
        step.name, operation = draw(chance)
        faulty = chance.random() < _FAULTY

        def note(details: str) -> None:
            step.details = details

        if faulty:
            step.fault = await inject(home, chance)
        began = time.monotonic()
        condition: Condition | None = None
        try:
            condition = await operation(home, chance, note)
            step.outcome = "done"
        except RefusedError as err:
            step.outcome = f"refused ({err.key})"
            if not faulty and not await self._is_reasonable(err):
                raise SoakError(f"nothing went wrong, but: {err}") from err
        step.seconds = time.monotonic() - began
        if faulty:
            await mend(home)
        step.calm = await self._calm(None if faulty else condition)
        await self._nothing_left()
        if errors := self._log.take():
            raise SoakError("was logged: " + "\n".join(errors))
        if blocks := self._watch.take():
            raise SoakError("the event loop was kept for " + "\n".join(map(str, blocks)))

    async def _is_reasonable(self, err: RefusedError) -> bool:
        """Whether an operation had to be refused as things are."""
        if err.key != "speaker_unreachable":
            return err.key in _REASONABLE
        # What was kept of a speaker that is sold by now
        return err.speaker not in {each["name"] for each in await self._home.visible()}

    async def _calm(self, condition: Condition | None) -> float:
        """Wait until all is as it should be; return how long that took."""
        began = time.monotonic()
        while True:
            household = await self._home.household.state()
            self._home.meet(household)
            wrong = differences(self._home, household)
            if condition is not None and (complaint := condition(household)):
                wrong.append(complaint)
            passed = time.monotonic() - began
            if not wrong:
                return passed
            if passed > CALM_SECONDS:
                raise SoakError(f"after {passed:.1f} s of calm:\n  " + "\n  ".join(wrong))
            await asyncio.sleep(_ASK_SECONDS)

    async def _nothing_left(self) -> None:
        """Compare what is left behind with the first time there were as many speakers."""
        began = time.monotonic()
        met = self._home.entry.runtime_data.household.speakers.values()
        bonded = sum(speaker.bonded for speaker in met)
        speakers = len(await self._home.visible()), len(met), bonded
        before = self._before.setdefault(speakers, left())
        while beyond := left().beyond(before):
            if time.monotonic() - began > CALM_SECONDS:
                raise SoakError("left behind: " + ", ".join(beyond))
            await asyncio.sleep(_ASK_SECONDS)
