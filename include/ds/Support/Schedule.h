//===- Schedule.h - A number as a function of the step --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A learning rate or a momentum over the steps of a run, in plain values: a
// list of pieces, of which the last one that has begun says the value; before
// any has, the first one does.  Every scheduler that we know is such a list.
// A piece says the values of the steps after the one where it begins: there it
// would have the value that it starts from.
//===----------------------------------------------------------------------===//
#ifndef DS_SUPPORT_SCHEDULE_H
#define DS_SUPPORT_SCHEDULE_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace ds {

/// How a piece moves.  `t` is (step - begin) / steps; `left` falls from 1 to 0
/// while t rises from 0 to 1, and the value is from * left + to * (1 - left).
enum class Curve : uint8_t {
  hold,   ///< the value is `from`
  linear, ///< left = 1 - t
  log,    ///< left = 1 - log(step - begin + 1) / log(steps); at least 2 steps
  cosine, ///< left = (1 + cos(pi t)) / 2
  power,  ///< left = (1 - t) ^ factor
  root,   ///< left = 1 - sqrt(t)
  grow,   ///< without end: the value is from * (1 + factor * t)
  shrink, ///< without end: the value is from / (1 + factor * t)
};

/// What a schedule does after one step.
struct Piece {
  int64_t begin = 0; ///< It says the values of all steps after this one.
  Curve curve = Curve::hold;
  double from = 0;    ///< Value where it begins.
  double to = 0;      ///< Value after `steps`, and from then on.
  int64_t steps = 1;  ///< That it takes; unused by `hold`.
  double factor = 0;  ///< Of `power`, `grow` and `shrink`.
  int64_t stairs = 0; ///< In `steps`: t moves up at the end of each; 0: evenly.
  bool early = false; ///< t moves up at the beginning of each stair.

  bool operator==(const Piece &) const = default;
  /// `grow` and `shrink`, which have no `to`.
  bool isEndless() const {
    return curve == Curve::grow || curve == Curve::shrink;
  }
  bool moves() const { return curve != Curve::hold; }
  /// The first step in which its value is `to`; of `hold`, its first.
  int64_t end() const;
};

/// The learning rate or the momentum as a function of the step.  Never empty.
struct Schedule {
  std::vector<Piece> pieces;

  static Schedule constant(double value) { return {{{.from = value}}}; }

  bool operator==(const Schedule &) const = default;
  /// The value in `step`, from 0.
  double at(int64_t step) const;
  /// The highest value; what grows without end counts with where it begins.
  double peak() const;
  /// The first step from which on nothing changes, 0 of a constant; what moves
  /// without end counts with four times its `steps`.
  int64_t end() const;
};

/// Why `schedule` is none, or nothing: values must be finite and at least 0,
/// pieces must begin one after the other.
std::string whyInvalid(const Schedule &schedule);

/// "after 0 : 0.0, after 1 : log 0.0 to 0.001 in 900", as #ds.schedule has it;
/// every number keeps all its bits.
std::string asText(const Schedule &schedule);

/// For people: "constant", or "linear from 0 to 0.001 by step 99, cosine to
/// 1e-05 by step 999".
std::string describeSchedule(const Schedule &schedule);

/// "linear", ...; of `hold` "hold".
const char *nameOf(Curve curve);

//===----------------------------------------------------------------------===//
// The formulas, for numbers and for the instructions that compute them
//===----------------------------------------------------------------------===//

/// The value of a piece that moves in `step`, where it is in force; elsewhere a
/// finite number.  `Number` has arithmetic with itself and with double, and
/// min, max, floor, log, cos, sqrt and pow.
template <typename Number> Number valueOf(const Piece &piece, Number step) {
  using std::cos, std::floor, std::log, std::max, std::min, std::pow, std::sqrt;
  constexpr double pi = 3.14159265358979323846;
  const double steps = static_cast<double>(piece.steps);
  Number done = max(step - static_cast<double>(piece.begin), 0.0);
  if (piece.curve == Curve::log) {
    done = log(done + 1.0) / log(steps);
  } else if (piece.stairs > 0) {
    const double stairs = static_cast<double>(piece.stairs);
    done = done * stairs / steps;
    done = piece.early ? 0.0 - floor(0.0 - done) : floor(done);
    done = done / stairs;
  } else {
    done = done / steps;
  }
  if (piece.isEndless()) {
    const Number growth = done * piece.factor + 1.0;
    return piece.curve == Curve::grow ? growth * piece.from
                                      : piece.from / growth;
  }
  done = min(done, 1.0);
  // Exact at both ends.
  auto between = [&](Number left, Number way) {
    return piece.from == 0 ? way * piece.to
           : piece.to == 0 ? left * piece.from
                           : left * piece.from + way * piece.to;
  };
  if (piece.curve == Curve::cosine || piece.curve == Curve::power) {
    const Number left = piece.curve == Curve::power
                            ? pow(1.0 - done, piece.factor)
                            : (cos(done * pi) + 1.0) / 2.0;
    return between(left, 1.0 - left);
  }
  if (piece.curve == Curve::root)
    done = sqrt(done);
  return between(1.0 - done, done);
}

} // namespace ds

#endif // DS_SUPPORT_SCHEDULE_H
