#===- house.py - What the house rules share -------------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A rule is a module with a function `check(tree)` that returns what it looked
# at, in words, and a list of findings.
#===----------------------------------------------------------------------===#
import json
import os
import subprocess
from typing import NamedTuple

LLVM = "/usr/lib/llvm-22"


class Finding(NamedTuple):
    file: str  # relative to the root
    line: int  # from 1; 0: the file as a whole
    text: str  # what was expected, what was got, how to mend it


class Tree:
    """The files of a source tree and the build folder that belongs to it."""

    def __init__(self, root, build=None):
        self.root = os.path.abspath(root)
        self.build = os.path.abspath(build) if build else None
        self.all = sorted(self._list())
        self._text = {}

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            out = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "--cached", "--others",
                                  "--exclude-standard"], check=True, capture_output=True).stdout.decode()
            return {f for f in out.split("\0") if f and os.path.isfile(os.path.join(self.root, f))}
        found = set()
        for folder, folders, names in os.walk(self.root):
            at_root = folder == self.root
            folders[:] = [f for f in folders if f != "__pycache__" and not (at_root and f.startswith("build"))]
            found.update(os.path.relpath(os.path.join(folder, n), self.root) for n in names)
        return found

    def files(self, *endings, under=""):
        return [f for f in self.all if f.startswith(under) and f.endswith(endings)]

    def path(self, file):
        return os.path.join(self.root, file)

    def exists(self, file):
        return os.path.exists(self.path(file))

    def text(self, file):
        if file not in self._text:
            with open(self.path(file), encoding="utf-8") as stream:
                self._text[file] = stream.read()
        return self._text[file]

    def lines(self, file):
        return self.text(file).splitlines()

    def scripts(self, interpreter):
        """Files without an ending whose first line names the interpreter."""
        return [f for f in self.all if "." not in os.path.basename(f)
                and self.text(f).split("\n", 1)[0].startswith("#!") and interpreter in self.text(f).split("\n", 1)[0]]

    def python(self):
        return self.files(".py") + self.scripts("python")

    def shell(self):
        return self.files(".sh") + self.scripts("bash")

    def records(self, file):
        """The TableGen records of a file, by name; '!instanceof' lists them by class."""
        made = subprocess.run([LLVM + "/bin/llvm-tblgen", "--dump-json", "-I", LLVM + "/include", "-I",
                               os.path.dirname(self.path(file)), self.path(file)], capture_output=True, text=True)
        if made.returncode:
            raise ValueError(f"{file}: llvm-tblgen cannot read it: {made.stderr.strip()}")
        return json.loads(made.stdout)


def where(record, folder):
    """The file, relative to the root, and the line of a record: locations name files as they were included."""
    place = record["!locs"][0]
    file, line = place.rsplit(":", 1)
    return os.path.join(folder, os.path.basename(file)), int(line)
