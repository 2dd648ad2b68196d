#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each house rule finds what breaks it: small trees that do, and the full text of what is said.

    python3 test/Tools/rules_test.py [-v] [--build=FOLDER]

With a build folder the rules that need one are tested, too.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "tools", "rules")
sys.path.insert(0, RULES)
import house  # noqa: E402
import sizes  # noqa: E402

BUILD = None
LICENCE = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
OPS = """include "mlir/IR/OpBase.td"
def T_Dialect : Dialect { let name = "ds"; let cppNamespace = "::t"; }
def T_NegOp : Op<T_Dialect, "neg"> {
  let summary = "%s";
  let description = [{%s}];
}
"""


class RuleTest(unittest.TestCase):
    def found(self, rule, files, build=None):
        """The findings of a rule in a tree of the given files, as 'file:line: text'."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as stream:
                    stream.write(text.replace("@ROOT@", root))
            build = os.path.join(root, build) if build else BUILD
            _, findings = importlib.import_module(rule).check(house.Tree(root, build))
            return [f"{f.file}:{f.line}: {f.text}" for f in sorted(findings)]


class Layering(RuleTest):
    def test_upward(self):
        self.assertEqual(self.found("layering", {
            "include/ds/Passes/Import.h": "", "include/ds/Dialect/DS/DS.h": "",
            "dialects/DS/DSVjp.cpp": '#include "ds/Dialect/DS/DS.h"\n#include "ds/Passes/Import.h"\n'}), [
            "dialects/DS/DSVjp.cpp:2: expects includes of layer 'dialects' to stay at or below it, but got "
            "'include/ds/Passes/Import.h' of layer 'passes'; move what both need down, or the caller up"])

    def test_generated_header(self):
        self.assertEqual(self.found("layering", {
            "include/ds/Support/A.h": '#include "ds/Dialect/DS/DSOps.h.inc"\n'}), [
            "include/ds/Support/A.h:1: expects includes of layer 'Support' to stay at or below it, but got "
            "'include/ds/Dialect/DS/DSOps.h.inc' of layer 'dialects'; move what both need down, or the caller up"])

    def test_runtime_is_free_of_llvm_and_compiler(self):
        self.assertEqual(self.found("layering", {
            "include/ds/Plan/Plan.h": "", "runtime/exec/Job.cpp":
            '#include <vector>\n#include "llvm/ADT/StringRef.h"\n#include "ds/Plan/Plan.h"\n#include <dnnl.h>\n'}), [
            "runtime/exec/Job.cpp:2: expects no LLVM in the runtime and its tools, but got 'llvm/ADT/StringRef.h'; "
            "do without it",
            "runtime/exec/Job.cpp:3: expects the runtime to know include/ds-rt, runtime/ and libraries only, but got "
            "'include/ds/Plan/Plan.h' of the compiler; put what both need into include/ds-rt",
            "runtime/exec/Job.cpp:4: expects 'dnnl.h' only in runtime/backends/cpu/, but got it here; call that layer "
            "instead"])

    def test_within_the_runtime(self):
        self.assertEqual(self.found("layering", {
            "runtime/exec/Job.h": "", "runtime/plan/Verify.cpp": '#include "exec/Job.h"\n'}), [
            "runtime/plan/Verify.cpp:1: expects includes of layer 'runtime plan' to stay at or below it, but got "
            "'runtime/exec/Job.h' of layer 'runtime exec'; move what both need down, or the caller up"])

    def test_compiler_uses_runtime(self):
        plan = '#include "plan/Plan.h"\n'
        self.assertEqual(self.found("layering", {
            "runtime/plan/Plan.h": "", "lib/Plan/Emitter.cpp": plan, "passes/Lower/Decompose.cpp": plan}), [
            "passes/Lower/Decompose.cpp:1: expects the compiler's layer 'passes' to use no header of the runtime, but "
            "got 'runtime/plan/Plan.h'; a use that is meant stands with its reason in COMPILER_USES_RUNTIME of "
            "tools/rules/layering.py"])

    def test_unknown_folder(self):
        self.assertEqual(self.found("layering", {"lib/Misc/A.cpp": ""}), [
            "lib/Misc/A.cpp:0: expects every source file in a layer, but got none for it; add its folder to the table "
            "in tools/rules/layering.py"])


class Names(RuleTest):
    def test_pass_without_its_files(self):
        td = 'include "x"\ndef FooBarPass : Pass<"ds-foobar", "::mlir::ModuleOp"> {}\n'
        self.assertEqual(self.found("names", {"passes/Memory/Passes.td": td}), [
            "passes/Memory/Passes.td:2: expects FooBarPass in 'passes/Memory/FooBar.cpp', but there is no such file; "
            "rename the file after the pass",
            "passes/Memory/Passes.td:2: expects a test 'test/Execute/foo-bar*' that compares the program before and "
            "after FooBarPass, but there is none; write one with ds-exec",
            "passes/Memory/Passes.td:2: expects the flag 'ds-foo-bar' of FooBarPass, but got 'ds-foobar'; rename one "
            "of them",
            "passes/Memory/Passes.td:2: expects the test 'test/Passes/Memory/foo-bar.mlir' of FooBarPass, but there is "
            "no such file; write it"])

    def test_errors_and_orphans(self):
        td = 'def FooPass : Pass<"ds-foo", "::mlir::ModuleOp"> {}\n'
        self.assertEqual(self.found("names", {
            "passes/Import/Passes.td": td, "passes/Import/Foo.cpp": 'op->emitOpError("is bad");\n',
            "passes/Import/Helpers.cpp": "", "passes/Import/Part.cpp": "", "passes/Import/Part.h": "",
            "test/Passes/Import/foo.mlir": "// RUN: ds-opt\n",
            "test/Passes/Import/foo-twice.mlir": "", "test/Passes/Import/bar.mlir": ""}), [
            "passes/Import/Helpers.cpp:1: expects a pass 'HelpersPass' in 'passes/Import/Passes.td', but there is "
            "none; one file is one pass, or a part of one with a header beside it, and what passes share is in lib/",
            "passes/Import/Passes.td:1: expects the errors that 'passes/Import/Foo.cpp' emits to be pinned in "
            "'test/Passes/Import/foo-errors.mlir', but there is no such file",
            "test/Passes/Import/bar.mlir:1: expects the name of a pass of 'passes/Import' in front, but got 'bar'; the "
            "passes are foo",
            "test/Passes/Import/foo.mlir:1: expects a RUN line with 'ds-foo', but got none; test the pass by its flag"])


class Sizes(RuleTest):
    def test_too_long(self):
        body = "  x();\n" * 60
        self.assertEqual(self.found("sizes", {
            "a.cpp": "namespace ds {\nint f(int a) {\n" + body + "}\n} // namespace ds\n",
            "b.py": "def g():\n" + "    x()\n" * 60, "c.sh": "h() {\n" + body + "}\n", "d.mlir": "\n" * 501}), [
            "a.cpp:2: expects functions of at most 60 lines, but 'f' has 62; split off what has a name of its own",
            "b.py:1: expects functions of at most 60 lines, but 'g' has 61; split off what has a name of its own",
            "c.sh:1: expects functions of at most 60 lines, but 'h' has 62; split off what has a name of its own",
            "d.mlir:0: expects at most 500 lines, but got 501; cut it by topic"])

    def test_what_is_a_function(self):
        """Lambdas, initializers, classes, strings and macros around functions do not mislead the counter."""
        text = """#define M(x) { x
