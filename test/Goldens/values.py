# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Initial values and random data, as a function of (seed, name, element).

An independent numpy spelling of the project's rule "values do not depend on the layout":

  key      first 8 bytes of SHA-256(name) as two little-endian 32-bit words
  counter  (lo32(i/4), hi32(i/4), lo32(seed), hi32(seed)) for element i
  word     output i mod 4 of Philox4x32-10
  u        (word + 0.5) * 2^-32, exact in float64
  normal   float32(mean + std * PPND16(u)), float64 arithmetic, no contraction
  token    floor(u_k * vocabulary) under the name `data`

Nothing here reads the C++ implementation, so that the two can be checked against each other.
"""

import hashlib

import numpy as np

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_CHUNK = 1 << 14  # counters at a time: the temporaries stay in the second-level cache


def philox4x32(counter, key, rounds=10):
    """Philox4x32 (Salmon et al., SC11). `counter` is four arrays of 32-bit values held in uint64."""
    c0, c1, c2, c3 = (np.asarray(c, np.uint64) for c in counter)
    k0, k1 = (int(k) for k in key)
    for _ in range(rounds):
        p0 = c0 * _MULTIPLIERS[0]
        p1 = c2 * _MULTIPLIERS[1]
        c0 = (p1 >> _SHIFT) ^ c1 ^ np.uint64(k0)
        c2 = (p0 >> _SHIFT) ^ c3 ^ np.uint64(k1)
        c1 = p1 & _MASK
        c3 = p0 & _MASK
        k0 = (k0 + _WEYL[0]) & 0xFFFFFFFF
        k1 = (k1 + _WEYL[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def key_of(name):
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return int.from_bytes(digest[0:4], "little"), int.from_bytes(digest[4:8], "little")


def words(name, seed, start, count):
    """Random words start .. start+count-1 of the stream (seed, name), as uint64."""
    first, last = start // 4, (start + count + 3) // 4
    block = np.arange(first, last, dtype=np.uint64)
    seed_lo, seed_hi = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    zeros = np.zeros_like(block)
    lanes = philox4x32((block & _MASK, block >> _SHIFT, zeros + seed_lo, zeros + seed_hi), key_of(name))
    return np.stack(lanes, axis=-1).reshape(-1)[start - 4 * first :][:count]


def uniform(name, seed, start, count):
    """In (0, 1), never 0 or 1; exact: 33 significant bits."""
    return (words(name, seed, start, count).astype(np.float64) + 0.5) * 2.0**-32


# Wichura, "Algorithm AS241: The percentage points of the normal distribution", 1988, routine PPND16.
# Highest power first.
_CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)
_TAIL = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)
_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)


def _horner(coefficients, r):
    total = np.full_like(r, coefficients[0])
    for c in coefficients[1:]:
        total *= r
        total += c
    return total


def ppnd16(p):
    """The standard normal quantile of 0 < p < 1 in float64, relative error about 1e-16."""
    p = np.asarray(p, np.float64)
    q = p - 0.5
    r = 0.180625 - q * q
    z = q * _horner(_CENTRE[0], r) / _horner(_CENTRE[1], r)

    outer = np.flatnonzero(np.abs(q) > 0.425)
    side = q[outer]
    r = np.sqrt(-np.log(np.where(side < 0.0, p[outer], 1.0 - p[outer])))
    tail = _horner(_TAIL[0], r - 1.6) / _horner(_TAIL[1], r - 1.6)
    far = np.flatnonzero(r > 5.0)  # p < 1.4e-11: below the smallest u, here for completeness
    tail[far] = _horner(_FAR_TAIL[0], r[far] - 5.0) / _horner(_FAR_TAIL[1], r[far] - 5.0)
    z[outer] = np.where(side < 0.0, -tail, tail)
    return z


def normal(name, seed, count, mean, std, start=0):
    """Elements start .. start+count-1 of parameter `name`, float32."""
    values = np.empty(count, np.float32)
    step = 4 * _CHUNK
    for at in range(0, count, step):
        n = min(step, count - at)
        values[at : at + n] = mean + std * ppnd16(uniform(name, seed, start + at, n))
    return values


def tokens(seed, count, vocabulary, start=0):
    """Tokens of `--data=random:SEED`."""
    return np.floor(uniform("data", seed, start, count) * vocabulary).astype(np.int64)


def samples(stream, first, count, length):
    """Samples first .. first+count-1 of an endless stream: inputs, and targets shifted by one."""
    at = (first + np.arange(count))[:, None] * length + np.arange(length)[None, :]
    return stream[at], stream[at + 1]
