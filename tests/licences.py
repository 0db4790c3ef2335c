"""Write docs/licences.md, the licences of all packages that a site runs with: python -m tests.licences

Each licence is what the package itself says. Packages that this system does without are fetched to look into them.
"""

import re
import subprocess
import sys
import tempfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from zipfile import ZipFile

from tests.paths import ROOT

LOCK = ROOT / "requirements.lock"
PAGE = ROOT / "docs" / "licences.md"
HEAD = """# Licences

Newsroom is under the [BSD-3-Clause licence](../LICENSE). These are the licences of the packages that it runs with, as
they name them themselves. `python -m tests.licences` writes this page. The licences of the
[fonts](design.md#fonts) are beside them in `static/fonts/`.

| package | version | licence |
|---|---|---|
"""
SAME = {"MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0"}


def locked() -> dict[str, str]:
    """The version of each package of the lock file, by name."""
    return dict(re.findall(r"(?m)^(\S+?)==(\S+)", LOCK.read_text(encoding="utf-8")))


def licence(about: Message) -> str:
    """What a package's metadata call its licence, as short as they do."""
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [value.rpartition(" :: ")[2] for value in about.get_all("Classifier", []) if "License ::" in value]
    if names := [SAME.get(name, name) for name in classifiers if name != "OSI Approved"]:
        return ", ".join(names)
    return str(about.get("License", "")).strip().partition("\n")[0] or "not said"


def installed(name: str) -> Message | None:
    try:
        return metadata(name)  # type: ignore[return-value]
    except PackageNotFoundError:
        return None


def fetched(name: str, version: str) -> Message:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, f"{name}=={version}"]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with ZipFile(wheel) as files:
            (path,) = [path for path in files.namelist() if path.endswith(".dist-info/METADATA")]
            return Parser().parsestr(files.read(path).decode())


def row(name: str, version: str, found: str) -> str:
    return f"| {name} | {version} | {found} |\n"


def main() -> None:
    rows = [
        row(name, version, licence(installed(name) or fetched(name, version))) for name, version in locked().items()
    ]
    PAGE.write_text(HEAD + "".join(rows), encoding="utf-8")
    print("".join(rows), end="")


if __name__ == "__main__":
    main()
