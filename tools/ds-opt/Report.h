//===- Report.h - What the driver tells of its choice -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_REPORT_H
#define DS_TOOLS_DSOPT_REPORT_H

#include "ds/Config/Explain.h"
#include "ds/Tune/Tune.h"

namespace ds {

/// How a search went.
struct Outcome {
  std::vector<Candidate> candidates;
  std::string plan;     ///< The file that was written.
  std::string notTimed; ///< Why the choice is by prediction, if it is.
  double compileMs = 0, tuneMs = 0;
};

/// Says in `facts` how `model` is updated.
void setRecipe(plan::FactsT &facts, mlir::ModuleOp model, const Recipe &recipe);

/// For people: a line for every candidate where there was a choice, then the
/// winner.
void printOutcome(const Outcome &outcome, const Candidate &winner,
                  llvm::raw_ostream &os);

/// The keys of ds_config.json that the search has found.
std::vector<ConfigOrigin> found(const Outcome &outcome,
                                const Candidate &winner);

/// The object of --json.
std::string outcomeJson(const Outcome &outcome, const Candidate &winner);

} // namespace ds

#endif // DS_TOOLS_DSOPT_REPORT_H
