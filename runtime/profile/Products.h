//===- Products.h - How fast each library multiplies matrices -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A table of rates over shapes that a transformer's step has, from which the
// compiler picks a library for each product (ds/Cost/Products.h).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_PRODUCTS_H
#define DS_RUNTIME_PROFILE_PRODUCTS_H

#include "ds-rt/ProductRate.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ds::rt {

/// Measures every library on every shape of the table, at one thread and at
/// all cores, within about `seconds`; the libraries take turns.  Call after the
/// process has forked what it will fork; leaves the pool at its default size.
std::vector<plan::ProductRate> measureProducts(double seconds);

/// The value of the profile's key "products": a list of objects {library,
/// threads, m, n, k, batch, transpose_a, transpose_b, gflops}.
nlohmann::ordered_json
productsJson(const std::vector<plan::ProductRate> &rates);

/// Reads that list; returns what is wrong with it, or nothing.
std::string readProducts(const nlohmann::json &list,
                         std::vector<plan::ProductRate> &rates);

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_PRODUCTS_H
