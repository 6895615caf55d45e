"""The forms that set up what a household has, beside the household itself (config_flow.py)."""
