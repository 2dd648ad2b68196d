#===- errors.py - What can go wrong, as exceptions -------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A message says what was expected, what was got, where, and how to mend it.
#===----------------------------------------------------------------------===#
"""The exceptions of ds_mlir; all are subclasses of :class:`Error`."""
from __future__ import annotations


class Error(Exception):
    """Whatever this package raises by itself."""


class UsageError(Error, ValueError):
    """A call is wrong: an argument's value, a combination, an order."""


class CompileError(Error):
    """The compiler refused a model or its options.

    The message is the compiler's own text; ``exit_code`` is that of ds-opt (1: the model or the machine,
    2: an option, 70: a bug of ours).
    """

    def __init__(self, message: str, exit_code: int = 1):
        super().__init__(message)
        self.exit_code = exit_code


class DataError(Error, ValueError):
    """A batch does not fit the plan's inputs, or the data ended too early."""


class PlanError(Error):
    """A plan, a checkpoint or the machine is at fault; the message is the runtime's own."""


class RankLost(Error):
    """A rank died, did not answer any more, or ran out of memory."""


class InternalError(Error):
    """A bug of ours: please report it."""


class CompileWarning(UserWarning):
    """What the compiler warns about and goes on."""


def of_status(status: int, message: str) -> Error:
    """The exception for an exit code of the runtime (``ds_status`` in include/ds-rt/Session.h)."""
    kinds = {1: PlanError, 2: UsageError, 3: RankLost}
    return kinds.get(status, InternalError)(message)
