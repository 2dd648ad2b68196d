//===- Passes.td - In which order ---------------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def SchedulePass : Pass<"ds-schedule", "::mlir::ModuleOp"> {
  let summary = "Puts gathers late and reductions early";
  let description = [{
    The order of ops is the order of instructions.  Moves reads, gathers and
    constants to their first use, and moves gradients into their unit
    (`ds.flatten`, reductions, accumulation) as soon as they exist: both
    shorten live ranges.  With `prefetch` a gather begins that many units
    before the one that needs it: it can run beside their compute then, where
    it has a stream of its own, and lives longer.

    **Requires:** nothing.
    **Ensures:** the same values in a valid order.

    ```mlir
    %w = ds.all_gather %s over "dp" ...
    %a = ds.gelu %x ...
    %y = ds.dot "sk,kn->sn" %a, %w ...
    // becomes
    %a = ds.gelu %x ...
    %w = ds.all_gather %s over "dp" ...
    %y = ds.dot "sk,kn->sn" %a, %w ...
    ```
  }];
  let options = [
    Option<"prefetch", "prefetch", "int64_t", /*default=*/"0",
           "Units that a gather begins before its own">
  ];
}
