// RUN: ds-exec %s --after=ds-flash-attention --worlds=1 --steps=1 --rtol=0.01 --entry=step,grouped,forward | FileCheck %s
// RUN: ds-exec %s --after='ds-flash-attention,cse,ds-decompose,ds-fuse-kernels,ds-insert-copies' --worlds=1 --steps=1 --rtol=0.01 \
// RUN:   --entry=step,grouped,forward | FileCheck %s
//
// The same function in two ways: what differs is the result of 16 bits in the mean that the gradient subtracts.

!a = tensor<2x9x96xbf16>
!r = tensor<2x9x32xbf16>
!q = tensor<2x9x2x16xbf16>

// CHECK: @step
// CHECK-NEXT: world 1: equal: 2 results
func.func @step(%a: !a, %g: !r) -> (!r, !a) {
  %0:3 = ds.split %a : (!a) -> (!r, !r, !r)
  %q = ds.reshape %0#0 : !r -> !q
  %k = ds.reshape %0#1 : !r -> !q
  %v = ds.reshape %0#2 : !r -> !q
  %y = ds.attention %q, %k, %v scale 0.25 {causal} : !q, !q, !q
  %1 = ds.reshape %y : !q -> !r
  %2 = ds.reshape %g : !r -> !q
  %3:3 = ds.attention_grad %q, %k, %v, %2 scale 0.25 {causal} : !q, !q, !q
  %4 = ds.reshape %3#0 : !q -> !r
  %5 = ds.reshape %3#1 : !q -> !r
  %6 = ds.reshape %3#2 : !q -> !r
  %7 = ds.concat %4, %5, %6 : (!r, !r, !r) -> !a
  return %1, %7 : !r, !a
}

!h = tensor<1x5x6x16xf16>
!k = tensor<1x5x2x16xf16>

// CHECK: @grouped
// CHECK-NEXT: world 1: equal: 4 results
func.func @grouped(%q: !h, %k: !k, %v: !k, %g: !h) -> (!h, !h, !k, !k) {
  %y = ds.attention %q, %k, %v scale 0.5 : !h, !k, !k
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.5 : !h, !k, !k
  return %y, %0#0, %0#1, %0#2 : !h, !h, !k, !k
}

// CHECK: @forward
// CHECK-NEXT: world 1: equal: 1 results
func.func @forward(%q: !h, %k: !k) -> !h {
  %y = ds.attention %q, %k, %k scale 0.5 {causal} : !h, !k, !k
  return %y : !h
}
