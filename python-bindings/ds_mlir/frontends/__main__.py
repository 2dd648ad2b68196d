# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 -m ds_mlir.frontends MODEL -o FOLDER: imports a file of torch.export.save (.pt2) or an ONNX model (.onnx).

FOLDER gets model.mlir, signature.json and parameters.safetensors, for `ds-opt FOLDER/model.mlir
--signature=FOLDER/signature.json` and `ds-run --load=FOLDER/parameters.safetensors`. The first output must be the loss,
or --loss says what it is to be. Exit code 1: the model cannot be imported; 2: wrong usage.
"""

import argparse
import os
import sys

from .model import FrontendError, ImportedModel


def load(path: str):
    if not os.path.isfile(path):
        raise FrontendError(f"{path}: there is no such file")
    import torch

    try:
        return torch.export.load(path)
    except Exception as error:  # whatever a damaged archive makes of its reader
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise FrontendError(f"{path}: not a program that torch.export.save wrote: {reason}") from error


def size(text: str) -> tuple[str, int]:
    """NAME=SIZE of --dim."""
    name, _, number = text.partition("=")
    if not name or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"expects NAME=SIZE, such as batch=4, but got '{text}'")
    return name, int(number)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m ds_mlir.frontends", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="MODEL", help="a file of torch.export.save, or an ONNX model (.onnx)")
    parser.add_argument("-o", dest="folder", metavar="FOLDER", required=True, help="made if missing")
    onnx = parser.add_argument_group("ONNX models")
    onnx.add_argument("--loss", metavar="NAME", help="cross_entropy or mse of the first output and an input 'targets'")
    onnx.add_argument("--dim", metavar="NAME=SIZE", type=size, action="append", default=[], help="a size with a name")
    onnx.add_argument("--train", metavar="PATTERN", action="append", help="initializers to train, and no others")
    return parser


def read(options: argparse.Namespace) -> ImportedModel:
    if options.model.endswith(".onnx"):
        from .onnx_import import from_onnx

        return from_onnx(options.model, loss=options.loss, dims=dict(options.dim), trainable=options.train)
    program = load(options.model)
    from .torch_export import from_torch

    return from_torch(program)


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    if not options.model.endswith(".onnx") and (options.loss or options.dim or options.train):
        parser.error("--loss, --dim and --train are for ONNX models; export the program with its loss instead")
    try:
        model = read(options)
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
