#===- errors.py - Error messages have one voice ----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Lower case, no full stop at the end: what is given to emitOpError, emitError,
# inputError, usageError and internalError as text.
#===----------------------------------------------------------------------===#
import re

from house import Finding

CALL = re.compile(r"\b(emitOpError|emitError|inputError|usageError|internalError)\(")
LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')
# A sentence's first word, capitalized; names in capitals (AdamW, ZeRO, JSON) are names.
CAPITAL = re.compile(r"^[A-Z][a-z]*\b(?![A-Z])")


def literals(text, start, streams):
    """The text of a message: of the call that opens at `start` and, if it streams, of what follows up to its ';'."""
    depth, at = 1, start
    while at < len(text) and depth >= (0 if streams else 1) and text[at] != ";":
        literal = LITERAL.match(text, at)
        if literal:
            if depth <= 1:  # not what other calls in it are given
                yield literal[1]
            at = literal.end()
            continue
        if text.startswith("//", at):
            at = text.index("\n", at)
        depth += (text[at] in "({[") - (text[at] in ")}]")
        at += 1


def check(tree):
    messages, findings = 0, []
    for file in tree.files(".cpp", ".h"):
        if file.startswith("test/"):
            continue
        text = tree.text(file)
        for call in CALL.finditer(text):
            parts = list(literals(text, call.end(), call[1].startswith("emit")))
            if not parts:
                continue
            messages += 1
            line = text.count("\n", 0, call.start()) + 1
            if CAPITAL.match(parts[0]):
                findings.append(Finding(file, line, f"expects an error in lower case, but got '{parts[0]}'; write it "
                                                    "as the rest of 'error: '"))
            if re.search(r"\w[.]$", parts[-1]):
                findings.append(Finding(file, line, f"expects an error without a full stop, but got '{parts[-1]}'; "
                                                    "remove it"))
    return f"{messages} messages", findings
