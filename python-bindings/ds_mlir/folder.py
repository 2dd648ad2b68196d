#===- folder.py - Folders that go with an object ---------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Temporary folders without a warning at exit."""
import shutil
import tempfile
import weakref


class TemporaryFolder:
    """A folder `name` that is removed with the object, or at exit."""

    def __init__(self) -> None:
        self.name = tempfile.mkdtemp(prefix="ds_mlir-")
        weakref.finalize(self, shutil.rmtree, self.name, ignore_errors=True)
