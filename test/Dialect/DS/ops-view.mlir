// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Views print what they parse; named dimensions pass through them.

// CHECK-LABEL: func @reshape
func.func @reshape(%x: tensor<2x6xf32>) -> tensor<3x4xf32> {
  // CHECK: ds.reshape %{{.+}} : tensor<2x6xf32> -> tensor<3x4xf32>
  %0 = ds.reshape %x : tensor<2x6xf32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func @reshape_named
func.func @reshape_named(%x: tensor<?x6xf32, #ds.dims<batch, _>>) -> tensor<?x2x3xf32, #ds.dims<batch, _, _>> {
  // CHECK: ds.reshape %{{.+}} : tensor<?x6xf32, #ds.dims<batch, _>> -> tensor<?x2x3xf32, #ds.dims<batch, _, _>>
  %0 = ds.reshape %x : tensor<?x6xf32, #ds.dims<batch, _>> -> tensor<?x2x3xf32, #ds.dims<batch, _, _>>
  return %0 : tensor<?x2x3xf32, #ds.dims<batch, _, _>>
}

// CHECK-LABEL: func @split_and_concat
func.func @split_and_concat(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  // CHECK: %[[P:.+]]:2 = ds.split %{{.+}} : (tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x4xf32>)
  %0:2 = ds.split %x : (tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x4xf32>)
  // CHECK: ds.concat %[[P]]#0, %[[P]]#1 : (tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x6xf32>
  %1 = ds.concat %0#0, %0#1 : (tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}

// CHECK-LABEL: func @take_and_pad
func.func @take_and_pad(%x: tensor<5x4xf32>) -> tensor<5x4xf32> {
  // CHECK: %[[T:.+]] = ds.take %{{.+}} : tensor<5x4xf32> -> tensor<3x4xf32>
  %0 = ds.take %x : tensor<5x4xf32> -> tensor<3x4xf32>
  // CHECK: ds.pad %[[T]] : tensor<3x4xf32> -> tensor<5x4xf32>
  %1 = ds.pad %0 : tensor<3x4xf32> -> tensor<5x4xf32>
  return %1 : tensor<5x4xf32>
}

// CHECK-LABEL: func @take_named
func.func @take_named(%x: tensor<9x4xf32>) -> tensor<?x4xf32, #ds.dims<seq, _>> {
  // CHECK: ds.take %{{.+}} : tensor<9x4xf32> -> tensor<?x4xf32, #ds.dims<seq, _>>
  %0 = ds.take %x : tensor<9x4xf32> -> tensor<?x4xf32, #ds.dims<seq, _>>
  return %0 : tensor<?x4xf32, #ds.dims<seq, _>>
}

// CHECK-LABEL: func @windows
func.func @windows(%x: tensor<2x6x3xf32>) -> tensor<2x6x3xf32> {
  // CHECK: %[[A:.+]] = ds.window %{{.+}} dim 1 at 0 : tensor<2x6x3xf32> -> tensor<2x4x3xf32>
  %a = ds.window %x dim 1 at 0 : tensor<2x6x3xf32> -> tensor<2x4x3xf32>
  // CHECK: %[[B:.+]] = ds.window %{{.+}} dim 1 at 4 : tensor<2x6x3xf32> -> tensor<2x2x3xf32>
  %b = ds.window %x dim 1 at 4 : tensor<2x6x3xf32> -> tensor<2x2x3xf32>
  // CHECK: ds.stack %[[A]], %[[B]] dim 1 : (tensor<2x4x3xf32>, tensor<2x2x3xf32>) -> tensor<2x6x3xf32>
  %y = ds.stack %a, %b dim 1 : (tensor<2x4x3xf32>, tensor<2x2x3xf32>) -> tensor<2x6x3xf32>
  return %y : tensor<2x6x3xf32>
}

// CHECK-LABEL: func @stack_named
func.func @stack_named(%x: tensor<?x2x3xf32, #ds.dims<batch, _, _>>) -> tensor<?x3x3xf32, #ds.dims<batch, _, _>> {
  // CHECK: %[[A:.+]] = ds.window %{{.+}} dim 1 at 1 : tensor<?x2x3xf32, #ds.dims<batch, _, _>>
  %a = ds.window %x dim 1 at 1
      : tensor<?x2x3xf32, #ds.dims<batch, _, _>> -> tensor<?x1x3xf32, #ds.dims<batch, _, _>>
  // CHECK: ds.stack %[[A]], %{{.+}} dim 1
  %y = ds.stack %a, %x dim 1
      : (tensor<?x1x3xf32, #ds.dims<batch, _, _>>, tensor<?x2x3xf32, #ds.dims<batch, _, _>>)
      -> tensor<?x3x3xf32, #ds.dims<batch, _, _>>
  return %y : tensor<?x3x3xf32, #ds.dims<batch, _, _>>
}
