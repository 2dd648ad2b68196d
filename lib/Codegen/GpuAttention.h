//===- GpuAttention.h - Attention on tensor cores -----------------------===//
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
#ifndef DS_LIB_CODEGEN_GPUATTENTION_H
#define DS_LIB_CODEGEN_GPUATTENTION_H

#include "AttentionTiles.h"
#include "WarpCode.h"

namespace ds {

class AttentionEmitter {
public:
  AttentionEmitter(const AttentionKernel &kernel, const KernelRequest &request,
                   mlir::ModuleOp module)
      : kernel(kernel), request(request), module(module),
        b(module.getContext()), c(b, kernel.op->getLoc(), kernel.element),
        pitch(2 * kernel.d + kPadding) {}

  llvm::FailureOr<GpuKernelInfo> run(llvm::StringRef symbol);

private:
  using Value = mlir::Value;
  using ValueRange = mlir::ValueRange;
  using Four = WarpCode::Four;
  using Values = WarpCode::Values;
  /// What a warp has of a matrix, by 16 rows and 8 columns, or 16 of a left
  /// operand.
  using Matrix = llvm::SmallVector<llvm::SmallVector<Four>>;

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

  int64_t alignmentOf(int argument);

  /// Bytes that a thread copies at once.
  llvm::LogicalResult findChunk();

  void makeFunction(llvm::StringRef symbol, uint32_t threads);

  /// Two stages of two tiles each, and of two numbers for each position.
  void makeShared(llvm::ArrayRef<AttentionRole> roles);

  Rows rowsOf(const HeadsPlace &place, Value head, int64_t bytes);

  Value rowOf(const Rows &rows, Value position);

  /// A position, or the last one where there are less.
  Value inside(Value position);

  //===------------------------------------------------------------------===//
  // Tiles
  //===------------------------------------------------------------------===//

  /// What tile number `i` of this block is: where it begins, and its head.
  std::pair<Value, Value> tileAt(Value i);

  /// Starts the copies of tile `i` to its stage.
  void fetch(Value i);

  void fetchTile(const Rows &rows, Value begin, Value stage);

  /// The logsumexp, and behind them the delta, of a tile's queries.
  void fetchStatistics(Value begin, Value head, Value stage);

  Value stageOf(Value i);

  //===------------------------------------------------------------------===//
  // Products
  //===------------------------------------------------------------------===//

  Matrix zeros(int64_t columns);

  /// This block's own rows of a tensor as left operands.
  Matrix ownRows(const Rows &rows);

  /// Own position of a row tile's upper or lower half, one that exists.
  Value ownPosition(int64_t r, int64_t half);

  /// Own rows times all rows of a tile.
  Matrix timesRows(const Matrix &own, Value stage);

  /// Adds numbers of own rows and a tile's positions times the tile.
  void addProduct(Matrix &sums, const Matrix &weights, Value stage);

  //===------------------------------------------------------------------===//
  // Matrices as values
  //===------------------------------------------------------------------===//

  static void append(Values &values, const Matrix &matrix) {
    for (const llvm::SmallVector<Four> &row : matrix)
      for (const Four &four : row)
        values.append(four.begin(), four.end());
  }
  static Matrix take(ValueRange &values, const Matrix &like) {
    Matrix result = like;
    for (llvm::SmallVector<Four> &row : result)
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
  void hide(Matrix &scores, Value begin);

  /// Of a row's numbers in four lanes one in each.
  template <typename Combine> Value acrossRow(Value x, Combine combine) {
    for (int distance : {1, 2})
      x = combine(x, c.fromLane(x, distance));
    return x;
  }

  //===------------------------------------------------------------------===//
  // A block
  //===------------------------------------------------------------------===//

  void emitRole(Value number);

  /// Where a lane's row of four matrices is.
  void placeLanes();

  void countTiles(Value begin);

  /// Runs `code(stage, begin, values)` for each tile.
  Values forEachTile(const Values &values,
                     llvm::function_ref<Values(Value, Value, ValueRange)> code);

  //===------------------------------------------------------------------===//
  // Forward
  //===------------------------------------------------------------------===//

  void emitForward();

  /// Scores become weights relative to the largest score so far; what was
  /// summed before is scaled.
  void weigh(Matrix &scores, Values &largest, Values &totals, Matrix &sums);

  void finishForward(Matrix &sums, ValueRange largest, ValueRange totals);

  /// Runs code for each own position of this lane that exists.
  void forEachOwnRow(llvm::function_ref<void(int64_t, int64_t, Value)> code);

  void storeRows(const Matrix &sums, const HeadsPlace &place);

  //===------------------------------------------------------------------===//
  // Gradients
  //===------------------------------------------------------------------===//

  void emitGradients();

  /// The sums of all tiles.
  void storeGradients(ValueRange values);

  /// As powers of two, which is what weights are made of.
  Value asPower(Value logarithm) { return c.times(logarithm, c.real(kLog2E)); }

  void loadOwnStatistics(Values &logarithms, Values &deltas);

  /// Of this lane's positions in a tile, which the stage has behind it.
  void loadStatistics(Value stage, Values &logarithms, Values &deltas);

  const AttentionKernel &kernel;
  KernelRequest request;
  mlir::ModuleOp module;
  mlir::OpBuilder b;
  WarpCode c;
  const int64_t pitch; ///< Bytes of a row of shared memory.
  int64_t chunk = 16, stageBytes = 0;
  mlir::LLVM::LLVMFuncOp function;
  Value shared, thread, lane;
  Value pairOfLane; ///< The first of two neighbouring columns of this lane.

  const AttentionRole *role = nullptr;
  Value head, batch;     ///< Of the block.
  Value ownWarp, ownRow; ///< The first own position of the warp, and the lane.
  Value alongRow, downColumn;      ///< Bytes from a tile to this lane's rows.
  Value count, firstTile, perHead; ///< Of tiles.

  static constexpr double kLog2E = 1.4426950408889634;
  /// Rows of shared memory are this much longer, so that eight below each other
  /// lie in different banks.
  static constexpr int64_t kPadding = 16;
};

} // namespace ds

#endif // DS_LIB_CODEGEN_GPUATTENTION_H
