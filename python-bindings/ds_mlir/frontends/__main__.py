# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 -m ds_mlir.frontends MODEL.pt2 -o FOLDER: imports a program that `torch.export.save` wrote.

FOLDER gets model.mlir, signature.json and parameters.safetensors, for `ds-opt FOLDER/model.mlir
--signature=FOLDER/signature.json` and `ds-run --load=FOLDER/parameters.safetensors`. The program's first output must be
its loss. Exit code 1: the program cannot be imported; 2: wrong usage.
"""

import argparse
import os
import sys

from .model import FrontendError


def load(path: str):
    if not os.path.isfile(path):
        raise FrontendError(f"{path}: there is no such file")
    import torch

    try:
        return torch.export.load(path)
    except Exception as error:  # whatever a damaged archive makes of its reader
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise FrontendError(f"{path}: not a program that torch.export.save wrote: {reason}") from error


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ds_mlir.frontends", description=__doc__.splitlines()[0])
    parser.add_argument("program", metavar="MODEL.pt2", help="a file of torch.export.save")
    parser.add_argument("-o", dest="folder", metavar="FOLDER", required=True, help="made if missing")
    options = parser.parse_args()
    try:
        program = load(options.program)
        from .torch_export import from_torch

        model = from_torch(program)
        model.save(options.folder)
    except (FrontendError, OSError) as error:
        print(f"ds_mlir.frontends: error: {error}", file=sys.stderr)
        return 1
    for argument in model.arguments:
        aliases = f", also {', '.join(argument.aliases)}" if argument.aliases else ""
        trained = "" if argument.trainable or argument.kind != "parameter" else ", not trained"
        print(f"{argument.kind} {argument.name}: {argument.dtype} {list(argument.shape)}{trained}{aliases}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
