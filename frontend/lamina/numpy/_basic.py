from lamina.tracing import as_array as array
from lamina.lax import sin, cos, add, mul, exp, reduce_sum, tanh
from lamina.array import Array
Array.__mul__ = lambda a,b: mul(a,b)
Array.__rmul__ = lambda a,b: mul(b,a)
Array.__add__ = lambda a,b: add(a,b)
Array.__pow__ = lambda a,b: __import__("lamina.lax").lax.pow(a,b)
Array.__gt__ = lambda a,b: __import__("lamina.lax").lax.gt(a,b)
