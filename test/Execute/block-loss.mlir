// DEFINE: %{step} = ds-differentiate{function=$function},ds-block-loss{rows=4 min-bytes=1}
// RUN: ds-exec %s --check-gradients=tied,untied,bias,one_class --after='%{step}' | FileCheck %s
// RUN: ds-exec %s --worlds=1 --entry=head,one_row,one_class,block_of_one --rtol=1e-12 \
// RUN:   --after='ds-block-loss{rows=4 min-bytes=1}' | FileCheck %s --check-prefix=EQUAL
// RUN: ds-exec %s --worlds=1 --entry=head,one_row,one_class,block_of_one --rtol=1e-12 \
// RUN:   --after='ds-block-loss{rows=4 min-bytes=1},ds-decompose,cse,ds-fuse-kernels' | FileCheck %s --check-prefix=EQUAL
//
// Heads by blocks of rows, the last one short, have the gradients of finite
// differences and the values of heads in one piece.

!x = tensor<2x5x3xf64>
!t = tensor<2x5xi32>
!l = tensor<2x5x7xf64>

// The table makes inputs and logits.
// CHECK: gradients of @tied: 1 arguments
func.func @tied(%w: tensor<7x3xf64>, %i: !t {ds.bound = 7 : i64}, %t: !t {ds.bound = 7 : i64}) -> tensor<f64> {
  %x = ds.embedding %w, %i : (tensor<7x3xf64>, !t) -> !x
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, tensor<7x3xf64>) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f64>
  return %loss : tensor<f64>
}

// Some targets do not count.
// CHECK: gradients of @untied: 2 arguments
func.func @untied(%x: !x, %w: tensor<3x7xf64>, %t: !t {ds.bound = 7 : i64}) -> tensor<f64> {
  %l = ds.dot "bsd,dv->bsv" %x, %w : (!x, tensor<3x7xf64>) -> !l
  %loss = ds.cross_entropy %l, %t ignore 2 : (!l, !t) -> tensor<f64>
  return %loss : tensor<f64>
}

// CHECK: gradients of @bias: 4 arguments
func.func @bias(%x: !x, %w: tensor<7x3xf64>, %b: tensor<7xf64>, %m: !l, %t: !t {ds.bound = 7 : i64}) -> tensor<f64> {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, tensor<7x3xf64>) -> !l
  %lb = ds.add %l, %b : !l, tensor<7xf64>
  %lm = ds.mul %lb, %m : !l, !l
  %loss = ds.cross_entropy %lm, %t : (!l, !t) -> tensor<f64>
  return %loss : tensor<f64>
}

// EQUAL-LABEL: @head
// EQUAL-NEXT: world 1: equal: 3 results x 2 steps
func.func @head(%x: tensor<17x3xf64>, %w: tensor<5x3xf64>, %t: tensor<17xi32> {ds.bound = 5 : i64}, %g: tensor<f64>)
    -> (tensor<f64>, tensor<17x3xf64>, tensor<5x3xf64>) {
  %l = ds.dot "rd,vd->rv" %x, %w : (tensor<17x3xf64>, tensor<5x3xf64>) -> tensor<17x5xf64>
  %loss = ds.cross_entropy %l, %t : (tensor<17x5xf64>, tensor<17xi32>) -> tensor<f64>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : tensor<17x5xf64>, tensor<17xi32>, tensor<f64>
  %dx = ds.dot "rv,vd->rd" %d, %w {ds.backward} : (tensor<17x5xf64>, tensor<5x3xf64>) -> tensor<17x3xf64>
  %dw = ds.dot "rd,rv->vd" %x, %d {ds.backward} : (tensor<17x3xf64>, tensor<17x5xf64>) -> tensor<5x3xf64>
  return %loss, %dx, %dw : tensor<f64>, tensor<17x3xf64>, tensor<5x3xf64>
}

// EQUAL-LABEL: @one_row
// EQUAL-NEXT: world 1: equal: 1 results x 2 steps
func.func @one_row(%x: tensor<1x1x3xf64>, %w: tensor<5x3xf64>, %t: tensor<1x1xi32> {ds.bound = 5 : i64})
    -> tensor<f64> {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (tensor<1x1x3xf64>, tensor<5x3xf64>) -> tensor<1x1x5xf64>
  %loss = ds.cross_entropy %l, %t : (tensor<1x1x5xf64>, tensor<1x1xi32>) -> tensor<f64>
  return %loss : tensor<f64>
}

// A single class has loss 0 and no gradient.
// CHECK: gradients of @one_class: 2 arguments
// EQUAL-LABEL: @one_class
// EQUAL-NEXT: world 1: equal: 1 results x 2 steps
func.func @one_class(%x: !x, %w: tensor<1x3xf64>, %t: !t {ds.bound = 1 : i64}) -> tensor<f64> {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, tensor<1x3xf64>) -> tensor<2x5x1xf64>
  %loss = ds.cross_entropy %l, %t : (tensor<2x5x1xf64>, !t) -> tensor<f64>
  return %loss : tensor<f64>
}

// 9 rows in blocks of 3: the last of 5, 4 would be a row alone.
// EQUAL-LABEL: @block_of_one
// EQUAL-NEXT: world 1: equal: 1 results x 2 steps
func.func @block_of_one(%x: tensor<9x1x3xf64>, %w: tensor<5x3xf64>, %t: tensor<9x1xi32> {ds.bound = 5 : i64})
    -> tensor<f64> {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (tensor<9x1x3xf64>, tensor<5x3xf64>) -> tensor<9x1x5xf64>
  %loss = ds.cross_entropy %l, %t : (tensor<9x1x5xf64>, tensor<9x1xi32>) -> tensor<f64>
  return %loss : tensor<f64>
}
