//===- Model.cpp - GPT-2 and Llama in the ds dialect --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Model.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;

namespace ds {

const std::vector<ModelShape> &namedModels() {
  static const std::vector<ModelShape> models = {
      {"gpt2-124m", false, 12, 768, 12, 12, 3072, 50257, 1024, 0, true},
      {"gpt2-355m", false, 24, 1024, 16, 16, 4096, 50257, 1024, 0, true},
      {"gpt2-774m", false, 36, 1280, 20, 20, 5120, 50257, 1024, 0, true},
      {"gpt2-1558m", false, 48, 1600, 25, 25, 6400, 50257, 1024, 0, true},
      {"llama-tiny", true, 4, 256, 8, 4, 688, 256, 256, 10000, false},
      {"llama-1b", true, 16, 2048, 32, 8, 8192, 128256, 8192, 500000, true},
      {"llama-8b", true, 32, 4096, 32, 8, 14336, 128256, 8192, 500000, false},
      {"llama-70b", true, 80, 8192, 64, 8, 28672, 128256, 8192, 500000, false},
      {"llama-405b", true, 126, 16384, 128, 8, 53248, 128256, 8192, 500000,
       false},
  };
  return models;
}

std::optional<std::string> checkShape(const ModelShape &s) {
  auto text = [](auto... parts) {
    std::string out;
    llvm::raw_string_ostream os(out);
    ((os << parts), ...);
    return out;
  };
  for (auto [flag, value] :
       {std::pair<const char *, int64_t>{"--layers", s.layers},
        {"--width", s.width},
        {"--heads", s.heads},
        {"--kv-heads", s.kvHeads},
        {"--mlp-width", s.mlpWidth},
        {"--vocab", s.vocab},
        {"--seq-len", s.seqLen}})
    if (value < 1 || value > (int64_t{1} << 31) - 1)
      return text("expects ", flag, " to be a positive 32-bit number, but got ",
                  value);
  if (!(s.dropout >= 0 && s.dropout < 1))
    return text("expects --dropout to be at least 0 and below 1, but got ",
                llvm::format("%g", s.dropout));
  if (s.llama && s.dropout != 0)
    return text("expects --dropout for GPT-2 only: Llama has none");
  if (s.width % s.heads != 0)
    return text("expects --heads to divide --width, but got ", s.heads,
                " heads for width ", s.width);
  if (s.heads % s.kvHeads != 0)
    return text("expects --kv-heads to divide --heads, but got ", s.kvHeads,
                " for ", s.heads, " heads");
  if (!s.llama && s.kvHeads != s.heads)
    return text("expects --kv-heads to equal --heads for GPT-2, but got ",
                s.kvHeads, " for ", s.heads);
  if (s.llama && (s.width / s.heads) % 2 != 0)
    return text("expects an even head size for rotary positions, but got ",
                s.width / s.heads);
  return std::nullopt;
}

namespace {

class Builder {
public:
  Builder(MLIRContext &context, const ModelShape &shape)
      : shape(shape), b(&context), loc(b.getUnknownLoc()), f32(b.getF32Type()) {
    module = ModuleOp::create(loc, shape.name);
    b.setInsertionPointToEnd(module->getBody());
    StringRef symbolic[] = {"batch", "seq"};
    for (StringRef name : symbolic)
      dims.push_back(b.getStringAttr(name));
  }

  OwningOpRef<ModuleOp> build() {
    (*module)->setAttr("ds.seq_len", b.getI64IntegerAttr(shape.seqLen));
    (*module)->setAttr("ds.model", b.getStringAttr(shape.name));
    declareParameters();
    buildLoss();
    buildBlock();
    return std::move(module);
  }

private:
  //===------------------------------------------------------------------===//
  // Types and parameters
  //===------------------------------------------------------------------===//

