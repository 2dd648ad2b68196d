#===- check_value.py - A printed result against JAX's -----------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# check_value.py MODULE.jax OUTPUT: ds-exec --print has six digits.
#===----------------------------------------------------------------------===#
import re
import sys

with open(sys.argv[1], encoding="utf-8") as module, open(sys.argv[2], encoding="utf-8") as output:
    wanted = float(re.match(r"// value = (\S+)\n", module.read())[1])
    got = float(re.search(r"result 0: (\S+)", output.read())[1])
if not abs(got - wanted) <= 2e-5 * max(1.0, abs(wanted)):
    sys.exit(f"{sys.argv[1]}: expects {wanted}, but got {got}")
