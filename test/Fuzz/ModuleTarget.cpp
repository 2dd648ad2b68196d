//===- ModuleTarget.cpp - Fuzzes the ds dialect as text -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a module.  One that parses and verifies must print, parse again
// to the same text, and stay valid under our canonicalization.  MLIR itself is
// a shared library without instrumentation: coverage and sanitizers see the
// dialect's own code and the headers that it uses.
//===--------------------------------------------------------------------===//
#include "Fuzz.h"
#include "ModuleText.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

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
