// Dropout by itself and in the fusions that training makes of it, at sizes
// where rows begin at any word of a counter: 1, primes, windows of a sample.
func.func private @rows(%x: tensor<3x5x37xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<3x5x37xf32> {
  %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [5, 37] from 0 probability 0.1 : tensor<3x5x37xf32>
  return %y : tensor<3x5x37xf32>
}
func.func private @in_place(%x: tensor<2x4x768xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<2x4x768xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [4, 768] from 0 probability 0.5 : tensor<2x4x768xf32>
  return %y : tensor<2x4x768xf32>
}
func.func private @one_element(%x: tensor<11x1xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<11x1xf32> {
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [1] from 0 probability 0.9 : tensor<11x1xf32>
  return %y : tensor<11x1xf32>
}
func.func private @nothing_dropped(%x: tensor<3x7xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<3x7xf32> {
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [7] from 0 probability 0.0 : tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}
func.func private @constant_counter(%x: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %k = ds.constant dense<-7> : tensor<2xi32>
  %n = ds.constant dense<5> : tensor<i64>
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [7] from 0 probability 0.4 : tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}
// Rows too long to be kept: each word is computed where it is used.
func.func private @long_rows(%x: tensor<2x70001xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<2x70001xf32> {
  %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [70001] from 0 probability 0.1 : tensor<2x70001xf32>
  return %y : tensor<2x70001xf32>
}
// The last elements that have numbers of 34 bits.
func.func private @last_elements(%x: tensor<2x3x1x5xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<2x3x1x5xf32> {
  %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [3, 131072, 32768] from 4294967291 probability 0.5
      : tensor<2x3x1x5xf32>
  return %y : tensor<2x3x1x5xf32>
}
func.func private @residual_layer_norm(%x: tensor<2x3x97xf32>, %d: tensor<2x3x97xf32>, %bias: tensor<97xf32>,
    %k: tensor<2xi32> {test.bound = 2147483648 : i64}, %seed: tensor<i64> {test.bound = 4294967296 : i64},
    %step: tensor<i64> {test.bound = 4294967296 : i64}, %n: tensor<i64> {test.bound = 1000 : i64},
    %s: tensor<97xf32>, %b: tensor<97xf32>)
    -> (tensor<2x3x97xf32>, tensor<2x3x97xf32>) attributes {in_place = [[0, 0], [1, 1]]} {
  %a = ds.add %d, %bias : tensor<2x3x97xf32>, tensor<97xf32>
  %y = ds.dropout_rows %a key %k at (%seed, %step, %n) of [3, 97] from 0 probability 0.1 : tensor<2x3x97xf32>
  %h = ds.add %x, %y : tensor<2x3x97xf32>, tensor<2x3x97xf32>
  %z = ds.layer_norm %h, %s, %b eps 1.0e-5 : tensor<2x3x97xf32>, tensor<97xf32>, tensor<97xf32>
  return %h, %z : tensor<2x3x97xf32>, tensor<2x3x97xf32>
}
// A block of queries: rows 128 to 160 of a matrix of 300 x 300.
func.func private @softmax_block(%x: tensor<2x2x1x33x161xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<2x2x1x33x161xf32> attributes {in_place = [[0, 0]]} {
  %p = ds.softmax %x scale 0.5 {causal} : tensor<2x2x1x33x161xf32>
  %y = ds.dropout_rows %p key %k at (%seed, %step, %n) of [2, 1, 300, 300] from 38400 probability 0.1
      : tensor<2x2x1x33x161xf32>
  return %y : tensor<2x2x1x33x161xf32>
}
func.func private @softmax_both(%x: tensor<2x2x1x33x161xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %seed: tensor<i64> {test.bound = 4294967296 : i64}, %step: tensor<i64> {test.bound = 4294967296 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64})
    -> (tensor<2x2x1x33x161xf32>, tensor<2x2x1x33x161xf32>) attributes {in_place = [[0, 0]]} {
  %p = ds.softmax %x scale 0.5 {causal} : tensor<2x2x1x33x161xf32>
  %y = ds.dropout_rows %p key %k at (%seed, %step, %n) of [2, 1, 300, 300] from 38400 probability 0.1
      : tensor<2x2x1x33x161xf32>
  return %p, %y : tensor<2x2x1x33x161xf32>, tensor<2x2x1x33x161xf32>
}
func.func private @softmax_backward(%p: tensor<1x2x1x33x161xf32>, %d: tensor<1x2x1x33x161xf32>,
    %k: tensor<2xi32> {test.bound = 2147483648 : i64}, %seed: tensor<i64> {test.bound = 4294967296 : i64},
    %step: tensor<i64> {test.bound = 4294967296 : i64}, %n: tensor<i64> {test.bound = 1000 : i64})
    -> tensor<1x2x1x33x161xf32> attributes {in_place = [[0, 1]]} {
  %g = ds.dropout_rows %d key %k at (%seed, %step, %n) of [2, 1, 300, 300] from 38400 probability 0.1
      : tensor<1x2x1x33x161xf32>
  %y = ds.softmax_grad %p, %g scale 0.5 : tensor<1x2x1x33x161xf32>
  return %y : tensor<1x2x1x33x161xf32>
}
// A dropped logit at a computed place.
func.func private @cross_entropy(%x: tensor<7x33xf32>, %t: tensor<7xi32> {test.bound = 33 : i64},
    %k: tensor<2xi32> {test.bound = 2147483648 : i64}, %seed: tensor<i64> {test.bound = 4294967296 : i64},
    %step: tensor<i64> {test.bound = 4294967296 : i64}, %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<7xf32> {
  %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [33] from 0 probability 0.5 : tensor<7x33xf32>
  %l = ds.cross_entropy_rows %y, %t : (tensor<7x33xf32>, tensor<7xi32>) -> tensor<7xf32>
  return %l : tensor<7xf32>
}
func.func private @two_masks(%x: tensor<5x64xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %l: tensor<2xi32> {test.bound = 2147483648 : i64}, %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<5x64xf32> {
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [64] from 0 probability 0.5 : tensor<5x64xf32>
  %z = ds.dropout_rows %y key %l at (%n, %n, %n) of [64] from 0 probability 0.25 : tensor<5x64xf32>
  return %z : tensor<5x64xf32>
}
// A NaN is not hidden by being dropped.
func.func private @poisoned(%x: tensor<3x5x37xf32>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<3x5x37xf32> attributes {poison} {
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [5, 37] from 0 probability 0.9 : tensor<3x5x37xf32>
  return %y : tensor<3x5x37xf32>
}
func.func private @wide(%x: tensor<3x37xf64>, %k: tensor<2xi32> {test.bound = 2147483648 : i64},
    %n: tensor<i64> {test.bound = 1000 : i64}) -> tensor<3x37xf64> {
  %y = ds.dropout_rows %x key %k at (%n, %n, %n) of [37] from 0 probability 0.1 : tensor<3x37xf64>
  return %y : tensor<3x37xf64>
}
