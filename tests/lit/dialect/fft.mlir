// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  // CHECK: "lamina.fft"(%arg0) {kind = "rfft", lengths = array<i64: 6>} : (tensor<2x6xf32>) -> tensor<2x4xcomplex<f32>>
  %0 = "lamina.fft"(%x) {kind = "rfft", lengths = array<i64: 6>} : (tensor<2x6xf32>) -> tensor<2x4xcomplex<f32>>
  // CHECK: "lamina.fft"({{.*}}) {kind = "irfft", lengths = array<i64: 6>} : (tensor<2x4xcomplex<f32>>) -> tensor<2x6xf32>
  %1 = "lamina.fft"(%0) {kind = "irfft", lengths = array<i64: 6>} : (tensor<2x4xcomplex<f32>>) -> tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}

// -----
func.func @kind(%x: tensor<6xf32>) -> tensor<6xf32> {
  // expected-error @below {{'lamina.fft' op there is no transform 'dct'; there are fft, ifft, rfft, irfft}}
  %0 = "lamina.fft"(%x) {kind = "dct", lengths = array<i64: 6>} : (tensor<6xf32>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// -----
func.func @dtype(%x: tensor<6xf32>) -> tensor<6xf32> {
  // expected-error @below {{'lamina.fft' op operand 'x' has dtype f32, expected one of c64, c128}}
  %0 = "lamina.fft"(%x) {kind = "fft", lengths = array<i64: 6>} : (tensor<6xf32>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// -----
func.func @rank(%x: tensor<6xcomplex<f32>>) -> tensor<6xcomplex<f32>> {
  // expected-error @below {{'lamina.fft' op lengths (1, 6) must be one or more positive sizes of the last dimensions of c64[6]}}
  %0 = "lamina.fft"(%x) {kind = "fft", lengths = array<i64: 1, 6>} : (tensor<6xcomplex<f32>>) -> tensor<6xcomplex<f32>>
  return %0 : tensor<6xcomplex<f32>>
}

// -----
func.func @half(%x: tensor<6xcomplex<f32>>) -> tensor<6xf32> {
  // expected-error @below {{'lamina.fft' op irfft of lengths (6,) takes an operand with last dimensions (4,), not c64[6]}}
  %0 = "lamina.fft"(%x) {kind = "irfft", lengths = array<i64: 6>} : (tensor<6xcomplex<f32>>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}
