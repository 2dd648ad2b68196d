//===- ImportTarget.cpp - Fuzzes the importer of StableHLO ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a module.  One of StableHLO that parses and verifies is
// imported: into a valid module of ds alone, or with an error that says why
// not.
//===--------------------------------------------------------------------===//
#include "Fuzz.h"
#include "ModuleText.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Dialect/StableHLO/StableHLO.h"
#include "ds/Import/Import.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <memory>

namespace {

int errors = 0;

/// A context keeps every type and attribute it ever saw: made anew at times.
mlir::MLIRContext &freshContext() {
  static std::unique_ptr<mlir::MLIRContext> made;
  static int runs = 0;
  if (!made || ++runs % 500 == 0) {
    mlir::DialectRegistry registry;
    registry.insert<ds::DSDialect, mlir::func::FuncDialect,
                    mlir::scf::SCFDialect, mlir::arith::ArithDialect>();
    ds::registerStableHLO(registry);
    made = std::make_unique<mlir::MLIRContext>(
        registry, mlir::MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    made->getDiagEngine().registerHandler([](mlir::Diagnostic &diagnostic) {
      errors += diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    });
  }
  return *made;
}

/// Loops are written out: a few, of a few rounds, are enough here.
bool isShort(mlir::ModuleOp module) {
  int loops = 0;
  module.walk([&](ds::stablehlo::WhileOp) { ++loops; });
  return loops < 3;
}

} // namespace

extern "C" const char *__asan_default_options() {
  // As in ModuleTarget.cpp.
  return "allow_user_poisoning=0:detect_container_overflow=0";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // The parser reads the zero behind the text.
  const std::string input(reinterpret_cast<const char *>(data), size);
  if (!isForUs(input))
    return 0;
  auto module = mlir::parseSourceString<mlir::ModuleOp>(input, &freshContext());
  if (!module || !ds::isStableHLO(*module) || !isSmall(*module) ||
      !isShort(*module))
    return 0;
  errors = 0;
  if (mlir::failed(ds::importStableHLO(*module, ""))) {
    FUZZ_EXPECT(errors > 0);
    return 0;
  }
  FUZZ_EXPECT(mlir::succeeded(mlir::verify(*module)));
  module->walk([](mlir::Operation *op) {
    const llvm::StringRef dialect = op->getName().getDialectNamespace();
    FUZZ_EXPECT(dialect != "stablehlo" && dialect != "chlo");
  });
  ds::boundInputs(*module);
  return 0;
}