  /// [batch, seq, inner...]
  RankedTensorType rows(ArrayRef<int64_t> inner, Type element = {}) {
    SmallVector<int64_t> sizes{ShapedType::kDynamic, ShapedType::kDynamic};
    llvm::append_range(sizes, inner);
    SmallVector<StringAttr> names(dims);
    names.append(inner.size(), b.getStringAttr("_"));
    return RankedTensorType::get(sizes, element ? element : f32,
                                 DimsAttr::get(b.getContext(), names));
  }

  struct Layer {
    std::string suffix;
    SmallVector<int64_t> shape;
    Attribute init;
  };

  Attribute normal(double std) { return NormalAttr::get(b.getContext(), std); }
  Attribute fill(double v) { return ConstantInitAttr::get(b.getContext(), v); }

  std::string prefix(int64_t layer) {
    return (shape.llama ? "model.layers." : "transformer.h.") +
           std::to_string(layer) + ".";
  }

  /// The parameters of a block, in the order of @block's arguments.
  SmallVector<Layer> blockLayers() {
    int64_t d = shape.width, m = shape.mlpWidth;
    int64_t kv = d / shape.heads * shape.kvHeads;
    Attribute weight = normal(0.02);
    if (shape.llama)
      return {{"input_layernorm.weight", {d}, fill(1)},
              {"self_attn.q_proj.weight", {d, d}, weight},
              {"self_attn.k_proj.weight", {kv, d}, weight},
              {"self_attn.v_proj.weight", {kv, d}, weight},
              {"self_attn.o_proj.weight", {d, d}, weight},
              {"post_attention_layernorm.weight", {d}, fill(1)},
              {"mlp.gate_proj.weight", {m, d}, weight},
              {"mlp.up_proj.weight", {m, d}, weight},
              {"mlp.down_proj.weight", {d, m}, weight}};
    // Residual projections start smaller: 0.02 / sqrt(2 layers).
    Attribute residual =
        normal(0.02 / std::sqrt(2.0 * static_cast<double>(shape.layers)));
    return {{"ln_1.weight", {d}, fill(1)},
            {"ln_1.bias", {d}, fill(0)},
            {"attn.c_attn.weight", {d, 3 * d}, weight},
            {"attn.c_attn.bias", {3 * d}, fill(0)},
            {"attn.c_proj.weight", {d, d}, residual},
            {"attn.c_proj.bias", {d}, fill(0)},
            {"ln_2.weight", {d}, fill(1)},
            {"ln_2.bias", {d}, fill(0)},
            {"mlp.c_fc.weight", {d, m}, weight},
            {"mlp.c_fc.bias", {m}, fill(0)},
            {"mlp.c_proj.weight", {m, d}, residual},
            {"mlp.c_proj.bias", {d}, fill(0)}};
  }

  void declare(StringRef name, ArrayRef<int64_t> sizes, Attribute init) {
    ParameterOp::create(b, loc, name, RankedTensorType::get(sizes, f32), init);
  }

  void declareParameters() {
    int64_t d = shape.width;
    declare(shape.llama ? "model.embed_tokens.weight"
                        : "transformer.wte.weight",
            {shape.vocab, d}, normal(0.02));
    if (!shape.llama)
      declare("transformer.wpe.weight", {shape.seqLen, d}, normal(0.02));
    for (int64_t layer = 0; layer < shape.layers; ++layer)
      for (const Layer &l : blockLayers())
        declare(prefix(layer) + l.suffix, l.shape, l.init);
    declare(shape.llama ? "model.norm.weight" : "transformer.ln_f.weight", {d},
            fill(1));
    if (!shape.llama)
      declare("transformer.ln_f.bias", {d}, fill(0));
    if (!shape.tied)
      declare("lm_head.weight", {shape.vocab, d}, normal(0.02));
  }

  Value read(StringRef name) {
    auto parameter = module->lookupSymbol<ParameterOp>(name);
    return ReadOp::create(b, loc, parameter.getType(), name);
  }

  //===------------------------------------------------------------------===//
  // Functions
  //===------------------------------------------------------------------===//

