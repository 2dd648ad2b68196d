// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of a product's epilogue says what it expects and what it got.

func.func @letters(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'ds.dot_bias' op expects dimension 'k' to be one size, but got 'tensor<3x4xf32>' and 'tensor<2x3xf32>'}}
  %0 = ds.dot_bias "mk,nk->mn" %x, %w, %b : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @batch(%x: tensor<2x4x3xf32>, %w: tensor<2x3x5xf32>, %b: tensor<5xf32>) {
  // expected-error @below {{'ds.dot_bias' op expects a product of two matrices, such as "bsk,nk->bsn", but got "bmk,bkn->bmn"}}
  %0 = ds.dot_bias "bmk,bkn->bmn" %x, %w, %b : (tensor<2x4x3xf32>, tensor<2x3x5xf32>, tensor<5xf32>)
      -> tensor<2x4x5xf32>
  return
}

// -----

// Rows of which the columns come first.
func.func @columns_first(%x: tensor<4x3xf32>, %w: tensor<3x5xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'ds.dot_bias' op expects a product of two matrices, such as "bsk,nk->bsn", but got "mk,kn->nm"}}
  %0 = ds.dot_bias "mk,kn->nm" %x, %w, %b : (tensor<4x3xf32>, tensor<3x5xf32>, tensor<4xf32>) -> tensor<5x4xf32>
  return
}

// -----

// Rows that the summed dimension comes between.
func.func @rows_apart(%x: tensor<2x3x4xf32>, %w: tensor<3x5xf32>, %h: tensor<2x4x5xf32>) {
  // expected-error @below {{'ds.dot_gelu_grad' op expects a product of two matrices, such as "bsk,nk->bsn", but got "bks,kn->bsn"}}
  %0 = ds.dot_gelu_grad "bks,kn->bsn" %x, %w, %h : (tensor<2x3x4xf32>, tensor<3x5xf32>, tensor<2x4x5xf32>)
      -> tensor<2x4x5xf32>
  return
}

// -----

func.func @no_columns(%x: tensor<2x3xf32>, %w: tensor<3xf32>, %b: tensor<f32>) {
  // expected-error @below {{'ds.dot_bias' op expects a product of two matrices, such as "bsk,nk->bsn", but got "mk,k->m"}}
  %0 = ds.dot_bias "mk,k->m" %x, %w, %b : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @bias_size(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{'ds.dot_bias' op expects 'bias' to be 'tensor<4xf32>', but got 'tensor<2xf32>'}}
  %0 = ds.dot_bias "mk,kn->mn" %x, %w, %b : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @bias_type(%x: tensor<2x3xbf16>, %w: tensor<3x4xbf16>, %b: tensor<4xbf16>) {
  // expected-error @below {{'ds.dot_bias' op expects 'bias' to be 'tensor<4xf32>', but got 'tensor<4xbf16>'}}
  %0 = ds.dot_bias "mk,kn->mn" %x, %w, %b : (tensor<2x3xbf16>, tensor<3x4xbf16>, tensor<4xbf16>) -> tensor<2x4xf32>
  return
}

// -----

func.func @kept(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'ds.dot_bias' op expects 'preactivation' only with 'gelu'}}
  %0:2 = ds.dot_bias "mk,kn->mn" %x, %w, %b : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>)
      -> (tensor<2x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @kept_type(%x: tensor<2x3xbf16>, %w: tensor<3x4xbf16>, %b: tensor<4xbf16>) {
  // expected-error @below {{'ds.dot_bias' op expects 'preactivation' to be 'tensor<2x4xbf16>', but got 'tensor<2x4xf32>'}}
  %0:2 = ds.dot_bias "mk,kn->mn" %x, %w, %b gelu : (tensor<2x3xbf16>, tensor<3x4xbf16>, tensor<4xbf16>)
      -> (tensor<2x4xbf16>, tensor<2x4xf32>)
  return
}

// -----

func.func @slope_type(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %h: tensor<4x2xf32>) {
  // expected-error @below {{'ds.dot_gelu_grad' op expects 'preactivation' to be 'tensor<2x4xf32>', but got 'tensor<4x2xf32>'}}
  %0 = ds.dot_gelu_grad "mk,kn->mn" %x, %w, %h : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4x2xf32>) -> tensor<2x4xf32>
  return
}
