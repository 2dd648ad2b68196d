// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of a convolution says what it expects and what it got.

func.func @layouts_0(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got ""}}
  %0 = ds.convolution "" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_1(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "bf,oi->bf"}}
  %0 = ds.convolution "bf,oi->bf" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_2(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b0f,0io->b01f"}}
  %0 = ds.convolution "b0f,0io->b01f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_3(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b0f,0io->0bb"}}
  %0 = ds.convolution "b0f,0io->0bb" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_4(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b0f,0if->b0f"}}
  %0 = ds.convolution "b0f,0if->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_5(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b1f,1io->b1f"}}
  %0 = ds.convolution "b1f,1io->b1f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_6(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b0123f,0123io->b0123f"}}
  %0 = ds.convolution "b0123f,0123io->b0123f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @layouts_7(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects layouts such as "b01f,01io->b01f", of one to three spatial dimensions, but got "b0f;0io->b0f"}}
  %0 = ds.convolution "b0f;0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @letters(%a: tensor<2x9x3x1xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects one letter per dimension, but got "b0f" for 'tensor<2x9x3x1xf32>'}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3x1xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @elements(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf64>) {
  // expected-error @below {{'ds.convolution' op expects equal element types, but got 'tensor<2x9x3xf32>', 'tensor<2x3x4xf64>' and 'tensor<2x8x4xf32>'}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf64>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @empty(%a: tensor<2x0x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects static sizes from 1 to 2^30 but for the batch, but got 'tensor<2x0x3xf32>'}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x0x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @huge(%a: tensor<2x9x3xf32>, %b: tensor<1073741824x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects static sizes from 1 to 2^30 but for the batch, but got 'tensor<1073741824x3x4xf32>'}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<1073741824x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @dynamic(%a: tensor<2x?x3xf32, #ds.dims<_, seq, _>>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects static sizes from 1 to 2^30 but for the batch, but got 'tensor<2x?x3xf32, #ds.dims<_, seq, _>>'}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x?x3xf32, #ds.dims<_, seq, _>>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @strides(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects one 'stride' per spatial dimension, but got 2 for 1}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1, 1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @no_stride(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects 'stride' to be from 1 to below 2^30, but got 0}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [0] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @pads(%a: tensor<2x9x9x3xf32>, %b: tensor<2x2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects one 'pad' per spatial dimension, but got 1 for 2}}
  %0 = ds.convolution "b01f,01io->b01f" %a, %b stride [1, 1] pad [0] dilate [1, 1] groups 1
      : (tensor<2x9x9x3xf32>, tensor<2x2x3x4xf32>) -> tensor<2x8x8x4xf32>
  return
}

// -----

func.func @deep_pad(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects 'pad' to be from -1073741823 to below 2^30, but got -9223372036854775808}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [-9223372036854775808] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @dilate(%a: tensor<2x9x3xf32>, %b: tensor<2x8x4xf32>) {
  // expected-error @below {{'ds.convolution_grad_weight' op expects 'dilate' to be from 1 to below 2^30, but got 4611686018427387904}}
  %0 = ds.convolution_grad_weight "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [4611686018427387904] groups 1
      : (tensor<2x9x3xf32>, tensor<2x8x4xf32>) -> tensor<2x3x4xf32>
  return
}

// -----

func.func @no_groups(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects 'groups' to be from 1 to below 2^30, but got 0}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 0
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @negative_groups(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects 'groups' to be from 1 to below 2^30, but got -3}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups -3
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @batch(%a: tensor<3x8x4xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution_grad_input' op expects one batch, but got 'tensor<2x9x3xf32>' and 'tensor<3x8x4xf32>'}}
  %0 = ds.convolution_grad_input "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<3x8x4xf32>, tensor<2x3x4xf32>) -> tensor<2x9x3xf32>
  return
}

// -----

func.func @features(%a: tensor<2x9x4xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects 2 groups of the kernel's 3 features in the input, but got 4}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 2
      : (tensor<2x9x4xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @result_features(%a: tensor<2x9x3xf32>, %b: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.convolution' op expects the kernel's 4 features of all groups in the result, in 1 equal groups, but got 5}}
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 1
      : (tensor<2x9x3xf32>, tensor<2x3x4xf32>) -> tensor<2x8x5xf32>
  return
}

// -----

func.func @uneven_groups(%a: tensor<2x9x6xf32>, %b: tensor<2x8x4xf32>) {
  // expected-error @below {{'ds.convolution_grad_weight' op expects the kernel's 4 features of all groups in the result, in 3 equal groups, but got 4}}
  %0 = ds.convolution_grad_weight "b0f,0io->b0f" %a, %b stride [1] pad [0] dilate [1] groups 3
      : (tensor<2x9x6xf32>, tensor<2x8x4xf32>) -> tensor<2x2x4xf32>
  return
}
