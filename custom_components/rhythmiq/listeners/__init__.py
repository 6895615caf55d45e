"""The people: what they prefer, what they did, and what was learned of it."""