  void buildLoss() {
    Type ids = rows({}, b.getI32Type());
    auto loss = func::FuncOp::create(
        b, loc, "loss",
        b.getFunctionType({ids, ids}, {RankedTensorType::get({}, f32)}));
    loss->setAttr(kLossAttr, b.getUnitAttr());
    for (auto [i, name] :
         llvm::enumerate(ArrayRef<StringRef>{"tokens", "targets"})) {
      loss.setArgAttr(i, "ds.name", b.getStringAttr(name));
      loss.setArgAttr(i, "ds.bound", b.getI64IntegerAttr(shape.vocab));
    }
    OpBuilder::InsertionGuard guard(b);
    Block *body = loss.addEntryBlock();
    b.setInsertionPointToStart(body);
    RankedTensorType hidden = rows({shape.width});
    Value table = read(shape.llama ? "model.embed_tokens.weight"
                                   : "transformer.wte.weight");
    Value x = EmbeddingOp::create(b, loc, hidden, table, body->getArgument(0));
    if (!shape.llama) {
      auto type = RankedTensorType::get(
          {ShapedType::kDynamic, shape.width}, f32,
          DimsAttr::get(b.getContext(), {dims[1], b.getStringAttr("_")}));
      Value position = read("transformer.wpe.weight");
      position = TakeOp::create(b, loc, type, position);
      x = AddOp::create(b, loc, hidden, x, position);
    }
    x = drop(x, "transformer.drop");
    for (int64_t layer = 0; layer < shape.layers; ++layer) {
      SmallVector<Value> arguments{x};
      for (const Layer &l : blockLayers())
        arguments.push_back(read(prefix(layer) + l.suffix));
      x = func::CallOp::create(b, loc, "block", hidden, arguments).getResult(0);
    }
    x = shape.llama ? rmsNorm(x, read("model.norm.weight"))
                    : layerNorm(x, read("transformer.ln_f.weight"),
                                read("transformer.ln_f.bias"));
    Value head = shape.tied ? table : read("lm_head.weight");
    Value logits =
        DotOp::create(b, loc, rows({shape.vocab}), "bsd,vd->bsv", x, head);
    Value value =
        CrossEntropyOp::create(b, loc, RankedTensorType::get({}, f32), logits,
                               body->getArgument(1), IntegerAttr());
    func::ReturnOp::create(b, loc, value);
  }

  void buildBlock() {
    RankedTensorType hidden = rows({shape.width});
    SmallVector<Type> inputs{hidden};
    for (const Layer &l : blockLayers())
      inputs.push_back(RankedTensorType::get(l.shape, f32));
    auto block = func::FuncOp::create(b, loc, "block",
                                      b.getFunctionType(inputs, {hidden}));
    block.setPrivate();
    Block *body = block.addEntryBlock();
    b.setInsertionPointToStart(body);
    auto arguments = body->getArguments();
    Value y = shape.llama ? llamaBlock(arguments[0], arguments.drop_front())
                          : gptBlock(arguments[0], arguments.drop_front());
    func::ReturnOp::create(b, loc, y);
  }

  Value gptBlock(Value x, ValueRange w) {
    int64_t d = shape.width;
    Value y = layerNorm(x, w[0], w[1]);
    y = linear(y, w[2], 3 * d, w[3]);
    RankedTensorType part = rows({d});
    auto qkv = SplitOp::create(b, loc, TypeRange{part, part, part}, y);
    y = attention(heads(qkv.getResult(0), shape.heads),
                  heads(qkv.getResult(1), shape.heads),
                  heads(qkv.getResult(2), shape.heads));
    y = linear(y, w[4], d, w[5]);
    x = add(x, drop(y, "transformer.h.*.attn.resid_dropout"));
    y = layerNorm(x, w[6], w[7]);
    y = linear(y, w[8], shape.mlpWidth, w[9]);
    y = GeluOp::create(b, loc, y.getType(), y);
    y = linear(y, w[10], d, w[11]);
    return add(x, drop(y, "transformer.h.*.mlp.dropout"));
  }

