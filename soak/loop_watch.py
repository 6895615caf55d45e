"""Watching the event loop: which callback of ours kept it for how long, and where it was."""

# ruff: noqa: SLF001 (whoever watches asyncio looks inside it)

import asyncio
from asyncio import events
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import gc
from pathlib import Path
import sys
import threading
import time
import traceback
from typing import Any, Final, override

LIMIT_SECONDS: Final = 0.05
_SAMPLE_SECONDS: Final = 0.01
# Files whose time on the loop is ours to answer for
_OURS: Final = ("/custom_components/rhythmiq/", "/soco/")


@dataclass(frozen=True, slots=True)
class Block:
    """One callback that kept the loop; times in seconds."""

    wall: float
    cpu: float
    stack: str

    @override
    def __str__(self) -> str:
        return f"{self.wall * 1000:.0f} ms ({self.cpu * 1000:.0f} ms of them work)\n{self.stack}"


class LoopWatch:
    """Notes callbacks that run for longer than the limit while the stack shows code of ours.

    A thread looks where the loop's thread is, now and then. What only waits for the processor on
    a busy machine is not counted: a block has worked for that long itself, or sleeps in one place.
    """

    def __init__(self) -> None:
        """Begin with nothing noted."""
        self.blocks: list[Block] = []
        self.longest = 0.0
        """The most work one callback of anybody's did, in seconds."""
        self.others: list[Block] = []
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._native = threading.get_native_id()
        self._began = 0.0
        # Python collects garbage wherever it is just then: nobody's time, and taken off
        self._collecting = self._collected = self._work = self._collected_work = 0.0
        self._samples: list[tuple[str, str]] = []
        self._done = threading.Event()

    def take(self) -> list[Block]:
        """Return what was noted since the last time."""
        blocks, self.blocks = self.blocks, []
        return blocks

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch as long as the context is open."""
        handles: Any = events.Handle
        real = handles._run
        sampler = threading.Thread(target=self._sample, name="loop watch", daemon=True)

        def run(handle: Any) -> None:
            if handle._loop is not self._loop:
                real(handle)
                return
            work = time.thread_time()
            self._samples = []
            self._collected = self._collected_work = 0.0
            self._began = began = time.perf_counter()
            try:
                real(handle)
            finally:
                self._began = 0.0
                wall = time.perf_counter() - began - self._collected
                cpu = time.thread_time() - work - self._collected_work
                self.longest = max(self.longest, cpu)
                if wall > LIMIT_SECONDS and self._samples:
                    self._judge(wall, cpu)

        sampler.start()
        gc.callbacks.append(self._collect)
        handles._run = run
        try:
            yield
        finally:
            handles._run = real
            gc.callbacks.remove(self._collect)
            self._done.set()
            sampler.join()

    def _collect(self, phase: str, _: Mapping[str, int]) -> None:
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collecting, self._work = time.perf_counter(), time.thread_time()
        else:
            self._collected += time.perf_counter() - self._collecting
            self._collected_work += time.thread_time() - self._work

    def _judge(self, wall: float, cpu: float) -> None:
        states, stacks = zip(*self._samples, strict=True)
        sleeping = set(states) <= {"S", "D"} and len(set(stacks)) == 1 and len(stacks) > 2
        ours = [stack for stack in stacks if any(part in stack for part in _OURS)]
        if ours and (cpu > LIMIT_SECONDS or sleeping):
            self.blocks.append(Block(wall, cpu, ours[0]))
        else:
            self.others.append(Block(wall, cpu, stacks[0]))

    def _sample(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            began = self._began
            if began and time.perf_counter() - began > LIMIT_SECONDS / 2:
                frame = sys._current_frames().get(self._thread)
                if frame is not None and self._began == began:
                    lines = traceback.format_list(traceback.extract_stack(frame)[-14:])
                    self._samples.append((self._state(), "".join(lines)))

    def _state(self) -> str:
        """Whether the loop's thread runs (R) or sleeps (S, D); R where nobody can tell."""
        try:
            stat = Path(f"/proc/self/task/{self._native}/stat").read_text()
        except OSError:
            return "R"
        return stat.rpartition(")")[2].split()[0]
