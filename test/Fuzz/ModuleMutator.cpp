//===- ModuleMutator.cpp - Mutates modules word by word -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Replaces numbers by numbers and words by words of the same module, copies
// and removes lines: most such modules parse, and reach the verifiers.
//===--------------------------------------------------------------------===//
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace {

using Random = std::minstd_rand;

struct Word {
  size_t at, size;
};

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWordChar(char c) {
  return isDigit(c) || std::isalpha(static_cast<unsigned char>(c)) ||
         std::strchr("_.#%@!?-", c) != nullptr;
}

/// Runs of characters of one sort; numbers end at letters (4x8xf32).
std::vector<Word> wordsOf(const std::string &text, bool numbers) {
  std::vector<Word> words;
  auto fits = [&](char c) {
    return c != '\0' && (numbers ? isDigit(c) : isWordChar(c));
  };
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && fits(text[end]))
      ++end;
    if (end > i)
      words.push_back({i, end - i});
    i = std::max(end, i + 1);
  }
  return words;
}

void replaceNumber(std::string &text, Random &random) {
  static constexpr const char *kNumbers[] = {"0",
                                             "1",
                                             "2",
                                             "3",
                                             "4",
                                             "7",
                                             "8",
                                             "16",
                                             "64",
                                             "-1",
                                             "1000000",
                                             "?",
                                             "2147483647",
                                             "2147483648",
                                             "4294967296",
                                             "9223372036854775807",
                                             "9223372036854775808",
                                             "18446744073709551616",
                                             "0.0",
                                             "-0.5",
                                             "1e300",
                                             "0x7FC00000",
                                             "0x7FF0000000000000"};
  std::vector<Word> words = wordsOf(text, true);
  if (words.empty())
    return;
  const Word &word = words[random() % words.size()];
  std::string with = kNumbers[random() % std::size(kNumbers)];
  if (const Word &other = words[random() % words.size()]; random() % 2)
    with = text.substr(other.at, other.size);
  text.replace(word.at, word.size, with);
}

void replaceWord(std::string &text, Random &random) {
  std::vector<Word> words = wordsOf(text, false);
  if (words.empty())
    return;
  const Word &word = words[random() % words.size()];
  const Word &other = words[random() % words.size()];
  const std::string with = text.substr(other.at, other.size);
  text.replace(word.at, word.size, with);
}

void editLine(std::string &text, Random &random) {
  std::vector<Word> lines;
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    lines.push_back({at, end - at + 1});
  }
  if (lines.empty())
    return;
  const Word &line = lines[random() % lines.size()];
  const Word &to = lines[random() % lines.size()];
  if (random() % 2) {
    text.erase(line.at, line.size);
  } else {
    const std::string copy = text.substr(line.at, line.size);
    text.insert(to.at, copy);
  }
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  Random random(seed);
  if (random() % 4 == 0) // with the dictionary of our ops and attributes
    return LLVMFuzzerMutate(data, size, most);
  std::string text(reinterpret_cast<char *>(data), size);
  for (unsigned n = random() % 2 + 1; n > 0; --n) {
    const unsigned which = random() % 8;
    if (which < 4)
      replaceNumber(text, random);
    else if (which < 7)
      replaceWord(text, random);
    else
      editLine(text, random);
  }
  text.resize(std::min(text.size(), most));
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