  Value llamaBlock(Value x, ValueRange w) {
    int64_t d = shape.width, size = d / shape.heads;
    int64_t kv = size * shape.kvHeads;
    auto table = RankedTensorType::get({shape.seqLen, size / 2}, f32);
    Value cos =
        RotaryTableOp::create(b, loc, table, "cos", APFloat(shape.theta));
    Value sin =
        RotaryTableOp::create(b, loc, table, "sin", APFloat(shape.theta));
    auto rotate = [&](Value v) -> Value {
      return RotaryOp::create(b, loc, v.getType(), v, cos, sin, UnitAttr());
    };
    Value y = rmsNorm(x, w[0]);
    Value q = rotate(heads(linearT(y, w[1], d), shape.heads));
    Value k = rotate(heads(linearT(y, w[2], kv), shape.kvHeads));
    Value v = heads(linearT(y, w[3], kv), shape.kvHeads);
    x = add(x, linearT(attention(q, k, v), w[4], d));
    y = rmsNorm(x, w[5]);
    Value gate = linearT(y, w[6], shape.mlpWidth);
    gate = SiluOp::create(b, loc, gate.getType(), gate);
    Value up = linearT(y, w[7], shape.mlpWidth);
    y = MulOp::create(b, loc, gate.getType(), gate, up);
    return add(x, linearT(y, w[8], d));
  }

  //===------------------------------------------------------------------===//
  // Layers
  //===------------------------------------------------------------------===//

  Value add(Value lhs, Value rhs) {
    return AddOp::create(b, loc, lhs.getType(), lhs, rhs);
  }

  /// Null when nothing is dropped.
  DropoutAttr dropout(StringRef name) {
    if (shape.dropout == 0)
      return {};
    return DropoutAttr::get(b.getContext(), b.getStringAttr(name),
                            b.getF64FloatAttr(shape.dropout));
  }

  Value drop(Value x, StringRef name) {
    DropoutAttr attr = dropout(name);
    return attr ? DropoutOp::create(b, loc, x.getType(), x, ValueRange(), attr)
                      .getResult()
                : x;
  }

  /// x w + bias with w (in, out).
  Value linear(Value x, Value w, int64_t out, Value bias) {
    return add(DotOp::create(b, loc, rows({out}), "bsk,kn->bsn", x, w), bias);
  }

  /// x w^T with w (out, in).
  Value linearT(Value x, Value w, int64_t out) {
    return DotOp::create(b, loc, rows({out}), "bsk,nk->bsn", x, w);
  }

  Value layerNorm(Value x, Value scale, Value bias) {
    return LayerNormOp::create(b, loc, x.getType(), x, scale, bias,
                               b.getF64FloatAttr(1e-5));
  }

  Value rmsNorm(Value x, Value scale) {
    return RmsNormOp::create(b, loc, x.getType(), x, scale,
                             b.getF64FloatAttr(1e-5));
  }

  Value heads(Value x, int64_t count) {
    return ReshapeOp::create(b, loc, rows({count, shape.width / shape.heads}),
                             x);
  }

  Value attention(Value q, Value k, Value v) {
    double scale =
        1.0 / std::sqrt(static_cast<double>(shape.width / shape.heads));
    Value y = AttentionOp::create(b, loc, q.getType(), q, k, v, ValueRange(),
                                  b.getF64FloatAttr(scale), b.getUnitAttr(),
                                  dropout("transformer.h.*.attn.attn_dropout"));
    return ReshapeOp::create(b, loc, rows({shape.width}), y);
  }

  const ModelShape &shape;
  OwningOpRef<ModuleOp> module;
  OpBuilder b;
  Location loc;
  Type f32;
  SmallVector<StringAttr> dims;
};

} // namespace

OwningOpRef<ModuleOp> buildModel(MLIRContext &context,
                                 const ModelShape &shape) {
  return Builder(context, shape).build();
}

} // namespace ds
