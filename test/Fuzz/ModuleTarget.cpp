//===- ModuleTarget.cpp - Fuzzes the ds dialect as text -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a module.  One that parses and verifies must print, parse again
// to the same text, and stay valid under our canonicalization.  MLIR itself is
// a shared library without instrumentation: coverage and sanitizers see the
// dialect's own code and the headers that it uses.
//===--------------------------------------------------------------------===//
#include "Fuzz.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace {

/// A context keeps every type and attribute it ever saw: made anew at times.
mlir::MLIRContext &freshContext() {
  static std::unique_ptr<mlir::MLIRContext> made;
  static int runs = 0;
  if (!made || ++runs % 500 == 0) {
    made = std::make_unique<mlir::MLIRContext>(
        mlir::MLIRContext::Threading::DISABLED);
    made->loadDialect<ds::DSDialect, mlir::func::FuncDialect,
                      mlir::scf::SCFDialect, mlir::arith::ArithDialect>();
    made->getDiagEngine().registerHandler([](mlir::Diagnostic &) {});
  }
  return *made;
}

std::string printed(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  module.print(out);
  return text;
}

mlir::OwningOpRef<mlir::ModuleOp> parsed(const std::string &text,
                                         mlir::MLIRContext &context) {
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

/// MLIR's own parser has no bound on nesting, and makes room for as many
/// results as `%0#1000000000` asks for.
bool isForUs(const std::string &text) {
  size_t opened = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    opened += llvm::StringRef("<{([").contains(text[i]);
    if (text[i] == '#' && text.find_first_not_of("0123456789", i + 1) > i + 5)
      return false;
  }
  return opened < 2000 && text.find('\0') == std::string::npos;
}

/// Folding makes constants of their types' sizes.
bool isSmall(mlir::ModuleOp module) {
  bool small = true;
  module.walk([&](mlir::Operation *op) {
    for (mlir::Type type : op->getResultTypes())
      if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type)) {
        double elements = 1;
        for (int64_t size : tensor.getShape())
          elements *= double(std::max<int64_t>(size, 1));
        small &= elements < 1e6;
      }
  });
  return small;
}

} // namespace

extern "C" const char *__asan_default_options() {
  // Allocators of LLVM poison memory in headers that we instrument and use it
  // in a library that we do not.
  return "allow_user_poisoning=0:detect_container_overflow=0";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // The parser reads the zero behind the text.
  const std::string input(reinterpret_cast<const char *>(data), size);
  if (!isForUs(input))
    return 0;
  mlir::MLIRContext &context = freshContext();
  mlir::OwningOpRef<mlir::ModuleOp> module = parsed(input, context);
  if (!module)
    return 0;
  const std::string text = printed(*module);
  mlir::OwningOpRef<mlir::ModuleOp> again = parsed(text, context);
  if (!again || printed(*again) != text) {
    std::fprintf(stderr, "printed as:\n%s\n", text.c_str());
    FUZZ_EXPECT(!"the printed module to parse to itself");
  }
  if (!isSmall(*module))
    return 0;
  mlir::PassManager passes(&context);
  passes.addPass(mlir::createCanonicalizerPass());
  FUZZ_EXPECT(mlir::succeeded(passes.run(*module)));
  printed(*module);
  return 0;
}
