"""The household over SoCo: discovery, events, transport, queue."""