namespace a::b {
extern "C" {
int one() { return 1; }
}
struct S : T<int> {
  S(int a, std::vector<int> b)
      : a{a}, b(std::move(b)) {
    auto l = [&](int i) {
      return i;
    };
  }
  ~S() override { }
  bool operator==(const S &o) const { return a == o.a; }
  S &operator=(S &&) noexcept = default;
  enum class E : int { A, B };
  int a = 0;
  std::vector<int> b = {1, 2};
};
constexpr int table[] = {
    1,
};
const auto lambda = [](int x) {
  return x;
};
template <typename T, std::enable_if_t<(sizeof(T) > 1), int> = 0>
auto trailing(T t) -> std::pair<T, T> {
  struct Local {
    void inner() {}
  };
  for (int i = 0; i < 2; ++i) {
    t += "}{"[0] + '{' + R"x(}}))x"[0]; // }
  }
  return {t, t};
}
} // namespace a::b
"""
        self.assertEqual(sorted((first, last, name) for name, first, last in sizes.cpp_functions(text)), [
            (4, 4, "one"), (7, 12, "S"), (13, 13, "~S"), (14, 14, "operator=="), (26, 35, "trailing"),
            (29, 29, "inner")])


class Format(RuleTest):
    def test_text(self):
        self.assertEqual(self.found("format", {
            "a.td": "a\tb\nc \n" + "x" * 121, "b.mlir": "// CHECK: " + "x" * 121 + "\n"}), [
            "a.td:1: expects blanks only, but got a tab; indent with two blanks",
            "a.td:2: expects no blanks at the end of the line, but got some; remove them",
            "a.td:3: expects a newline at the end of the file, but got none; add it",
            "a.td:3: expects at most 120 columns, but got 121; break the line"])

    def test_cpp(self):
        self.assertEqual(self.found("format", {
            ".clang-format": "BasedOnStyle: LLVM\n", "a.cpp": "int  a;\nint b;\n"}), [
            "a.cpp:1: expects what clang-format makes of the file, but got 1 difference; run clang-format-22 -i a.cpp"])


class Source(RuleTest):
    def test_banner_todo_and_ends(self):
        self.assertEqual(self.found("source", {
            "lib/Plan/A.cpp": f"//===- B.cpp - X ---===//\n// {LICENCE}\n// TO" + "DO: later; TO" + "DO(#3): fine\n"
                              'void f() { llvm::errs() << "abort()"; }\nvoid g() { abort(); }\n',
            "tools/x.py": "#!/usr/bin/env python3\n"}), [
            "lib/Plan/A.cpp:1: expects the banner '//===- A.cpp - ...', but got '//===- B.cpp - X ---===//'; say there "
            "what the file is",
            "lib/Plan/A.cpp:3: expects 'TO" "DO(#issue)', but got 'TO" "DO' alone; name the issue, or do it",
            "lib/Plan/A.cpp:4: expects errors as values or diagnostics, but got 'errs'; a library neither ends the "
            "process nor writes to standard error",
            "lib/Plan/A.cpp:5: expects errors as values or diagnostics, but got 'abort'; a library neither ends the "
            "process nor writes to standard error",
            f"tools/x.py:1: expects the line '{LICENCE}' among the first three, but got none; add it"])


class Errors(RuleTest):
    def test_voice(self):
        self.assertEqual(self.found("errors", {
            "a.cpp": 'return emitOpError("Expects x, but got ") << y\n    << ". Mend it.";\n'
                     'return inputError("AdamW has no x, got %s", name("The file."));\n'}), [
            "a.cpp:1: expects an error in lower case, but got 'Expects x, but got '; write it as the rest of 'error: '",
            "a.cpp:1: expects an error without a full stop, but got '. Mend it.'; remove it"])


class Links(RuleTest):
    def test_dead(self):
        self.assertEqual(self.found("links", {
            "README.md": "# One Thing\n[a](b/README.md) [b](#one-thing) [c](c.md)\n[d](b/README.md#two) `[e](e.md)`\n",
            "b/README.md": "# Three\n"}), [
            "README.md:2: expects a link to a file of the tree, but got 'c.md'; there is no such file",
            "README.md:3: expects a link to a heading, but got 'b/README.md#two'; 'b/README.md' has no such heading"])


class Docs(RuleTest):
    def test_op(self):
        summary = "An op whose summary is far longer than what fits into one line."
        self.assertEqual(self.found("docs", {"dialects/T/TOps.td": OPS % (summary, "")}), [
            "dialects/T/TOps.td:3: expects '**Ensures:**' in the description of op 'ds.neg', but got none; write it",
            "dialects/T/TOps.td:3: expects '**Requires:**' in the description of op 'ds.neg', but got none; write it",
            "dialects/T/TOps.td:3: expects 'ds.neg' in the example of op 'ds.neg', but got none; use the op",
            "dialects/T/TOps.td:3: expects an example in a ```mlir block in the description of op 'ds.neg', but got "
            "none; write it",
            "dialects/T/TOps.td:3: expects the summary of op 'ds.neg' in 60 characters, but got 63; leave the rest to "
            "the description",
            f"dialects/T/TOps.td:3: expects the summary of op 'ds.neg' without a full stop, but got '{summary}'; "
            "remove it"])

    def test_pass(self):
        td = """include "mlir/Pass/PassBase.td"
