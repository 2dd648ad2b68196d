// What is not one kernel, or not in place, is refused: `check-kernels --refuse`.

// A row's result is needed for another row.
func.func private @norm_as_bias(%x: tensor<5x7xf32>, %y: tensor<3x5x7xf32>, %s: tensor<7xf32>) -> tensor<3x5x7xf32> {
  %h = ds.rms_norm %x, %s eps 1.0e-5 : tensor<5x7xf32>, tensor<7xf32>
  %r = ds.add %y, %h : tensor<3x5x7xf32>, tensor<5x7xf32>
  return %r : tensor<3x5x7xf32>
}
// All rows are summed before one is normalized.
func.func private @column_before_row(%x: tensor<5x7xf32>, %y: tensor<5x7xf32>) -> tensor<5x7xf32> {
  %b = ds.sum %x : tensor<5x7xf32> -> tensor<7xf32>
  %r = ds.add %y, %b : tensor<5x7xf32>, tensor<7xf32>
  return %r : tensor<5x7xf32>
}
func.func private @row_and_column(%x: tensor<5x7xf32>, %s: tensor<7xf32>) -> (tensor<5x7xf32>, tensor<7xf32>) {
  %h = ds.rms_norm %x, %s eps 1.0e-5 : tensor<5x7xf32>, tensor<7xf32>
  %b = ds.sum %h : tensor<5x7xf32> -> tensor<7xf32>
  return %h, %b : tensor<5x7xf32>, tensor<7xf32>
}
func.func private @different_rows(%x: tensor<4x6x7xf32>, %y: tensor<24x7xf32>, %s: tensor<7xf32>)
    -> (tensor<4x6x7xf32>, tensor<24x7xf32>) {
  %a = ds.rms_norm %x, %s eps 1.0e-5 : tensor<4x6x7xf32>, tensor<7xf32>
  %b = ds.rms_norm %y, %s eps 1.0e-5 : tensor<24x7xf32>, tensor<7xf32>
  return %a, %b : tensor<4x6x7xf32>, tensor<24x7xf32>
}
// A product goes to a library.
func.func private @product(%x: tensor<4x6xf32>, %y: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %a = ds.dot "mk,kn->mn" %x, %y : (tensor<4x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %a : tensor<4x7xf32>
}
// A pair's other half would be overwritten before it is read.
func.func private @rotary_in_place(%x: tensor<2x5x3x64xf32>, %c: tensor<9x32xf32>,
    %s: tensor<9x32xf32>) -> tensor<2x5x3x64xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.rotary %x, %c, %s : tensor<2x5x3x64xf32>, tensor<9x32xf32>, tensor<9x32xf32>
  return %y : tensor<2x5x3x64xf32>
}
func.func private @bias_in_place(%x: tensor<7x7xf32>, %b: tensor<7xf32>)
    -> tensor<7x7xf32> attributes {in_place = [[0, 1]]} {
  %y = ds.add %x, %b : tensor<7x7xf32>, tensor<7xf32>
  return %y : tensor<7x7xf32>
}
// Every row reads the table.
func.func private @table_in_place(%t: tensor<5x7xf32>, %ids: tensor<5xi32>)
    -> tensor<5x7xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.embedding %t, %ids : (tensor<5x7xf32>, tensor<5xi32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}
// Where rows are combined nobody else may write: in place, or not at all.
func.func private @rows_elsewhere(%t: tensor<5x7xf32>, %ids: tensor<3xi32>, %g: tensor<3x7xf32>) -> tensor<5x7xf32> {
  %y = ds.embedding_grad %t, %ids, %g : (tensor<5x7xf32>, tensor<3xi32>, tensor<3x7xf32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}
// Elements at other places may not have been computed yet.
func.func private @transpose_of_others(%x: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %0 = ds.neg %x : tensor<5x5xf32>
  %y = ds.transpose %0 dims [1, 0] : tensor<5x5xf32> -> tensor<5x5xf32>
  return %y : tensor<5x5xf32>
}
func.func private @transpose_in_place(%x: tensor<5x5xf32>) -> tensor<5x5xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.transpose %x dims [1, 0] : tensor<5x5xf32> -> tensor<5x5xf32>
  return %y : tensor<5x5xf32>
}
