//===- StableHLOBase.td - What StableHLO's ops share -------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_BASE_TD
#define DS_STABLEHLO_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def StableHLO_Dialect : Dialect {
  let name = "stablehlo";
  let cppNamespace = "::ds::stablehlo";
  let summary = "Programs as JAX and XLA's other front ends print them";
  let description = [{
    The ops of OpenXLA's StableHLO that training programs lower to, with the
    spelling of their text, generic and pretty.  It is read, imported into the
    ds dialect by `ds-import-stablehlo`, and gone then: nothing is computed here.

    Ops of unknown name parse in generic form, so that the importer can say
    where they come from.
  }];
  let extraClassDeclaration = [{
    void registerAttributes();
    ::mlir::Attribute parseAttribute(::mlir::DialectAsmParser &parser, ::mlir::Type type) const override;
    void printAttribute(::mlir::Attribute attribute, ::mlir::DialectAsmPrinter &printer) const override;
    ::mlir::Type parseType(::mlir::DialectAsmParser &parser) const override;
    void printType(::mlir::Type type, ::mlir::DialectAsmPrinter &printer) const override;
  }];
}

def CHLO_Dialect : Dialect {
  let name = "chlo";
  let cppNamespace = "::ds::chlo";
  let summary = "Functions that StableHLO has no op for";
  let description = [{
    What JAX leaves in its modules for the compiler to expand: erf, top_k, ...
  }];
}

class StableHLO_Op<string mnemonic, list<Trait> traits = []> : Op<StableHLO_Dialect, mnemonic, traits>;
class CHLO_Op<string mnemonic, list<Trait> traits = []> : Op<CHLO_Dialect, mnemonic, traits>;

// The description of an op: what it computes, what it requires and an example.
class Text<string what, string requires, string ensures, string example> {
  string text = what # "\n\n**Requires:** " # requires # "\n**Ensures:** " # ensures #
                "\n\n```mlir\n" # example # "\n```\n";
}

//===----------------------------------------------------------------------===//
// Attributes that are one word
//===----------------------------------------------------------------------===//

class StableHLO_Enum<string name, list<string> words> : I32EnumAttr<name, "", !foreach(i, !range(words),
    I32EnumAttrCase<words[i], i>)> {
  let cppNamespace = "::ds::stablehlo";
  let genSpecializedAttr = 0;
}
class StableHLO_EnumAttr<StableHLO_Enum enum, string mnemonic> : EnumAttr<StableHLO_Dialect, enum, mnemonic>;

def StableHLO_Direction : StableHLO_Enum<"Direction", ["EQ", "NE", "GE", "GT", "LE", "LT"]>;
def StableHLO_DirectionAttr : StableHLO_EnumAttr<StableHLO_Direction, "comparison_direction">;
def StableHLO_CompareType : StableHLO_Enum<"CompareType", ["NOTYPE", "FLOAT", "TOTALORDER", "SIGNED", "UNSIGNED"]>;
def StableHLO_CompareTypeAttr : StableHLO_EnumAttr<StableHLO_CompareType, "comparison_type">;
def StableHLO_Precision : StableHLO_Enum<"Precision", ["DEFAULT", "HIGH", "HIGHEST"]>;
def StableHLO_PrecisionAttr : StableHLO_EnumAttr<StableHLO_Precision, "precision">;
def StableHLO_Algorithm : StableHLO_Enum<"RandomAlgorithm", ["DEFAULT", "THREE_FRY", "PHILOX"]>;
def StableHLO_AlgorithmAttr : StableHLO_EnumAttr<StableHLO_Algorithm, "rng_algorithm">;
def StableHLO_Distribution : StableHLO_Enum<"Distribution", ["UNIFORM", "NORMAL"]>;
def StableHLO_DistributionAttr : StableHLO_EnumAttr<StableHLO_Distribution, "rng_distribution">;
def StableHLO_FftType : StableHLO_Enum<"FftType", ["FFT", "IFFT", "RFFT", "IRFFT"]>;
def StableHLO_FftTypeAttr : StableHLO_EnumAttr<StableHLO_FftType, "fft_type">;
def StableHLO_AccuracyMode : StableHLO_Enum<"AccuracyMode", ["DEFAULT", "HIGHEST", "TOLERANCE"]>;
def StableHLO_AccuracyModeAttr : StableHLO_EnumAttr<StableHLO_AccuracyMode, "result_accuracy_mode"> {
  let assemblyFormat = "`<` $value `>`";
}

//===----------------------------------------------------------------------===//
// Attributes that are records
//===----------------------------------------------------------------------===//

class StableHLO_Attr<string name, string attrMnemonic> : AttrDef<StableHLO_Dialect, name> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}
def StableHLO_Dims : ArrayRefParameter<"int64_t">;

def StableHLO_DotAttr : StableHLO_Attr<"Dot", "dot"> {
  let summary = "Which dimensions of a product are batches, and which are summed";
  let parameters = (ins StableHLO_Dims:$lhsBatch, StableHLO_Dims:$rhsBatch,
                        StableHLO_Dims:$lhsSummed, StableHLO_Dims:$rhsSummed);
}
def StableHLO_DotAlgorithmAttr : StableHLO_Attr<"DotAlgorithm", "dot_algorithm"> {
  let summary = "In which precision a product is computed";
  let parameters = (ins "::mlir::Type":$lhs, "::mlir::Type":$rhs, "::mlir::Type":$accumulation,
                        "int64_t":$lhsComponents, "int64_t":$rhsComponents, "int64_t":$operations, "bool":$imprecise);
}
def StableHLO_GatherAttr : StableHLO_Attr<"GatherDims", "gather"> {
  let summary = "What the dimensions of a gather's operand, indices and result mean";
  let parameters = (ins StableHLO_Dims:$offset, StableHLO_Dims:$collapsed, StableHLO_Dims:$operandBatch,
                        StableHLO_Dims:$indicesBatch, StableHLO_Dims:$startMap,
                        "int64_t":$indexVector);
}
def StableHLO_ScatterAttr : StableHLO_Attr<"ScatterDims", "scatter"> {
  let summary = "What the dimensions of a scatter's operand, indices and updates mean";
  let parameters = (ins StableHLO_Dims:$window, StableHLO_Dims:$inserted, StableHLO_Dims:$operandBatch,
                        StableHLO_Dims:$indicesBatch, StableHLO_Dims:$scatterMap,
                        "int64_t":$indexVector);
}
def StableHLO_ConvAttr : StableHLO_Attr<"ConvDims", "conv"> {
  let summary = "The layouts of a convolution: `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]`";
  let description = [{
    One entry per dimension: the number of a spatial one; -1 for `b` (of the
    kernel `o`), -2 for `f` (of the kernel `i`).
  }];
  let parameters = (ins StableHLO_Dims:$input, StableHLO_Dims:$kernel, StableHLO_Dims:$output);
}
def StableHLO_AccuracyAttr : StableHLO_Attr<"Accuracy", "result_accuracy"> {
  let summary = "How exact an elementwise function is asked to be";
  let parameters = (ins "::mlir::FloatAttr":$atol, "::mlir::FloatAttr":$rtol, "int64_t":$ulps,
                        "::ds::stablehlo::AccuracyModeAttr":$mode);
}
def StableHLO_TokenType : TypeDef<StableHLO_Dialect, "Token"> {
  let mnemonic = "token";
  let summary = "The order of ops with side effects";
}

#endif
