"""The cloud on this machine: HTTP on loopback, the real handlers behind it, no AWS."""
