"""Random operations and random faults on a household, and what must be true after each of them.

`home` is the house: a real Home Assistant with RhythmIQ and a simulated household. `operations`
is what people and automations do, `faults` what goes wrong meanwhile, `truth` compares what our
entities say with what the household does, `leaks` and `loop_watch` what may not be left behind.
`run` puts them together, one step after the other; each step follows from the seed and its number
alone.
"""
