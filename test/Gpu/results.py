# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of a run: every number that is wanted stands in it from the start, and the file after each change."""
import dataclasses
import json
import os
from statistics import median


@dataclasses.dataclass
class Wanted:
    key: str
    part: str  # which measures it
    what: str
    least: float = None
    most: float = None
    aim: float = None
    form: str = "{:.2f}"

    @property
    def limit(self):
        sign, value = (">=", self.least) if self.most is None else ("<=", self.most)
        return f"{sign} {self.form.format(value)}" + (f", aim {self.form.format(self.aim)}" if self.aim else "")

    def meets(self, value):
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def of_model(name, tokens, mfu, memory):
    """What is wanted of a model's step; limits that are None are not judged."""
    peer = f"{name}: tokens/s over those of the best torch.compile step"
    found = [Wanted(f"{name}/tokens", name, peer, least=tokens, aim=1.15 if name == "gpt2-124m" else None)]
    if mfu:
        found.append(Wanted(f"{name}/mfu", name, f"{name}: products' flops over the measured peak", least=mfu,
                            aim=0.55))
    if memory:
        found.append(Wanted(f"{name}/memory", name, f"{name}: peak device bytes over the peer's", most=memory))
    return found + [
        Wanted(f"{name}/start", name, f"{name}: seconds from the process's start to the end of step 1", most=3.0),
        Wanted(f"{name}/library", name, f"{name}: bytes of libraries over the plan's reserve", most=1.0),
        Wanted(f"{name}/arena", name, f"{name}: MiB that nvidia-smi is off arenas, libraries and a context", most=4),
        Wanted(f"{name}/prediction", name, f"{name}: predicted step over measured, distance from 1", most=0.10)]


def wanted():
    bad = {"most": 0, "form": "{:.0f}"}
    return [
        *of_model("gpt2-124m", 1.0, 0.45, None), *of_model("gpt2-1558m", 1.05, None, 0.75),
        Wanted("kernels", "kernels", "least share of the copy bandwidth in memory-bound kernels of >= 256 MB",
               least=0.85),
        Wanted("graph", "smoke", "small plans whose step is no graph, or wrong in one", **bad),
        Wanted("losses", "losses", "cases apart from the CPU's plan or PyTorch's losses", **bad),
        Wanted("world 2", "worlds", "stages of ZeRO apart from the CPU's at world 2 on one GPU", **bad),
        Wanted("nccl", "worlds", "collectives of NCCL that are wrong at world 1", **bad),
        Wanted("memcheck", "sanitize", "plans in which memcheck found errors", **bad),
        Wanted("racecheck", "sanitize", "plans in which racecheck found hazards", **bad)]


def spread(values, digits=3):
    """median [least-most]"""
    return f"{median(values):.{digits}f} [{min(values):.{digits}f}-{max(values):.{digits}f}]"


class Results:
    """Writes `path`, Markdown, and beside it the same as JSON, whenever something is added."""

    def __init__(self, path, parts, commands):
        self.path, self.title, self.commands = path, "check-gpu", commands
        self.numbers = {number.key: number for number in wanted() if number.part in parts}
        self.values, self.hows, self.missing = {}, {}, {}
        self.sections, self.failures, self.raw = {}, [], {}
        self.write()

    def set(self, key, value, how=""):
        if key in self.numbers:
            self.values[key], self.hows[key] = value, how
            print(f"{self.numbers[key].what}: {self.row(key)[3]} {how}", flush=True)
            self.write()

    def lack(self, key, why):
        """Why a number is not there."""
        if key in self.numbers and key not in self.values:
            self.missing[key] = why
            self.write()

    def fail(self, part, text):
        print(f"{part}: FAILED: {text}", flush=True)
        self.failures.append((part, text))
        self.write()

    def add(self, section, *lines):
        """Lines of a section, those of a list or of a table."""
        body = self.sections.setdefault(section, [])
        for line in lines:
            print(line, flush=True)
            if body and line[:1] != body[-1][:1]:
                body.append("")  # a table ends, or begins
            body.append(line)
        self.write()

    def put(self, section, lines):
        """A section anew."""
        self.sections.pop(section, None)
        self.add(section, *lines)

    def keep(self, name, value):
        """What goes into the JSON alone."""
        self.raw[name] = value
        self.write()

    def verdict(self, key):
        number = self.numbers[key]
        if key not in self.values:
            return "not measured"
        if not number.meets(self.values[key]):
            return "missed"
        return "met" if number.aim is None or self.values[key] < number.aim else "met, and the aim"

    def row(self, key):
        number, value = self.numbers[key], self.values.get(key)
        shown = "" if value is None else number.form.format(value)
        how = self.missing.get(key, "not reached") if value is None else self.hows[key]
        return [number.what, number.limit, shown, self.verdict(key), how.splitlines()[0] if how else ""]

    @property
    def is_good(self):
        return not self.failures and all(self.verdict(key).startswith("met") for key in self.numbers)

    def text(self):
        verdicts = [self.verdict(key) for key in self.numbers]
        met = sum(verdict.startswith("met") for verdict in verdicts)
        lines = [f"# {self.title}", "", *(f"    {command}" for command in self.commands), "",
                 f"{met} of {len(verdicts)} numbers met, {verdicts.count('missed')} missed, "
                 f"{verdicts.count('not measured')} not measured; {len(self.failures)} failures", "",
                 "| number | wanted | measured | | how |", "|---|---|---|---|---|",
                 *("| " + " | ".join(cell.replace("|", "/") for cell in self.row(key)) + " |"
                   for key in self.numbers)]
        for name, body in self.sections.items():
            lines += ["", f"## {name}", "", *body]
        if self.failures:
            lines += ["", "## Failures"]
        for part, failure in self.failures:
            first, *rest = failure.splitlines()
            lines += ["", f"* **{part}**: {first}", *(["", *(f"      {line}" for line in rest)] if rest else [])]
        return "\n".join(lines) + "\n"

    def write(self):
        numbers = {key: {"value": self.values.get(key), "verdict": self.verdict(key), "how": self.row(key)[4]}
                   for key in self.numbers}
        self.replace(self.path, self.text())
        self.replace(self.path.with_suffix(".json"), json.dumps(
            {"title": self.title, "numbers": numbers, "failures": self.failures, **self.raw}, indent=1))

    @staticmethod
    def replace(path, text):
        """A reader, or what is left of a killed run, has the old file or the new one."""
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
