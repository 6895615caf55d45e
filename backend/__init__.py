"""The cloud of RhythmIQ: the same engine, for many homes.

A request runs through three layers, each knowing only the next: `handlers` translate (parse,
log, measure), `logic` decides, `data` waits for S3, DynamoDB or the disk.  `local` answers HTTP
on this machine with the same handlers; `infra` is what deploys them.
"""
