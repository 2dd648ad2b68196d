//===- Schedule.cpp - A number as a function of the step ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//

#include "ds/Support/Schedule.h"

#include <charconv>
#include <cstdio>

namespace ds {

const char *nameOf(Curve curve) {
  static constexpr const char *names[] = {"hold",  "linear", "log",  "cosine",
                                          "power", "root",   "grow", "shrink"};
  return names[static_cast<size_t>(curve)];
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

int64_t Piece::end() const {
  return !moves() ? begin + 1 : begin + steps - (curve == Curve::log);
}

double Schedule::at(int64_t step) const {
  const Piece *now = &pieces.front();
  for (const Piece &piece : pieces)
    if (piece.begin < step)
      now = &piece;
  return now->moves() ? valueOf(*now, static_cast<double>(step)) : now->from;
}

double Schedule::peak() const {
  double peak = 0;
  for (const Piece &piece : pieces) {
    peak = std::max(peak, piece.from);
    if (piece.moves() && !piece.isEndless())
      peak = std::max(peak, piece.to);
  }
  return peak;
}

int64_t Schedule::end() const {
  const Piece &last = pieces.back();
  if (last.isEndless())
    return std::max<int64_t>(0, last.begin) + 4 * last.steps;
  return pieces.size() == 1 && !last.moves() ? 0
                                             : std::max<int64_t>(0, last.end());
}

//===----------------------------------------------------------------------===//
// As text
//===----------------------------------------------------------------------===//

/// The shortest text that reads back as `value`, always with a point.
static std::string exact(double value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  std::string text(digits, end);
  if (text.find('.') == std::string::npos)
    text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

static std::string asText(const Piece &piece) {
  std::string text = "after " + std::to_string(piece.begin) + " : ";
  if (!piece.moves())
    return text + exact(piece.from);
  text += nameOf(piece.curve) + (" " + exact(piece.from));
  if (!piece.isEndless())
    text += " to " + exact(piece.to);
  text += " in " + std::to_string(piece.steps);
  if (piece.isEndless() || piece.curve == Curve::power)
    text += " by " + exact(piece.factor);
  if (piece.stairs > 0)
    text += " stairs " + std::to_string(piece.stairs) +
            (piece.early ? " early" : "");
  return text;
}

std::string asText(const Schedule &schedule) {
  std::string text;
  for (const Piece &piece : schedule.pieces)
    text += (text.empty() ? "" : ", ") + asText(piece);
  return text;
}

template <typename... Values>
static std::string print(const char *format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

/// Of a piece that moves; `before` is the one before it, or null.
static std::string describe(const Piece &piece, const Piece *before) {
  using Long = long long;
  const std::string stairs =
      piece.stairs > 0 ? print(" in %lld stairs", Long{piece.stairs}) : "";
  if (piece.curve == Curve::grow)
    return print("from %g up by %g every %lld steps", piece.from,
                 piece.from * piece.factor, Long{piece.steps}) +
           (piece.stairs == 1 ? ", at once" : stairs);
  if (piece.curve == Curve::shrink)
    return print("%g / (1 + %g (step - %lld) / %lld)", piece.from, piece.factor,
                 Long{piece.begin}, Long{piece.steps});
  std::string text;
  if (before ? before->moves() && piece.begin > before->end() + 1
             : piece.begin > 1)
    text = print("after step %lld ", Long{piece.begin});
  text += piece.curve == Curve::root ? "1-sqrt" : nameOf(piece.curve);
  if (piece.curve == Curve::power)
    text += print(" %g", piece.factor);
  if (!before || piece.from != (before->moves() ? before->to : before->from))
    text += print(" from %g", piece.from);
  return text + print(" to %g", piece.to) + stairs +
         print(" by step %lld", Long{piece.end()});
}

std::string describeSchedule(const Schedule &schedule) {
  const std::vector<Piece> &pieces = schedule.pieces;
  if (pieces.size() == 1 && !pieces[0].moves())
    return "constant";
  std::string text;
  for (size_t i = 0; i < pieces.size(); ++i) {
    text += i == 0 ? "" : ", ";
    if (pieces[i].moves())
      text += describe(pieces[i], i == 0 ? nullptr : &pieces[i - 1]);
    else if (i + 1 < pieces.size())
      text += print("%g until step %lld", pieces[i].from,
                    static_cast<long long>(pieces[i + 1].begin));
    else
      text += print("%g after step %lld", pieces[i].from,
                    static_cast<long long>(pieces[i].begin));
  }
  return text;
}

//===----------------------------------------------------------------------===//
// What a schedule must be
//===----------------------------------------------------------------------===//

static constexpr int64_t kMost = int64_t{1} << 52; // exact as float64

static bool isValue(double value) { return std::isfinite(value) && value >= 0; }

static std::string whyInvalid(const Piece &piece) {
  for (double value : {piece.from, piece.to})
    if (!isValue(value))
      return "expects values of at least 0, but got " + print("%g", value);
  if (piece.begin < -kMost || piece.begin > kMost)
    return "expects pieces to begin at step -2^52 to 2^52, but got " +
           std::to_string(piece.begin);
  if (!piece.moves())
    return "";
  const int64_t least = piece.curve == Curve::log ? 2 : 1;
  const std::string name = nameOf(piece.curve);
  if (piece.steps < least || piece.steps > kMost)
    return "expects '" + name + "' to take " + std::to_string(least) +
           " to 2^52 steps, but got " + std::to_string(piece.steps);
  if (piece.curve == Curve::power && !(isValue(piece.factor) && piece.factor))
    return "expects 'power' to be by a positive number, but got " +
           print("%g", piece.factor);
  if (piece.isEndless() && !isValue(piece.factor))
    return "expects '" + name + "' to be by a number of at least 0, but got " +
           print("%g", piece.factor);
  if (piece.stairs < 0 || piece.stairs > kMost / piece.steps)
    return "expects 0 to 2^52 / steps stairs, but got " +
           std::to_string(piece.stairs);
  if (piece.stairs > 0 && piece.curve == Curve::log)
    return "expects no stairs of 'log', but got " +
           std::to_string(piece.stairs);
  return "";
}

std::string whyInvalid(const Schedule &schedule) {
  if (schedule.pieces.empty())
    return "expects at least one piece, but got none";
  const Piece *before = nullptr;
  for (const Piece &piece : schedule.pieces) {
    if (std::string why = whyInvalid(piece); !why.empty())
      return why;
    if (before && before->isEndless())
      return std::string("expects '") + nameOf(before->curve) +
             "', which has no end, to be the last piece";
    if (before && piece.begin <= before->begin)
      return "expects each piece to begin after the one before it, but one at "
             "step " +
             std::to_string(piece.begin) + " follows one at step " +
             std::to_string(before->begin);
    before = &piece;
  }
  return "";
}

} // namespace ds
