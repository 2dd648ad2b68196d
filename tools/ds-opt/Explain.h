//===- Explain.h - Why no plan fits, and what would ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_OPT_EXPLAIN_H
#define DS_TOOLS_OPT_EXPLAIN_H

#include "ds/Tune/Tune.h"

namespace ds {

/// The message for a search in which nothing fits: the smallest candidate, the
/// limit that it needs, what is alive at its peak, and the cheapest change of
/// flags outside of the search that fits.  Drafts up to a dozen more
/// candidates.  `ownLimit`: the user named the limit, in bytes per rank;
/// otherwise more ranks share what is free on `machine`.
std::string explainNothingFits(mlir::ModuleOp model, const Search &search,
                               const Machine &machine, bool ownLimit,
                               const std::vector<Candidate> &candidates);

} // namespace ds

#endif // DS_TOOLS_OPT_EXPLAIN_H
