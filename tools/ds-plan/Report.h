//===- Report.h - A plan as a page ----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_PLAN_REPORT_H
#define DS_TOOLS_DS_PLAN_REPORT_H

#include "Html.h"
#include "Measured.h"

namespace ds::rt {

/// What the parts of the page are about: the program of one rank, the entry
/// `train` (or the measured one, or the first), and a run if there is one.
struct ReportSubject {
  const LoadedPlan &loaded;
  const plan::Program &program;
  const plan::Entry &entry;
  uint32_t rank;
  const Measured *measured;                ///< Or null.
  std::vector<const plan::Instr *> instrs; ///< By number.
};

/// Instructions that do the same, in one run of the entry.
struct ReportRow {
  std::string what;
  std::optional<Work> work; ///< Nothing: Loop and Call, around bodies.
  double calls = 0, plannedMs = 0, measuredMs = 0;
  double flops = 0, bytes = 0;

  /// Milliseconds as measured, else as planned.
  double ms(const Measured *measured) const {
    return measured ? measuredMs : plannedMs;
  }
};
/// The longest first, then by name.
std::vector<ReportRow> reportRows(const ReportSubject &subject);

/// One self-contained page: no script, nothing that is fetched.  The same for
/// the same plan and trace.
std::string reportPage(const LoadedPlan &plan, uint32_t rank,
                       const Measured *measured);

// The parts of the page.
/// Nothing where all is constant.
void reportSchedule(Html &html, const ReportSubject &subject);
void reportMemory(Html &html, const ReportSubject &subject);
void reportTimeLine(Html &html, const ReportSubject &subject);
void reportTimes(Html &html, const ReportSubject &subject,
                 const std::vector<ReportRow> &rows);
void reportRoofline(Html &html, const ReportSubject &subject,
                    const std::vector<ReportRow> &rows);

} // namespace ds::rt

#endif // DS_TOOLS_DS_PLAN_REPORT_H
