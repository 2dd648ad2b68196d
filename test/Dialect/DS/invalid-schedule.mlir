// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// What a schedule must be.

// expected-error @below {{expects linear, log, cosine, power, root, grow or shrink, but got cubic}}
func.func private @f() attributes {a = #ds.schedule<after 0 : cubic 0.0 to 1.0 in 9>}

// -----

// expected-error @below {{expects linear, log, cosine, power, root, grow or shrink, but got hold}}
func.func private @f() attributes {a = #ds.schedule<after 0 : hold 0.0>}

// -----

// expected-error @below {{expects values of at least 0, but got -1}}
func.func private @f() attributes {a = #ds.schedule<after 0 : linear -1.0 to 1.0 in 9>}

// -----

// expected-error @below {{expects values of at least 0, but got -2}}
func.func private @f() attributes {a = #ds.schedule<after 0 : linear 1.0 to -2.0 in 9>}

// -----

// expected-error @below {{expects pieces to begin at step -2^52 to 2^52, but got 4503599627370497}}
func.func private @f() attributes {a = #ds.schedule<after 4503599627370497 : 1.0>}

// -----

// expected-error @below {{expects 'linear' to take 1 to 2^52 steps, but got 0}}
func.func private @f() attributes {a = #ds.schedule<after 0 : linear 0.0 to 1.0 in 0>}

// -----

// expected-error @below {{expects 'log' to take 2 to 2^52 steps, but got 1}}
func.func private @f() attributes {a = #ds.schedule<after 0 : log 0.0 to 1.0 in 1>}

// -----

// expected-error @below {{expects 'cosine' to take 1 to 2^52 steps, but got 4503599627370497}}
func.func private @f() attributes {a = #ds.schedule<after 0 : cosine 0.0 to 1.0 in 4503599627370497>}

// -----

// expected-error @below {{expects 'power' to be by a positive number, but got 0}}
func.func private @f() attributes {a = #ds.schedule<after 0 : power 1.0 to 0.0 in 9 by 0.0>}

// -----

// expected-error @below {{expects 'shrink' to be by a number of at least 0, but got -0.5}}
func.func private @f() attributes {a = #ds.schedule<after 0 : shrink 1.0 in 9 by -0.5>}

// -----

// expected-error @below {{expects 0 to 2^52 / steps stairs, but got -3}}
func.func private @f() attributes {a = #ds.schedule<after 0 : linear 0.0 to 1.0 in 9 stairs -3>}

// -----

// expected-error @below {{expects 0 to 2^52 / steps stairs, but got 4503599627370496}}
func.func private @f() attributes {a = #ds.schedule<after 0 : linear 0.0 to 1.0 in 9 stairs 4503599627370496>}

// -----

// expected-error @below {{expects no stairs of 'log', but got 3}}
func.func private @f() attributes {a = #ds.schedule<after 0 : log 0.0 to 1.0 in 9 stairs 3>}

// -----

// expected-error @below {{expects each piece to begin after the one before it, but one at step 5 follows one at step 5}}
func.func private @f() attributes {a = #ds.schedule<after 0 : 1.0, after 5 : 2.0, after 5 : 3.0>}

// -----

// expected-error @below {{expects 'grow', which has no end, to be the last piece}}
func.func private @f() attributes {a = #ds.schedule<after 0 : grow 1.0 in 9 by 1.0, after 5 : 2.0>}
