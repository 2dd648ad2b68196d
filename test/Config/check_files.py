#!/usr/bin/env python3
# ===- check_files.py - What becomes of whole configuration files ----------=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: check_files.py FOLDER MODEL MACHINE PATTERN   (or with --update)
#
# Compares what ds-opt says of each FOLDER/PATTERN.json, for two ranks, with
# FOLDER/<name>.txt, and compiles MODEL with it where it is not refused.
# ===----------------------------------------------------------------------=== #
import difflib
import pathlib
import subprocess
import sys


def say(file, model, machine):
    """The messages, the exit code, the explanation, and whether a plan can be made."""
    command = ["ds-opt", f"--config={file.name}", "--world=2"]
    run = subprocess.run([*command, "--explain-config"], cwd=file.parent, capture_output=True, text=True)
    text = f"{run.stderr}exit {run.returncode}\n{run.stdout}"
    if run.returncode == 0:
        flags = ["--tune-seconds=0", "--remat=none", f"--machine={machine}", "-o", f"{model}.{file.stem}.dsplan"]
        plan = subprocess.run([*command, model, *flags], cwd=file.parent, capture_output=True, text=True)
        text += "compiled\n" if plan.returncode == 0 else f"NOT COMPILED\n{plan.stderr}"
    return text


def main():
    words = [word for word in sys.argv[1:] if word != "--update"]
    folder, model, machine, pattern = pathlib.Path(words[0]), *words[1:]
    files = sorted(folder.glob(pattern + ".json"))
    assert files, f"no files in {folder}"
    wrong = 0
    for file in files:
        got, golden = say(file, model, machine), file.with_suffix(".txt")
        if "--update" in sys.argv:
            golden.write_text(got)
            continue
        want = golden.read_text()
        wrong += got != want
        sys.stdout.writelines(difflib.unified_diff(want.splitlines(True), got.splitlines(True),
                                                   str(golden), "what ds-opt says"))
    print(f"{len(files)} files, {wrong} differ")
    sys.exit(wrong > 0)


main()
