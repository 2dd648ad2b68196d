// RUN: ds-opt %s --ds-make-units='large-bytes=64 small-bytes=0' | FileCheck %s
//
// Without numbered blocks, as importers leave them, a unit is full at the size
// from which tables stand alone; and what is used first comes first, whatever is
// read first.

// CHECK: ds.unit @unit "parameter" {{.*}}#ds.member<"b" at 0 {{.*}}#ds.member<"c" at 10
// CHECK: ds.unit @a "parameter" {{.*}}#ds.member<"a" at 0
ds.parameter @a : tensor<10xf32> = #ds.fill<1.0>
ds.parameter @b : tensor<10xf32> = #ds.fill<1.0>
ds.parameter @c : tensor<10xf32> = #ds.fill<1.0>
func.func @loss(%x: tensor<10xf32>) -> tensor<f32> attributes {ds.loss} {
  %a = ds.read @a : tensor<10xf32>
  %b = ds.read @b : tensor<10xf32>
  %c = ds.read @c : tensor<10xf32>
  %0 = ds.mul %x, %b : tensor<10xf32>, tensor<10xf32>
  %1 = ds.mul %0, %c : tensor<10xf32>, tensor<10xf32>
  %2 = ds.mul %1, %a : tensor<10xf32>, tensor<10xf32>
  %3 = ds.sum %2 : tensor<10xf32> -> tensor<f32>
  return %3 : tensor<f32>
}
