// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xf32>) -> tensor<3xui32> {
  // CHECK: "lamina.convert"(%arg0) {dtype = bf16} : (tensor<3xf32>) -> tensor<3xbf16>
  %0 = "lamina.convert"(%x) {dtype = bf16} : (tensor<3xf32>) -> tensor<3xbf16>
  // CHECK: "lamina.convert"{{.*}} {dtype = complex<f64>}
  %1 = "lamina.convert"(%x) {dtype = complex<f64>} : (tensor<3xf32>) -> tensor<3xcomplex<f64>>
  // CHECK: "lamina.bitcast_convert"(%arg0) {dtype = ui32} : (tensor<3xf32>) -> tensor<3xui32>
  %2 = "lamina.bitcast_convert"(%x) {dtype = ui32} : (tensor<3xf32>) -> tensor<3xui32>
  return %2 : tensor<3xui32>
}

// -----
func.func @no_dtype(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.convert' op requires attribute 'dtype' of the form an element type}}
  %0 = "lamina.convert"(%x) : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @wrong_kind_of_attribute(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.convert' op requires attribute 'dtype' of the form an element type}}
  %0 = "lamina.convert"(%x) {dtype = "f32"} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @foreign_dtype(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.convert' op f8E4M3 is not an element type of the lamina dialect}}
  %0 = "lamina.convert"(%x) {dtype = f8E4M3} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @result_disagrees(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.convert' op result type should be tensor<3xi8> but is tensor<3xf32>}}
  %0 = "lamina.convert"(%x) {dtype = i8} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @widths_differ(%x: tensor<3xf32>) -> tensor<3xi16> {
  // expected-error @below {{'lamina.bitcast_convert' op bitcast_convert needs dtypes of one width, but f32 and i16 differ}}
  %0 = "lamina.bitcast_convert"(%x) {dtype = i16} : (tensor<3xf32>) -> tensor<3xi16>
  return %0 : tensor<3xi16>
}

// -----
func.func @bits_of_bool(%x: tensor<3xi1>) -> tensor<3xi8> {
  // expected-error @below {{'lamina.bitcast_convert' op bitcast_convert takes integers and floats, not bool}}
  %0 = "lamina.bitcast_convert"(%x) {dtype = i8} : (tensor<3xi1>) -> tensor<3xi8>
  return %0 : tensor<3xi8>
}
