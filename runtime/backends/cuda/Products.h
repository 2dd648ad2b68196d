//===- Products.h - Matrix products on a GPU ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_BACKENDS_CUDA_PRODUCTS_H
#define DS_RUNTIME_BACKENDS_CUDA_PRODUCTS_H

#include "backends/cuda/BlasLt.h"
#include "backends/cuda/Device.h"
#include "plan_generated.h"

namespace ds::rt::cuda {

/// Where the operands of a product lie.
struct ProductPlaces {
  const std::byte *a, *b;
  std::byte *c, *workspace;
  const std::byte *bias, *preactivation; ///< Null: none.
};

/// Products as the plan states them, prepared before the first step.  Gives
/// back what it took at the end, before its device.
class Products {
public:
  explicit Products(const Device &device) : device_(device) {}
  Products(const Products &) = delete;
  ~Products();

  /// Prepares a product, and returns its number.  `what` names it in errors.
  /// Opens the library at the first one.
  StatusOr<size_t> add(const plan::Gemm &gemm, const ProductPlaces &places,
                       const std::string &what);
  /// Enqueues it.
  Status run(size_t product, Stream stream, const std::string &what) const;
  /// The fastest of the algorithms that the library offers for a product, by
  /// running each some times, on whatever its operands have.  A second at most
  /// for the largest products.
  StatusOr<LtAlgorithm> fastest(size_t product, const plan::Gemm &gemm,
                                const std::string &what) const;

private:
  struct Offsets {
    uint64_t a, b, c; ///< Bytes.
  };
  struct Product {
    ProductPlaces places;
    LtDesc desc = nullptr;
    LtLayout a = nullptr, b = nullptr, c = nullptr; ///< As the plan names them.
    LtAlgorithm algorithm{};
    uint64_t workspaceBytes = 0;
    bool isDouble = false;
    float beta = 0;
    std::vector<Offsets> calls; ///< One for each index of the outer batch.
  };
  Status open();
  Status describe(const plan::Gemm &gemm, Product &product);
  LtStatus setEpilogue(const plan::Gemm &gemm, Product &product) const;
  LtStatus setBatch(const plan::BatchDim &dim, Product &product) const;
  Status choose(const plan::Gemm &gemm, Product &product,
                const std::string &what);
  LtStatus setAlignments(LtPreference preference, const plan::Gemm &gemm,
                         const Product &product) const;
  Status refused(const std::string &sentence, LtStatus status) const;
  Status take(const LtChoice &choice, Product &product,
              const std::string &what);
  /// At most so many algorithms that fit, the likeliest first; at least one.
  StatusOr<std::vector<LtChoice>> offers(const plan::Gemm &gemm,
                                         const Product &product,
                                         const std::string &what,
                                         int most) const;
  Status run(const Product &product, Stream stream,
             const std::string &what) const;

  const Device &device_;
  const BlasLt *library_ = nullptr;
  LtHandle handle_ = nullptr;
  std::vector<Product> products_;
};

/// The batch with dimensions that lie one in the other as one: outermost first.
std::vector<plan::BatchDim> mergedBatch(const plan::Gemm &gemm);

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_PRODUCTS_H
