//===- ModelBuilder.cpp - What the model families share -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ModelBuilder.h"

using namespace mlir;

namespace ds {

void Weights::linear(const std::string &name, int64_t in, int64_t out,
                     double std, bool bias, bool conv1d) {
  SmallVector<int64_t> shape{out, in};
  if (conv1d)
    shape = {in, out};
  list.push_back({name + ".weight", shape, std});
  if (bias)
    list.push_back({name + ".bias", {out}});
}

void Weights::norm(const std::string &name, int64_t size, bool bias,
                   double fill) {
  list.push_back({name + ".weight", {size}, 0, fill});
  if (bias)
    list.push_back({name + ".bias", {size}});
}

ModelBuilder::ModelBuilder(MLIRContext &context, const std::string &name,
                           int64_t seq)
    : b(&context), loc(b.getUnknownLoc()), module(ModuleOp::create(loc, name)),
      seq(seq) {
  b.setInsertionPointToEnd(module->getBody());
}

//===--------------------------------------------------------------------===//
// The module
//===--------------------------------------------------------------------===//

ValueRange ModelBuilder::begin(ArrayRef<Input> inputs) {
  SmallVector<Type> types;
  for (const Input &input : inputs)
    types.push_back(input.type);
  loss = func::FuncOp::create(b, loc, "loss",
                              b.getFunctionType(types, {tensor({})}));
  loss->setAttr(kLossAttr, b.getUnitAttr());
  for (auto [i, input] : llvm::enumerate(inputs)) {
    loss.setArgAttr(i, "ds.name", b.getStringAttr(input.name));
    if (input.bound > 0)
      loss.setArgAttr(i, "ds.bound", b.getI64IntegerAttr(input.bound));
  }
  Block *body = loss.addEntryBlock();
  b.setInsertionPointToStart(body);
  return body->getArguments();
}

OwningOpRef<ModuleOp> ModelBuilder::finish(Value result) {
  func::ReturnOp::create(b, loc, result);
  return std::move(module);
}

RankedTensorType ModelBuilder::tensor(ArrayRef<int64_t> shape, Type element) {
  SmallVector<int64_t> sizes;
  SmallVector<StringAttr> names;
  bool isNamed = false;
  for (int64_t size : shape) {
    const bool isDynamic = size == kBatch || (size == kSeq && seq == 0);
    names.push_back(b.getStringAttr(!isDynamic       ? "_"
                                    : size == kBatch ? "batch"
                                                     : "seq"));
    sizes.push_back(isDynamic      ? ShapedType::kDynamic
                    : size == kSeq ? seq
                                   : size);
    isNamed |= isDynamic;
  }
  return RankedTensorType::get(
      sizes, element ? element : b.getF32Type(),
      isNamed ? Attribute(DimsAttr::get(b.getContext(), names)) : Attribute());
}

RankedTensorType ModelBuilder::like(Value value, ArrayRef<int64_t> inner) {
  // The first dimensions as they are: [batch, seq] or [batch].
  auto type = mlir::cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  SmallVector<StringAttr> names;
  auto dims = dyn_cast_or_null<DimsAttr>(type.getEncoding());
  const int64_t outer = std::min<int64_t>(2, type.getRank() - 1);
  for (int64_t i = 0; i < outer; ++i) {
    shape.push_back(type.getDimSize(i));
    names.push_back(dims ? dims.getNames()[i] : b.getStringAttr("_"));
  }
  for (int64_t size : inner) {
    shape.push_back(size);
    names.push_back(b.getStringAttr("_"));
  }
  return RankedTensorType::get(
      shape, type.getElementType(),
      dims ? Attribute(DimsAttr::get(b.getContext(), names)) : Attribute());
}

Value ModelBuilder::parameter(const Weight &weight) {
  RankedTensorType type = tensor(weight.shape);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loss);
    Attribute init =
        weight.std != 0
            ? Attribute(NormalAttr::get(b.getContext(), weight.std))
            : Attribute(ConstantInitAttr::get(b.getContext(), weight.fill));
    ParameterOp::create(b, loc, weight.name, type, init);
  }
  return ReadOp::create(b, loc, type, weight.name);
}

Values ModelBuilder::parameters(const std::string &prefix,
                                const Weights &weights) {
  Values values;
  for (const Weight &weight : weights.list) {
    Weight whole = weight;
    whole.name = prefix + weight.name;
    values[weight.name] = parameter(whole);
  }
  return values;
}

