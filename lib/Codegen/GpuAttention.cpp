//===- GpuAttention.cpp - Attention on tensor cores ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block owns positions of one head, 16 or 32 for each warp, and goes through
// tiles of the others, two of them in shared memory: one is multiplied while
// the next one comes.  What a warp owns are rows of the scores, queries or, in
// the gradients of keys and values, keys; so a score never leaves the registers
// of its warp, where the sum of one product is the left operand of the next.
// After Dao, FlashAttention-2, 2023; nothing is added by atomics: the sums of
// queries are made by blocks of their own, and bits depend on shapes alone.
//===--------------------------------------------------------------------===//

#include "AttentionTiles.h"
#include "WarpCode.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ds;

namespace {

constexpr double kLog2E = 1.4426950408889634;
/// Rows of shared memory are this much longer, so that eight below each other
/// lie in different banks.
constexpr int64_t kPadding = 16;
enum AddressSpace : unsigned { kGlobal = 1, kShared = 3 };

class Emitter {
public:
  Emitter(const AttentionKernel &kernel, const KernelRequest &request,
          ModuleOp module)
      : kernel(kernel), request(request), module(module),
        b(module.getContext()), c(b, kernel.op->getLoc(), kernel.element),
        pitch(2 * kernel.d + kPadding) {}

  FailureOr<GpuKernelInfo> run(StringRef symbol) {
    GpuKernelInfo info{describeAttention(request.function, kernel)};
    SmallVector<AttentionRole> roles = rolesOf(kernel);
    info.threads = static_cast<uint32_t>(roles[0].warps * 32);
    info.itemsPerBlock = 1;
    if (failed(findChunk()))
      return failure();
    makeFunction(symbol, info.threads);
    makeShared(roles);
    thread = c.special("tid");
    lane = c.remainder(thread, 32);
    pairOfLane = c.multiply(c.remainder(lane, 4), c.number(2));
    Value block = c.special("ctaid");
    int64_t first = 0;
    for (const AttentionRole &each : roles) {
      role = &each;
      Value number = arith::SubIOp::create(b, c.loc, block, c.number(first));
      first += each.blocks;
      if (roles.size() == 1)
        emitRole(number);
      else // below the first one numbers are very large
        c.onlyIf(c.isLess(number, c.number(each.blocks)),
                 [&] { emitRole(number); });
    }
    LLVM::ReturnOp::create(b, c.loc, ValueRange());
    return info;
  }

private:
  using Four = WarpCode::Four;
  using Values = WarpCode::Values;
  /// What a warp has of a matrix, by 16 rows and 8 columns, or 16 of a left
  /// operand.
  using Matrix = SmallVector<SmallVector<Four>>;

  /// A tensor of rows of one head.
  struct Rows {
    Value first;   ///< Where its position 0 lies.
    int64_t bytes; ///< From one position to the next.
  };

  int64_t rowTiles() const { return role->rowTiles; }
  int64_t rowsOfWarp() const { return 16 * role->rowTiles; }
  int64_t tileBytes() const { return role->tile * pitch; }
  bool hasStatistics() const { return kernel.isGrad && !role->ownsQueries; }
  bool isRagged() const { return kernel.seq % role->tile != 0; }
  bool hasPartialBlock() const { return kernel.seq % role->own() != 0; }

  //===------------------------------------------------------------------===//
  // Function and memory
  //===------------------------------------------------------------------===//

  int64_t alignmentOf(int argument) {
    const size_t i = static_cast<size_t>(argument);
    return i < request.alignments.size() ? request.alignments[i] : 16;
  }

  /// Bytes that a thread copies at once.
  LogicalResult findChunk() {
    for (const auto &places : {kernel.operands, kernel.results})
      for (const HeadsPlace &place : places)
        if (place.argument >= 0)
          chunk = std::min(chunk, alignmentOf(place.argument));
    if (chunk < 4)
      return request.function.emitError(
          "expects attention's tensors at multiples of 4 bytes");
    return success();
  }

