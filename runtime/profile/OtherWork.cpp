//===- OtherWork.cpp - How busy others keep the machine -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of the cores this process may use, /proc/stat says how long they were not
// idle; what this process and its children did not do, others did.
//===--------------------------------------------------------------------===//
#include "profile/Parts.h"

#include <algorithm>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace ds::rt {

static double secondsOf(int who) {
  rusage usage{};
  getrusage(who, &usage);
  auto seconds = [](const timeval &time) {
    return double(time.tv_sec) + double(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

OtherWork::Times OtherWork::now() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  sched_getaffinity(0, sizeof(mine), &mine);
  const double tick = 1.0 / double(std::max(1L, sysconf(_SC_CLK_TCK)));
  Times times;
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name.size() <= 3 || !name.starts_with("cpu") ||
        !CPU_ISSET(size_t(std::stoi(name.substr(3))), &mine))
      continue;
    // user, nice, system, idle, waiting, interrupts (2), stolen; guests are
    // counted in the first two.
    double value;
    for (int i = 0; i < 8 && words >> value; ++i) {
      times.all += value * tick;
      times.busy += i == 3 || i == 4 ? 0 : value * tick;
    }
  }
  times.own = secondsOf(RUSAGE_SELF) + secondsOf(RUSAGE_CHILDREN);
  return times;
}

OtherWork::OtherWork() : start(now()) {}

double OtherWork::share() const {
  const Times end = now();
  const double all = end.all - start.all;
  const double others = (end.busy - start.busy) - (end.own - start.own);
  return all > 0 ? std::clamp(others / all, 0.0, 1.0) : 0;
}

} // namespace ds::rt
