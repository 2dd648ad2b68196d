//===- ds-opt.cpp - The compiler's command line -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   ds-opt model.mlir --zero=auto          compiles a plan (Driver.h)
//   ds-opt model.mlir --ds-inline-blocks   a plain mlir-opt with our passes
//===--------------------------------------------------------------------===//

#include "../Diagnostics.h"
#include "Driver.h"
#include "Options.h"
#include "base/Nearest.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Dialect/StableHLO/StableHLO.h"
#include "ds/Passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"

/// Whether neither the driver nor mlir-opt knows a flag; says so.
static bool hasUnknownFlag(int argc, char **argv) {
  auto &known = llvm::cl::getRegisteredOptions();
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef flag = llvm::StringRef(argv[i]).split('=').first;
    if (!flag.consume_front("--") || flag.empty() || known.contains(flag))
      continue;
    std::vector<std::string> names = ds::driverFlags();
    for (const auto &entry : known)
      names.push_back("--" + entry.first.str());
    std::string word = "--" + flag.str();
    llvm::errs() << "ds-opt: error: unknown flag '" << word << "'"
                 << ds::rt::didYouMean(word, names) << "\n";
    return true;
  }
  return false;
}

static constexpr char kOverview[] =
    "ds-mlir compiler: 'ds-opt MODEL --zero=auto' makes a plan, and 'ds-opt "
    "--zero=auto --help'\nlists the flags for it; without one it is a plain "
    "mlir-opt\n";

int main(int argc, char **argv) {
  if (ds::isDriverCall(argc, argv))
    return ds::runDriver(argc, argv);
  ds::registerAllPasses();
  mlir::registerTransformsPasses();
  mlir::DialectRegistry registry;
  registry.insert<ds::DSDialect, mlir::func::FuncDialect, mlir::scf::SCFDialect,
                  mlir::arith::ArithDialect>();
  ds::registerStableHLO(registry);
  ds::tools::improveDiagnostics(registry);
  mlir::MlirOptMainConfig::registerCLOptions(registry);
  mlir::registerAsmPrinterCLOptions();
  if (hasUnknownFlag(argc, argv))
    return 2;
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, kOverview, registry));
}
