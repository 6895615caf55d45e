"""The rules that Home Assistant (hassfest) and HACS hold an integration to, as tests of ours."""