  void makeFunction(StringRef symbol, uint32_t threads) {
    MLIRContext *context = module.getContext();
    b.setInsertionPointToEnd(module.getBody());
    Type pointer = LLVM::LLVMPointerType::get(context, kGlobal);
    const unsigned pointers =
        request.function.getNumArguments() + request.function.getNumResults();
    function = LLVM::LLVMFuncOp::create(
        b, c.loc, symbol,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                    SmallVector<Type>(pointers, pointer)));
    function.setCConv(LLVM::CConv::PTX_Kernel);
    function.setPassthroughAttr(b.getArrayAttr(
        {b.getStrArrayAttr({"nvvm.reqntid", std::to_string(threads)})}));
    for (unsigned i = 0; i < pointers; ++i) {
      function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                          b.getI64IntegerAttr(alignmentOf(int(i))));
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
    }
    b.setInsertionPointToStart(function.addEntryBlock(b));
  }

  /// Two stages of two tiles each, and of two numbers for each position.
  void makeShared(ArrayRef<AttentionRole> roles) {
    for (const AttentionRole &each : roles) {
      role = &each;
      stageBytes = std::max(stageBytes,
                            2 * tileBytes() + hasStatistics() * 8 * role->tile);
    }
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), 2 * stageBytes);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function);
    auto global = LLVM::GlobalOp::create(
        b, c.loc, type, /*isConstant=*/false, LLVM::Linkage::Internal,
        (function.getName() + "_shared0").str(), Attribute(), /*alignment=*/16,
        kShared);
    b.setInsertionPointToStart(&function.getBody().front());
    shared = LLVM::AddressOfOp::create(b, c.loc, global);
  }

  Rows rowsOf(const HeadsPlace &place, Value head, int64_t bytes) {
    Value offset =
        c.add(c.multiply(c.widened(batch), c.wide(place.batch * bytes)),
              c.multiply(c.widened(head), c.wide(place.head * bytes)));
    Value pointer = function.getArgument(unsigned(place.argument));
    return {c.at(c.at(pointer, place.offset * bytes), offset),
            place.position * bytes};
  }

  Value rowOf(const Rows &rows, Value position) {
    return c.at(rows.first,
                c.multiply(c.widened(position), c.wide(rows.bytes)));
  }

  /// A position, or the last one where there are less.
  Value inside(Value position) {
    return c.least(position, c.number(kernel.seq - 1));
  }

  //===------------------------------------------------------------------===//
  // Tiles
  //===------------------------------------------------------------------===//

  /// What tile number `i` of this block is: where it begins, and its head.
  std::pair<Value, Value> tileAt(Value i) {
    if (role->ownsQueries)
      return {c.multiply(i, c.number(role->tile)),
              c.quotient(head, kernel.group())};
    // All queries that see these keys, of one head after the other.
    Value which = kernel.group() == 1 ? c.number(0) : c.quotient(i, perHead);
    Value tile = arith::SubIOp::create(b, c.loc, i, c.multiply(which, perHead));
    return {c.multiply(c.add(tile, firstTile), c.number(role->tile)),
            c.add(c.multiply(head, c.number(kernel.group())), which)};
  }

  /// Starts the copies of tile `i` to its stage.
  void fetch(Value i) {
    auto [begin, streamed] = tileAt(i);
    const bool isForward = !kernel.isGrad, queries = role->ownsQueries;
    Value stage = stageOf(i);
    const HeadsPlace &first = kernel.operands[queries ? 1 : 0],
                     &second = kernel.operands[isForward || queries ? 2 : 3];
    fetchTile(rowsOf(first, streamed, 2), begin, stage);
    fetchTile(rowsOf(second, streamed, 2), begin, c.at(stage, tileBytes()));
    if (hasStatistics())
      fetchStatistics(begin, streamed, c.at(stage, 2 * tileBytes()));
    c.closeGroup();
  }

  void fetchTile(const Rows &rows, Value begin, Value stage) {
    const int64_t perRow = 2 * kernel.d / chunk, count = perRow * role->tile,
                  threads = role->warps * 32;
    for (int64_t k = 0; k < count; k += threads) {
      Value number = c.add(thread, c.number(k));
      auto copy = [&] {
        Value row = c.quotient(number, perRow);
        Value column = c.multiply(c.remainder(number, perRow), c.number(chunk));
        Value position = c.add(begin, row), isThere;
        if (isRagged()) {
          isThere = c.isLess(position, c.number(kernel.seq));
          position = inside(position);
        }
        Value to = c.add(c.multiply(row, c.number(pitch)), column);
        c.copyLater(c.at(stage, c.widened(to)),
                    c.at(rowOf(rows, position), c.widened(column)), chunk,
                    isThere);
      };
      if (k + threads <= count)
        copy();
      else
        c.onlyIf(c.isLess(number, c.number(count)), copy);
    }
  }

  /// The logsumexp, and behind them the delta, of a tile's queries.
  void fetchStatistics(Value begin, Value head, Value stage) {
    const int64_t tile = role->tile;
    auto copy = [&](int64_t operand, int64_t first) {
      Value which = arith::SubIOp::create(b, c.loc, thread, c.number(first));
      c.onlyIf(c.isLess(which, c.number(tile)), [&] {
        Value position = inside(c.add(begin, which));
        Value to = c.at(stage, c.widened(c.multiply(thread, c.number(4))));
        c.copyLater(to,
                    rowOf(rowsOf(kernel.operands[operand], head, 4), position),
                    4, Value());
      });
    };
    copy(4, 0);
    copy(5, tile);
  }

  Value stageOf(Value i) {
    Value odd = c.remainder(i, 2);
    return c.at(shared, c.widened(c.multiply(odd, c.number(stageBytes))));
  }

  //===------------------------------------------------------------------===//
  // Products
  //===------------------------------------------------------------------===//

  Matrix zeros(int64_t columns) {
    Value zero = c.real(0);
    return Matrix(rowTiles(),
                  SmallVector<Four>(columns / 8, Four{zero, zero, zero, zero}));
  }

  /// This block's own rows of a tensor as left operands.
  Matrix ownRows(const Rows &rows) {
    Matrix result(rowTiles());
    Value column = c.widened(c.multiply(pairOfLane, c.number(2)));
    for (int64_t r = 0; r < rowTiles(); ++r) {
      Value upper = c.at(rowOf(rows, ownPosition(r, 0)), column),
            lower = c.at(rowOf(rows, ownPosition(r, 1)), column);
      for (int64_t k = 0; k < kernel.d / 16; ++k)
        result[r].push_back({c.load(c.i32, upper, 32 * k, 4),
                             c.load(c.i32, lower, 32 * k, 4),
                             c.load(c.i32, upper, 32 * k + 16, 4),
                             c.load(c.i32, lower, 32 * k + 16, 4)});
    }
    return result;
  }

  /// Own position of a row tile's upper or lower half, one that exists.
  Value ownPosition(int64_t r, int64_t half) {
    Value position = c.add(ownRow, c.number(16 * r + 8 * half));
    return hasPartialBlock() ? inside(position) : position;
  }

  /// Own rows times all rows of a tile.
  Matrix timesRows(const Matrix &own, Value stage) {
    Matrix sums = zeros(role->tile);
    for (int64_t k = 0; k < kernel.d / 16; ++k)
      for (int64_t n = 0; n < role->tile / 16; ++n) {
        Four right = c.loadMatrices(c.at(stage, alongRow),
                                    16 * n * pitch + 32 * k, false);
        for (int64_t r = 0; r < rowTiles(); ++r) {
          Four &even = sums[r][2 * n], &odd = sums[r][2 * n + 1];
          even = c.multiplyAdd(own[r][k], right[0], right[1], even);
          odd = c.multiplyAdd(own[r][k], right[2], right[3], odd);
        }
      }
    return sums;
  }

  /// Adds numbers of own rows and a tile's positions times the tile.
  void addProduct(Matrix &sums, const Matrix &weights, Value stage) {
    for (int64_t k = 0; k < role->tile / 16; ++k) {
      SmallVector<Four> left;
      for (const SmallVector<Four> &row : weights) {
        const Four &even = row[2 * k], &odd = row[2 * k + 1];
        left.push_back({c.packed(even[0], even[1]), c.packed(even[2], even[3]),
                        c.packed(odd[0], odd[1]), c.packed(odd[2], odd[3])});
      }
      for (int64_t n = 0; n < kernel.d / 16; ++n) {
        Four right = c.loadMatrices(c.at(stage, downColumn),
                                    16 * k * pitch + 32 * n, true);
        for (int64_t r = 0; r < rowTiles(); ++r) {
          Four &even = sums[r][2 * n], &odd = sums[r][2 * n + 1];
          even = c.multiplyAdd(left[r], right[0], right[1], even);
          odd = c.multiplyAdd(left[r], right[2], right[3], odd);
        }
      }
    }
  }

  //===------------------------------------------------------------------===//
  // Matrices as values
  //===------------------------------------------------------------------===//

  static void append(Values &values, const Matrix &matrix) {
    for (const SmallVector<Four> &row : matrix)
      for (const Four &four : row)
        values.append(four.begin(), four.end());
  }
  static Matrix take(ValueRange &values, const Matrix &like) {
    Matrix result = like;
    for (SmallVector<Four> &row : result)
      for (Four &four : row)
        for (Value &value : four) {
          value = values.front();
          values = values.drop_front();
        }
    return result;
  }
  /// `change(r, half, column, value)` of every element.
  template <typename Change> static void change(Matrix &matrix, Change change) {
    for (auto [r, row] : llvm::enumerate(matrix))
      for (auto [n, four] : llvm::enumerate(row))
        for (int64_t e = 0; e < 4; ++e)
          four[e] = change(int64_t(r), e / 2, int64_t(8 * n) + e % 2, four[e]);
  }

  /// Scores that nobody sees become minus infinity.
  void hide(Matrix &scores, Value begin) {
    if (!kernel.causal && !isRagged())
      return;
    using Predicate = arith::CmpIPredicate;
    auto compare = [&](Predicate predicate, Value x, Value y) -> Value {
      return arith::CmpIOp::create(b, c.loc, predicate, x, y);
    };
    auto either = [&](Value x, Value y) -> Value {
      return !x ? y : !y ? x : arith::OrIOp::create(b, c.loc, x, y);
    };
    const bool queries = role->ownsQueries;
    Value end = c.add(begin, c.number(role->tile)), isPartly;
    if (kernel.causal)
      isPartly = queries
                     ? c.isLess(ownWarp, end)
                     : c.isLess(begin, c.add(ownWarp, c.number(rowsOfWarp())));
    if (isRagged())
      isPartly = either(isPartly, c.isLess(c.number(kernel.seq), end));
    Values all;
    append(all, scores);
    Values hidden = c.changeIf(isPartly, all, [&] {
      Value position = c.add(begin, pairOfLane), none = c.real(-INFINITY);
      Value distance = arith::SubIOp::create(b, c.loc, position, ownRow);
      Matrix changed = scores;
      change(changed, [&](int64_t r, int64_t half, int64_t column, Value x) {
        Value isHidden;
        if (kernel.causal)
          isHidden = compare(queries ? Predicate::sgt : Predicate::slt,
                             distance, c.number(16 * r + 8 * half - column));
        if (isRagged())
          isHidden = either(isHidden, compare(Predicate::sge, position,
                                              c.number(kernel.seq - column)));
        return c.choose(isHidden, none, x);
      });
      Values result;
      append(result, changed);
      return result;
    });
    ValueRange range(hidden);
    scores = take(range, scores);
  }

  /// Of a row's numbers in four lanes one in each.
  template <typename Combine> Value acrossRow(Value x, Combine combine) {
    for (int distance : {1, 2})
      x = combine(x, c.fromLane(x, distance));
    return x;
  }

  //===------------------------------------------------------------------===//
  // A block
  //===------------------------------------------------------------------===//

  void emitRole(Value number) {
    const int64_t blocks = llvm::divideCeil(kernel.seq, uint64_t(role->own()));
    Value tile = c.remainder(number, blocks), rest = c.quotient(number, blocks);
    // What takes longest begins first.
    if (kernel.causal && role->ownsQueries)
      tile = arith::SubIOp::create(b, c.loc, c.number(blocks - 1), tile);
    const int64_t heads = role->ownsQueries ? kernel.heads : kernel.keyHeads;
    head = c.remainder(rest, heads);
    batch = c.quotient(rest, heads);
    Value begin = c.multiply(tile, c.number(role->own()));
    ownWarp = c.add(begin,
                    c.multiply(c.quotient(thread, 32), c.number(rowsOfWarp())));
    ownRow = c.add(ownWarp, c.quotient(lane, 4));
    placeLanes();
    countTiles(begin);
    fetch(c.number(0));
    if (kernel.isGrad)
      emitGradients();
    else
      emitForward();
  }

  /// Where a lane's row of four matrices is.
  void placeLanes() {
    Value row = c.remainder(lane, 8), upper = c.quotient(lane, 16),
          odd = c.remainder(c.quotient(lane, 8), 2);
    auto offset = [&](Value rows, Value columns) {
      Value at = c.add(row, c.multiply(rows, c.number(8)));
      return c.widened(c.add(c.multiply(at, c.number(pitch)),
                             c.multiply(columns, c.number(16))));
    };
    alongRow = offset(upper, odd);
    downColumn = offset(odd, upper);
  }

  void countTiles(Value begin) {
    const int64_t all = llvm::divideCeil(kernel.seq, uint64_t(role->tile));
    count = c.number(all);
    if (role->ownsQueries) {
      if (kernel.causal) {
        Value end =
            c.least(c.add(begin, c.number(role->own())), c.number(kernel.seq));
        count = c.quotient(c.add(end, c.number(role->tile - 1)), role->tile);
      }
      return;
    }
    firstTile = kernel.causal ? c.quotient(begin, role->tile) : c.number(0);
    perHead = arith::SubIOp::create(b, c.loc, c.number(all), firstTile);
    count = c.multiply(perHead, c.number(kernel.group()));
  }

  /// Runs `code(stage, begin, values)` for each tile.
  Values
  forEachTile(const Values &values,
              llvm::function_ref<Values(Value, Value, ValueRange)> code) {
    return c.loop(count, values, [&](Value i, ValueRange carried) {
      c.awaitGroups();
      c.syncBlock(); // all copies are there, and nobody reads the other stage
      Value next = c.add(i, c.number(1));
      c.onlyIf(c.isLess(next, count), [&] { fetch(next); });
      return code(stageOf(i), tileAt(i).first, carried);
    });
  }

  //===------------------------------------------------------------------===//
  // Forward
  //===------------------------------------------------------------------===//

  void emitForward() {
    const Matrix query = ownRows(rowsOf(kernel.operands[0], head, 2));
    const Matrix empty = zeros(kernel.d);
    const int64_t rows = 2 * rowTiles();
    Values values;
    append(values, empty);
    values.append(rows, c.real(-INFINITY)); // largest scores
    values.append(rows, c.real(0));         // sums of this lane
    Values ends =
        forEachTile(values, [&](Value stage, Value begin, ValueRange carried) {
          Matrix sums = take(carried, empty);
          Values largest(carried.take_front(rows)),
              totals(carried.drop_front(rows));
          Matrix weights = timesRows(query, stage);
          hide(weights, begin);
          weigh(weights, largest, totals, sums);
          addProduct(sums, weights, c.at(stage, tileBytes()));
          Values next;
          append(next, sums);
          next.append(largest);
          next.append(totals);
          return next;
        });
    ValueRange range(ends);
    Matrix sums = take(range, empty);
    finishForward(sums, range.take_front(rows), range.drop_front(rows));
  }

  /// Scores become weights relative to the largest score so far; what was
  /// summed before is scaled.
  void weigh(Matrix &scores, Values &largest, Values &totals, Matrix &sums) {
    const double factor = kernel.scale * kLog2E;
    auto larger = [&](Value x, Value y) { return c.larger(x, y); };
    Values most(largest), shift, scaling;
    change(scores, [&](int64_t r, int64_t half, int64_t, Value x) {
      Value &row = most[2 * r + half];
      row = c.larger(row, x);
      return x;
    });
    for (auto [before, now] : llvm::zip_equal(largest, most)) {
      now = acrossRow(now, larger);
      shift.push_back(c.times(now, c.real(factor)));
      scaling.push_back(
          c.power(c.minus(c.times(before, c.real(factor)), shift.back())));
    }
    largest = most;
    for (auto [total, by] : llvm::zip_equal(totals, scaling))
      total = c.times(total, by);
    change(scores, [&](int64_t r, int64_t half, int64_t, Value x) {
      const int64_t row = 2 * r + half;
      Value weight = c.power(c.minus(c.times(x, c.real(factor)), shift[row]));
      totals[row] = c.plus(totals[row], weight);
      return weight;
    });
    change(sums, [&](int64_t r, int64_t half, int64_t, Value x) {
      return c.times(x, scaling[2 * r + half]);
    });
  }

  void finishForward(Matrix &sums, ValueRange largest, ValueRange totals) {
    auto plus = [&](Value x, Value y) { return c.plus(x, y); };
    Values inverse, logarithm;
    for (auto [most, total] : llvm::zip_equal(largest, totals)) {
      Value all = acrossRow(total, plus);
      inverse.push_back(arith::DivFOp::create(b, c.loc, c.real(1), all));
      logarithm.push_back(c.plus(c.times(most, c.real(kernel.scale)),
                                 math::LogOp::create(b, c.loc, all)));
    }
    change(sums, [&](int64_t r, int64_t half, int64_t, Value x) {
      return c.times(x, inverse[2 * r + half]);
    });
    storeRows(sums, kernel.results[0]);
    if (kernel.results[1].argument < 0)
      return;
    const Rows rows = rowsOf(kernel.results[1], head, 4);
    c.onlyIf(c.isLess(pairOfLane, c.number(1)), [&] {
      forEachOwnRow([&](int64_t r, int64_t half, Value position) {
        c.store(logarithm[2 * r + half], rowOf(rows, position), 0, 4);
      });
    });
  }

  /// Runs code for each own position of this lane that exists.
  void forEachOwnRow(llvm::function_ref<void(int64_t, int64_t, Value)> code) {
    for (int64_t r = 0; r < rowTiles(); ++r)
      for (int64_t half : {0, 1}) {
        Value position = c.add(ownRow, c.number(16 * r + 8 * half));
        if (!hasPartialBlock())
          code(r, half, position);
        else
          c.onlyIf(c.isLess(position, c.number(kernel.seq)),
                   [&] { code(r, half, position); });
      }
  }

  void storeRows(const Matrix &sums, const HeadsPlace &place) {
    if (place.argument < 0)
      return;
    const Rows rows = rowsOf(place, head, 2);
    Value column = c.widened(c.multiply(pairOfLane, c.number(2)));
    forEachOwnRow([&](int64_t r, int64_t half, Value position) {
      Value to = c.at(rowOf(rows, position), column);
      for (auto [n, four] : llvm::enumerate(sums[r]))
        c.store(c.packed(four[2 * half], four[2 * half + 1]), to,
                16 * int64_t(n), 4);
    });
  }

  //===------------------------------------------------------------------===//
  // Gradients
  //===------------------------------------------------------------------===//

  void emitGradients() {
    const bool queries = role->ownsQueries, byScores = role->byScores >= 0,
               byWeights = role->byWeights >= 0;
    const Matrix first =
        ownRows(rowsOf(kernel.operands[queries ? 0 : 1], head, 2));
    Matrix second;
    if (byScores)
      second = ownRows(rowsOf(kernel.operands[queries ? 3 : 2], head, 2));
    Values logarithms, deltas;
    if (queries)
      loadOwnStatistics(logarithms, deltas);
    const Matrix empty = zeros(kernel.d);
    Values values;
    for (bool isThere : {byScores, byWeights})
      if (isThere)
        append(values, empty);
    Values ends = forEachTile(values, [&](Value stage, Value begin,
                                          ValueRange carried) {
      Matrix toScores, toWeights;
      if (byScores)
        toScores = take(carried, empty);
      if (byWeights)
        toWeights = take(carried, empty);
      Value other = c.at(stage, tileBytes());
      Matrix weights = timesRows(first, stage);
      hide(weights, begin);
      if (!queries)
        loadStatistics(stage, logarithms, deltas);
      auto which = [&](int64_t r, int64_t half, int64_t column) {
        return queries ? 2 * r + half : column / 8 * 2 + column % 2;
      };
      const double factor = kernel.scale * kLog2E;
      change(weights, [&](int64_t r, int64_t half, int64_t column, Value x) {
        return c.power(c.minus(c.times(x, c.real(factor)),
                               logarithms[which(r, half, column)]));
      });
      if (byWeights)
        addProduct(toWeights, weights, other);
      Values next;
      if (byScores) {
        Matrix scores = timesRows(second, other);
        change(scores, [&](int64_t r, int64_t half, int64_t column, Value x) {
          Value weight = weights[r][column / 8][2 * half + column % 2];
          return c.times(weight, c.minus(x, deltas[which(r, half, column)]));
        });
        addProduct(toScores, scores, stage);
        append(next, toScores);
      }
      append(next, toWeights);
      return next;
    });
    ValueRange range(ends);
    if (byScores) {
      Matrix sums = take(range, empty);
      change(sums, [&](int64_t, int64_t, int64_t, Value x) {
        return c.times(x, c.real(kernel.scale));
      });
      storeRows(sums, kernel.results[role->byScores]);
    }
    if (byWeights)
      storeRows(take(range, empty), kernel.results[role->byWeights]);
  }

  /// As powers of two, which is what weights are made of.
  Value asPower(Value logarithm) { return c.times(logarithm, c.real(kLog2E)); }

  void loadOwnStatistics(Values &logarithms, Values &deltas) {
    const Rows rows = rowsOf(kernel.operands[4], head, 4),
               others = rowsOf(kernel.operands[5], head, 4);
    for (int64_t r = 0; r < rowTiles(); ++r)
      for (int64_t half : {0, 1}) {
        Value position = ownPosition(r, half);
        logarithms.push_back(
            asPower(c.load(c.f32, rowOf(rows, position), 0, 4)));
        deltas.push_back(c.load(c.f32, rowOf(others, position), 0, 4));
      }
  }

  /// Of this lane's positions in a tile, which the stage has behind it.
  void loadStatistics(Value stage, Values &logarithms, Values &deltas) {
    logarithms.clear();
    deltas.clear();
    Value first = c.at(c.at(stage, 2 * tileBytes()),
                       c.widened(c.multiply(pairOfLane, c.number(4))));
    for (int64_t n = 0; n < role->tile / 8; ++n)
      for (int64_t k : {0, 1}) {
        const int64_t offset = 4 * (8 * n + k);
        logarithms.push_back(asPower(c.load(c.f32, first, offset, k ? 4 : 8)));
        if (role->byScores >= 0)
          deltas.push_back(
              c.load(c.f32, first, offset + 4 * role->tile, k ? 4 : 8));
      }
  }

  const AttentionKernel &kernel;
  KernelRequest request;
  ModuleOp module;
  OpBuilder b;
  WarpCode c;
  const int64_t pitch; ///< Bytes of a row of shared memory.
  int64_t chunk = 16, stageBytes = 0;
  LLVM::LLVMFuncOp function;
  Value shared, thread, lane;
  Value pairOfLane; ///< The first of two neighbouring columns of this lane.

  const AttentionRole *role = nullptr;
  Value head, batch;     ///< Of the block.
  Value ownWarp, ownRow; ///< The first own position of the warp, and the lane.
  Value alongRow, downColumn;      ///< Bytes from a tile to this lane's rows.
  Value count, firstTile, perHead; ///< Of tiles.
};

} // namespace

FailureOr<GpuKernelInfo> ds::emitAttention(const AttentionKernel &kernel,
                                           const KernelRequest &request,
                                           ModuleOp module, StringRef symbol) {
  return Emitter(kernel, request, module).run(symbol);
}
