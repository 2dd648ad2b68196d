//===- Json.cpp - A plan as JSON ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FlatBuffers' own JSON form, written from the reflection tables, so that a
// new field of the schema needs no line here.  Numbers keep every bit: the
// library's printer rounds to 12 decimals.
//===--------------------------------------------------------------------===//
#include "plan/Plan.h"

#include <flatbuffers/minireflect.h>
#include <tuple>

namespace ds::rt {

namespace {

using flatbuffers::ElementaryType;
using flatbuffers::TypeTable;

/// Tables take a line for each field; structs and vectors of numbers take one.
class JsonVisitor : public flatbuffers::ToStringVisitor {
public:
  JsonVisitor() : ToStringVisitor("\n", /*quotes=*/true, /*indent=*/" ") {}

  void Field(size_t field, size_t set, ElementaryType type, bool isVector,
             const TypeTable *table, const char *name,
             const uint8_t *value) override {
    structNext_ = isStruct(table);
    vector_delimited = type == flatbuffers::ET_SEQUENCE;
    ToStringVisitor::Field(field, set, type, isVector, table, name, value);
  }
  void StartSequence() override {
    styles_.push_back({d, in});
    if (structNext_) {
      d = " ";
      in.clear();
    }
    structNext_ = false;
    ToStringVisitor::StartSequence();
  }
  void EndSequence() override {
    // The closing brace of a table stands on a line of its own, indented.
    ToStringVisitor::EndSequence();
    std::tie(d, in) = styles_.back();
    styles_.pop_back();
  }
  void StartVector() override {
    delimited_.push_back(vector_delimited);
    ToStringVisitor::StartVector();
  }
  void EndVector() override {
    vector_delimited = delimited_.back();
    delimited_.pop_back();
    ToStringVisitor::EndVector();
  }
  void Element(size_t i, ElementaryType type, const TypeTable *table,
               const uint8_t *value) override {
    structNext_ = isStruct(table);
    vector_delimited = delimited_.back();
    ToStringVisitor::Element(i, type, table, value);
  }
  void Float(float x) override { s += format("%.9g", double(x)); }
  void Double(double x) override { s += format("%.17g", x); }
  void String(const flatbuffers::String *text) override {
    flatbuffers::EscapeString(text->c_str(), text->size(), &s,
                              /*allow_non_utf8=*/true, /*natural_utf8=*/true);
  }

private:
  static bool isStruct(const TypeTable *table) {
    return table && table->st == flatbuffers::ST_STRUCT;
  }

  bool structNext_ = false;
  std::vector<std::pair<std::string, std::string>> styles_; ///< {d, in}
  std::vector<bool> delimited_;
};

} // namespace

StatusOr<std::string> printPlanJson(const LoadedPlan &loaded) {
  JsonVisitor visitor;
  flatbuffers::IterateObject(reinterpret_cast<const uint8_t *>(&loaded.plan()),
                             plan::PlanTypeTable(), &visitor);
  return visitor.s + "\n";
}

} // namespace ds::rt
