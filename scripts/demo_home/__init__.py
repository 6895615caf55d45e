"""A home to try RhythmIQ in: simulated speakers and sensors around a real Home Assistant.

`home` says what the house looks like; `config_folder` and `dashboard` turn it into Home
Assistant's files; `household`, `home_assistant` and `cloud` are the processes; `setup_flow`
clicks through the integration's own set-up; `moments` asks for music; `table` prints it.
"""