Value ModelBuilder::layer(const std::string &function,
                          const std::string &prefix, const Weights &weights,
                          ArrayRef<Value> operands,
                          function_ref<Value(ValueRange, Values &)> body) {
  SmallVector<Value> arguments(operands);
  Values values = parameters(prefix, weights);
  for (const Weight &weight : weights.list)
    arguments.push_back(values[weight.name]);
  if (!module->lookupSymbol(function)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module->getBody());
    auto callee =
        func::FuncOp::create(b, loc, function,
                             b.getFunctionType(ValueRange(arguments).getTypes(),
                                               {operands.front().getType()}));
    callee.setPrivate();
    Block *block = callee.addEntryBlock();
    b.setInsertionPointToStart(block);
    ValueRange inside = block->getArguments();
    for (auto [weight, value] :
         llvm::zip_equal(weights.list, inside.drop_front(operands.size())))
      values[weight.name] = value;
    Value result = body(inside.take_front(operands.size()), values);
    func::ReturnOp::create(b, loc, result);
  }
  return func::CallOp::create(b, loc, function, operands.front().getType(),
                              arguments)
      .getResult(0);
}

//===--------------------------------------------------------------------===//
// Pieces
//===--------------------------------------------------------------------===//

Value ModelBuilder::add(Value lhs, Value rhs) {
  return AddOp::create(b, loc, lhs.getType(), lhs, rhs);
}

Value ModelBuilder::mul(Value lhs, Value rhs) {
  return MulOp::create(b, loc, lhs.getType(), lhs, rhs);
}

Value ModelBuilder::scalar(double value, Type element) {
  return ConstantOp::create(b, loc, tensor({}, element), value);
}

Value ModelBuilder::dot(const char *spec, Value lhs, Value rhs,
                        RankedTensorType type) {
  return DotOp::create(b, loc, type, spec, lhs, rhs);
}

Value ModelBuilder::embed(Value table, Value ids) {
  auto type = mlir::cast<RankedTensorType>(ids.getType());
  auto width = mlir::cast<RankedTensorType>(table.getType()).getDimSize(1);
  SmallVector<int64_t> shape(type.getShape());
  shape.push_back(width);
  Attribute encoding;
  if (auto dims = dyn_cast_or_null<DimsAttr>(type.getEncoding())) {
    SmallVector<StringAttr> names(dims.getNames());
    names.push_back(b.getStringAttr("_"));
    encoding = DimsAttr::get(b.getContext(), names);
  }
  return EmbeddingOp::create(
      b, loc, RankedTensorType::get(shape, b.getF32Type(), encoding), table,
      ids);
}

Value ModelBuilder::embedTokens(Value table, Value ids, int64_t padding) {
  Value x = embed(table, ids);
  if (padding < 0)
    return x;
  Value id = scalar(static_cast<double>(padding), i32());
  Value is = CompareOp::create(b, loc, as(ids, b.getI1Type()), "eq", ids, id);
  is = repeat(is, as(x, b.getI1Type()), {0, 1});
  Value fixed = StopGradientOp::create(b, loc, x.getType(), x);
  return SelectOp::create(b, loc, x.getType(), is, fixed, x);
}

Value ModelBuilder::positions(Value table) {
  auto width = mlir::cast<RankedTensorType>(table.getType()).getDimSize(1);
  return TakeOp::create(b, loc, tensor({kSeq, width}), table);
}

Value ModelBuilder::linear(Value x, Values &w, const std::string &name,
                           bool conv1d) {
  Value weight = w.at(name + ".weight");
  auto shape = mlir::cast<RankedTensorType>(weight.getType()).getShape();
  const bool isRow = mlir::cast<RankedTensorType>(x.getType()).getRank() == 2;
  Value y = dot(conv1d  ? "bsk,kn->bsn"
                : isRow ? "bk,nk->bn"
                        : "bsk,nk->bsn",
                x, weight, like(x, {shape[conv1d ? 1 : 0]}));
  auto bias = w.find(name + ".bias");
  return bias == w.end() ? y : add(y, bias->second);
}

Value ModelBuilder::layerNorm(Value x, Values &w, const std::string &name,
                              double eps) {
  return LayerNormOp::create(b, loc, x.getType(), x, w.at(name + ".weight"),
                             w.at(name + ".bias"), b.getF64FloatAttr(eps));
}

Value ModelBuilder::rmsNorm(Value x, Value scale, double eps) {
  return RmsNormOp::create(b, loc, x.getType(), x, scale,
                           b.getF64FloatAttr(eps));
}

Value ModelBuilder::reshape(Value x, ArrayRef<int64_t> inner) {
  return ReshapeOp::create(b, loc, like(x, inner), x);
}

const std::vector<std::string> &ModelBuilder::activations() {
  static const std::vector<std::string> names = {
      "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh"};
  return names;
}

Value ModelBuilder::activation(const std::string &name, Value x) {
  Type type = x.getType();
  if (name == "gelu")
    return GeluErfOp::create(b, loc, type, x);
  if (name == "gelu_new" || name == "gelu_pytorch_tanh")
    return GeluOp::create(b, loc, type, x);
  if (name == "relu")
    return MaxOp::create(b, loc, type, x, scalar(0), UnitAttr());
  if (name == "tanh")
    return TanhOp::create(b, loc, type, x);
  return SiluOp::create(b, loc, type, x);
}

DropoutAttr ModelBuilder::dropout(const std::string &name, double p) {
  if (p == 0)
    return {};
  return DropoutAttr::get(b.getContext(), b.getStringAttr(name),
                          b.getF64FloatAttr(p));
}

