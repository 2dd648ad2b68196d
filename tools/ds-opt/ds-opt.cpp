//===- ds-opt.cpp - The compiler's command line -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   ds-opt model.mlir --zero=auto          compiles a plan (Driver.h)
//   ds-opt model.mlir --ds-inline-blocks   a plain mlir-opt with our passes
//===--------------------------------------------------------------------===//

#include "Driver.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  if (ds::isDriverCall(argc, argv))
    return ds::runDriver(argc, argv);
  ds::registerAllPasses();
  mlir::registerTransformsPasses();
  mlir::DialectRegistry registry;
  registry.insert<ds::DSDialect, mlir::func::FuncDialect,
                  mlir::scf::SCFDialect, mlir::arith::ArithDialect>();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "ds-mlir compiler\n", registry));
}
