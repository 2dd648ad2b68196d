// RUN: ds-exec %s --print --entry=reshape,split,concat,take,pad,flat,barrier,entry | FileCheck %s
//
// Which elements views show.

// CHECK-LABEL: @reshape
// CHECK-NEXT: result 0: {{\[\[}}1, 2], [3, 4], [5, 6]]
func.func @reshape() -> tensor<3x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %0 = ds.reshape %a : tensor<2x3xf64> -> tensor<3x2xf64>
  return %0 : tensor<3x2xf64>
}

// CHECK-LABEL: @split
// CHECK-NEXT: result 0: {{\[\[}}1], [4]]
// CHECK-NEXT: result 1: {{\[\[}}2, 3], [5, 6]]
func.func @split() -> (tensor<2x1xf64>, tensor<2x2xf64>) {
  %a = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %0:2 = ds.split %a : (tensor<2x3xf64>) -> (tensor<2x1xf64>, tensor<2x2xf64>)
  return %0#0, %0#1 : tensor<2x1xf64>, tensor<2x2xf64>
}

// CHECK-LABEL: @concat
// CHECK-NEXT: result 0: {{\[\[}}1, 3, 4], [2, 5, 6]]
func.func @concat() -> tensor<2x3xf64> {
  %a = ds.constant dense<[[1.0], [2.0]]> : tensor<2x1xf64>
  %b = ds.constant dense<[[3.0, 4.0], [5.0, 6.0]]> : tensor<2x2xf64>
  %0 = ds.concat %a, %b : (tensor<2x1xf64>, tensor<2x2xf64>) -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}

// CHECK-LABEL: @take
// CHECK-NEXT: result 0: {{\[\[}}1, 2], [3, 4]]
func.func @take() -> tensor<2x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %0 = ds.take %a : tensor<3x2xf64> -> tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

// CHECK-LABEL: @pad
// CHECK-NEXT: result 0: {{\[\[}}1, 2], [0, 0], [0, 0]]
func.func @pad() -> tensor<3x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0]]> : tensor<1x2xf64>
  %0 = ds.pad %a : tensor<1x2xf64> -> tensor<3x2xf64>
  return %0 : tensor<3x2xf64>
}

// A hole at 2 and padding at the end.
// CHECK-LABEL: @flat
// CHECK-NEXT: result 0: [7, 8, 0, 1, 2, 3, 4, 0]
// CHECK-NEXT: result 1: [7, 8]
// CHECK-NEXT: result 2: {{\[\[}}1, 2], [3, 4]]
func.func @flat() -> (tensor<8xf64>, tensor<2xf64>, tensor<2x2xf64>) {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %b = ds.constant dense<[7.0, 8.0]> : tensor<2xf64>
  %0 = ds.flatten %b, %a at [0, 3] : (tensor<2xf64>, tensor<2x2xf64>) -> tensor<8xf64>
  %1:2 = ds.unflatten %0 at [0, 3] : (tensor<8xf64>) -> (tensor<2xf64>, tensor<2x2xf64>)
  return %0, %1#0, %1#1 : tensor<8xf64>, tensor<2xf64>, tensor<2x2xf64>
}

// CHECK-LABEL: @barrier
// CHECK-NEXT: result 0: [1, 2]
func.func @barrier() -> tensor<2xf64> {
  %a = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %b = ds.constant dense<[3.0]> : tensor<1xf64>
  %0 = ds.barrier %a 7 after %b : tensor<1xf64> : tensor<2xf64>
  return %0 : tensor<2xf64>
}

// CHECK-LABEL: @entry
// CHECK-NEXT: result 0: [3, 4]
func.func @entry() -> tensor<2xf64> {
  %c1 = arith.constant 1 : index
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %0 = ds.micro_batch %a[%c1] : tensor<3x2xf64> -> tensor<2xf64>
  return %0 : tensor<2xf64>
}
