# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a page of `ds-plan report`: check_report.py PAGE.html PLAN.dsplan [TRACE.json]

The page has no script and fetches nothing; its elements nest; each arena's bytes at the peak and the predicted time are
those of `ds-plan stats`; with a trace, measured times are the mean of its steps but the first.  Prints sums of tables.
"""

import html.parser
import json
import re
import subprocess
import sys

PAIRED = {"html", "style", "title", "h1", "h2", "h3", "table", "svg", "path", "rect", "text", "circle", "div", "span"}
OPEN = {"tr", "td", "th", "p", "meta", "html"}  # HTML closes these by itself


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.tags, self.tables, self.cell = [], set(), {}, None

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "href"), (tag, name, value)
        if tag == "table":
            self.table = self.tables.setdefault(dict(attributes)["id"], [])
        elif tag == "tr":
            self.table.append([])
        elif tag in ("td", "th"):
            self.table[-1].append("")
        if tag not in OPEN and self.get_starttag_text()[-2:] != "/>":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag not in OPEN:
            assert self.stack and self.stack.pop() == tag, (tag, self.stack)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_data(self, data):
        if self.tables and self.table and self.table[-1] and self.stack and self.stack[-1] == "table":
            self.table[-1][-1] += data.strip()


def stats_of(plan, program):
    """Bytes by class for each arena, and predicted microseconds of the entry `train`."""
    text = subprocess.run(["ds-plan", "stats", plan], capture_output=True, check=True, text=True).stdout
    part = re.split(r"^program ", text, flags=re.M)[program + 1]
    arenas = []
    for line in part.splitlines():
        if re.match(r"  arena", line):
            arenas.append({"arena": int(re.search(r": (\d+) bytes", line)[1])})
        elif (row := re.match(r"    (\w+) +(\d+) bytes", line)):
            arenas[-1][row[1]] = int(row[2])
    entry = part[part.index("entry 'train'"):]
    return arenas, float(re.search(r"all +\d+ +([0-9.]+) us", entry)[1])


def measured_of(path, rank):
    """Microseconds of instructions, loops left out, in a mean step; the first is dropped if there are others."""
    sums = []
    for event in json.load(open(path, encoding="utf-8"))["traceEvents"]:
        if event["ph"] != "X" or event["pid"] != rank + 1:
            continue
        if event["cat"] == "step":
            sums.append(0.0)
        elif "instruction" in event.get("args", {}) and event["cat"] != "control":
            sums[-1] += event["dur"]
    sums = sums[1:] if len(sums) > 1 else sums
    return sum(sums) / len(sums)


def main():
    path, plan, *trace = sys.argv[1:]
    text = open(path, encoding="utf-8").read()
    page = Page()
    page.feed(text)
    page.close()
    assert not page.stack, page.stack
    assert "script" not in page.tags and not re.search(r"url\(|@import|https?:", text), page.tags
    rank = int(re.search(r"this page is of rank (\d+)", text)[1])
    program = json.loads(subprocess.run(["ds-plan", "print", "--json", plan], capture_output=True,
                                        check=True).stdout)["rank_programs"][rank]
    arenas, microseconds = stats_of(plan, program)
    for index, arena in enumerate(arenas):
        table = {row[0]: int(row[1]) for row in page.tables[f"peak{index}"][1:]}
        assert table == arena, (table, arena)
        assert sum(table.values()) == 2 * table["arena"], table
    rows = {row[0]: row for row in page.tables["works"][1:]}
    every = page.tables["rows"][1:]
    columns = [2, 3] if trace else [2]
    for column in columns:  # the parts add up
        whole = float(rows["all"][column])
        assert abs(sum(float(row[column]) for row in every) - whole) < 1e-3 + 1e-4 * len(every), (column, whole)
        assert abs(sum(float(row[column]) for name, row in rows.items() if name != "all") - whole) < 1e-3, rows
    assert abs(float(rows["all"][2]) * 1000 - microseconds) < 0.11 + 1e-6 * microseconds, (rows["all"], microseconds)
    if trace:
        measured = measured_of(trace[0], rank)
        assert abs(float(rows["all"][3]) * 1000 - measured) < 0.1 + 1e-6 * measured, (rows["all"], measured)
    print(f"rank {rank}: {len(arenas)} arenas, {len(every)} rows, {len(page.tables['worst']) - 1} worst, "
          f"{rows['all'][1]} calls, {'roofline' if 'circle' in page.tags else 'nothing computes'}"
          + (", measured" if trace else ""))


main()
