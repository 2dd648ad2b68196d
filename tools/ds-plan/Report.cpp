//===- Report.cpp - A plan as a page --------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of the page and the facts at its head.  Colours are variables, so
// that one drawing is right on light and on dark.
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <algorithm>
#include <map>

namespace ds::rt {
namespace {

constexpr const char *kStyle = R"(
:root{--text:#1b1f24;--back:#fff;--soft:#6a737d;--line:#d5dae0;--c0:#3b6fb6;
--c1:#7a4fa3;--c2:#8a8f98;--c3:#d1495b;--c4:#2a9d8f;--c5:#edae49;--c6:#5f7f4f;
--c7:#a0785a;--c8:#c77dbb;--c9:#8fb0dc;--c10:#3f8ea8}
@media(prefers-color-scheme:dark){:root{--text:#dde3ea;--back:#14181d;
--soft:#8d97a3;--line:#343c46;--c0:#6c9fe0;--c1:#a884d6;--c2:#9aa3ad;
--c3:#ef7a89;--c4:#4fc3b4;--c5:#f2c46d;--c6:#91b37d;--c7:#c9a083;--c8:#e0a3d6;
--c9:#4a6a95;--c10:#7cc0d6}}
body{font:14px/1.45 system-ui,sans-serif;color:var(--text);
background:var(--back);margin:2em auto;max-width:1100px;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
table{border-collapse:collapse}td,th{padding:1px 12px 1px 0;text-align:left;
border-bottom:1px solid var(--line);vertical-align:top}
#facts .n{text-align:left;white-space:normal}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{display:block}svg text{fill:var(--text);font-size:11px}
.soft,svg text.soft{color:var(--soft);fill:var(--soft)}
.wide{overflow-x:auto}.axis{stroke:var(--line)}.mark{stroke:var(--text)}
.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}
.k0{fill:var(--c0);background:var(--c0)}.k1{fill:var(--c1);background:var(--c1)}
.k2{fill:var(--c2);background:var(--c2)}.k3{fill:var(--c3);background:var(--c3)}
.k4{fill:var(--c4);background:var(--c4)}.k5{fill:var(--c5);background:var(--c5)}
.k6{fill:var(--c6);background:var(--c6)}.k7{fill:var(--c7);background:var(--c7)}
.k8{fill:var(--c8);background:var(--c8)}.k9{fill:var(--c9);background:var(--c9)}
.k10{fill:var(--c10);background:var(--c10)}.hollow{fill:none;stroke:var(--soft)}
.roof{fill:none;stroke:var(--text);stroke-width:1.5}
)";

std::string textOf(const flatbuffers::String *string) {
  return string && string->size() > 0 ? string->str() : "-";
}

std::string number(double value) { return format("%.6g", value); }

void head(Html &html, const ReportSubject &subject) {
  const plan::Plan &plan = subject.loaded.plan();
  const plan::Facts &facts = *plan.facts();
  html.put("<h1>%s</h1>\n<table id=facts>\n",
           escaped(textOf(facts.model())).c_str());
  html.row("plan", format("hash %016llx, format %u.%u",
                          (unsigned long long)subject.loaded.hash(),
                          plan::kVersionMajor, plan::kVersionMinor));
  html.row("target",
           plan.target()->arch()->str() + " " + textOf(plan.target()->cpu()));
  html.row("ranks", format("%u; ZeRO stage %u; this page is of rank %u",
                           plan.world(), facts.zero_stage(), subject.rank));
  html.row("program", subject.program.name()->str() + ", entry " +
                          subject.entry.name()->str());
  html.row("batch",
           format("micro-batch %llu x accumulation %llu x world %u = %llu, "
                  "sequence %llu",
                  (unsigned long long)facts.micro_batch(),
                  (unsigned long long)facts.grad_accum(), plan.world(),
                  (unsigned long long)facts.global_batch(),
                  (unsigned long long)facts.seq_len()));
  html.row("precision", textOf(facts.precision()));
  html.row("rematerialization", textOf(facts.remat()));
  html.row("optimizer", textOf(facts.optimizer()));
  html.row("schedule", textOf(facts.schedule()));
  html.row("memory limit",
           facts.memory_limit()
               ? format("%llu bytes", (unsigned long long)facts.memory_limit())
               : "none");
  const PlannedWork work =
      workOf(subject.loaded.plan(), subject.program, subject.entry.block());
  html.row("predicted step", number(work.predictedMs) + " ms");
  if (const Measured *measured = subject.measured)
    html.row("measured step", format("%.6g ms: step %llu, the median of %llu",
                                     measured->stepMicros * 1e-3,
                                     (unsigned long long)measured->shown,
                                     (unsigned long long)measured->steps));
  html.row("products", number(work.productFlops * 1e-9) + " GFLOP a step");
  html.put("</table>\n");
}

const plan::Entry &entryOf(const plan::Program &program,
                           const std::string &name) {
  for (const plan::Entry *entry : *program.entries())
    if (entry->name()->str() == name)
      return *entry;
  return *program.entries()->Get(0);
}

/// How often one run of the entry executes each instruction, by its number.
std::vector<double> callsOf(const ReportSubject &subject) {
  const auto &blocks = *subject.program.blocks();
  std::vector<double> runs(blocks.size()), calls;
  runs[subject.entry.block()] = 1;
  for (uint32_t b = 0; b < blocks.size(); ++b) // bodies have higher indices
    for (const plan::Instr *instr : *blocks[b]->instrs()) {
      calls.push_back(runs[b]);
      if (const auto *loop = instr->op_as_Loop())
        runs[loop->body()] += runs[b] * double(loop->count());
      if (const auto *call = instr->op_as_Call())
        runs[call->body()] += runs[b];
    }
  return calls;
}

} // namespace

std::vector<ReportRow> reportRows(const ReportSubject &subject) {
  const std::vector<double> calls = callsOf(subject);
  std::map<std::string, ReportRow> rows;
  for (uint32_t i = 0; i < calls.size(); ++i) {
    if (calls[i] == 0)
      continue;
    const plan::Instr &instr = *subject.instrs[i];
    const InstrWork work = workOf(subject.loaded.plan(), instr);
    ReportRow &row = rows[work.what];
    row.what = work.what;
    row.work = workOf(instr.op_type());
    row.calls += calls[i];
    row.plannedMs += double(instr.predicted_us()) * 1e-3 * calls[i];
    // A loop's own event is around its body, which has the time.
    if (subject.measured && row.work)
      row.measuredMs += subject.measured->micros[i] * 1e-3;
    row.flops += work.flops * calls[i];
    row.bytes += work.bytes * calls[i];
  }
  std::vector<ReportRow> all;
  for (auto &[what, row] : rows)
    all.push_back(std::move(row));
  std::ranges::sort(all, {}, [&](const ReportRow &row) {
    return std::pair(-row.ms(subject.measured), row.what);
  });
  return all;
}

std::string reportPage(const LoadedPlan &loaded, uint32_t rank,
                       const Measured *measured) {
  const plan::Plan &plan = loaded.plan();
  const plan::Program &program =
      *plan.programs()->Get(plan.rank_programs()->Get(rank));
  ReportSubject subject{
      loaded, program,  entryOf(program, measured ? measured->entry : "train"),
      rank,   measured, {}};
  for (const plan::Block *block : *program.blocks())
    for (const plan::Instr *instr : *block->instrs())
      subject.instrs.push_back(instr);
  const std::vector<ReportRow> rows = reportRows(subject);
  Html html;
  html.put("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
           "<meta name=viewport content=\"width=device-width\">\n"
           "<title>%s</title>\n<style>%s</style>\n",
           escaped(textOf(plan.facts()->model())).c_str(), kStyle);
  head(html, subject);
  reportSchedule(html, subject);
  reportMemory(html, subject);
  reportTimeLine(html, subject);
  reportTimes(html, subject, rows);
  reportRoofline(html, subject, rows);
  return html.take();
}

} // namespace ds::rt