Value ModelBuilder::drop(Value x, const std::string &name, double p) {
  DropoutAttr attr = dropout(name, p);
  return attr ? DropoutOp::create(b, loc, x.getType(), x, ValueRange(), attr)
                    .getResult()
              : x;
}

Value ModelBuilder::crossEntropy(Value logits, Value targets) {
  return CrossEntropyOp::create(b, loc, tensor({}), logits, targets,
                                /*ignore=*/IntegerAttr(),
                                /*classes=*/IntegerAttr());
}

Value ModelBuilder::crossEntropy(Value logits, Value targets, int64_t ignore) {
  // ds.cross_entropy divides by all rows: as many of them as do not count
  // make the mean too small.
  Value mean = CrossEntropyOp::create(b, loc, tensor({}), logits, targets,
                                      b.getI64IntegerAttr(ignore),
                                      /*classes=*/IntegerAttr());
  Value ignored = scalar(static_cast<double>(ignore), i32());
  auto count = [&](const char *relation) -> Value {
    return SumOp::create(b, loc, tensor({}),
                         compare(relation, targets, ignored, b.getF32Type()),
                         /*trailing=*/false, /*squares=*/false);
  };
  Value counting = count("ne"), others = count("eq");
  Value all = add(counting, others);
  return mul(mean,
             DivOp::create(b, loc, all.getType(), all, counting, UnitAttr()));
}

RankedTensorType ModelBuilder::as(Value value, Type element) {
  return mlir::cast<RankedTensorType>(value.getType()).clone(element);
}

Value ModelBuilder::cast(Value x, Type element) {
  return CastOp::create(b, loc, as(x, element), x);
}

Value ModelBuilder::compare(const char *relation, Value lhs, Value rhs,
                            Type element) {
  Value truth =
      CompareOp::create(b, loc, as(lhs, b.getI1Type()), relation, lhs, rhs);
  return cast(truth, element);
}

Value ModelBuilder::repeat(Value x, RankedTensorType type,
                           ArrayRef<int64_t> dims) {
  return BroadcastOp::create(b, loc, type, x, b.getDenseI64ArrayAttr(dims));
}

//===--------------------------------------------------------------------===//
// Attention
//===--------------------------------------------------------------------===//

Value ModelBuilder::attention(Value q, Value k, Value v, const Attention &how) {
  if (how.window || how.bias || how.mask)
    return writtenAttention(q, k, v, how);
  Value y = AttentionOp::create(b, loc, q.getType(), q, k, v, ValueRange(),
                                b.getF64FloatAttr(how.scale),
                                how.causal ? b.getUnitAttr() : UnitAttr(),
                                dropout(how.dropoutName, how.dropout));
  auto shape = mlir::cast<RankedTensorType>(q.getType()).getShape();
  return reshape(y, {shape[2] * shape[3]});
}

/// A large negative number for the keys that are too far back: [seq, seq].
Value ModelBuilder::windowMask(int64_t window) {
  RankedTensorType type = tensor({kSeq, kSeq}, i32());
  Value query = IotaOp::create(b, loc, type, 0);
  Value key = IotaOp::create(b, loc, type, 1);
  Value back = SubOp::create(b, loc, type, query, key);
  Value hidden = compare("ge", back, scalar(static_cast<double>(window), i32()),
                         b.getF32Type());
  return mul(hidden, scalar(kHidden));
}

/// The scores as a tensor of their own: what is added to them, ds.attention
/// does not know.
Value ModelBuilder::writtenAttention(Value q, Value k, Value v,
                                     const Attention &how) {
  auto query = mlir::cast<RankedTensorType>(q.getType()).getShape();
  const int64_t d = query[3],
                groups =
                    mlir::cast<RankedTensorType>(k.getType()).getDimSize(2);
  const int64_t each = query[2] / groups;
  q = reshape(q, {groups, each, d});
  RankedTensorType type = tensor({kBatch, groups, each, kSeq, kSeq});
  Value scores = dot("bsgrd,btgd->bgrst", q, k, type);
  if (how.scale != 1)
    scores = mul(scores, scalar(how.scale));
  if (how.bias) // every head has its own
    scores =
        add(scores, ReshapeOp::create(
                        b, loc, tensor({groups, each, kSeq, kSeq}), how.bias));
  if (how.mask)
    scores = add(scores, repeat(how.mask, type, {0, 4}));
  if (how.window)
    scores = add(scores, windowMask(how.window));
  Value p = SoftmaxOp::create(b, loc, type, scores, b.getF64FloatAttr(1.0),
                              how.causal ? b.getUnitAttr() : UnitAttr());
  p = drop(p, how.dropoutName, how.dropout);
  Value y =
      dot("bgrst,btgd->bsgrd", p, v, mlir::cast<RankedTensorType>(q.getType()));
  return reshape(y, {groups * each * d});
}

} // namespace ds
