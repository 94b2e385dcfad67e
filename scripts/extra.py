"""Print the requirements of one extra or dependency group of pyproject.toml, for pip."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
groups = project["project"]["optional-dependencies"] | project["dependency-groups"]
print(" ".join(requirement.replace(" ", "") for requirement in groups[sys.argv[1]]))
