"""What `scripts/setup` says on a machine that has nothing to set up with."""

from pathlib import Path
import shutil
import subprocess

REPOSITORY = Path(__file__).parents[2]
COPIED = ("scripts/setup", "scripts/debian-python", "requirements_test.txt")
TOOLS = ("bash", "cat", "cut", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "sha256sum")


def test_without_uv_python_and_apt_it_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in COPIED:
        shutil.copy(REPOSITORY / name, tmp_path / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    refused = subprocess.run(
        [tools / "bash", "scripts/setup"],
        cwd=tmp_path,
        env={"PATH": str(tools), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stdout == "setup: installing uv\n"
    log = tmp_path / ".cache" / "rhythmiq" / "setup.log"
    assert refused.stderr == (
        "setup: there is neither uv here nor a Python 3 with pip to install it with; "
        f"please install one of them (tried: {log})\n"
    )
    assert "there is no apt here that knows a Debian mirror" in log.read_text()
    assert not (tmp_path / ".venv").exists()
