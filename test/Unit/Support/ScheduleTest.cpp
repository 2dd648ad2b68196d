//===- ScheduleTest.cpp - Schedules as values, text and words -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//

#include "ds/Support/Schedule.h"
#include "Check.h"

using namespace ds;

static void same(const char *what, const std::string &got,
                 const std::string &expected) {
  ds::test::check(got == expected, what, __FILE__, __LINE__,
                  "'" + got + "' instead of '" + expected + "'");
}

static const Schedule kCosine{
    {{-1, Curve::linear, 0, 1e-3, 100}, {100, Curve::cosine, 1e-3, 1e-5, 900}}};
static const Schedule kCycle{{{.begin = 0,
                               .curve = Curve::linear,
                               .from = 0.25,
                               .to = 1,
                               .steps = 8,
                               .stairs = 4},
                              {.begin = 8,
                               .curve = Curve::linear,
                               .from = 1,
                               .to = 0.25,
                               .steps = 4,
                               .stairs = 2,
                               .early = true},
                              {.begin = 12,
                               .curve = Curve::shrink,
                               .from = 0.25,
                               .steps = 2,
                               .factor = 0.5}}};

static void testValues() {
  CHECK(Schedule::constant(0.5).at(0) == 0.5);
  CHECK(Schedule::constant(0.5).at(int64_t{1} << 52) == 0.5);
  CHECK(kCosine.at(0) == 1e-3 / 100);
  CHECK(kCosine.at(99) == 1e-3 && kCosine.at(100) == 1e-3);
  CHECK(std::abs(kCosine.at(550) - (1e-3 + 1e-5) / 2) < 1e-18);
  CHECK(kCosine.at(1000) == 1e-5 && kCosine.at(1 << 30) == 1e-5);
  // Up at the end of a stair, down at the end of one, too: the way up of the
  // other half, backwards.
  const double expected[] = {0.25,   0.25, 0.4375, 0.4375, 0.625, 0.625, 0.8125,
                             0.8125, 1,    0.625,  0.625,  0.25,  0.25,  0.2};
  for (int64_t step = 0; step < 14; ++step)
    CHECK(std::abs(kCycle.at(step) - expected[step]) < 1e-16);
  CHECK(kCycle.at(16) == 0.125);
  // A piece says the values after the step where it begins.
  const Schedule jumps{{{.begin = -1, .from = 1}, {.begin = 3, .from = 2}}};
  CHECK(jumps.at(0) == 1 && jumps.at(3) == 1 && jumps.at(4) == 2);
}

static void testBounds() {
  CHECK(kCosine.peak() == 1e-3 && kCosine.end() == 1000);
  CHECK(kCycle.peak() == 1 && kCycle.end() == 12 + 4 * 2);
  CHECK(Schedule::constant(0.5).peak() == 0.5);
  CHECK(Schedule::constant(0.5).end() == 0);
  CHECK((Schedule{{{.begin = 3, .curve = Curve::log, .to = 1, .steps = 9}}})
            .end() == 11);
}

static void testText() {
  same("text", asText(Schedule::constant(1e-5)), "after 0 : 1.0e-05");
  same("text", asText(kCosine),
       "after -1 : linear 0.0 to 0.001 in 100, "
       "after 100 : cosine 0.001 to 1.0e-05 in 900");
  same("text", asText(kCycle),
       "after 0 : linear 0.25 to 1.0 in 8 stairs 4, "
       "after 8 : linear 1.0 to 0.25 in 4 stairs 2 early, "
       "after 12 : shrink 0.25 in 2 by 0.5");
}

static void testWords() {
  same("words", describeSchedule(Schedule::constant(1e-5)), "constant");
  same("words", describeSchedule(kCosine),
       "linear from 0 to 0.001 by step 99, cosine to 1e-05 by step 1000");
  same("words", describeSchedule(kCycle),
       "linear from 0.25 to 1 in 4 stairs by step 8, linear to 0.25 in 2 "
       "stairs by step 12, 0.25 / (1 + 0.5 (step - 12) / 2)");
  same("words",
       describeSchedule({{{.begin = -1, .from = 0},
                          {.begin = 0, .from = 0.5},
                          {1, Curve::log, 0.5, 2, 8},
                          {50, Curve::root, 2, 0, 50}}}),
       "0 until step 0, 0.5 until step 1, log to 2 by step 8, after step 50 "
       "1-sqrt to 0 by step 100");
  same("words",
       describeSchedule({{{.begin = -1,
                           .curve = Curve::power,
                           .from = 2,
                           .to = 1,
                           .steps = 11,
                           .factor = 1.5},
                          {.begin = 20, .from = 0.5}}}),
       "power 1.5 from 2 to 1 by step 10, 0.5 after step 20");
  same("words",
       describeSchedule({{{.curve = Curve::grow,
                           .from = 0.001,
                           .steps = 2000,
                           .factor = 2,
                           .stairs = 1}}}),
       "from 0.001 up by 0.002 every 2000 steps, at once");
}

static void testInvalid() {
  CHECK(whyInvalid(kCosine).empty() && whyInvalid(kCycle).empty());
  same("empty", whyInvalid({}), "expects at least one piece, but got none");
  same("NaN", whyInvalid(Schedule::constant(NAN)),
       "expects values of at least 0, but got nan");
  same("infinite", whyInvalid({{{.curve = Curve::linear, .to = INFINITY}}}),
       "expects values of at least 0, but got inf");
}

int main() {
  testValues();
  testBounds();
  testText();
  testWords();
  testInvalid();
  return ds::test::finish("schedule");
}
