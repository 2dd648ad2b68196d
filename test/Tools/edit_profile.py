# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Changes one value of a machine profile.  Usage: edit_profile.py PROFILE OUT .PATH=JSON
import json
import re
import sys

profile, out, change = sys.argv[1:]
with open(profile, encoding="utf-8") as file:
    root = json.load(file)
path, value = change.split("=", 1)
keys = [int(index) if index else name for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path)]
place = root
for key in keys[:-1]:
    place = place[key]
place[keys[-1]] = json.loads(value)
with open(out, "w", encoding="utf-8") as file:
    json.dump(root, file)
