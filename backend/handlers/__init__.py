"""The Lambda functions: they parse, log and measure; what to answer is decided in `logic`."""
