#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""listed.py ROOT LIST: every source, header and test of the layers is in a CMakeLists.txt."""

import pathlib
import sys


def main() -> int:
    root, listing = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    listed = {pathlib.Path(line) for line in listing.read_text().splitlines() if line}
    found = set()
    for pattern in ("include/weft/**/*.hpp", "src/**/*.cpp", "check/*.cpp"):
        found.update(root.glob(pattern))
    for folder in (root / "test").iterdir():
        if (folder / "CMakeLists.txt").exists() and folder.name != "consumer":
            found.update(folder.glob("*.cpp"))
    missing = sorted(found - listed)
    for path in missing:
        print(f"{path.relative_to(root)} is in no list: add it to src/CMakeLists.txt "
              "or to the CMakeLists.txt of its test folder")
    if not found:
        print(f"no sources found under {root}")
        return 1
    print(f"{len(found)} files, {len(missing)} not listed")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
