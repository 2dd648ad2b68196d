// RUN: ds-opt %s --ds-bind-dims='batch=3 seq=5' | FileCheck %s
// RUN: ds-opt %s --ds-bind-dims=batch=3 | FileCheck %s --check-prefix=MODEL
//
// Named dimensions get their sizes everywhere, and the encoding goes.  Without
// `seq` the model's own length is taken.

!x = tensor<?x?x4xf32, #ds.dims<batch, seq, _>>
!y = tensor<?x?x2x2xf32, #ds.dims<batch, seq, _, _>>

module attributes {ds.seq_len = 7 : i64} {

// CHECK-LABEL: func @signature_and_ops(
// CHECK-SAME: %{{.+}}: tensor<3x5x4xf32>) -> tensor<3x5x2x2xf32>
// CHECK: ds.gelu %{{.+}} : tensor<3x5x4xf32>
// CHECK-NEXT: ds.reshape %{{.+}} : tensor<3x5x4xf32> -> tensor<3x5x2x2xf32>
// MODEL-LABEL: func @signature_and_ops(
// MODEL-SAME: %{{.+}}: tensor<3x7x4xf32>) -> tensor<3x7x2x2xf32>
func.func @signature_and_ops(%x: !x) -> !y {
  %0 = ds.gelu %x : !x
  %1 = ds.reshape %0 : !x -> !y
  return %1 : !y
}

// The positions that a sequence uses.
// CHECK-LABEL: func @rows_of_a_table
// CHECK: ds.take %{{.+}} : tensor<9x4xf32> -> tensor<5x4xf32>
func.func @rows_of_a_table(%t: tensor<9x4xf32>) -> tensor<?x4xf32, #ds.dims<seq, _>> {
  %0 = ds.take %t : tensor<9x4xf32> -> tensor<?x4xf32, #ds.dims<seq, _>>
  return %0 : tensor<?x4xf32, #ds.dims<seq, _>>
}

// CHECK-LABEL: func @keeps_static(
// CHECK-SAME: %{{.+}}: tensor<2x4xf32>) -> tensor<2x4xf32>
func.func @keeps_static(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  return %x : tensor<2x4xf32>
}

}
