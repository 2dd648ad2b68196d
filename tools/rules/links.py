#===- links.py - Links in the documentation lead somewhere -----------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Relative links of .md files, with their #headings.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding

LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(text):
    """The text without fenced and inline code, line for line."""
    text = re.sub(r"^```.*?^```", lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    for line in text.splitlines():
        if line.startswith("#"):
            title = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            yield title.replace(" ", "-")


def check(tree):
    links, findings = 0, []
    for file in tree.files(".md"):
        for number, line in enumerate(prose(tree.text(file)).splitlines(), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                links += 1
                path, _, heading = target.partition("#")
                full = os.path.normpath(os.path.join(os.path.dirname(file), path)) if path else file
                if not tree.exists(full):
                    findings.append(Finding(file, number, f"expects a link to a file of the tree, but got '{target}'; "
                                                          "there is no such file"))
                elif heading and heading not in anchors(tree.text(full)):
                    findings.append(Finding(file, number, f"expects a link to a heading, but got '{target}'; '{full}' "
                                                          "has no such heading"))
    return f"{links} links", findings