def FooPass : Pass<"ds-foo"> {
  let summary = "The foo";
  let description = [{ **Requires:** a **Ensures:** b
```mlir
%0 = ds.neg %x
```
  }];
  let options = [Option<"x", "x", "int64_t", "1", "X">];
}
"""
        self.assertEqual(self.found("docs", {"passes/Import/Passes.td": td}), [
            "passes/Import/Passes.td:2: expects IR before and after in the example of pass 'ds-foo', but got one "
            "state; put a line '// becomes' between the two",
            "passes/Import/Passes.td:2: expects a sentence for option 'x' of pass 'ds-foo', but got 'X'; say what it "
            "does",
            "passes/Import/Passes.td:2: expects the summary of pass 'ds-foo' to say what it does, as in 'Splits ...', "
            "but got 'The foo'; begin with the verb"])


class Coverage(RuleTest):
    OPS = """include "mlir/IR/OpBase.td"
def T_Dialect : Dialect { let name = "ds"; let cppNamespace = "::t"; }
def T_Diff : OpInterface<"DifferentiableOpInterface">;
def T_Kernel : OpInterface<"KernelOpInterface">;
def T_NegOp : Op<T_Dialect, "neg", [DeclareOpInterfaceMethods<T_Diff>, DeclareOpInterfaceMethods<T_Kernel>]>;
def T_ReadOp : Op<T_Dialect, "read">;
"""
    NEG = "func.func @neg(%x: f64) {\n  %0 = ds.neg %x : f64\n}\n"

    def test_neither(self):
        self.assertEqual(self.found("coverage", {
            "dialects/T/TOps.td": self.OPS, "test/Execute/a.mlir": "// RUN: --check-gradients=add\n" + self.NEG,
            "test/Codegen/awkward.py": "%0 = ds.negate %x\n"}), [
            "dialects/T/TOps.td:5: expects the gradient of op 'ds.neg' to be checked against finite differences, but "
            "got no such test; write a function with it into test/Execute and name it in a --check-gradients",
            "dialects/T/TOps.td:5: expects the kernel of op 'ds.neg' to be tested at awkward sizes, but got no family "
            "with it in 'test/Codegen/awkward.py'; write one"])

    def test_both(self):
        self.assertEqual(self.found("coverage", {
            "dialects/T/TOps.td": self.OPS, "test/Execute/a.mlir": "// RUN: --check-gradients=add,neg\n" + self.NEG,
            "test/Codegen/awkward.py": "%0 = ds.neg %x\n"}), [])


class Examples(RuleTest):
    def test_wrong_example(self):
        if not BUILD:
            self.skipTest("needs ds-opt: --build=FOLDER")
        text = "\n```mlir\nds.unit @u \"scalar\" : tensor<i64> {members = []}\n%%0 = ds.neg %%x : tensor<2xf32>\n```\n"
        good = text.replace("%%", "%") + text.replace("%%", "%").replace("2xf32", "f64")
        self.assertEqual(self.found("examples", {"dialects/T/TOps.td": OPS % ("Negates", good)}), [])
        bad = good.replace("tensor<f64>", "f64")
        self.assertEqual(self.found("examples", {"dialects/T/TOps.td": OPS % ("Negates", bad)}), [
            "dialects/T/TOps.td:3: expects the example of op 'neg' to parse, but got: custom op 'ds.neg' invalid "
            "kind of type specified: expected builtin.tensor, but found 'f64'; mend the example"])


class Headers(RuleTest):
    def test_header_that_leans_on_another(self):
        commands = [{"file": "@ROOT@/runtime/plan/A.cpp", "directory": "@ROOT@",
                     "command": "clang++-22 -std=c++20 -I@ROOT@/include -o A.o -c A.cpp -include string "
                                "-Xclang -include-pch -Xclang cmake_pch.hxx.pch -Xclang -include -Xclang "
                                "cmake_pch.hxx"}]
        self.assertEqual(self.found("headers", {
            "runtime/plan/A.cpp": "", "build/compile_commands.json": json.dumps(commands),
            "include/ds-rt/Good.h": "#include <string>\ninline std::string f() { return {}; }\n",
            "include/ds-rt/Bad.h": "struct S {\n  std::string s;\n};\n",
            "include/ds/Plan/Plan.h": ""}, build="build"), [
            "include/ds-rt/Bad.h:2: expects the header to compile alone, but got: use of undeclared identifier 'std'; "
            "include what it uses",
            "include/ds/Plan/Plan.h:1: expects the build to compile a source below 'lib/Tune/', whose flags the header "
            "is compiled with, but got none; configure all of it"])


class Run(unittest.TestCase):
    def run_rules(self, *arguments):
        made = subprocess.run([sys.executable, os.path.join(RULES, "run"), *arguments], capture_output=True, text=True)
        return made.returncode, made.stdout, made.stderr.splitlines()[-1:]

    def test_verdict(self):
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, "a"))
            self.assertEqual(self.run_rules("--root", root, "links"), (0, "links     0 links: ok\n", []))
            with open(os.path.join(root, "a", "README.md"), "w", encoding="utf-8") as stream:
                stream.write("[x](y)\n")
            self.assertEqual(self.run_rules("--root", root, "links", "sizes"), (
                1, "links     1 links: 1 violation\na/README.md:1: links: expects a link to a file of the tree, but "
                "got 'y'; there is no such file\nsizes     0 files, 0 functions (0 above 40 lines): ok\n", []))

    def test_usage(self):
        names = "layering, names, sizes, format, source, errors, links, docs, coverage, headers, examples"
        self.assertEqual(self.run_rules("size"), (2, "", [
            f"tools/rules/run: error: unknown rule 'size'; the rules are {names}"]))
        self.assertEqual(self.run_rules("headers"), (2, "", [
            "tools/rules/run: error: rule 'headers' needs --build=FOLDER"]))


if __name__ == "__main__":
    for argument in [a for a in sys.argv if a.startswith("--build=")]:
        BUILD = argument[len("--build="):]
        sys.argv.remove(argument)
    unittest.main()
